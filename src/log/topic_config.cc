#include "log/topic_config.h"

#include <array>
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

constexpr std::array kNumberRows = {
    NumberRow{"retention.ms",
              &TopicConfig::retention_ms,
              "-1",
              kLongMax,
              "How long records are kept, in milliseconds; -1: for ever."},
    NumberRow{"retention.bytes",
              &TopicConfig::retention_bytes,
              "-1",
              kLongMax,
              "How many bytes of a partition are kept; -1: all."},
    NumberRow{"segment.bytes",
              &TopicConfig::segment_bytes,
              "1024",
              "2147483647",
              "A segment file is closed before it becomes larger."},
    NumberRow{"segment.ms",
              &TopicConfig::segment_ms,
              "1",
              kLongMax,
              "A segment file is closed when its first record is so many milliseconds old."},
    NumberRow{"index.interval.bytes",
              &TopicConfig::index_interval_bytes,
              "0",
              "2147483647",
              "Bytes of log between two entries of the offset index."},
    NumberRow{"max.message.bytes",
              &TopicConfig::max_message_bytes,
              "0",
              "2147483647",
              "The largest record batch that is accepted."},
    NumberRow{"compression.gzip.level",
              &TopicConfig::compression_gzip_level,
              "-1",
              "9",
              "The level when the topic compresses with gzip."},
    NumberRow{"compression.lz4.level",
              &TopicConfig::compression_lz4_level,
              "1",
              "17",
              "The level when the topic compresses with lz4."},
    NumberRow{"compression.zstd.level",
              &TopicConfig::compression_zstd_level,
              "-131072",
              "22",
              "The level when the topic compresses with zstd."},
    NumberRow{"message.timestamp.before.max.ms",
              &TopicConfig::timestamp_before_max_ms,
              "0",
              kLongMax,
              "How far a record's timestamp may lie in the past, in milliseconds."},
    NumberRow{"message.timestamp.after.max.ms",
              &TopicConfig::timestamp_after_max_ms,
              "0",
              kLongMax,
              "How far a record's timestamp may lie in the future, in milliseconds."},
    NumberRow{"delete.retention.ms",
              &TopicConfig::delete_retention_ms,
              "0",
              kLongMax,
              "How long compaction keeps the tombstone of a deleted key, in milliseconds."},
    NumberRow{"min.compaction.lag.ms",
              &TopicConfig::min_compaction_lag_ms,
              "0",
              kLongMax,
              "A record stays uncompacted at least so many milliseconds."},
    NumberRow{"max.compaction.lag.ms",
              &TopicConfig::max_compaction_lag_ms,
              "1",
              kLongMax,
              "A record stays uncompacted at most so many milliseconds."},
    NumberRow{"millrace.flush.ms",
              &TopicConfig::flush_ms,
              "1",
              "60000",
              "The longest time to the next fsync with millrace.durability=interval."},
};

// Settings of Kafka's that change nothing on one node, with their defaults.
Option accepted(std::string_view name,
                OptionType type,
                std::string_view default_value,
                std::string_view minimum = {},
                std::string_view maximum = {}) {
  return {.name = name,
          .type = type,
          .default_value = default_value,
          .minimum = minimum,
          .maximum = maximum,
          .no_effect = true,
          .sentence = "Accepted as Kafka has it; changes nothing here."};
}

const std::vector<Option>& accepted_rows() {
  static const std::vector<Option> kRows{
      accepted("file.delete.delay.ms", OptionType::kInt, "60000", "0"),
      accepted("flush.messages", OptionType::kInt, kLongMax, "1"),
      accepted("flush.ms", OptionType::kInt, kLongMax, "0"),
      accepted("follower.replication.throttled.replicas", OptionType::kString, ""),
      accepted("leader.replication.throttled.replicas", OptionType::kString, ""),
      accepted("local.retention.bytes", OptionType::kInt, "-2", "-2"),
      accepted("local.retention.ms", OptionType::kInt, "-2", "-2"),
      accepted("min.insync.replicas", OptionType::kInt, "1", "1", "1"),
      accepted("preallocate", OptionType::kBool, "false"),
      accepted("remote.storage.enable", OptionType::kBool, "false"),
      accepted("remote.log.copy.disable", OptionType::kBool, "false"),
      accepted("remote.log.delete.on.disable", OptionType::kBool, "false"),
      accepted("segment.index.bytes", OptionType::kInt, "10485760", "4"),
      accepted("segment.jitter.ms", OptionType::kInt, "0", "0"),
      accepted("unclean.leader.election.enable", OptionType::kBool, "false"),
  };
  return kRows;
}

const std::vector<Option>& own_rows() {
  static const std::vector<Option> kRows{
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
  return kRows;
}

// The texts of the numbers' defaults, for views into them.
const std::vector<std::string>& number_defaults() {
  static const std::vector<std::string> kTexts = [] {
    std::vector<std::string> all;
    const TopicConfig defaults;
    all.reserve(kNumberRows.size());
    for (const NumberRow& row : kNumberRows) {
      all.push_back(std::to_string(defaults.*row.field));
    }
    return all;
  }();
  return kTexts;
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
  static const config::OptionTable kTable = [] {
    config::OptionTable made{.subject = "topic", .options = own_rows()};
    for (std::size_t i = 0; i < kNumberRows.size(); ++i) {
      const NumberRow& row = kNumberRows[i];
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
  return kTable;
}

Result<TopicConfig> parse_topic_config(const ConfigMap& values, const TopicConfig& base) {
  std::vector<config::OptionEntry> entries;
  entries.reserve(values.size());
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
  for (const NumberRow& row : kNumberRows) {
    if (read.given(row.name)) {
      config.*row.field = read.integer(row.name);
    }
  }
  if (config.compression_gzip_level == 0) {
    return Error(ErrorCode::kInvalidArgument, "compression.gzip.level is 1 to 9, or -1");
  }
  return config;
}

ConfigMap topic_config_to_map(const TopicConfig& config, const ConfigMap& settings) {
  ConfigMap map;
  for (const Option& row : accepted_rows()) {
    map[std::string(row.name)] = row.default_value;
  }
  for (const NumberRow& row : kNumberRows) {
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
  for (const auto& [name, value] : settings) {
    map[name] = value;
  }
  return map;
}

ConfigMap topic_config_changes(const TopicConfig& config) {
  if (config == TopicConfig()) {
    return {};
  }
  static const ConfigMap kDefaults = topic_config_to_map({});
  ConfigMap changes = topic_config_to_map(config);
  std::erase_if(changes, [](const auto& entry) {
    const auto found = kDefaults.find(entry.first);
    return found != kDefaults.end() && found->second == entry.second;
  });
  return changes;
}

ConfigMap kept_settings(const TopicConfig& config) {
  ConfigMap settings = topic_config_changes(config);
  settings["cleanup.policy"] = policy_text(config);
  if (config.retention_ms < 0) {
    settings["retention.bytes"] = std::to_string(config.retention_bytes);
  }
  return settings;
}

}  // namespace millrace::log
