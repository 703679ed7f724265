#include "broker/topic_names.h"

#include <algorithm>
#include <array>
#include <utility>

#include "log/log.h"

namespace millrace::broker {
namespace {

constexpr std::array<std::string_view, 4> kInternal = {
    "__consumer_offsets", "__transaction_state", "__share_group_state", "__millrace_metadata"};

constexpr std::string_view kFolded = "._";

std::string folded(std::string_view name) {
  std::string text(name);
  std::ranges::replace(text, '.', '_');
  return text;
}

}  // namespace

bool is_internal_topic(std::string_view name) {
  return std::ranges::find(kInternal, name) != kInternal.end();
}

std::optional<std::string> NameCollisions::find(std::string_view name) {
  if (name.find_first_of(kFolded) == std::string_view::npos) {
    return {};
  }
  if (!by_folded_) {
    by_folded_.emplace();
    for (log::TopicInfo& topic : log_.topics()) {
      if (topic.name.find_first_of(kFolded) != std::string::npos) {
        std::string key = folded(topic.name);
        by_folded_->emplace(std::move(key), std::move(topic.name));
      }
    }
  }
  const auto [begin, end] = by_folded_->equal_range(folded(name));
  for (auto at = begin; at != end; ++at) {
    if (at->second != name) {
      return at->second;
    }
  }
  return {};
}

}  // namespace millrace::broker
