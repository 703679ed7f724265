// kafka-topics
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/ascii.h"
#include "cli/java_errors.h"
#include "cli/java_map_order.h"
#include "cli/kafka_tool_texts.h"
#include "cli/kafka_tools.h"
#include "cli/topic_selection.h"
#include "cli/wrong_input.h"
#include "client/admin.h"
#include "wire/generated/describe_topic_partitions.h"

namespace millrace::cli {
namespace {

constexpr std::string_view kFailure = "Error while executing topic command : ";
constexpr std::string_view kConfigsHint =
    " (To alter topic configurations, the kafka-configs tool can be used.)";

using enum JavaArgument;

constexpr std::array kTopicsOptions = {
    JavaOptionRow{"alter", "Alter the number of partitions and replica assignment."},
    JavaOptionRow{"at-min-isr-partitions",
                  "With --describe: only partitions whose isr count is the configured minimum."},
    JavaOptionRow{"bootstrap-server",
                  "REQUIRED: The Kafka server to connect to.",
                  kRequired,
                  JavaType::kString,
                  "server to connect to"},
    JavaOptionRow{"command-config",
                  "Property file containing configs to be passed to Admin Client.",
                  kRequired,
                  JavaType::kString,
                  "command config property file"},
    JavaOptionRow{"config",
                  "A topic configuration override for the topic being created; several times for "
                  "several.",
                  kRequired,
                  JavaType::kString,
                  "name=value"},
    JavaOptionRow{"create", "Create a new topic."},
    JavaOptionRow{"delete", "Delete a topic."},
    JavaOptionRow{"delete-config",
                  "No longer supported; use kafka-configs.",
                  kRequired,
                  JavaType::kString,
                  "name"},
    JavaOptionRow{"describe", "List details for the given topics."},
    JavaOptionRow{"exclude-internal", "Exclude internal topics when listing or describing topics."},
    JavaOptionRow{"help", "Print usage information."},
    JavaOptionRow{"if-exists", "With --alter, --delete or --describe: only if the topic exists."},
    JavaOptionRow{"if-not-exists", "With --create: only if the topic does not exist."},
    JavaOptionRow{"list", "List all available topics."},
    JavaOptionRow{"partition-size-limit-per-response",
                  "The maximum partition size to be included in one DescribeTopicPartitions "
                  "response.",
                  kRequired,
                  JavaType::kInteger,
                  "maximum number of partitions per response"},
    JavaOptionRow{"partitions",
                  "The number of partitions for the topic being created or altered.",
                  kRequired,
                  JavaType::kInteger,
                  "# of partitions"},
    JavaOptionRow{"replica-assignment",
                  "A list of manual partition-to-broker assignments for the topic.",
                  kRequired,
                  JavaType::kString,
                  "broker_id_for_part1_replica1 : broker_id_for_part1_replica2 , …"},
    JavaOptionRow{"replication-factor",
                  "The replication factor for each partition in the topic being created.",
                  kRequired,
                  JavaType::kInteger,
                  "replication factor"},
    JavaOptionRow{"topic",
                  "The topic to create, alter, describe or delete; a regular expression, except "
                  "for --create.",
                  kRequired,
                  JavaType::kString,
                  "topic"},
    JavaOptionRow{
        "topic-id", "The topic-id to describe.", kRequired, JavaType::kString, "topic-id"},
    JavaOptionRow{"topics-with-overrides",
                  "With --describe: only topics that have overridden configs."},
    JavaOptionRow{"unavailable-partitions",
                  "With --describe: only partitions whose leader is not available."},
    JavaOptionRow{"under-min-isr-partitions",
                  "With --describe: only partitions whose isr count is less than the minimum."},
    JavaOptionRow{"under-replicated-partitions",
                  "With --describe: only under-replicated partitions."},
    JavaOptionRow{"version", "Display Kafka version."}};

constexpr std::array<std::string_view, 1> kTopicsRepeated = {"config"};

constexpr std::array<std::string_view, 5> kTopicsActions = {
    "alter", "create", "describe", "list", "delete"};
constexpr std::array<std::string_view, 4> kReports = {"under-replicated-partitions",
                                                      "under-min-isr-partitions",
                                                      "at-min-isr-partitions",
                                                      "unavailable-partitions"};

// ------------------------------------------------------------------ the command line

/// A flag and the actions that it goes with.
struct FlagActions {
  std::string_view flag;
  std::vector<std::string_view> allowed;
};

std::string check_actions(const ToolCall& call) {
  const std::array rules = {FlagActions{"config", {"alter", "create"}},
                            FlagActions{"partitions", {"alter", "create"}},
                            FlagActions{"replication-factor", {"create"}},
                            FlagActions{"replica-assignment", {"alter", "create"}},
                            FlagActions{"under-replicated-partitions", {"describe"}},
                            FlagActions{"under-min-isr-partitions", {"describe"}},
                            FlagActions{"at-min-isr-partitions", {"describe"}},
                            FlagActions{"unavailable-partitions", {"describe"}},
                            FlagActions{"topics-with-overrides", {"describe"}},
                            FlagActions{"if-exists", {"alter", "delete", "describe"}},
                            FlagActions{"if-not-exists", {"create"}},
                            FlagActions{"exclude-internal", {"list", "describe"}}};
  for (const FlagActions& rule : rules) {
    std::vector<std::string_view> others;
    std::ranges::copy_if(kTopicsActions, std::back_inserter(others), [&](std::string_view action) {
      return std::ranges::find(rule.allowed, action) == rule.allowed.end();
    });
    if (std::ranges::find(kReports, rule.flag) != kReports.end()) {
      others.push_back("topics-with-overrides");
    }
    if (std::string problem = invalid_with(call, rule.flag, others); !problem.empty()) {
      return problem;
    }
  }
  constexpr std::array<std::string_view, 2> kPlacement = {"partitions", "replication-factor"};
  return call.options.has("create") ? invalid_with(call, "replica-assignment", kPlacement) : "";
}

std::string check_topics_options(const ToolCall& call) {
  const JavaOptions& options = call.options;
  const auto given = [&](std::string_view action) {
    return options.has(action);
  };
  if (std::ranges::count_if(kTopicsActions, given) != 1) {
    return "Command must include exactly one action: --list, --describe, --create, --alter or "
           "--delete";
  }
  if (options.has("delete-config")) {
    say("delete-config option is no longer supported and deprecated since version 4.0. The config "
        "will be fully removed in future releases.");
  }
  if (!options.has("bootstrap-server")) {
    return "--bootstrap-server must be specified";
  }
  const bool named = options.has("topic") || options.has("topic-id");
  if (options.has("describe") && options.has("if-exists") && !named) {
    return "--topic or --topic-id is required to describe a topic";
  }
  if (!options.has("list") && !options.has("describe") && !options.has("topic")) {
    return "Missing required argument \"[topic]\"";
  }
  if (options.has("alter") && options.has("config")) {
    return fmt::format(
        R"(Option combination "[[config], [bootstrap-server]]" can't be used with option "[alter]"{})",
        kConfigsHint);
  }
  if (options.has("alter") && !options.has("partitions")) {
    return "Missing required argument \"[partitions]\"";
  }
  return check_actions(call);
}

// As the Admin client of Java hands out topics and their configs.
std::vector<std::size_t> in_java_order(const std::vector<client::TopicInfo>& topics) {
  std::vector<std::string> names;
  names.reserve(topics.size());
  for (const client::TopicInfo& topic : topics) {
    names.push_back(topic.name);
  }
  return java_map_order(names, names.size());
}

std::vector<client::ConfigEntry> in_java_order(const std::vector<client::ConfigEntry>& entries) {
  std::vector<std::string> names;
  names.reserve(entries.size());
  for (const client::ConfigEntry& entry : entries) {
    names.push_back(entry.name);
  }
  std::vector<client::ConfigEntry> ordered;
  for (const std::size_t i : java_map_order(names)) {
    ordered.push_back(entries[i]);
  }
  return ordered;
}

Result<std::vector<std::vector<std::int32_t>>> parse_assignments(const ToolCall& call) {
  std::vector<std::vector<std::int32_t>> all;
  std::string text = call.options.value("replica-assignment").value_or("");
  while (!text.empty()) {
    std::string list = text.substr(0, text.find(','));
    text.erase(0, list.size() + 1);
    std::vector<std::int32_t> replicas;
    while (!list.empty()) {
      const std::string part = list.substr(0, list.find(':'));
      list.erase(0, part.size() + 1);
      const std::string_view trimmed = trim_blanks(part);
      const auto number = parse_java_number(trimmed, JavaType::kInteger);
      if (!number) {
        return wrong_input(fmt::format("For input string: \"{}\"", trimmed));
      }
      const auto id = static_cast<std::int32_t>(*number);
      if (std::ranges::find(replicas, id) != replicas.end()) {
        return wrong_input(
            fmt::format("Partition replica lists may not contain duplicate entries: {}", id));
      }
      replicas.push_back(id);
    }
    if (!all.empty() && all.front().size() != replicas.size()) {
      return wrong_input(fmt::format("Partition {} has different replication factor: [{}]",
                                     all.size(),
                                     fmt::join(replicas, ", ")));
    }
    all.push_back(std::move(replicas));
  }
  return all;
}

Result<std::map<std::string, std::string>> parse_configs(const ToolCall& call) {
  std::map<std::string, std::string> configs;
  for (const std::string& text : call.options.values("config")) {
    const std::size_t equals = text.find('=');
    const std::string_view value =
        equals == std::string::npos ? "" : trim_blanks(std::string_view(text).substr(equals + 1));
    if (value.empty() || value.find('=') != std::string_view::npos) {
      return wrong_input(
          "requirement failed: Invalid topic config: all configs to be added must be in "
          "the format \"key=val\".");
    }
    configs[std::string(trim_blanks(std::string_view(text).substr(0, equals)))] = value;
  }
  return configs;
}

Result<client::NewTopic> read_new_topic(const ToolCall& call) {
  client::NewTopic topic{.name = call.options.value("topic").value_or("")};
  topic.assignments = TRY(parse_assignments(call));
  topic.configs = TRY(parse_configs(call));
  if (topic.name.find_first_of("._") != std::string::npos) {
    call.world.out.write(
        "WARNING: Due to limitations in metric names, topics with a period ('.') or underscore "
        "('_') could collide. To avoid issues it is best to use either, but not both.\n");
  }
  const std::int64_t factor = call.options.number("replication-factor").value_or(-1);
  const std::int64_t partitions = call.options.number("partitions").value_or(-1);
  if (call.options.has("replication-factor") && (factor < 1 || factor > INT16_MAX)) {
    return wrong_input("The replication factor must be between 1 and 32767 inclusive");
  }
  if (call.options.has("partitions") && partitions < 1) {
    return wrong_input("The partitions must be greater than 0");
  }
  topic.partitions = static_cast<std::int32_t>(partitions);
  topic.replication_factor = static_cast<std::int16_t>(factor);
  return topic;
}

// ------------------------------------------------------------------ what it does

/// What the tool is about: the cluster, and the topics that --topic means. Owned by one thread.
class TopicsTool {
 public:
  /// `fresh`: what --create makes.
  TopicsTool(ToolCall& call, client::Cluster& cluster, client::NewTopic fresh)
      : call_(call), cluster_(cluster), admin_(cluster), fresh_(std::move(fresh)) {}

