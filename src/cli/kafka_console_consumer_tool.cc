// kafka-console-consumer
#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/thread.h"
#include "cli/kafka_tools.h"
#include "cli/topic_scan.h"
#include "cli/topic_selection.h"
#include "cli/wrong_input.h"
#include "client/consumer.h"

namespace millrace::cli {
namespace {

using enum JavaArgument;

constexpr std::int64_t kConsolePollMs = 500;
constexpr std::string_view kFormatter = "org.apache.kafka.tools.consumer.DefaultMessageFormatter";

constexpr std::array kConsoleConsumerOptions = {
    JavaOptionRow{"bootstrap-server",
                  "REQUIRED: The server(s) to connect to.",
                  kRequired,
                  JavaType::kString,
                  "server to connect to"},
    JavaOptionRow{"command-config",
                  "Consumer config properties file; --command-property takes precedence.",
                  kRequired,
                  JavaType::kString,
                  "config file"},
    JavaOptionRow{"command-property",
                  "Consumer config properties in the form key=value.",
                  kRequired,
                  JavaType::kString,
                  "consumer_prop"},
    JavaOptionRow{"consumer-property",
                  "(DEPRECATED) Use --command-property.",
                  kRequired,
                  JavaType::kString,
                  "consumer_prop"},
    JavaOptionRow{"consumer.config",
                  "(DEPRECATED) Use --command-config.",
                  kRequired,
                  JavaType::kString,
                  "config file"},
    JavaOptionRow{"enable-systest-events", "Accepted."},
    JavaOptionRow{"formatter",
                  "DefaultMessageFormatter or NoOpMessageFormatter.",
                  kRequired,
                  JavaType::kString,
                  "class",
                  kFormatter},
    JavaOptionRow{"formatter-config",
                  "Config properties file of the formatter; --formatter-property takes precedence.",
                  kRequired,
                  JavaType::kString,
                  "config file"},
    JavaOptionRow{"formatter-property",
                  "What is printed: print.timestamp, print.key, print.offset, print.epoch, "
                  "print.partition, print.headers, print.value =true|false; key.separator, "
                  "line.separator, headers.separator, null.literal; key.deserializer, "
                  "value.deserializer, headers.deserializer.",
                  kRequired,
                  JavaType::kString,
                  "prop"},
    JavaOptionRow{"from-beginning",
                  "Start with the earliest message present in the log rather than the latest."},
    JavaOptionRow{"group",
                  "The consumer group id of the consumer.",
                  kRequired,
                  JavaType::kString,
                  "consumer group id"},
    JavaOptionRow{"help", "Print usage information."},
    JavaOptionRow{"include",
                  "Regular expression specifying list of topics to include for consumption.",
                  kRequired,
                  JavaType::kString,
                  "Java regex (String)"},
    JavaOptionRow{"isolation-level",
                  "read_committed leaves out what is not committed; read_uncommitted reads all.",
                  kRequired,
                  JavaType::kString,
                  "",
                  "read_uncommitted"},
    JavaOptionRow{"key-deserializer",
                  "The name of the class to use for deserializing keys.",
                  kRequired,
                  JavaType::kString,
                  "deserializer for keys"},
    JavaOptionRow{"max-messages",
                  "The maximum number of messages to consume before exiting.",
                  kRequired,
                  JavaType::kInteger,
                  "num_messages"},
    JavaOptionRow{"offset",
                  "The offset to consume from (a non-negative number), earliest, or latest.",
                  kRequired,
                  JavaType::kString,
                  "consume offset",
                  "latest"},
    JavaOptionRow{"partition",
                  "The partition to consume from; from its end unless --offset is specified.",
                  kRequired,
                  JavaType::kInteger,
                  "partition"},
    JavaOptionRow{
        "property", "(DEPRECATED) Use --formatter-property.", kRequired, JavaType::kString, "prop"},
    JavaOptionRow{"skip-message-on-error",
                  "If there is an error when processing a message, skip it instead of halt."},
    JavaOptionRow{"timeout-ms",
                  "Exit if no message is available for consumption for the specified interval.",
                  kRequired,
                  JavaType::kLong,
                  "timeout_ms"},
    JavaOptionRow{"topic", "The topic to consume from.", kRequired, JavaType::kString, "topic"},
    JavaOptionRow{"value-deserializer",
                  "The name of the class to use for deserializing values.",
                  kRequired,
                  JavaType::kString,
                  "deserializer for values"},
    JavaOptionRow{"version", "Display Kafka version."},
    JavaOptionRow{"whitelist",
                  "The same as --include; the name before Kafka 4.",
                  kRequired,
                  JavaType::kString,
                  "Java regex (String)"}};

constexpr std::array<std::string_view, 4> kConsoleConsumerRepeated = {
    "property", "formatter-property", "consumer-property", "command-property"};

/// What the command line says. Immutable by use.
struct ConsolePlan {
  Properties properties = {};
  std::string group = {};  ///< Empty: none.
  std::optional<std::string> include = {};
  RecordPlace from = {};
  client::Isolation isolation = client::Isolation::kReadUncommitted;
  std::int64_t records_max = -1;
  std::int64_t timeout_ms = -1;  ///< -1: never.
};

Result<void> check_consumer_options(const JavaOptions& options) {
  const bool include = options.has("include") || options.has("whitelist");
  if (options.has("topic") == include) {
    return wrong_input("Exactly one of the following arguments is required: [topic], [include]");
  }
  if (options.has("partition") && !options.has("topic")) {
    return wrong_input("The topic is required when partition is specified.");
  }
  if (options.has("partition") && options.has("from-beginning") && options.has("offset")) {
    return wrong_input("Options from-beginning and offset cannot be specified together.");
  }
  if (!options.has("partition") && options.has("offset")) {
    return wrong_input("The partition is required when offset is specified.");
  }
  if (!options.has("bootstrap-server")) {
    return wrong_input("Missing required argument \"[bootstrap-server]\"");
  }
  for (const auto& [old_name, new_name] : {std::pair{"consumer-property", "command-property"},
                                           std::pair{"consumer.config", "command-config"},
                                           std::pair{"property", "formatter-property"}}) {
    if (options.has(old_name) && options.has(new_name)) {
      return wrong_input(
          fmt::format("Options --{} and --{} cannot be specified together.", old_name, new_name));
    }
  }
  return {};
}

void warn_of_old_consumer_flags(const ToolCall& call) {
  for (const auto& [old_name, new_name] : {std::pair{"consumer-property", "command-property"},
                                           std::pair{"consumer.config", "command-config"},
                                           std::pair{"property", "formatter-property"}}) {
    if (call.options.has(old_name)) {
      call.world.out.write(fmt::format(
          "Option --{} is deprecated and will be removed in a future version. Use --{} instead.\n",
          old_name,
          new_name));
    }
  }
}

Result<Properties> consumer_properties(const ToolCall& call, std::set<std::string>& groups) {
  const auto note_group = [&groups](const Properties& properties) {
    if (const auto found = properties.find("group.id"); found != properties.end()) {
      groups.insert(found->second);
    }
  };
  Properties merged = TRY(load_properties(call, "consumer.config"));
  for (auto& [key, value] : TRY(load_properties(call, "command-config"))) {
    merged[key] = value;
  }
  note_group(merged);
  for (const std::string_view flag : {"consumer-property", "command-property"}) {
    const Properties pairs = parse_key_values(call.options.values(flag));
    note_group(pairs);
    for (const auto& [key, value] : pairs) {
      merged[key] = value;
    }
  }
  return merged;
}

Result<std::string> find_group(const ToolCall& call, std::set<std::string> groups) {
  if (const auto group = call.options.value("group")) {
    groups.insert(*group);
  }
  if (groups.size() > 1) {
    return wrong_input(
        fmt::format("The group ids provided in different places (directly using '--group', via "
                    "'--consumer-property', or via '--consumer.config') do not match. Detected "
                    "group ids: '{}'",
                    fmt::join(groups, "', '")));
  }
  if (!groups.empty() && call.options.has("partition")) {
    return wrong_input("Options group and partition cannot be specified together.");
  }
  return groups.empty() ? std::string() : *groups.begin();
}

Result<RecordPlace> find_place(const ToolCall& call, const Properties& properties) {
  const bool beginning = call.options.has("from-beginning");
  if (call.options.has("offset")) {
    const std::string text = call.options.value("offset").value_or("");
    const std::string word = ascii_lower(text);
    const std::optional<std::int64_t> offset = parse_java_number(text, JavaType::kLong);
    if (word == "earliest" || word == "latest") {
      return RecordPlace{word == "latest" ? PlaceKind::kLatest : PlaceKind::kEarliest, 0};
    }
    if (!offset || *offset < 0) {
      return wrong_input(
          fmt::format("The provided offset value '{}' is incorrect. Valid values are "
                      "'earliest', 'latest', or a non-negative long.",
                      text));
    }
    return RecordPlace{PlaceKind::kOffset, *offset};
  }
  const auto reset = properties.find("auto.offset.reset");
  if (reset == properties.end()) {
    return RecordPlace{beginning ? PlaceKind::kEarliest : PlaceKind::kLatest, 0};
  }
  if (beginning && reset->second != "earliest") {
    return wrong_input(
        fmt::format("Can't simultaneously specify --from-beginning and "
                    "'auto.offset.reset={}', please remove one option",
                    reset->second));
  }
  if (reset->second != "earliest" && reset->second != "latest") {
    return wrong_input(
        fmt::format("auto.offset.reset is earliest or latest here, found \"{}\"", reset->second));
  }
  return RecordPlace{reset->second == "latest" ? PlaceKind::kLatest : PlaceKind::kEarliest, 0};
}

Result<ConsolePlan> read_plan(const ToolCall& call) {
  TRY(check_consumer_options(call.options));
  ConsolePlan plan;
  std::set<std::string> groups;
  plan.properties = TRY(consumer_properties(call, groups));
  plan.group = TRY(find_group(call, std::move(groups)));
  plan.from = TRY(find_place(call, plan.properties));
  plan.include = call.options.value("include");
  if (!plan.include) {
    plan.include = call.options.value("whitelist");
  }
  const auto level = plan.properties.find("isolation.level");
  const bool from_flag = call.options.has("isolation-level") || level == plan.properties.end();
  plan.isolation = TRY(parse_isolation(
      from_flag ? call.options.value("isolation-level").value_or("") : level->second));
  plan.records_max = call.options.number("max-messages").value_or(-1);
  plan.timeout_ms = call.options.number("timeout-ms").value_or(-1);
  return plan;
}

Result<MessageFormatter> make_formatter(const ToolCall& call) {
  Properties properties = TRY(load_properties(call, "formatter-config"));
  for (const auto& [flag, property] : {std::pair{"key-deserializer", "key.deserializer"},
                                       std::pair{"value-deserializer", "value.deserializer"}}) {
    if (const auto name = call.options.value(flag)) {
      properties[property] = *name;
    }
  }
  for (const std::string_view flag : {"property", "formatter-property"}) {
    for (auto& [key, value] : parse_key_values(call.options.values(flag))) {
      properties[key] = value;
    }
  }
  return MessageFormatter::make(call.options.value("formatter").value_or(""), properties);
}

/// Prints records and counts them. Owned by one thread.
class ConsolePrinter {
 public:
  ConsolePrinter(ToolCall& call, const ConsolePlan& plan, const MessageFormatter& formatter)
      : call_(call),
        plan_(plan),
        formatter_(formatter),
        last_ns_(call.world.clock.monotonic_ns()) {}

