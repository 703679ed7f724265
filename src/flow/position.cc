#include "flow/position.h"

#include <charconv>

#include <simdjson.h>

#include "base/json_text.h"

namespace millrace::flow {

namespace {

using simdjson::dom::element;

void append_member(std::string& out, std::string_view name, std::uint64_t count) {
  if (out.back() != '{') {
    out += ',';
  }
  append_json_string(out, name);
  out += ':';
  out += std::to_string(count);
}

std::uint64_t member(const element& object, const char* name) {
  std::uint64_t value = 0;
  return object[name].get(value) == simdjson::SUCCESS ? value : 0;
}

Error corrupt(std::string_view what, std::string_view text) {
  return {ErrorCode::kCorruption,
          std::string(what) + " cannot be read: " + std::string(text.substr(0, 200))};
}

}  // namespace

std::string FeedPosition::encode() const {
  std::string out = "{\"cursor\":";
  append_json_string(out, cursor);
  append_member(out, "fetched", fetched);
  append_member(out, "published", published);
  append_member(out, "failed", failed);
  out += ended ? ",\"ended\":true}" : "}";
  return out;
}

Result<FeedPosition> FeedPosition::decode(std::string_view text) {
  simdjson::dom::parser parser;
  element root;
  std::string_view cursor;
  if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS ||
      root["cursor"].get(cursor) != simdjson::SUCCESS) {
    return corrupt("the position of a feed", text);
  }
  bool ended = false;
  if (root["ended"].get(ended) != simdjson::SUCCESS) {
    ended = false;
  }
  return FeedPosition{.cursor = std::string(cursor),
                      .fetched = member(root, "fetched"),
                      .published = member(root, "published"),
                      .failed = member(root, "failed"),
                      .ended = ended};
}

std::string FeedPosition::name_of(std::string_view source) {
  return "feed." + std::string(source);
}

std::string FlowPosition::encode() const {
  std::string out = "{\"epoch\":" + std::to_string(epoch.value());
  out += ",\"time_us\":" + std::to_string(time_us) + ",\"next\":{";
  for (const auto& [topic, partitions] : next) {
    if (out.back() != '{') {
      out += ',';
    }
    append_json_string(out, topic);
    out += ":{";
    for (const auto& [partition, offset] : partitions) {
      append_member(out, std::to_string(partition), static_cast<std::uint64_t>(offset));
    }
    out += '}';
  }
  out += "},\"counts\":{";
  append_member(out, "read", counts.read);
  append_member(out, "accepted", counts.accepted);
  append_member(out, "filtered", counts.filtered);
  append_member(out, "late", counts.late);
  append_member(out, "duplicate", counts.duplicate);
  append_member(out, "rejected", counts.rejected);
  append_member(out, "output", counts.output);
  return out += "}}";
}

Result<FlowPosition> FlowPosition::decode(std::string_view text) {
  simdjson::dom::parser parser;
  element root;
  element counts;
  simdjson::dom::object topics;
  std::int64_t epoch = 0;
  FlowPosition position;
  if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS ||
      root["epoch"].get(epoch) != simdjson::SUCCESS ||
      root["time_us"].get(position.time_us) != simdjson::SUCCESS ||
      root["next"].get(topics) != simdjson::SUCCESS ||
      root["counts"].get(counts) != simdjson::SUCCESS) {
    return corrupt("the position of a flow", text);
  }
  position.epoch = Epoch(epoch);
  for (auto topic = topics.begin(); topic != topics.end(); ++topic) {
    simdjson::dom::object partitions;
    if (topic.value().get(partitions) != simdjson::SUCCESS) {
      return corrupt("the position of a flow", text);
    }
    auto& offsets = position.next[std::string(topic.key())];
    for (auto partition = partitions.begin(); partition != partitions.end(); ++partition) {
      const std::string_view name = partition.key();
      std::int64_t offset = 0;
      std::int32_t number = 0;
      const auto parsed = std::from_chars(name.data(), name.data() + name.size(), number);
      if (parsed.ec != std::errc() || partition.value().get(offset) != simdjson::SUCCESS) {
        return corrupt("the position of a flow", text);
      }
      offsets[number] = offset;
    }
  }
  position.counts = {.read = member(counts, "read"),
                     .accepted = member(counts, "accepted"),
                     .filtered = member(counts, "filtered"),
                     .late = member(counts, "late"),
                     .duplicate = member(counts, "duplicate"),
                     .rejected = member(counts, "rejected"),
                     .output = member(counts, "output")};
  return position;
}

std::string FlowPosition::name_of(std::string_view flow) {
  return "flow." + std::string(flow);
}

}  // namespace millrace::flow
