// `millrace topics`: list, describe, create, alter, truncate, delete at a Kafka address; read and
// flush in a data directory.
#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/suggest.h"
#include "cli/commands.h"
#include "cli/confirm.h"
#include "cli/kafka_address.h"
#include "cli/kafka_topics.h"
#include "cli/text_table.h"
#include "console/json_out.h"

namespace millrace::cli {
namespace {

using client::Admin;
using client::Cluster;
using console::JsonOut;

using Outcome = Result<ExitCode>;

std::string number_cell(std::int64_t number) {
  return number < 0 ? "-" : std::to_string(number);
}

std::string joined(const std::vector<std::int32_t>& numbers) {
  return fmt::format("{}", fmt::join(numbers, ","));
}

void write_json(World& world, JsonOut& out) {
  world.out.write(out.take() + "\n");
}

void write_names(JsonOut& out, std::string_view name, const std::vector<std::int32_t>& ids) {
  out.key(name).begin_array();
  for (const std::int32_t id : ids) {
    out.value(id);
  }
  out.end_array();
}

Outcome list_at(World& world, Cluster& cluster) {
  const std::vector<TopicView> topics =
      TRY(gather_topics(cluster, {.internal = !world.invocation.has("no-internal"), .ends = true}));
  if (world.json()) {
    JsonOut out;
    out.begin_object().key("topics").begin_array();
    for (const TopicView& topic : topics) {
      out.begin_object()
          .field("name", topic.info.name)
          .field("id", topic.info.id.to_base64())
          .field("internal", topic.info.internal)
          .field("partitions", topic.info.partitions.size())
          .field("replication_factor", topic.replication_factor())
          .field("records", topic.records())
          .end_object();
    }
    out.end_array().end_object();
    write_json(world, out);
    return ExitCode::kOk;
  }
  TextTable table{.columns = {{.name = "name"},
                              {.name = "role"},
                              {.name = "partitions", .right = true},
                              {.name = "replicas", .right = true},
                              {.name = "records", .right = true}}};
  for (const TopicView& topic : topics) {
    table.rows.push_back({topic.info.name,
                          topic.info.internal ? "internal" : "topic",
                          std::to_string(topic.info.partitions.size()),
                          std::to_string(topic.replication_factor()),
                          std::to_string(topic.records())});
  }
  if (table.rows.empty()) {
    say(fmt::format("no topics at {}; make one: millrace topics create NAME", cluster.name()));
  } else {
    world.out.write(render_table(table));
  }
  return ExitCode::kOk;
}

void describe_topic_json(World& world, const TopicView& topic) {
  JsonOut out;
  out.begin_object()
      .field("name", topic.info.name)
      .field("id", topic.info.id.to_base64())
      .field("internal", topic.info.internal)
      .field("replication_factor", topic.replication_factor())
      .key("config")
      .begin_object();
  for (const auto& [name, value] : topic.configs) {
    out.field(name, value);
  }
  out.end_object().key("partitions").begin_array();
  for (std::size_t i = 0; i < topic.info.partitions.size(); ++i) {
    const client::PartitionInfo& partition = topic.info.partitions[i];
    out.begin_object()
        .field("partition", partition.id.value())
        .field("leader", partition.leader)
        .field("leader_epoch", partition.leader_epoch);
    write_names(out, "replicas", partition.replicas);
    write_names(out, "in_sync", partition.in_sync);
    write_names(out, "offline", partition.offline);
    out.field("start", topic.ends[i].start.value())
        .field("end", topic.ends[i].end.value())
        .field("records", topic.ends[i].records())
        .end_object();
  }
  out.end_array().end_object();
  write_json(world, out);
}

Outcome describe_at(World& world, Cluster& cluster, const std::string& name) {
  const std::vector<TopicView> found =
      TRY(gather_topics(cluster, {.names = {name}, .configs = true, .ends = true}));
  const TopicView& topic = found.front();
  if (world.json()) {
    describe_topic_json(world, topic);
    return ExitCode::kOk;
  }
  std::string configs;
  for (const auto& [config, value] : topic.configs) {
    configs += fmt::format("{}{}={}", configs.empty() ? "" : "\n        ", config, value);
  }
  world.out.write(fmt::format("topic   {}\nid      {}\nconfig  {}\n\n",
                              topic.info.name,
                              topic.info.id.to_base64(),
                              configs.empty() ? "the broker's defaults" : configs));
  TextTable table{.columns = {{.name = "partition", .right = true},
                              {.name = "leader", .right = true},
                              {.name = "replicas"},
                              {.name = "in sync"},
                              {.name = "start", .right = true},
                              {.name = "end", .right = true},
                              {.name = "records", .right = true}}};
  for (std::size_t i = 0; i < topic.info.partitions.size(); ++i) {
    const client::PartitionInfo& partition = topic.info.partitions[i];
    table.rows.push_back({std::to_string(partition.id.value()),
                          partition.leader < 0 ? "none" : std::to_string(partition.leader),
                          joined(partition.replicas),
                          joined(partition.in_sync),
                          number_cell(topic.ends[i].start.value()),
                          number_cell(topic.ends[i].end.value()),
                          std::to_string(topic.ends[i].records())});
  }
  world.out.write(render_table(table));
  return ExitCode::kOk;
}

Outcome create_at(World& world, Cluster& cluster, const std::string& name) {
  const Invocation& flags = world.invocation;
  client::NewTopic topic{.name = name};
  topic.configs = TRY(parse_config_pairs(flags.values("config")));
  topic.partitions = static_cast<std::int32_t>(std::min<std::int64_t>(
      TRY(number_flag(world, "partitions", -1, 1)), std::numeric_limits<std::int32_t>::max()));
  topic.replication_factor = static_cast<std::int16_t>(
      std::min<std::int64_t>(TRY(number_flag(world, "replication-factor", -1, 1)),
                             std::numeric_limits<std::int16_t>::max()));
  const bool dry_run = flags.has("dry-run");
  const client::NewTopic topics[] = {topic};
  const auto outcomes = TRY(Admin(cluster).create_topics(topics, dry_run));
  const client::TopicOutcome& made = outcomes.front();
  const bool exists = made.outcome.error == client::KafkaError::kTopicAlreadyExists;
  if (!made.outcome.ok() && !(exists && flags.has("if-not-exists"))) {
    const Error error = client::to_error(made.outcome, fmt::format("topic \"{}\"", name));
    return Error(error.code(),
                 error.message() + (exists ? "\nhelp: `millrace topics alter` changes it; "
                                             "--if-not-exists takes it as it is"
                                           : ""));
  }
  if (world.json()) {
    JsonOut out;
    out.begin_object()
        .field("name", name)
        .field("created", !exists && !dry_run)
        .field("partitions", made.partitions)
        .field("replication_factor", made.replication_factor)
        .end_object();
    write_json(world, out);
  } else if (exists) {
    say(fmt::format("topic \"{}\" is there already", name));
  } else {
    world.out.write(fmt::format("{} {}: {} partitions, {} {} of each\n",
                                dry_run ? "would create" : "created",
                                name,
                                number_cell(made.partitions),
                                number_cell(made.replication_factor),
                                made.replication_factor == 1 ? "replica" : "replicas"));
  }
  return ExitCode::kOk;
}

Outcome alter_at(World& world, Cluster& cluster, const std::string& name) {
  const Invocation& flags = world.invocation;
  AlterTopic change{.topic = name, .reset = flags.values("delete-config")};
  change.set = TRY(parse_config_pairs(flags.values("config")));
  if (flags.has("partitions")) {
    change.partitions = static_cast<std::int32_t>(std::min<std::int64_t>(
        TRY(number_flag(world, "partitions", 0, 1)), std::numeric_limits<std::int32_t>::max()));
  }
  if (!change.partitions && change.set.empty() && change.reset.empty()) {
    return Error(ErrorCode::kInvalidArgument,
                 "say what to change: --partitions N, --config NAME=VALUE, --delete-config NAME");
  }
  TRY(alter_topic(cluster, change));
  return describe_at(world, cluster, name);
}

Outcome truncate_at(World& world, Cluster& cluster, const std::string& name) {
  TruncateTopic what{.topic = name};
  if (world.invocation.has("partition")) {
    what.partition = PartitionId(static_cast<std::int32_t>(std::min<std::int64_t>(
        TRY(number_flag(world, "partition", 0, 0)), std::numeric_limits<std::int32_t>::max())));
  }
  if (world.invocation.has("offset")) {
    what.before = Offset(TRY(number_flag(world, "offset", 0, 0)));
  }
  TRY(cluster.topic(name, cluster.deadline()));
  const std::string which =
      (what.before ? fmt::format("the records before offset {} of {}", *what.before, name)
                   : fmt::format("all records of {}", name)) +
      (what.partition ? fmt::format(", partition {}", *what.partition) : "");
  if (!TRY(confirm(world, "delete " + which))) {
    return ExitCode::kFailed;
  }
  const auto results = TRY(truncate_topic(cluster, what));
  bool failed = false;
  JsonOut out;
  out.begin_object().field("topic", name).key("partitions").begin_array();
  TextTable table{.columns = {{.name = "partition", .right = true},
                              {.name = "start before", .right = true},
                              {.name = "start", .right = true},
                              {.name = "outcome"}}};
  for (const TruncatedPartition& result : results) {
    const client::Outcome& outcome = result.outcome.outcome;
    failed = failed || !outcome.ok();
    out.begin_object()
        .field("partition", result.outcome.partition.partition.value())
        .field("start_before", result.start_before.value())
        .field("start", result.outcome.offset.value())
        .field("error", outcome.ok() ? std::string() : outcome.text())
        .end_object();
    table.rows.push_back({std::to_string(result.outcome.partition.partition.value()),
                          number_cell(result.start_before.value()),
                          number_cell(result.outcome.offset.value()),
                          outcome.ok() ? "ok" : outcome.text()});
  }
  out.end_array().end_object();
  world.out.write(world.json() ? out.take() + "\n" : render_table(table));
  return failed ? ExitCode::kFailed : ExitCode::kOk;
}

Outcome delete_at(World& world, Cluster& cluster, const std::string& name) {
  auto known = cluster.topic(name, cluster.deadline());
  if (!known && known.error().code() == ErrorCode::kNotFound && world.invocation.has("if-exists")) {
    return ExitCode::kOk;
  }
  TRY(std::move(known));
  if (!TRY(confirm(world, fmt::format("delete topic {} at {}", name, cluster.name())))) {
    return ExitCode::kFailed;
  }
  const std::string names[] = {name};
  const auto outcomes = TRY(Admin(cluster).delete_topics(names));
  if (!outcomes.front().outcome.ok()) {
    return client::to_error(outcomes.front().outcome, fmt::format("topic \"{}\"", name));
  }
  JsonOut out;
  out.begin_object().field("name", name).field("deleted", true).end_object();
  world.out.write(world.json() ? out.take() + "\n" : fmt::format("deleted {}\n", name));
  return ExitCode::kOk;
}

struct TopicVerb {
  std::string_view name;
  Outcome (*run)(World& world, Cluster& cluster, const std::string& topic);
  bool needs_topic = true;
  /// In a data directory, when the command line means one.
  bool local = false;
};

constexpr std::array kTopicVerbs = {
    TopicVerb{.name = "list",
              .run = [](World& world,
                        Cluster& cluster,
                        const std::string&) { return list_at(world, cluster); },
              .needs_topic = false,
              .local = true},
    TopicVerb{.name = "describe", .run = describe_at, .local = true},
    TopicVerb{.name = "read", .run = nullptr, .local = true},
    TopicVerb{.name = "create", .run = create_at},
    TopicVerb{.name = "alter", .run = alter_at},
    TopicVerb{.name = "truncate", .run = truncate_at},
    TopicVerb{.name = "delete", .run = delete_at},
    TopicVerb{.name = "flush", .run = nullptr, .needs_topic = false, .local = true},
};

}  // namespace

ExitCode run_topics(World& world) {
  const Invocation& invocation = world.invocation;
  const std::string wanted = invocation.word(0).value_or("list");
  const auto verb = std::ranges::find(kTopicVerbs, wanted, &TopicVerb::name);
  if (verb == kTopicVerbs.end()) {
    std::vector<std::string> names;
    names.reserve(std::size(kTopicVerbs));
    for (const TopicVerb& each : kTopicVerbs) {
      names.emplace_back(each.name);
    }
    return usage_error(invocation.command,
                       fmt::format("unknown word \"{}\"{}", wanted, did_you_mean(wanted, names)));
  }
  if (verb->needs_topic != invocation.word(1).has_value()) {
    return usage_error(invocation.command,
                       verb->needs_topic
                           ? fmt::format("name the topic: millrace topics {} TOPIC", verb->name)
                           : fmt::format("topics {} takes no name", verb->name));
  }
  if (verb->run == nullptr || (verb->local && means_data_directory(world))) {
    return run_local_topics(world);
  }
  const Result<std::unique_ptr<Cluster>> cluster = open_kafka(world);
  if (!cluster) {
    return cluster.error().code() == ErrorCode::kInvalidArgument
               ? usage_error(invocation.command, cluster.error().message())
               : fail(cluster.error());
  }
  const Outcome outcome = verb->run(world, **cluster, invocation.word(1).value_or(""));
  if (!outcome && outcome.error().code() == ErrorCode::kInvalidArgument) {
    return usage_error(invocation.command, outcome.error().to_string());
  }
  return outcome ? *outcome : fail(outcome.error());
}

}  // namespace millrace::cli
