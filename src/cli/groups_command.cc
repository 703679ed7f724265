// `millrace groups`: consumer groups of a Kafka address, their lag, where they go on.
#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/suggest.h"
#include "cli/commands.h"
#include "cli/confirm.h"
#include "cli/kafka_address.h"
#include "cli/kafka_groups.h"
#include "cli/text_table.h"
#include "config/option_table.h"
#include "console/json_out.h"
#include "io/files.h"

namespace millrace::cli {
namespace {

using client::Admin;
using client::Cluster;
using client::GroupDescription;
using client::TopicPartition;
using console::JsonOut;

using Outcome = Result<ExitCode>;

constexpr std::size_t kOffsetsBytesMax = 64U << 20U;

std::string cell(std::optional<Offset> offset) {
  return offset ? std::to_string(offset->value()) : "-";
}

std::string cell(const std::string& text) {
  return text.empty() ? "-" : text;
}

void field(JsonOut& out, std::string_view name, std::optional<Offset> offset) {
  out.key(name);
  if (offset) {
    out.value(offset->value());
  } else {
    out.null();
  }
}

void place(JsonOut& out, const TopicPartition& partition) {
  out.field("topic", partition.topic).field("partition", partition.partition.value());
}

// The words after the verb.
std::vector<std::string> names_of(const World& world) {
  const std::vector<std::string>& words = world.invocation.words;
  return words.empty() ? std::vector<std::string>()
                       : std::vector<std::string>(words.begin() + 1, words.end());
}

Outcome list_groups(World& world, Cluster& cluster) {
  const std::vector<std::string> states = world.invocation.values("state");
  const std::vector<std::string> types = world.invocation.values("type");
  const auto groups = TRY(Admin(cluster).list_groups(states, types));
  JsonOut out;
  out.begin_object().key("groups").begin_array();
  TextTable table{
      .columns = {{.name = "group"}, {.name = "state"}, {.name = "type"}, {.name = "protocol"}}};
  for (const client::GroupListing& group : groups) {
    out.begin_object()
        .field("group", group.id)
        .field("state", group.state)
        .field("type", group.type)
        .field("protocol", group.protocol_type)
        .end_object();
    table.rows.push_back(
        {group.id, cell(group.state), cell(group.type), cell(group.protocol_type)});
  }
  out.end_array().end_object();
  if (world.json()) {
    world.out.write(out.take() + "\n");
  } else if (groups.empty()) {
    say(fmt::format("no consumer groups at {}", cluster.name()));
  } else {
    world.out.write(render_table(table));
  }
  return ExitCode::kOk;
}

void describe_json(JsonOut& out, const GroupLag& lag) {
  const GroupDescription& group = lag.group;
  out.begin_object()
      .field("group", group.id)
      .field("state", group.state)
      .field("type", group.type)
      .field("protocol", group.protocol_type)
      .field("assignor", group.assignor)
      .field("coordinator", group.coordinator)
      .field("lag", lag.lag())
      .key("members")
      .begin_array();
  for (const client::GroupMember& member : group.members) {
    out.begin_object()
        .field("id", member.id)
        .field("instance", member.instance_id)
        .field("client", member.client_id)
        .field("host", member.host)
        .key("partitions")
        .begin_array();
    for (const TopicPartition& partition : member.assignment) {
      out.begin_object();
      place(out, partition);
      out.end_object();
    }
    out.end_array().end_object();
  }
  out.end_array().key("partitions").begin_array();
  for (const GroupLagRow& row : lag.rows) {
    out.begin_object();
    place(out, row.partition);
    field(out, "committed", row.committed);
    field(out, "end", row.end);
    out.key("lag");
    if (const auto behind = row.lag()) {
      out.value(*behind);
    } else {
      out.null();
    }
    out.field("member", row.member_id)
        .field("client", row.client_id)
        .field("host", row.host)
        .end_object();
  }
  out.end_array().end_object();
}

std::string members_table(const GroupDescription& group) {
  TextTable table{.columns = {{.name = "member"},
                              {.name = "instance"},
                              {.name = "client"},
                              {.name = "host"},
                              {.name = "partitions"}}};
  for (const client::GroupMember& member : group.members) {
    std::string reads;
    for (const TopicPartition& partition : member.assignment) {
      reads += (reads.empty() ? "" : " ") + partition.to_string();
    }
    table.rows.push_back(
        {member.id, cell(member.instance_id), cell(member.client_id), member.host, cell(reads)});
  }
  return table.rows.empty() ? std::string("no members\n") : render_table(table);
}

std::string lag_table(const GroupLag& lag) {
  TextTable table{.columns = {{.name = "topic"},
                              {.name = "partition", .right = true},
                              {.name = "committed", .right = true},
                              {.name = "end", .right = true},
                              {.name = "lag", .right = true},
                              {.name = "client"},
                              {.name = "host"}}};
  for (const GroupLagRow& row : lag.rows) {
    const auto behind = row.lag();
    table.rows.push_back({row.partition.topic,
                          std::to_string(row.partition.partition.value()),
                          cell(row.committed),
                          cell(row.end),
                          behind ? std::to_string(*behind) : "-",
                          cell(row.client_id),
                          cell(row.host)});
  }
  return table.rows.empty() ? std::string("nothing is committed\n") : render_table(table);
}

std::string describe_text(const GroupLag& lag, bool members) {
  const GroupDescription& group = lag.group;
  return fmt::format(
      "group        {}\nstate        {}\ntype         {}\nassignor     {}\ncoordinator  {}\n"
      "members      {}\nlag          {}\n\n{}",
      group.id,
      group.state,
      group.type,
      cell(group.assignor),
      config::to_string(group.coordinator_address),
      group.members.size(),
      lag.lag(),
      members ? members_table(group) : lag_table(lag));
}

// kNotFound, with near names.
Error unknown_group(Cluster& cluster, const GroupDescription& group) {
  if (group.outcome.error != client::KafkaError::kGroupIdNotFound) {
    return client::to_error(group.outcome, fmt::format("group \"{}\"", group.id));
  }
  std::vector<std::string> names;
  if (const auto all = Admin(cluster).list_groups()) {
    for (const client::GroupListing& each : *all) {
      names.push_back(each.id);
    }
  } else {
    all.ignore_error("without suggestions then");
  }
  return {ErrorCode::kNotFound,
          fmt::format("group \"{}\" does not exist on {}{}",
                      group.id,
                      cluster.name(),
                      did_you_mean(group.id, names))};
}

// Share and streams groups have other questions.
bool reads_topics(const client::GroupListing& group) {
  return group.type.empty() || equal_ignoring_case(group.type, "classic") ||
         equal_ignoring_case(group.type, "consumer");
}

Outcome describe_groups(World& world, Cluster& cluster) {
  std::vector<std::string> names = names_of(world);
  Admin admin(cluster);
  const bool all = names.empty();
  if (all) {
    const auto listed = TRY(admin.list_groups());
    for (const client::GroupListing& group : listed) {
      if (reads_topics(group)) {
        names.push_back(group.id);
      }
    }
  }
  auto groups = TRY(admin.describe_groups(names));
  JsonOut out;
  out.begin_object().key("groups").begin_array();
  std::string text;
  for (GroupDescription& group : groups) {
    if (all && group.outcome.error == client::KafkaError::kGroupIdNotFound) {
      continue;  // It has gone since.
    }
    if (!group.outcome.ok()) {
      return unknown_group(cluster, group);
    }
    const GroupLag lag = TRY(gather_lag(cluster, std::move(group)));
    describe_json(out, lag);
    text += (text.empty() ? "" : "\n") + describe_text(lag, world.invocation.has("members"));
  }
  out.end_array().end_object();
  world.out.write(world.json() ? out.take() + "\n" : text);
  if (names.empty()) {
    say(fmt::format("no consumer groups at {}", cluster.name()));
  }
  return ExitCode::kOk;
}

std::optional<ResetTo> named_place(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, ResetTo>, 5> kNames = {
      std::pair("earliest", ResetTo::kEarliest),
      std::pair("start", ResetTo::kEarliest),
      std::pair("latest", ResetTo::kLatest),
      std::pair("end", ResetTo::kLatest),
      std::pair("current", ResetTo::kCurrent)};
  const auto found = std::ranges::find(kNames, text, &std::pair<std::string_view, ResetTo>::first);
  return found == kNames.end() ? std::nullopt : std::optional(found->second);
}

// --to in all its forms.
Result<void> read_place(const World& world, std::string_view text, ResetGroup& reset) {
  if (const auto named = named_place(text)) {
    reset.to = *named;
    return {};
  }
  const bool shift = text.starts_with('+') || text.starts_with('-');
  if (const auto number = config::parse_int(text.starts_with('+') ? text.substr(1) : text)) {
    reset.to = shift ? ResetTo::kShift : ResetTo::kOffset;
    reset.number = *number;
    return {};
  }
  reset.to = ResetTo::kTime;
  if (auto ago = parse_reset_duration(text)) {
    reset.number = world.clock.wall_ms() - *ago;
    return {};
  } else {
    ago.ignore_error("it may be a time");
  }
  auto time = parse_reset_time(text);
  if (time) {
    reset.number = *time;
    return {};
  }
  time.ignore_error("the sentence below names all forms");
  return Error(ErrorCode::kInvalidArgument,
               fmt::format("--to is earliest, latest, current, an offset (42), a shift (-100), a "
                           "time (2026-11-21T17:00:00Z) or so long ago (2h), found \"{}\"",
                           text));
}

Result<ResetGroup> read_reset(World& world, const std::string& group) {
  const Invocation& flags = world.invocation;
  ResetGroup reset{.group = group};
  for (const std::string& topic : flags.values("topic")) {
    reset.topics.push_back(TRY(parse_topic_choice(topic)));
  }
  const auto to = flags.value("to");
  const auto file = flags.value("from-file");
  if (to.has_value() == file.has_value()) {
    return Error(ErrorCode::kInvalidArgument,
                 "say where the group is to go on: --to PLACE, or --from-file FILE");
  }
  if (to) {
    TRY(read_place(world, *to, reset));
    return reset;
  }
  const std::string text = *file == "-" ? TRY(read_stdin(kOffsetsBytesMax))
                                        : TRY(io::read_all(world.files, *file, kOffsetsBytesMax));
  reset.to = ResetTo::kGiven;
  reset.offsets = TRY_DOING(parse_offsets_csv(text, group), "read " + *file);
  return reset;
}

std::string reset_json(const ResetGroup& reset, std::span<const ResetRow> rows, bool executed) {
  JsonOut out;
  out.begin_object()
      .field("group", reset.group)
      .field("executed", executed)
      .key("partitions")
      .begin_array();
  for (const ResetRow& row : rows) {
    out.begin_object();
    place(out, row.partition);
    field(out, "before", row.before);
    out.field("after", row.after.value()).field("note", row.note).end_object();
  }
  return out.end_array().end_object().take() + "\n";
}

std::string reset_table(std::span<const ResetRow> rows) {
  TextTable table{.columns = {{.name = "topic"},
                              {.name = "partition", .right = true},
                              {.name = "before", .right = true},
                              {.name = "after", .right = true},
                              {.name = "moved", .right = true},
                              {.name = "note"}}};
  for (const ResetRow& row : rows) {
    table.rows.push_back({row.partition.topic,
                          std::to_string(row.partition.partition.value()),
                          cell(row.before),
                          std::to_string(row.after.value()),
                          row.before ? fmt::format("{:+}", row.after - *row.before) : "-",
                          row.note});
  }
  return render_table(table);
}

std::string reset_csv(std::span<const ResetRow> rows) {
  std::string out;
  for (const ResetRow& row : rows) {
    out += fmt::format("{},{},{}\n", row.partition.topic, row.partition.partition, row.after);
  }
  return out;
}

Outcome reset_group(World& world, Cluster& cluster) {
  const std::vector<std::string> names = names_of(world);
  if (names.size() != 1) {
    return Error(ErrorCode::kInvalidArgument, "name one group: millrace groups reset GROUP --to …");
  }
  const ResetGroup wanted = TRY(read_reset(world, names.front()));
  const std::vector<ResetRow> rows = TRY(plan_reset(cluster, wanted));
  const bool execute = world.invocation.has("execute");
  if (execute) {
    TRY(execute_reset(cluster, wanted.group, rows));
  }
  if (world.json()) {
    world.out.write(reset_json(wanted, rows, execute));
  } else if (world.invocation.value("output") == "csv") {
    world.out.write(reset_csv(rows));
  } else {
    world.out.write(reset_table(rows));
  }
  if (!execute && !world.quiet()) {
    say("nothing is changed: say --execute to do it");
  }
  return ExitCode::kOk;
}

Outcome report(World& world, const std::vector<std::pair<std::string, client::Outcome>>& all) {
  JsonOut out;
  out.begin_object().key("deleted").begin_array();
  std::string text;
  for (const auto& [name, outcome] : all) {
    if (outcome.ok()) {
      out.value(name);
      text += fmt::format("deleted {}\n", name);
    }
  }
  out.end_array().end_object();
  world.out.write(world.json() ? out.take() + "\n" : text);
  ExitCode code = ExitCode::kOk;
  for (const auto& [name, outcome] : all) {
    if (!outcome.ok()) {
      code = fail(client::to_error(outcome, name));
    }
  }
  return code;
}

// What the group has committed of some topics.
Outcome forget_topics(World& world, Cluster& cluster, const std::string& group) {
  std::vector<TopicChoice> choices;
  for (const std::string& topic : world.invocation.values("topic")) {
    choices.push_back(TRY(parse_topic_choice(topic)));
  }
  Admin admin(cluster);
  const client::CommittedOffsets committed = TRY(admin.group_offsets(group));
  std::vector<TopicPartition> partitions;
  for (const auto& [partition, offset] : committed) {
    const bool chosen = std::ranges::any_of(choices, [&](const TopicChoice& choice) {
      const bool of_partition =
          choice.partitions.empty() ||
          std::ranges::find(choice.partitions, partition.partition) != choice.partitions.end();
      return choice.topic == partition.topic && of_partition;
    });
    if (chosen) {
      partitions.push_back(partition);
    }
  }
  if (partitions.empty()) {
    return Error(ErrorCode::kNotFound,
                 fmt::format("group \"{}\" has committed nothing of that", group));
  }
  const std::string question =
      fmt::format("forget what group {} has committed of {} partitions", group, partitions.size());
  if (!TRY(confirm(world, question))) {
    return ExitCode::kFailed;
  }
  const auto outcomes = TRY(admin.delete_group_offsets(group, partitions));
  std::vector<std::pair<std::string, client::Outcome>> all;
  all.reserve(outcomes.size());
  for (const client::PartitionOutcome& each : outcomes) {
    all.emplace_back(each.partition.to_string(), each.outcome);
  }
  return report(world, all);
}

Outcome delete_groups(World& world, Cluster& cluster) {
  const std::vector<std::string> names = names_of(world);
  if (names.empty()) {
    return Error(ErrorCode::kInvalidArgument, "name the group: millrace groups delete GROUP");
  }
  if (world.invocation.has("topic")) {
    if (names.size() != 1) {
      return Error(ErrorCode::kInvalidArgument, "with --topic, name one group");
    }
    return forget_topics(world, cluster, names.front());
  }
  if (!TRY(confirm(world, fmt::format("delete {} with all offsets", fmt::join(names, ", "))))) {
    return ExitCode::kFailed;
  }
  const auto outcomes = TRY(Admin(cluster).delete_groups(names));
  std::vector<std::pair<std::string, client::Outcome>> all;
  all.reserve(outcomes.size());
  for (const client::GroupOutcome& each : outcomes) {
    all.emplace_back(each.group, each.outcome);
  }
  return report(world, all);
}

struct GroupVerb {
  std::string_view name;
  Outcome (*run)(World& world, Cluster& cluster);
};

constexpr std::array kGroupVerbs = {GroupVerb{.name = "list", .run = list_groups},
                                    GroupVerb{.name = "describe", .run = describe_groups},
                                    GroupVerb{.name = "reset", .run = reset_group},
                                    GroupVerb{.name = "delete", .run = delete_groups}};

}  // namespace

ExitCode run_groups(World& world) {
  const Invocation& invocation = world.invocation;
  const std::string wanted = invocation.word(0).value_or("list");
  const auto verb = std::ranges::find(kGroupVerbs, wanted, &GroupVerb::name);
  if (verb == kGroupVerbs.end()) {
    std::vector<std::string> names;
    names.reserve(std::size(kGroupVerbs));
    for (const GroupVerb& each : kGroupVerbs) {
      names.emplace_back(each.name);
    }
    return usage_error(invocation.command,
                       fmt::format("unknown word \"{}\"{}", wanted, did_you_mean(wanted, names)));
  }
  const Result<std::unique_ptr<Cluster>> cluster = open_kafka(world);
  if (!cluster) {
    return cluster.error().code() == ErrorCode::kInvalidArgument
               ? usage_error(invocation.command, cluster.error().message())
               : fail(cluster.error());
  }
  const Outcome outcome = verb->run(world, **cluster);
  if (!outcome && outcome.error().code() == ErrorCode::kInvalidArgument) {
    return usage_error(invocation.command, outcome.error().to_string());
  }
  return outcome ? *outcome : fail(outcome.error());
}

}  // namespace millrace::cli
