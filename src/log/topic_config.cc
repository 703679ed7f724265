#include "log/topic_config.h"

#include <string>
#include <vector>

#include <fmt/core.h>

#include "base/diagnostic.h"

namespace millrace::log {
namespace {

using config::Option;
using config::OptionType;

constexpr std::string_view kLongMax = "9223372036854775807";

// One row a field: how a whole number is read and written.
struct NumberRow {
  std::string_view name;
  std::int64_t TopicConfig::* field;
  std::string_view minimum;
  std::string_view maximum;
  std::string_view sentence;
};

const std::vector<NumberRow>& number_rows() {
  using C = TopicConfig;
  static const std::vector<NumberRow> rows{
      {"retention.ms",
       &C::retention_ms,
       "-1",
       kLongMax,
       "How long records are kept, in milliseconds; -1: for ever."},
      {"retention.bytes",
       &C::retention_bytes,
       "-1",
       kLongMax,
       "How many bytes of a partition are kept; -1: all."},
      {"segment.bytes",
       &C::segment_bytes,
       "1024",
       "2147483647",
       "A segment file is closed before it becomes larger."},
      {"segment.ms",
       &C::segment_ms,
       "1",
       kLongMax,
       "A segment file is closed when its first record is so many milliseconds old."},
      {"index.interval.bytes",
       &C::index_interval_bytes,
       "0",
       "2147483647",
       "Bytes of log between two entries of the offset index."},
      {"max.message.bytes",
       &C::max_message_bytes,
       "0",
       "2147483647",
       "The largest record batch that is accepted."},
      {"compression.gzip.level",
       &C::compression_gzip_level,
       "-1",
       "9",
       "The level when the topic compresses with gzip."},
      {"compression.lz4.level",
       &C::compression_lz4_level,
       "1",
       "17",
       "The level when the topic compresses with lz4."},
      {"compression.zstd.level",
       &C::compression_zstd_level,
       "-131072",
       "22",
       "The level when the topic compresses with zstd."},
      {"message.timestamp.before.max.ms",
       &C::timestamp_before_max_ms,
       "0",
       kLongMax,
       "How far a record's timestamp may lie in the past, in milliseconds."},
      {"message.timestamp.after.max.ms",
       &C::timestamp_after_max_ms,
       "0",
       kLongMax,
       "How far a record's timestamp may lie in the future, in milliseconds."},
      {"delete.retention.ms",
       &C::delete_retention_ms,
       "0",
       kLongMax,
       "How long compaction keeps the tombstone of a deleted key, in milliseconds."},
      {"min.compaction.lag.ms",
       &C::min_compaction_lag_ms,
       "0",
       kLongMax,
       "A record stays uncompacted at least so many milliseconds."},
      {"max.compaction.lag.ms",
       &C::max_compaction_lag_ms,
       "1",
       kLongMax,
       "A record stays uncompacted at most so many milliseconds."},
      {"millrace.flush.ms",
       &C::flush_ms,
       "1",
       "60000",
       "The longest time to the next fsync with millrace.durability=interval."},
  };
  return rows;
}

// Settings of Kafka's that change nothing on one node, with their defaults.
const std::vector<Option>& accepted_rows() {
  constexpr std::string_view kSentence = "Accepted as Kafka has it; changes nothing here.";
  static const std::vector<Option> rows{
      {.name = "file.delete.delay.ms",
       .type = OptionType::kInt,
       .default_value = "60000",
       .minimum = "0",
       .no_effect = true,
       .sentence = kSentence},
      {.name = "flush.messages",
       .type = OptionType::kInt,
       .default_value = kLongMax,
       .minimum = "1",
       .no_effect = true,
       .sentence = kSentence},
      {.name = "flush.ms",
       .type = OptionType::kInt,
       .default_value = kLongMax,
       .minimum = "0",
       .no_effect = true,
       .sentence = kSentence},
      {.name = "follower.replication.throttled.replicas", .no_effect = true, .sentence = kSentence},
      {.name = "leader.replication.throttled.replicas", .no_effect = true, .sentence = kSentence},
      {.name = "local.retention.bytes",
       .type = OptionType::kInt,
       .default_value = "-2",
       .minimum = "-2",
       .no_effect = true,
       .sentence = kSentence},
      {.name = "local.retention.ms",
       .type = OptionType::kInt,
       .default_value = "-2",
       .minimum = "-2",
       .no_effect = true,
       .sentence = kSentence},
      {.name = "min.insync.replicas",
       .type = OptionType::kInt,
       .default_value = "1",
       .minimum = "1",
       .maximum = "1",
       .no_effect = true,
       .sentence = kSentence},
      {.name = "preallocate",
       .type = OptionType::kBool,
       .default_value = "false",
       .no_effect = true,
       .sentence = kSentence},
      {.name = "remote.storage.enable",
       .type = OptionType::kBool,
       .default_value = "false",
       .no_effect = true,
       .sentence = kSentence},
      {.name = "remote.log.copy.disable",
       .type = OptionType::kBool,
       .default_value = "false",
       .no_effect = true,
       .sentence = kSentence},
      {.name = "remote.log.delete.on.disable",
       .type = OptionType::kBool,
       .default_value = "false",
       .no_effect = true,
       .sentence = kSentence},
      {.name = "segment.index.bytes",
       .type = OptionType::kInt,
       .default_value = "10485760",
       .minimum = "4",
       .no_effect = true,
       .sentence = kSentence},
      {.name = "segment.jitter.ms",
       .type = OptionType::kInt,
       .default_value = "0",
       .minimum = "0",
       .no_effect = true,
       .sentence = kSentence},
      {.name = "unclean.leader.election.enable",
       .type = OptionType::kBool,
       .default_value = "false",
       .no_effect = true,
       .sentence = kSentence},
  };
  return rows;
}

const std::vector<Option>& own_rows() {
  static const std::vector<Option> rows{
      {.name = "cleanup.policy",
       .type = OptionType::kList,
       .default_value = "delete",
       .sentence = "What becomes of old records: delete, compact, or both.",
       .example = "compact"},
      {.name = "compression.type",
       .type = OptionType::kEnum,
       .default_value = "producer",
       .choices = {"producer", "uncompressed", "gzip", "snappy", "lz4", "zstd"},
       .sentence = "The codec in which batches are stored; producer: as they came."},
      {.name = "message.timestamp.type",
       .type = OptionType::kEnum,
       .default_value = "CreateTime",
       .choices = {"CreateTime", "LogAppendTime"},
       .sentence = "Whose time a record carries: its producer's or the log's."},
      {.name = "min.cleanable.dirty.ratio",
       .type = OptionType::kDouble,
       .default_value = "0.5",
       .minimum = "0",
       .maximum = "1",
       .sentence = "The share of uncompacted bytes at which compaction begins."},
      {.name = "millrace.retention.hold",
       .type = OptionType::kBool,
       .default_value = "true",
       .sentence = "Retention keeps what a running flow has not read."},
      {.name = "millrace.durability",
       .type = OptionType::kEnum,
       .default_value = "fsync",
       .choices = {"fsync", "interval"},
       .sentence = "Whether an append is answered after its fsync, or before."},
  };
  return rows;
}

// The texts of the numbers' defaults, for views into them.
const std::vector<std::string>& number_defaults() {
  static const std::vector<std::string> texts = [] {
    std::vector<std::string> all;
    const TopicConfig defaults;
    for (const NumberRow& row : number_rows()) {
      all.push_back(std::to_string(defaults.*row.field));
    }
    return all;
  }();
  return texts;
}

Result<void> read_policy(const config::OptionValues& values, TopicConfig& into) {
  into.cleanup_delete = false;
  into.cleanup_compact = false;
  for (const std::string& policy : values.list("cleanup.policy")) {
    if (policy == "delete") {
      into.cleanup_delete = true;
    } else if (policy == "compact") {
      into.cleanup_compact = true;
    } else {
      return Error(ErrorCode::kInvalidArgument,
                   "cleanup.policy is delete, compact, or both with a comma, not: " + policy);
    }
  }
  if (!into.cleanup_delete && !into.cleanup_compact) {
    return Error(ErrorCode::kInvalidArgument, "cleanup.policy is delete, compact, or both");
  }
  return {};
}

void read_choices(const config::OptionValues& values, TopicConfig& into) {
  if (values.given("compression.type")) {
    into.compression = static_cast<TopicCompression>(values.choice("compression.type"));
  }
  if (values.given("message.timestamp.type")) {
    into.log_append_time = values.choice("message.timestamp.type") == 1;
  }
  if (values.given("min.cleanable.dirty.ratio")) {
    into.min_cleanable_dirty_ratio = values.number("min.cleanable.dirty.ratio");
  }
  if (values.given("millrace.retention.hold")) {
    into.retention_hold = values.flag("millrace.retention.hold");
  }
  if (values.given("millrace.durability")) {
    into.durability = static_cast<Durability>(values.choice("millrace.durability"));
  }
}

std::string policy_text(const TopicConfig& config) {
  if (config.cleanup_compact) {
    return config.cleanup_delete ? "compact,delete" : "compact";
  }
  return "delete";
}

std::string_view choice_text(std::string_view name, std::size_t index) {
  return topic_options().find(name)->choices.at(index);
}

}  // namespace

TopicConfig TopicConfig::keep_for_ever() {
  TopicConfig config;
  config.retention_ms = -1;
  return config;
}

TopicConfig TopicConfig::compacted() {
  TopicConfig config;
  config.cleanup_delete = false;
  config.cleanup_compact = true;
  return config;
}

const config::OptionTable& topic_options() {
  static const config::OptionTable table = [] {
    config::OptionTable made{.subject = "topic", .options = own_rows()};
    for (std::size_t i = 0; i < number_rows().size(); ++i) {
      const NumberRow& row = number_rows()[i];
      made.options.push_back({.name = row.name,
                              .type = OptionType::kInt,
                              .default_value = number_defaults()[i],
                              .minimum = row.minimum,
                              .maximum = row.maximum,
                              .sentence = row.sentence});
    }
    const std::vector<Option>& accepted = accepted_rows();
    made.options.insert(made.options.end(), accepted.begin(), accepted.end());
    return made;
  }();
  return table;
}

Result<TopicConfig> parse_topic_config(const ConfigMap& values, const TopicConfig& base) {
  std::vector<config::OptionEntry> entries;
  for (const auto& [name, value] : values) {
    entries.push_back({.key = name, .value = value});
  }
  Diagnostics diagnostics;
  const config::OptionValues read = config::parse_options(topic_options(), entries, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    if (diagnostic.severity == Severity::kError) {
      return Error(ErrorCode::kInvalidArgument, diagnostic.message);
    }
  }
  TopicConfig config = base;
  if (read.given("cleanup.policy")) {
    TRY(read_policy(read, config));
  }
  read_choices(read, config);
  for (const NumberRow& row : number_rows()) {
    if (read.given(row.name)) {
      config.*row.field = read.integer(row.name);
    }
  }
  if (config.compression_gzip_level == 0) {
    return Error(ErrorCode::kInvalidArgument, "compression.gzip.level is 1 to 9, or -1");
  }
  return config;
}

ConfigMap topic_config_to_map(const TopicConfig& config) {
  ConfigMap map;
  for (const Option& row : accepted_rows()) {
    map[std::string(row.name)] = row.default_value;
  }
  for (const NumberRow& row : number_rows()) {
    map[std::string(row.name)] = std::to_string(config.*row.field);
  }
  map["cleanup.policy"] = policy_text(config);
  map["compression.type"] =
      choice_text("compression.type", static_cast<std::size_t>(config.compression));
  map["message.timestamp.type"] =
      choice_text("message.timestamp.type", config.log_append_time ? 1 : 0);
  map["min.cleanable.dirty.ratio"] = fmt::format("{}", config.min_cleanable_dirty_ratio);
  map["millrace.retention.hold"] = config.retention_hold ? "true" : "false";
  map["millrace.durability"] =
      choice_text("millrace.durability", static_cast<std::size_t>(config.durability));
  return map;
}

ConfigMap topic_config_changes(const TopicConfig& config) {
  if (config == TopicConfig()) {
    return {};
  }
  static const ConfigMap defaults = topic_config_to_map({});
  ConfigMap changes = topic_config_to_map(config);
  std::erase_if(changes, [](const auto& entry) {
    const auto found = defaults.find(entry.first);
    return found != defaults.end() && found->second == entry.second;
  });
  return changes;
}

}  // namespace millrace::log