  client::Take take(const client::FetchedRecord& fetched) {
    text_.clear();
    ++count_;
    last_ns_ = call_.world.clock.monotonic_ns();
    Result<void> done = formatter_.append(show(fetched), text_);
    if (!done) {
      say(fmt::format("Error processing message, {}: {}",
                      call_.options.has("skip-message-on-error") ? "skipping this message"
                                                                 : "terminating consumer process",
                      done.error().message()));
      failed_ = failed_ || !call_.options.has("skip-message-on-error");
    } else if (!call_.world.out.write(text_)) {
      closed_ = true;
    }
    return over() ? client::Take::kStop : client::Take::kMore;
  }

  /// Writes what was printed; false when nobody listens.
  bool flush() {
    if (!call_.world.out.flush()) {
      closed_ = true;
    }
    closed_ = closed_ || !call_.world.out.write("");
    return !closed_;
  }

  [[nodiscard]] bool over() const {
    return failed_ || closed_ || (plan_.records_max >= 0 && count_ >= plan_.records_max);
  }

  /// Whether the time without a message is over.
  [[nodiscard]] bool timed_out() const {
    return plan_.timeout_ms >= 0 && waited_ms() > plan_.timeout_ms;
  }

  /// How long the next poll may wait.
  [[nodiscard]] std::int64_t wait_ms() const {
    return plan_.timeout_ms < 0
               ? kConsolePollMs
               : std::clamp<std::int64_t>(plan_.timeout_ms - waited_ms() + 1, 1, kConsolePollMs);
  }