  Result<void> run() {
    if (has("create")) {
      return create();
    }
    if (has("alter")) {
      return alter();
    }
    if (has("list")) {
      return list();
    }
    return has("describe") ? describe() : remove();
  }

 private:
  [[nodiscard]] bool has(std::string_view flag) const { return call_.options.has(flag); }

  void print(std::string_view text) { call_.world.out.write(text); }

  Result<std::vector<client::TopicInfo>> find() {
    std::optional<TopicPattern> pattern;
    if (const auto text = call_.options.value("topic")) {
      pattern = TRY(TopicPattern::compile(*text));
    }
    std::vector<client::TopicInfo> topics = TRY(cluster_.all_topics(cluster_.deadline()));
    std::erase_if(topics, [&](const client::TopicInfo& topic) {
      return (pattern && !pattern->matches(topic.name)) ||
             (has("exclude-internal") && topic.internal);
    });
    return topics;
  }

  [[nodiscard]] Result<void> check_found(bool found) const {
    const std::string topic = call_.options.value("topic").value_or("");
    if (!found && !topic.empty() && !has("if-exists")) {
      return wrong_input(fmt::format("Topic '{}' does not exist as expected", topic));
    }
    return {};
  }

  static Result<void> check(const client::Outcome& outcome) {
    return outcome.ok() ? Result<void>() : wrong_input(java_message(outcome));
  }

