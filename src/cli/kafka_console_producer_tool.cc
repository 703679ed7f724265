// kafka-console-producer
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "base/ascii.h"
#include "cli/kafka_tools.h"
#include "cli/line_input.h"
#include "cli/record_producer.h"
#include "cli/record_reader.h"
#include "client/producer.h"

namespace millrace::cli {
namespace {

using enum JavaArgument;

constexpr std::array kConsoleProducerOptions = {
    JavaOptionRow{"batch-size",
                  "The buffer size in bytes allocated for a partition (batch.size).",
                  kRequired,
                  JavaType::kInteger,
                  "size",
                  "16384"},
    JavaOptionRow{"bootstrap-server",
                  "REQUIRED: The server(s) to connect to, HOST1:PORT1,HOST2:PORT2.",
                  kRequired,
                  JavaType::kString,
                  "server to connect to"},
    JavaOptionRow{"broker-list",
                  "The same; the name before Kafka 4.",
                  kRequired,
                  JavaType::kString,
                  "broker-list"},
    JavaOptionRow{"command-config",
                  "Producer config properties file; --command-property takes precedence.",
                  kRequired,
                  JavaType::kString,
                  "config file"},
    JavaOptionRow{"command-property",
                  "Producer config properties in the form key=value.",
                  kRequired,
                  JavaType::kString,
                  "producer_prop"},
    JavaOptionRow{"compression-codec",
                  "none, gzip, snappy, lz4 or zstd; without a value gzip.",
                  kOptional,
                  JavaType::kString,
                  "compression-codec"},
    JavaOptionRow{"help", "Print usage information."},
    JavaOptionRow{"line-reader",
                  "The class that reads standard input; only LineMessageReader is here.",
                  kRequired,
                  JavaType::kString,
                  "reader_class",
                  "org.apache.kafka.tools.LineMessageReader"},
    JavaOptionRow{"max-block-ms",
                  "How long to wait for the cluster (max.block.ms).",
                  kRequired,
                  JavaType::kLong,
                  "max block on send",
                  "60000"},
    JavaOptionRow{"max-memory-bytes",
                  "The memory for records that wait to be sent (buffer.memory).",
                  kRequired,
                  JavaType::kLong,
                  "total memory in bytes",
                  "33554432"},
    JavaOptionRow{"max-partition-memory-bytes",
                  "(Deprecated) The same as --batch-size, and wins over it.",
                  kRequired,
                  JavaType::kInteger,
                  "memory in bytes per partition"},
    JavaOptionRow{"message-send-max-retries",
                  "Accepted; what may pass is tried again until delivery.timeout.ms.",
                  kRequired,
                  JavaType::kInteger,
                  "",
                  "3"},
    JavaOptionRow{"metadata-expiry-ms",
                  "Accepted.",
                  kRequired,
                  JavaType::kLong,
                  "metadata expiration interval",
                  "300000"},
    JavaOptionRow{"producer-property",
                  "(DEPRECATED) Use --command-property.",
                  kRequired,
                  JavaType::kString,
                  "producer_prop"},
    JavaOptionRow{"producer.config",
                  "(DEPRECATED) Use --command-config.",
                  kRequired,
                  JavaType::kString,
                  "config file"},
    JavaOptionRow{
        "property", "(DEPRECATED) Use --reader-property.", kRequired, JavaType::kString, "prop"},
    JavaOptionRow{"reader-config",
                  "Config properties file for the message reader; --reader-property takes "
                  "precedence.",
                  kRequired,
                  JavaType::kString,
                  "config file"},
    JavaOptionRow{"reader-property",
                  "How lines are read: parse.key=false, parse.headers=false, ignore.error=false, "
                  "key.separator=\\t, headers.delimiter=\\t, headers.separator=, "
                  "headers.key.separator=: null.marker=",
                  kRequired,
                  JavaType::kString,
                  "prop"},
    JavaOptionRow{"request-required-acks",
                  "The required `acks`: all, -1, 1 or 0.",
                  kRequired,
                  JavaType::kString,
                  "request required acks",
                  "-1"},
    JavaOptionRow{"request-timeout-ms",
                  "The ack timeout of the producer requests.",
                  kRequired,
                  JavaType::kInteger,
                  "request timeout ms",
                  "1500"},
    JavaOptionRow{"retry-backoff-ms", "Accepted.", kRequired, JavaType::kLong, "", "100"},
    JavaOptionRow{
        "socket-buffer-size", "Accepted.", kRequired, JavaType::kInteger, "size", "102400"},
    JavaOptionRow{"sync", "Send one record at a time, and wait for it."},
    JavaOptionRow{"timeout",
                  "How long a record may wait for others of its batch (linger.ms).",
                  kRequired,
                  JavaType::kLong,
                  "timeout_ms",
                  "1000"},
    JavaOptionRow{"topic",
                  "REQUIRED: The topic name to produce messages to.",
                  kRequired,
                  JavaType::kString,
                  "topic"},
    JavaOptionRow{"version", "Display Kafka version."}};

constexpr std::array<std::string_view, 4> kConsoleProducerRepeated = {
    "property", "reader-property", "producer-property", "command-property"};

/// A flag that has a newer name.
struct OldFlag {
  std::string_view old_name;
  std::string_view new_name;
};

constexpr std::array kOldFlags = {OldFlag{"producer.config", "command-config"},
                                  OldFlag{"producer-property", "command-property"},
                                  OldFlag{"property", "reader-property"}};

std::string check_producer_options(const ToolCall& call) {
  const JavaOptions& options = call.options;
  if (!options.has("topic")) {
    return "Missing required argument \"[topic]\"";
  }
  for (const OldFlag& flag : kOldFlags) {
    if (options.has(flag.old_name) && options.has(flag.new_name)) {
      return fmt::format(
          "Options --{} and --{} cannot be specified together.", flag.new_name, flag.old_name);
    }
  }
  if (!options.has("bootstrap-server") && !options.has("broker-list")) {
    return "Error while validating the bootstrap address: say --bootstrap-server HOST:PORT";
  }
  return {};
}

void warn_of_old_producer_flags(const ToolCall& call) {
  for (const OldFlag& flag : {kOldFlags[1], kOldFlags[0], kOldFlags[2]}) {
    if (call.options.has(flag.old_name)) {
      call.world.out.write(
          fmt::format("Warning: --{} is deprecated and will be removed in a future version. Use "
                      "--{} instead.\n",
                      flag.old_name,
                      flag.new_name));
    }
  }
}

Result<Properties> merge(const ToolCall& call,
                         std::span<const std::string_view> files,
                         std::span<const std::string_view> pairs) {
  Properties merged;
  for (const std::string_view flag : files) {
    const Properties file = TRY(load_properties(call, flag));
    for (const auto& [key, value] : file) {
      merged[key] = value;
    }
  }
  for (const std::string_view flag : pairs) {
    for (auto& [key, value] : parse_key_values(call.options.values(flag))) {
      merged[key] = value;
    }
  }
  return merged;
}

// What a flag says, else a property, else the flag's default.
std::string setting(const ToolCall& call,
                    const Properties& properties,
                    std::string_view flag,
                    const std::string& property) {
  const auto found = properties.find(property);
  if (!call.options.has(flag) && found != properties.end()) {
    return found->second;
  }
  return call.options.value(flag).value_or("");
}

Result<std::int64_t> number(const std::string& text, std::string_view property) {
  const std::optional<std::int64_t> value = parse_java_number(text, JavaType::kLong);
  if (!value || *value < 0) {
    return Error(
        ErrorCode::kInvalidArgument,
        fmt::format(
            "Invalid value {} for configuration {}: Not a number from 0 on", text, property));
  }
  return *value;
}

Result<std::int16_t> parse_acks(const std::string& text) {
  if (text == "all" || text == "-1") {
    return std::int16_t{-1};
  }
  if (text == "0" || text == "1") {
    return static_cast<std::int16_t>(text[0] - '0');
  }
  return Error(ErrorCode::kInvalidArgument,
               fmt::format("Invalid value {} for configuration acks: String must be one of: all, "
                           "-1, 0, 1",
                           text));
}

Result<client::ProducerOptions> producer_options(const ToolCall& call,
                                                 const Properties& properties) {
  client::ProducerOptions options;
  options.acks = TRY(parse_acks(setting(call, properties, "request-required-acks", "acks")));
  options.idempotent = options.acks == -1 && (!properties.contains("enable.idempotence") ||
                                              is_true(properties, "enable.idempotence"));
  std::string codec = "none";
  if (call.options.has("compression-codec")) {
    codec = call.options.value("compression-codec").value_or("gzip");
  }
  Result<record::Compression> compression = find_compression(codec);
  if (!compression) {
    compression.ignore_error("told in Kafka's words");
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("Invalid value {} for configuration compression.type: String must be "
                             "one of: none, gzip, snappy, lz4, zstd",
                             codec));
  }
  options.compression = *compression;
  const bool old_size = call.options.has("max-partition-memory-bytes");
  const std::string size = old_size ? call.options.value("max-partition-memory-bytes").value_or("")
                                    : setting(call, properties, "batch-size", "batch.size");
  options.batch_bytes = static_cast<std::size_t>(TRY(number(size, "batch.size")));
  options.linger_ms = TRY(number(setting(call, properties, "timeout", "linger.ms"), "linger.ms"));
  options.request_timeout_ms = TRY(number(
      setting(call, properties, "request-timeout-ms", "request.timeout.ms"), "request.timeout.ms"));
  options.buffer_bytes = static_cast<std::size_t>(
      TRY(number(setting(call, properties, "max-memory-bytes", "buffer.memory"), "buffer.memory")));
  return options;
}

Result<LineRecordReader> make_reader(const ToolCall& call) {
  std::string name = call.options.value("line-reader").value_or("");
  name.erase(0, name.rfind('.') + 1);
  if (name != "LineMessageReader") {
    return Error(ErrorCode::kUnsupported,
                 fmt::format("class not found: {}; Java classes cannot be loaded here, and there "
                             "is LineMessageReader only",
                             call.options.value("line-reader").value_or("")));
  }
  constexpr std::array<std::string_view, 1> kFiles = {"reader-config"};
  constexpr std::array<std::string_view, 2> kPairs = {"property", "reader-property"};
  return LineRecordReader::make(TRY(merge(call, kFiles, kPairs)));
}

Result<void> send_all(const ToolCall& call,
                      KafkaSession& session,
                      LineRecordReader& reader,
                      RecordProducer& producer) {
  const std::string topic = call.options.value("topic").value_or("");
  const bool prompt = stdin_is_terminal() && stdout_is_terminal();
  const auto ask = [&]() -> Result<void> {
    if (prompt) {
      call.world.out.write(">");
      return call.world.out.flush();
    }
    return {};
  };
  LineInput input(STDIN_FILENO, session.stop());
  TRY(ask());
  return producer.send_lines(input, [&](std::string_view line) -> Result<void> {
    const ReadRecord record = TRY(reader.read(line));
    TRY(producer.add(topic, record));
    if (call.options.has("sync")) {
      TRY(producer.flush());
    }
    return ask();
  });
}

Result<ExitCode> produce_from_console(ToolCall& call) {
  constexpr std::array<std::string_view, 2> kFiles = {"producer.config", "command-config"};
  constexpr std::array<std::string_view, 2> kPairs = {"producer-property", "command-property"};
  const Properties properties = TRY(merge(call, kFiles, kPairs));
  LineRecordReader reader = TRY(make_reader(call));
  client::ProducerOptions options = TRY(producer_options(call, properties));
  const bool old_name = !call.options.has("bootstrap-server");
  KafkaTarget target = TRY(tool_target(
      call, old_name ? "broker-list" : "bootstrap-server", properties, "console-producer"));
  target.operation_timeout_ms =
      TRY(number(setting(call, properties, "max-block-ms", "max.block.ms"), "max.block.ms"));
  const std::unique_ptr<KafkaSession> session =
      TRY(KafkaSession::open(target, call.world.clock, StopEnds::kInput));
  RecordProducer producer = TRY(RecordProducer::open(session->cluster(), std::move(options)));
  const Result<void> sent = send_all(call, *session, reader, producer);
  const Result<void> flushed = producer.flush();
  if (producer.failed() > 0) {
    say(fmt::format("Error when sending messages to topic {}: {} were not stored; the first: {}",
                    call.options.value("topic").value_or(""),
                    producer.failed(),
                    producer.first_failure()));
  }
  for (const Result<void>* const step : {&sent, &flushed}) {
    if (!*step) {
      say(step->error().to_string());
      return ExitCode::kFailed;
    }
  }
  if (session->interrupted()) {
    return ExitCode::kInterrupted;
  }
  return producer.failed() > 0 ? ExitCode::kFailed : ExitCode::kOk;
}

ExitCode run_kafka_console_producer(ToolCall& call) {
  if (const std::string problem = check_producer_options(call); !problem.empty()) {
    return tool_usage(call, problem);
  }
  warn_of_old_producer_flags(call);
  if (call.options.has("max-partition-memory-bytes")) {
    call.world.out.write(
        "Warning: --max-partition-memory-bytes is deprecated and will be removed in Apache Kafka "
        "5.0. Use --batch-size instead.\n");
  }
  const Result<ExitCode> done = produce_from_console(call);
  if (!done) {
    return tool_usage(call, done.error().to_string());
  }
  return *done;
}

}  // namespace

const KafkaTool& kafka_console_producer_tool() {
  static const KafkaTool kTool = {
      .name = "kafka-console-producer",
      .sentence = "This tool helps to read data from standard input and publish it to Kafka.",
      .options = kConsoleProducerOptions,
      .repeated = kConsoleProducerRepeated,
      .run = run_kafka_console_producer};
  return kTool;
}

}  // namespace millrace::cli
