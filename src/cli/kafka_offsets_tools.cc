// kafka-get-offsets and kafka-delete-records
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <simdjson.h>

#include "base/ascii.h"
#include "cli/java_errors.h"
#include "cli/kafka_tools.h"
#include "cli/topic_selection.h"
#include "cli/wrong_input.h"
#include "client/admin.h"
#include "io/files.h"

namespace millrace::cli {
namespace {

using enum JavaArgument;

constexpr std::size_t kOffsetsFileBytesMax = 64U << 20U;

constexpr std::array kOffsetOptions = {
    JavaOptionRow{"bootstrap-server",
                  "REQUIRED. The server(s) to connect to in the form HOST1:PORT1,HOST2:PORT2.",
                  kRequired,
                  JavaType::kString,
                  "HOST1:PORT1,...,HOST3:PORT3"},
    JavaOptionRow{"broker-list",
                  "The same; the name before Kafka 3.",
                  kRequired,
                  JavaType::kString,
                  "HOST1:PORT1,...,HOST3:PORT3"},
    JavaOptionRow{"command-config",
                  "Property file containing configs to be passed to Admin Client.",
                  kRequired,
                  JavaType::kString,
                  "config file"},
    JavaOptionRow{"exclude-internal-topics", "Leave internal topics out."},
    JavaOptionRow{"help", "Print usage information."},
    JavaOptionRow{"partitions",
                  "Of these partitions only, separated by commas.",
                  kRequired,
                  JavaType::kString,
                  "partition ids"},
    JavaOptionRow{"time",
                  "A time in milliseconds, -1 or latest, -2 or earliest, -3 or max-timestamp.",
                  kRequired,
                  JavaType::kString,
                  "<timestamp> / -1 or latest / -2 or earliest / -3 or max-timestamp",
                  "latest"},
    JavaOptionRow{
        "topic", "The topics, as a regular expression.", kRequired, JavaType::kString, "topic"},
    JavaOptionRow{"version", "Display Kafka version."}};

constexpr std::array kDeleteOptions = {
    JavaOptionRow{"bootstrap-server",
                  "REQUIRED: The server to connect to.",
                  kRequired,
                  JavaType::kString,
                  "server(s) to use for bootstrapping"},
    JavaOptionRow{"command-config",
                  "A property file containing configs to be passed to Admin Client.",
                  kRequired,
                  JavaType::kString,
                  "command config property file path"},
    JavaOptionRow{"help", "Print usage information."},
    JavaOptionRow{"offset-json-file",
                  "REQUIRED: {\"partitions\": [{\"topic\": \"t\", \"partition\": 0, \"offset\": "
                  "4}], \"version\": 1}; offset -1 is all records.",
                  kRequired,
                  JavaType::kString,
                  "Offset json file path"},
    JavaOptionRow{"version", "Display Kafka version."}};

Result<std::int64_t> parse_offset_time(const std::string& text) {
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 6> kWords = {{
      {"latest", client::kLatestOffset},
      {"earliest", client::kEarliestOffset},
      {"max-timestamp", client::kMaxTimestampOffset},
      {"earliest-local", -4},
      {"latest-tiered", -5},
      {"earliest-pending-upload", -6},
  }};
  for (const auto& [word, value] : kWords) {
    if (word == text) {
      return value;
    }
  }
  const std::optional<std::int64_t> number = parse_java_number(text, JavaType::kLong);
  if (!number) {
    return wrong_input(
        fmt::format("Malformed time argument {}. Please use -1 or latest / -2 or earliest / -3 or "
                    "max-timestamp / -4 or earliest-local / -5 or latest-tiered / -6 or "
                    "earliest-pending-upload, or a specified long format timestamp",
                    text));
  }
  return *number;
}

Result<std::vector<std::int32_t>> parse_partitions(const ToolCall& call) {
  std::vector<std::int32_t> partitions;
  std::string rest = call.options.value("partitions").value_or("");
  while (!rest.empty()) {
    const std::string part = rest.substr(0, rest.find(','));
    rest.erase(0, part.size() + 1);
    const auto number = parse_java_number(trim_blanks(part), JavaType::kInteger);
    if (!number || *number < 0) {
      return wrong_input(fmt::format("--partitions are numbers from 0 on, found \"{}\"", part));
    }
    partitions.push_back(static_cast<std::int32_t>(*number));
  }
  return partitions;
}

Result<std::vector<client::OffsetQuery>> find_queries(const ToolCall& call,
                                                      client::Cluster& cluster,
                                                      std::int64_t timestamp_ms) {
  std::optional<TopicPattern> pattern;
  if (const auto text = call.options.value("topic")) {
    pattern = TRY(TopicPattern::compile(*text));
  }
  const std::vector<std::int32_t> wanted = TRY(parse_partitions(call));
  std::vector<client::OffsetQuery> queries;
  for (const client::TopicInfo& topic : TRY(cluster.all_topics(cluster.deadline()))) {
    const bool left_out = (pattern && !pattern->matches(topic.name)) ||
                          (call.options.has("exclude-internal-topics") && topic.internal);
    for (const client::PartitionInfo& partition : topic.partitions) {
      const bool chosen =
          wanted.empty() || std::ranges::find(wanted, partition.id.value()) != wanted.end();
      if (!left_out && chosen) {
        queries.push_back({.partition = {.topic = topic.name, .partition = partition.id},
                           .timestamp_ms = timestamp_ms});
      }
    }
  }
  if (queries.empty()) {
    return wrong_input("Could not match any topic-partitions with the specified filters");
  }
  return queries;
}

Result<std::unique_ptr<KafkaSession>> open_session(const ToolCall& call) {
  const Properties properties = TRY(load_properties(call, "command-config"));
  const bool old_name = !call.options.has("bootstrap-server");
  const KafkaTarget target =
      TRY(tool_target(call, old_name ? "broker-list" : "bootstrap-server", properties, call.name));
  return KafkaSession::open(target, call.world.clock);
}

Result<void> get_offsets(ToolCall& call) {
  const std::int64_t time = TRY(parse_offset_time(call.options.value("time").value_or("")));
  const std::unique_ptr<KafkaSession> session = TRY(open_session(call));
  const std::vector<client::OffsetQuery> queries =
      TRY(find_queries(call, session->cluster(), time));
  client::Admin admin(session->cluster());
  for (const client::OffsetAnswer& answer : TRY(admin.list_offsets(queries))) {
    if (!answer.outcome.ok()) {
      say(fmt::format("Skip getting offsets for topic-partition {} due to error: {}",
                      answer.partition.to_string(),
                      java_message(answer.outcome)));
    } else if (answer.offset.value() >= 0) {
      call.world.out.write(fmt::format("{}:{}:{}\n",
                                       answer.partition.topic,
                                       answer.partition.partition.value(),
                                       answer.offset.value()));
    }
  }
  return {};
}

ExitCode run_kafka_get_offsets(ToolCall& call) {
  if (!call.options.has("bootstrap-server") && !call.options.has("broker-list")) {
    return tool_usage(call, "Missing required argument \"[bootstrap-server]\"");
  }
  const Result<void> done = get_offsets(call);
  if (!done) {
    say(fmt::format("Error occurred: {}", done.error().to_string()));
    return ExitCode::kFailed;
  }
  return ExitCode::kOk;
}

Result<std::map<client::TopicPartition, Offset>> parse_offsets(const std::string& text) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  const simdjson::padded_string padded(text);
  if (const auto error = parser.parse(padded).get(root); error != simdjson::SUCCESS) {
    return wrong_input(
        fmt::format("the offset file is no JSON: {}", simdjson::error_message(error)));
  }
  std::int64_t version = 1;
  if (root["version"].get(version) == simdjson::SUCCESS && version != 1) {
    return wrong_input(fmt::format("Not supported version field value {}", version));
  }
  simdjson::dom::array list;
  if (root["partitions"].get(list) != simdjson::SUCCESS) {
    return wrong_input("Missing partitions field");
  }
  std::map<client::TopicPartition, Offset> offsets;
  for (const simdjson::dom::element entry : list) {
    std::string_view topic;
    std::int64_t partition = 0;
    std::int64_t offset = 0;
    if (entry["topic"].get(topic) != simdjson::SUCCESS ||
        entry["partition"].get(partition) != simdjson::SUCCESS ||
        entry["offset"].get(offset) != simdjson::SUCCESS || partition < 0 ||
        partition > INT32_MAX || offset < -1) {
      return wrong_input("each of \"partitions\" has \"topic\", \"partition\" and \"offset\"");
    }
    const client::TopicPartition key{
        .topic = std::string(topic),
        .partition = PartitionId(static_cast<std::int32_t>(partition))};
    if (!offsets.emplace(key, Offset(offset)).second) {
      return wrong_input(
          fmt::format("Offset json file contains duplicate topic partitions: {}", key.to_string()));
    }
  }
  return offsets;
}

Result<void> delete_records(ToolCall& call) {
  const std::string path = call.options.value("offset-json-file").value_or("");
  const std::string text =
      TRY_DOING(io::read_all(call.world.files, absolute_path(path), kOffsetsFileBytesMax),
                fmt::format("read \"{}\"", path));
  const std::map<client::TopicPartition, Offset> offsets = TRY(parse_offsets(text));
  const std::unique_ptr<KafkaSession> session = TRY(open_session(call));
  Output& out = call.world.out;
  out.write("Executing records delete operation\n");
  client::Admin admin(session->cluster());
  const std::vector<client::PartitionOutcome> outcomes = TRY(admin.delete_records(offsets));
  out.write("Records delete operation completed:\n");
  for (const client::PartitionOutcome& outcome : outcomes) {
    out.write(outcome.outcome.ok() ? fmt::format("partition: {}\tlow_watermark: {}\n",
                                                 outcome.partition.to_string(),
                                                 outcome.offset.value())
                                   : fmt::format("partition: {}\terror: {}\n",
                                                 outcome.partition.to_string(),
                                                 java_exception(outcome.outcome)));
  }
  return {};
}

ExitCode run_kafka_delete_records(ToolCall& call) {
  for (const std::string_view flag : {"bootstrap-server", "offset-json-file"}) {
    if (!call.options.has(flag)) {
      return tool_usage(call, fmt::format("Missing required argument \"[{}]\"", flag));
    }
  }
  const Result<void> done = delete_records(call);
  if (!done) {
    say(done.error().to_string());
    return ExitCode::kFailed;
  }
  return ExitCode::kOk;
}

}  // namespace

const KafkaTool& kafka_get_offsets_tool() {
  static const KafkaTool kTool = {
      .name = "kafka-get-offsets",
      .sentence = "An interactive shell for getting topic-partition offsets.",
      .options = kOffsetOptions,
      .run = run_kafka_get_offsets};
  return kTool;
}

const KafkaTool& kafka_delete_records_tool() {
  static const KafkaTool kTool = {
      .name = "kafka-delete-records",
      .sentence =
          "This tool helps to delete records of the given partitions down to the specified "
          "offset.",
      .options = kDeleteOptions,
      .run = run_kafka_delete_records};
  return kTool;
}

}  // namespace millrace::cli