  Result<void> create() {
    const std::vector<client::TopicOutcome> outcomes =
        TRY(admin_.create_topics(std::span(&fresh_, 1)));
    const client::Outcome& outcome = outcomes.front().outcome;
    if (outcome.error == client::KafkaError::kTopicAlreadyExists && has("if-not-exists")) {
      return {};
    }
    TRY(check(outcome));
    print(fmt::format("Created topic {}.\n", fresh_.name));
    return {};
  }

  Result<void> list() {
    std::vector<std::string> names;
    for (const client::TopicInfo& topic : TRY(find())) {
      names.push_back(topic.name);
    }
    print(fmt::format("{}\n", fmt::join(names, "\n")));
    return {};
  }

  Result<void> alter() {
    const std::vector<std::vector<std::int32_t>> assignments = TRY(parse_assignments(call_));
    const std::vector<client::TopicInfo> topics = TRY(find());
    TRY(check_found(!topics.empty()));
    std::vector<client::Admin::MorePartitions> more;
    for (const client::TopicInfo& topic : topics) {
      const std::size_t old = std::min(topic.partitions.size(), assignments.size());
      more.push_back(
          {.topic = topic.name,
           .total = static_cast<std::int32_t>(call_.options.number("partitions").value_or(0)),
           .assignments = {assignments.begin() + static_cast<std::ptrdiff_t>(old),
                           assignments.end()}});
    }
    if (more.empty()) {
      return {};
    }
    for (const client::TopicOutcome& outcome : TRY(admin_.create_partitions(more))) {
      TRY(check(outcome.outcome));
    }
    return {};
  }