  [[nodiscard]] bool failed() const { return failed_; }

  void report() const {
    if (closed_) {
      say("Unable to write to standard out, closing consumer.");
    }
    say(fmt::format("Processed a total of {} messages", count_));
  }

 private:
  [[nodiscard]] std::int64_t waited_ms() const {
    return (call_.world.clock.monotonic_ns() - last_ns_) / 1'000'000;
  }

  ToolCall& call_;
  const ConsolePlan& plan_;
  const MessageFormatter& formatter_;
  std::string text_;
  std::int64_t last_ns_;
  std::int64_t count_ = 0;
  bool failed_ = false;
  bool closed_ = false;
};

// Without a group: the partitions as they are, and what appears meanwhile.
Result<void> read_alone(const ToolCall& call,
                        KafkaSession& session,
                        const ConsolePlan& plan,
                        ConsolePrinter& printer) {
  TopicScanOptions options{.from = plan.from, .follow = true, .wait_for_topics = true};
  options.fetch.isolation = plan.isolation;
  options.fetch.out_of_range = plan.from.kind == PlaceKind::kEarliest
                                   ? client::OutOfRange::kEarliest
                                   : client::OutOfRange::kLatest;
  std::optional<TopicPattern> pattern;
  if (plan.include) {
    pattern = TRY(TopicPattern::compile(*plan.include));
    options.include = [&pattern](const std::string& name) {
      return pattern->matches(name) && !name.starts_with("__");
    };
  } else {
    options.topics = {call.options.value("topic").value_or("")};
  }
  if (const auto partition = call.options.number("partition")) {
    options.partitions = {static_cast<std::int32_t>(*partition)};
  }
  TopicScan reader = TRY(TopicScan::open(session.cluster(), std::move(options)));
  while (!printer.over() && !printer.timed_out() && !session.stopped()) {
    TRY(reader.poll(printer.wait_ms(), [&printer](const client::FetchedRecord& record) {
      return printer.take(record);
    }));
    printer.flush();
  }
  return {};
}

Result<std::vector<std::string>> group_topics(const ToolCall& call,
                                              KafkaSession& session,
                                              const ConsolePlan& plan,
                                              const ConsolePrinter& printer) {
  if (!plan.include) {
    return std::vector{call.options.value("topic").value_or("")};
  }
  const TopicPattern pattern = TRY(TopicPattern::compile(*plan.include));
  client::Cluster& cluster = session.cluster();
  while (!printer.timed_out() && !session.stopped()) {
    std::vector<std::string> topics;
    for (const client::TopicInfo& topic : TRY(cluster.all_topics(cluster.deadline()))) {
      if (!topic.internal && pattern.matches(topic.name)) {
        topics.push_back(topic.name);
      }
    }
    if (!topics.empty()) {
      return topics;
    }
    Wakeup().wait(kConsolePollMs * 1'000'000, session.stop());
  }
  return std::vector<std::string>();
}

Result<void> read_for_group(const ToolCall& call,
                            KafkaSession& session,
                            const ConsolePlan& plan,
                            ConsolePrinter& printer) {
  std::vector<std::string> topics = TRY(group_topics(call, session, plan, printer));
  if (topics.empty()) {
    return {};
  }
  const bool commits = !plan.properties.contains("enable.auto.commit") ||
                       is_true(plan.properties, "enable.auto.commit");
  const auto instance = plan.properties.find("group.instance.id");
  client::ConsumerOptions options{
      .group = plan.group,
      .instance_id = instance == plan.properties.end() ? "" : instance->second,
      .topics = std::move(topics),
      .start = plan.from.kind == PlaceKind::kEarliest ? client::OutOfRange::kEarliest
                                                      : client::OutOfRange::kLatest,
      .auto_commit_ms = commits ? 5'000 : 0};
  options.fetch.isolation = plan.isolation;
  client::Consumer consumer = TRY(client::Consumer::join(session.cluster(), std::move(options)));
  while (!printer.over() && !printer.timed_out() && !session.stopped()) {
    TRY(consumer.poll(printer.wait_ms(), [&printer](const client::FetchedRecord& record) {
      return printer.take(record);
    }));
    printer.flush();
  }
  return consumer.leave();
}

// A member of a group commits and leaves also after Ctrl-C.
StopEnds stop_ends(const ConsolePlan& plan) {
  return plan.group.empty() ? StopEnds::kWaits : StopEnds::kInput;
}

Result<ExitCode> consume_to_console(ToolCall& call,
                                    const ConsolePlan& plan,
                                    const MessageFormatter& formatter) {
  const KafkaTarget target =
      TRY(tool_target(call, "bootstrap-server", plan.properties, "console-consumer"));
  const std::unique_ptr<KafkaSession> session =
      TRY(KafkaSession::open(target, call.world.clock, stop_ends(plan)));
  ConsolePrinter printer(call, plan, formatter);
  Result<void> done = plan.group.empty() ? read_alone(call, *session, plan, printer)
                                         : read_for_group(call, *session, plan, printer);
  printer.flush();
  printer.report();
  if (!done && !session->stopped()) {
    return std::move(done).error();
  }
  done.ignore_error("somebody asked for the end");
  if (session->interrupted()) {
    return ExitCode::kInterrupted;
  }
  return printer.failed() ? ExitCode::kFailed : ExitCode::kOk;
}

ExitCode run_kafka_console_consumer(ToolCall& call) {
  const Result<ConsolePlan> plan = read_plan(call);
  if (!plan) {
    return tool_usage(call, plan.error().to_string());
  }
  warn_of_old_consumer_flags(call);
  const Result<MessageFormatter> formatter = make_formatter(call);
  if (!formatter) {
    return tool_usage(call, formatter.error().to_string());
  }
  const Result<ExitCode> done = consume_to_console(call, *plan, *formatter);
  if (!done) {
    say(done.error().to_string());
    return ExitCode::kFailed;
  }
  return *done;
}

}  // namespace

const KafkaTool& kafka_console_consumer_tool() {
  static const KafkaTool kTool = {
      .name = "kafka-console-consumer",
      .sentence =
          "This tool helps to read data from Kafka topics and outputs it to standard output.",
      .options = kConsoleConsumerOptions,
      .repeated = kConsoleConsumerRepeated,
      .run = run_kafka_console_consumer};
  return kTool;
}

}  // namespace millrace::cli
