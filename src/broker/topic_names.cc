#include "broker/topic_names.h"

#include <algorithm>
#include <array>

namespace millrace::broker {
namespace {

constexpr std::array<std::string_view, 4> kInternal = {
    "__consumer_offsets", "__transaction_state", "__share_group_state", "__millrace_metadata"};

char folded(char c) {
  return c == '.' ? '_' : c;
}

}  // namespace

bool is_internal_topic(std::string_view name) {
  return std::ranges::find(kInternal, name) != kInternal.end();
}

std::optional<std::string> find_collision(std::string_view name,
                                          const std::vector<log::TopicInfo>& topics) {
  for (const log::TopicInfo& topic : topics) {
    if (topic.name != name && std::ranges::equal(topic.name, name, {}, folded, folded)) {
      return topic.name;
    }
  }
  return {};
}

}  // namespace millrace::broker