  Result<void> remove() {
    std::vector<std::string> names;
    for (const client::TopicInfo& topic : TRY(find())) {
      names.push_back(topic.name);
    }
    TRY(check_found(!names.empty()));
    if (names.empty()) {
      return {};
    }
    for (const client::TopicOutcome& outcome : TRY(admin_.delete_topics(names))) {
      TRY(check(outcome.outcome));
    }
    return {};
  }

  Result<void> describe() {
    std::vector<client::TopicInfo> topics = TRY(find());
    if (const auto id = call_.options.value("topic-id")) {
      std::erase_if(topics,
                    [&](const client::TopicInfo& topic) { return topic.id.to_base64() != *id; });
      if (topics.empty() && !has("if-exists")) {
        return wrong_input(fmt::format("TopicId '{}' does not exist as expected", *id));
      }
    } else {
      TRY(check_found(!topics.empty()));
    }
    if (topics.empty()) {
      return {};
    }
    std::vector<client::ConfigResource> resources;
    resources.reserve(topics.size());
    for (const client::TopicInfo& topic : topics) {
      resources.push_back({.type = client::ResourceType::kTopic, .name = topic.name});
    }
    const std::vector<client::ConfigDescription> configs = TRY(admin_.describe_configs(resources));
    TRY(load_eligible(topics));
    for (const std::size_t i : in_java_order(topics)) {
      TRY(check(configs[i].outcome));
      describe_topic(topics[i], in_java_order(configs[i].entries));
    }
    return {};
  }

  void describe_topic(const client::TopicInfo& topic,
                      const std::vector<client::ConfigEntry>& entries) {
    const bool reports =
        std::ranges::any_of(kReports, [this](std::string_view flag) { return has(flag); });
    const bool overridden = std::ranges::any_of(entries, [](const client::ConfigEntry& entry) {
      return entry.source != client::ConfigSource::kDefault;
    });
    if (!reports && (overridden || !has("topics-with-overrides"))) {
      print(topic_line(topic, entries));
    }
    if (has("topics-with-overrides")) {
      return;
    }
    for (const client::PartitionInfo& partition : topic.partitions) {
      if (!reports || is_reported(partition, entries)) {
        const auto found = eligible_.find({.topic = topic.name, .partition = partition.id});
        print(
            partition_line(topic.name,
                           partition,
                           found == eligible_.end() ? std::nullopt : std::optional(found->second)));
      }
    }
  }

