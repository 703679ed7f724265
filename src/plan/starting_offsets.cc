#include "plan/starting_offsets.h"

#include <charconv>

#include <simdjson.h>

#include "plan/definitions.h"

namespace millrace::plan {

namespace {

constexpr std::size_t kTextBytesMax = 1U << 20U;

std::optional<std::int32_t> read_partition(std::string_view text) {
  std::int32_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool good = problem == std::errc() && end == text.data() + text.size() && number >= 0;
  return good ? std::optional(number) : std::nullopt;
}

std::optional<std::map<std::int32_t, std::int64_t>> read_topic(
    const simdjson::dom::object& offsets) {
  std::map<std::int32_t, std::int64_t> partitions;
  for (auto field = offsets.begin(); field != offsets.end(); ++field) {
    const std::optional<std::int32_t> number = read_partition(field.key());
    std::int64_t offset = 0;
    if (!number || field.value().get(offset) != simdjson::SUCCESS ||
        offset < StartingOffsets::kEarliest || !partitions.try_emplace(*number, offset).second) {
      return std::nullopt;
    }
  }
  return partitions;
}

const std::string* find_option(const Relation& source, std::string_view wanted) {
  for (const auto& [name, option] : source.options) {
    if (to_lower(name) == wanted) {
      return &option.value;
    }
  }
  return nullptr;
}

}  // namespace

std::optional<std::int64_t> StartingOffsets::of(std::string_view topic,
                                                std::int32_t partition) const {
  if (partitions.empty()) {
    return all;
  }
  const auto found = partitions.find(topic);
  if (found == partitions.end()) {
    return std::nullopt;
  }
  const auto offset = found->second.find(partition);
  return offset == found->second.end() ? std::nullopt : std::optional(offset->second);
}

std::optional<StartingOffsets> parse_starting_offsets(std::string_view text) {
  StartingOffsets offsets;
  const std::string word = to_lower(text);
  if (word == "earliest" || word == "latest") {
    offsets.all = word == "latest" ? StartingOffsets::kLatest : StartingOffsets::kEarliest;
    return offsets;
  }
  simdjson::dom::parser parser;
  simdjson::dom::object topics;
  if (text.size() > kTextBytesMax || parser.parse(text).get(topics) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  for (auto topic = topics.begin(); topic != topics.end(); ++topic) {
    simdjson::dom::object by_partition;
    if (topic.value().get(by_partition) != simdjson::SUCCESS) {
      return std::nullopt;
    }
    auto partitions = read_topic(by_partition);
    if (!partitions || partitions->empty() ||
        !offsets.partitions.try_emplace(std::string(topic.key()), *std::move(partitions)).second) {
      return std::nullopt;
    }
  }
  return offsets.partitions.empty() ? std::nullopt : std::optional(std::move(offsets));
}

StartingOffsets starting_offsets(const Relation& source) {
  const std::string* text = find_option(source, "startingoffsets");
  return text == nullptr ? StartingOffsets{}
                         : parse_starting_offsets(*text).value_or(StartingOffsets{});
}

bool fails_on_data_loss(const Relation& source) {
  const std::string* text = find_option(source, "failondataloss");
  return text == nullptr || to_lower(*text) != "false";
}

}  // namespace millrace::plan