  [[nodiscard]] bool is_reported(const client::PartitionInfo& partition,
                                 const std::vector<client::ConfigEntry>& entries) const {
    const auto entry = std::ranges::find(
        entries, std::string_view("min.insync.replicas"), &client::ConfigEntry::name);
    const std::int64_t least =
        entry == entries.end() || !entry->value
            ? 1
            : parse_java_number(*entry->value, JavaType::kInteger).value_or(1);
    const auto in_sync = static_cast<std::int64_t>(partition.in_sync.size());
    const bool led = partition.leader >= 0;
    const bool alive = led && std::ranges::any_of(cluster_.nodes(), [&](const client::Node& node) {
                         return node.id == partition.leader;
                       });
    return (has("under-replicated-partitions") &&
            partition.in_sync.size() < partition.replicas.size()) ||
           (has("unavailable-partitions") && !alive) ||
           (has("under-min-isr-partitions") && (!led || in_sync < least)) ||
           (has("at-min-isr-partitions") && in_sync == least);
  }

  // ELR is told by DescribeTopicPartitions only, which older brokers do not have.
  Result<void> load_eligible(const std::vector<client::TopicInfo>& topics) {
    const client::Deadline deadline = cluster_.deadline();
    client::Connection* const connection = TRY(cluster_.any(deadline));
    if (!connection->serves(wire::ApiKey::kDescribeTopicPartitions)) {
      return {};
    }
    wire::DescribeTopicPartitionsRequest request;
    for (const client::TopicInfo& topic : topics) {
      request.topics.push_back({.name = topic.name});
    }
    request.response_partition_limit = static_cast<std::int32_t>(std::clamp<std::int64_t>(
        call_.options.number("partition-size-limit-per-response").value_or(2'000), 1, 2'000));
    bool more = true;
    while (more) {
      const auto response =
          TRY(connection->call<wire::DescribeTopicPartitionsResponse>(request, deadline));
      take_eligible(response);
      more = response.next_cursor.has_value();
      if (more) {
        request.cursor.emplace();
        request.cursor->topic_name = response.next_cursor->topic_name;
        request.cursor->partition_index = response.next_cursor->partition_index;
      }
    }
    return {};
  }

  void take_eligible(const wire::DescribeTopicPartitionsResponse& response) {
    for (const auto& topic : response.topics) {
      for (const auto& partition : topic.partitions) {
        eligible_[{.topic = topic.name.value_or(""),
                   .partition = PartitionId(partition.partition_index)}] = {
            .now = partition.eligible_leader_replicas.value_or(std::vector<std::int32_t>()),
            .last_known = partition.last_known_elr.value_or(std::vector<std::int32_t>())};
      }
    }
  }

  ToolCall& call_;
  client::Cluster& cluster_;
  client::Admin admin_;
  const client::NewTopic fresh_;
  std::map<client::TopicPartition, EligibleReplicas> eligible_;
};

Result<void> run_topics_on_cluster(ToolCall& call) {
  client::NewTopic fresh;
  if (call.options.has("create")) {
    fresh = TRY(read_new_topic(call));
  }
  const Properties properties = TRY(load_properties(call, "command-config"));
  const KafkaTarget target = TRY(tool_target(call, "bootstrap-server", properties, "kafka-topics"));
  const std::unique_ptr<KafkaSession> session = TRY(KafkaSession::open(target, call.world.clock));
  TopicsTool tool(call, session->cluster(), std::move(fresh));
  return tool.run();
}

ExitCode run_kafka_topics(ToolCall& call) {
  if (const std::string problem = check_topics_options(call); !problem.empty()) {
    return tool_usage(call, problem);
  }
  const Result<void> done = run_topics_on_cluster(call);
  if (!done) {
    call.world.out.write(fmt::format("{}{}\n", kFailure, done.error().to_string()));
    return ExitCode::kFailed;
  }
  return ExitCode::kOk;
}

}  // namespace

const KafkaTool& kafka_topics_tool() {
  static const KafkaTool kTool = {
      .name = "kafka-topics",
      .sentence = "This tool helps to create, delete, describe, or change a topic.",
      .options = kTopicsOptions,
      .repeated = kTopicsRepeated,
      .failure = kFailure,
      .run = run_kafka_topics};
  return kTool;
}

}  // namespace millrace::cli
