// kafka-consumer-groups
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/ascii.h"
#include "cli/java_errors.h"
#include "cli/kafka_tool_texts.h"
#include "cli/kafka_tools.h"
#include "cli/reset_offsets.h"
#include "cli/wrong_input.h"
#include "client/admin.h"
#include "expr/java_regex.h"

namespace millrace::cli {
namespace {

using enum JavaArgument;

constexpr std::array kConsumerGroupsOptions = {
    JavaOptionRow{"all-groups", "Apply to all consumer groups."},
    JavaOptionRow{"all-topics", "With --reset-offsets: all topics that the group has offsets of."},
    JavaOptionRow{"bootstrap-server",
                  "The server(s) to connect to. REQUIRED for all but --validate-regex.",
                  kRequired,
                  JavaType::kString,
                  "server to connect to"},
    JavaOptionRow{"by-duration",
                  "Reset offsets to so long ago. Format: 'PnDTnHnMnS'",
                  kRequired,
                  JavaType::kString,
                  "duration"},
    JavaOptionRow{"command-config",
                  "Property file containing configs to be passed to Admin Client.",
                  kRequired,
                  JavaType::kString,
                  "command config property file"},
    JavaOptionRow{"delete", "Delete groups: --group g1 --group g2"},
    JavaOptionRow{"delete-offsets", "Delete offsets of one group, and of several topics."},
    JavaOptionRow{"describe", "Describe a group and how far behind it is (lag)."},
    JavaOptionRow{"dry-run", "With --reset-offsets: only show what would be done."},
    JavaOptionRow{"execute", "With --reset-offsets: do it."},
    JavaOptionRow{"export", "With --reset-offsets: print CSV."},
    JavaOptionRow{"from-file",
                  "Reset offsets to values defined in CSV file.",
                  kRequired,
                  JavaType::kString,
                  "path to CSV file"},
    JavaOptionRow{"group",
                  "The consumer group we wish to act on.",
                  kRequired,
                  JavaType::kString,
                  "consumer group"},
    JavaOptionRow{"help", "Print usage information."},
    JavaOptionRow{"list", "List all consumer groups."},
    JavaOptionRow{"members", "With --describe: the members."},
    JavaOptionRow{"offsets", "With --describe: the offsets; this is the default."},
    JavaOptionRow{"reset-offsets",
                  "Reset offsets of an inactive group: --to-datetime, --by-duration, "
                  "--to-earliest, --to-latest, --shift-by, --from-file, --to-current or "
                  "--to-offset, of --all-topics or --topic; --dry-run shows, --execute does it."},
    JavaOptionRow{"shift-by",
                  "Reset offsets shifting current offset by 'n', where 'n' can be negative.",
                  kRequired,
                  JavaType::kLong,
                  "number-of-offsets"},
    JavaOptionRow{"state",
                  "With --describe: the state. With --list: states too, or only groups in these "
                  "(stable,empty).",
                  kOptional},
    JavaOptionRow{"timeout",
                  "How long an answer may take.",
                  kRequired,
                  JavaType::kLong,
                  "timeout (ms)",
                  "30000"},
    JavaOptionRow{"to-current", "Reset offsets to current offset."},
    JavaOptionRow{"to-datetime",
                  "Reset offsets to offset from datetime. Format: 'YYYY-MM-DDThh:mm:ss.sss'",
                  kRequired,
                  JavaType::kString,
                  "datetime"},
    JavaOptionRow{"to-earliest", "Reset offsets to earliest offset."},
    JavaOptionRow{"to-latest", "Reset offsets to latest offset."},
    JavaOptionRow{
        "to-offset", "Reset offsets to a specific offset.", kRequired, JavaType::kLong, "offset"},
    JavaOptionRow{"topic",
                  "The topic whose offsets are deleted or reset; `topic1:0,1,2` for partitions; "
                  "several times for several.",
                  kRequired,
                  JavaType::kString,
                  "topic"},
    JavaOptionRow{"type", "With --list: types too, or only groups of these (classic).", kOptional},
    JavaOptionRow{"validate-regex",
                  "Whether a regular expression is valid in RE2's syntax.",
                  kRequired,
                  JavaType::kString,
                  "regex"},
    JavaOptionRow{"verbose", "With --describe: more columns."},
    JavaOptionRow{"version", "Display Kafka version."}};

constexpr std::array<std::string_view, 2> kConsumerGroupsRepeated = {"group", "topic"};
constexpr std::array<std::string_view, 6> kConsumerGroupsActions = {
    "list", "describe", "delete", "reset-offsets", "delete-offsets", "validate-regex"};
constexpr std::array<std::string_view, 8> kScenarios = {"to-offset",
                                                        "to-datetime",
                                                        "by-duration",
                                                        "to-earliest",
                                                        "to-latest",
                                                        "to-current",
                                                        "shift-by",
                                                        "from-file"};

// ------------------------------------------------------------------ the command line

std::string check_reset(const ToolCall& call) {
  const JavaOptions& options = call.options;
  if (options.has("dry-run") && options.has("execute")) {
    return "Option [reset-offsets] only accepts one of [execute] and [dry-run]";
  }
  if (!options.has("dry-run") && !options.has("execute")) {
    say("WARN: No action will be performed as the --execute option is missing. In version 5.0, "
        "this command will require either --dry-run or --execute to be specified. You should add "
        "the --dry-run option explicitly if you are scripting this command and want to keep the "
        "current default behavior without prompting.");
  }
  if (!options.has("group") && !options.has("all-groups")) {
    return "Option [reset-offsets] takes one of these options: [group], [all-groups]";
  }
  for (const std::string_view scenario : kScenarios) {
    std::vector<std::string_view> others(kScenarios.begin(), kScenarios.end());
    std::erase(others, scenario);
    if (std::string problem = invalid_with(call, scenario, others); !problem.empty()) {
      return problem;
    }
  }
  return {};
}

std::string check_describe(const JavaOptions& options) {
  if (!options.has("group") && !options.has("all-groups")) {
    return "Option [describe] takes one of these options: [group], [all-groups]";
  }
  const int parts = (options.has("members") ? 1 : 0) + (options.has("offsets") ? 1 : 0) +
                    (options.has("state") ? 1 : 0);
  if (parts > 1) {
    return "Option [describe] takes at most one of these options: [members], [offsets], [state]";
  }
  if (options.value("state")) {
    return "Option [describe] does not take a value for [state]";
  }
  return {};
}

// Flags that only go with some actions, as joptsimple's availableIf().
std::string check_available(const JavaOptions& options) {
  const bool describe = options.has("describe");
  for (const std::string_view flag : {"members", "verbose", "offsets"}) {
    if (options.has(flag) && !describe) {
      return fmt::format(
          "Option(s) [{}] are unavailable given other options on the command line; it goes with "
          "--describe",
          flag);
    }
  }
  if ((options.has("state") && !describe && !options.has("list")) ||
      (options.has("type") && !options.has("list"))) {
    return fmt::format(
        "Option(s) [{}] are unavailable given other options on the command line; "
        "it goes with --list",
        options.has("type") ? "type" : "state");
  }
  return {};
}

std::string check_deletes(const JavaOptions& options) {
  if (options.has("delete")) {
    if (!options.has("group") && !options.has("all-groups")) {
      return "Option [delete] takes one of these options: [all-groups], [group]";
    }
    if (options.has("topic")) {
      return "The consumer does not support topic-specific offset deletion from a consumer group.";
    }
  }
  const bool whole = options.has("group") && options.has("topic");
  if (options.has("delete-offsets") && !whole) {
    return "Option [delete-offsets] takes the following options: [group], [topic]";
  }
  return {};
}

std::string check_groups_options(const ToolCall& call) {
  const JavaOptions& options = call.options;
  if (std::string problem = check_available(options); !problem.empty()) {
    return problem;
  }
  if (!options.has("validate-regex") && !options.has("bootstrap-server")) {
    return "Missing required argument \"[bootstrap-server]\"";
  }
  std::string problem = options.has("describe") ? check_describe(options) : "";
  if (problem.empty()) {
    problem = check_deletes(options);
  }
  if (problem.empty() && options.has("reset-offsets")) {
    problem = check_reset(call);
  }
  if (problem.empty()) {
    constexpr std::array<std::string_view, 2> kNotWithGroup = {"all-groups", "list"};
    problem = invalid_with(call, "group", kNotWithGroup);
  }
  if (problem.empty()) {
    constexpr std::array<std::string_view, 2> kNotWithTopic = {"list", "describe"};
    problem = invalid_with(call, "topic", kNotWithTopic);
  }
  const auto given = [&](std::string_view action) {
    return options.has(action);
  };
  if (problem.empty() && std::ranges::count_if(kConsumerGroupsActions, given) != 1) {
    problem =
        "Command must include exactly one action: --list, --describe, --delete, --reset-offsets, "
        "--delete-offsets, --validate-regex";
  }
  return problem;
}

/// Words of --state or --type by their proper names.
Result<std::vector<std::string>> parse_words(const std::string& text,
                                             std::span<const std::string_view> known,
                                             std::string_view what) {
  std::vector<std::string> words;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    const auto found = std::ranges::find_if(
        known, [&](std::string_view name) { return equal_ignoring_case(name, trim_blanks(part)); });
    if (found == known.end()) {
      return wrong_input(fmt::format("Invalid {} list '{}'. Valid {} are: {}",
                                     what == "states" ? "state" : what,
                                     text,
                                     what,
                                     fmt::join(known, ", ")));
    }
    words.emplace_back(*found);
  }
  return words;
}

Result<std::vector<std::string>> parse_states(const ToolCall& call) {
  constexpr std::array<std::string_view, 7> kStates = {"Dead",
                                                       "Empty",
                                                       "Stable",
                                                       "PreparingRebalance",
                                                       "Assigning",
                                                       "CompletingRebalance",
                                                       "Reconciling"};
  return parse_words(call.options.value("state").value_or(""), kStates, "states");
}

Result<std::vector<std::string>> parse_types(const ToolCall& call) {
  constexpr std::array<std::string_view, 2> kTypes = {"Consumer", "Classic"};
  return parse_words(call.options.value("type").value_or(""), kTypes, "types");
}

// ------------------------------------------------------------------ what it does

/// Owned by one thread.
class GroupsTool {
 public:
  GroupsTool(ToolCall& call, client::Cluster& cluster)
      : call_(call), admin_(cluster), cluster_(cluster) {}

  Result<void> run() {
    if (has("list")) {
      return list();
    }
    if (has("describe")) {
      return describe();
    }
    if (has("delete")) {
      return remove();
    }
    return has("reset-offsets") ? reset() : delete_offsets();
  }

 private:
  [[nodiscard]] bool has(std::string_view flag) const { return call_.options.has(flag); }

  void print(std::string_view text) { call_.world.out.write(text); }

  void print_error(std::string_view text) { print(fmt::format("\nError: {}\n", text)); }

  Result<std::vector<client::GroupListing>> consumer_groups(
      std::span<const std::string> states = {}, std::span<const std::string> types = {}) {
    std::vector<client::GroupListing> groups = TRY(admin_.list_groups(states, types));
    std::erase_if(groups, [](const client::GroupListing& group) {
      return !group.protocol_type.empty() && group.protocol_type != "consumer";
    });
    return groups;
  }

  Result<std::vector<std::string>> group_ids() {
    if (!has("all-groups")) {
      std::vector<std::string> ids = call_.options.values("group");
      std::ranges::sort(ids);
      ids.erase(std::ranges::unique(ids).begin(), ids.end());
      return ids;
    }
    std::vector<std::string> ids;
    for (const client::GroupListing& group : TRY(consumer_groups())) {
      ids.push_back(group.id);
    }
    return ids;
  }

  Result<void> list() {
    const std::vector<std::string> states = TRY(parse_states(call_));
    const std::vector<std::string> types = TRY(parse_types(call_));
    const std::vector<client::GroupListing> groups = TRY(consumer_groups(states, types));
    if (has("state") || has("type")) {
      print(group_list_table(groups, has("type"), has("state")));
      return {};
    }
    for (const client::GroupListing& group : groups) {
      print(group.id + "\n");
    }
    return {};
  }

  Result<void> describe() {
    const std::vector<std::string> ids = TRY(group_ids());
    const std::vector<client::GroupDescription> groups = TRY(admin_.describe_groups(ids));
    for (const client::GroupDescription& group : groups) {
      if (!group.outcome.ok()) {
        return wrong_input(java_exception(group.outcome));
      }
    }
    for (const client::GroupDescription& group : groups) {
      TRY(describe_one(group));
    }
    return {};
  }

  Result<void> describe_one(const client::GroupDescription& group) {
    std::vector<GroupOffsetRow> rows;
    const bool offsets = !has("members") && !has("state");
    if (offsets) {
      rows = TRY(offset_rows(group));
    }
    TRY(call_.world.out.flush());
    if (group.state == "Dead") {
      print_error(fmt::format("Consumer group '{}' does not exist.", group.id));
      return {};
    }
    if (const std::string note = group_state_note(group.id, group.state); !note.empty()) {
      say(note);
    }
    if (has("members")) {
      print(group_members_table(group, has("verbose")));
    } else if (has("state")) {
      print(group_state_table(group, has("verbose")));
    } else if (!rows.empty()) {
      print(group_offsets_table(group.id, rows, has("verbose")));
    }
    return {};
  }

  // Partitions of members first, those with most partitions before the others; then what was
  // committed and belongs to nobody.
  Result<std::vector<GroupOffsetRow>> offset_rows(const client::GroupDescription& group) {
    client::CommittedOffsets committed = TRY(admin_.group_offsets(group.id));
    std::vector<const client::GroupMember*> members;
    members.reserve(group.members.size());
    for (const client::GroupMember& member : group.members) {
      members.push_back(&member);
    }
    std::ranges::stable_sort(members, [](const auto* left, const auto* right) {
      return left->assignment.size() > right->assignment.size();
    });
    std::vector<GroupOffsetRow> rows;
    const auto add = [&](const client::TopicPartition& partition) -> GroupOffsetRow& {
      GroupOffsetRow& row = rows.emplace_back(GroupOffsetRow{.partition = partition});
      const auto offset = committed.find(partition);
      if (offset != committed.end() && offset->second.offset.value() >= 0) {
        row.committed = offset->second.offset.value();
        if (offset->second.leader_epoch >= 0) {
          row.leader_epoch = offset->second.leader_epoch;
        }
      }
      return row;
    };
    for (const client::GroupMember* const member : members) {
      for (const client::TopicPartition& partition : member->assignment) {
        GroupOffsetRow& row = add(partition);
        row.consumer_id = member->id;
        row.host = member->host;
        row.client_id = member->client_id;
      }
    }
    const std::size_t assigned = rows.size();
    for (const auto& [partition, offset] : committed) {
      const auto end = rows.begin() + static_cast<std::ptrdiff_t>(assigned);
      if (std::find_if(rows.begin(), end, [&](const GroupOffsetRow& row) {
            return row.partition == partition;
          }) == end) {
        add(partition);
      }
    }
    TRY(add_log_ends(rows));
    return rows;
  }

  Result<void> add_log_ends(std::vector<GroupOffsetRow>& rows) {
    std::vector<client::OffsetQuery> queries;
    queries.reserve(rows.size());
    for (const GroupOffsetRow& row : rows) {
      queries.push_back({.partition = row.partition});
    }
    const std::vector<client::OffsetAnswer> answers = TRY(admin_.list_offsets(queries));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (answers[i].outcome.ok()) {
        rows[i].log_end = answers[i].offset.value();
      }
    }
    return {};
  }

  Result<void> remove() {
    const std::vector<std::string> ids = TRY(group_ids());
    std::vector<std::string> deleted;
    std::vector<client::GroupOutcome> failed;
    for (client::GroupOutcome& outcome : TRY(admin_.delete_groups(ids))) {
      if (outcome.outcome.ok()) {
        deleted.push_back(fmt::format("'{}'", outcome.group));
      } else {
        failed.push_back(std::move(outcome));
      }
    }
    if (failed.empty()) {
      print(fmt::format("Deletion of requested consumer groups ({}) was successful.\n",
                        fmt::join(deleted, ", ")));
      return {};
    }
    print_error("Deletion of some consumer groups failed:");
    for (const client::GroupOutcome& outcome : failed) {
      print(fmt::format("* Group '{}' could not be deleted due to: {}\n",
                        outcome.group,
                        java_exception(outcome.outcome)));
    }
    if (!deleted.empty()) {
      print(fmt::format("\nThese consumer groups were deleted successfully: {}\n",
                        fmt::join(deleted, ", ")));
    }
    return {};
  }

  Result<void> reset() {
    const std::vector<std::string> ids = TRY(group_ids());
    ResetOffsets all;
    const OffsetReset plan = TRY(OffsetReset::parse(call_));
    for (const client::GroupDescription& group : TRY(admin_.describe_groups(ids))) {
      const bool missing = group.outcome.error == client::KafkaError::kGroupIdNotFound;
      if (!group.outcome.ok() && !missing) {
        return wrong_input(java_exception(group.outcome));
      }
      if (!missing && group.state != "Empty" && group.state != "Dead") {
        print_error(
            fmt::format("Assignments can only be reset if the group '{}' is inactive, but "
                        "the current state is {}.",
                        group.id,
                        group.state));
        all[group.id] = {};
        continue;
      }
      all[group.id] = TRY(plan.prepare(group.id, cluster_, call_.world.out));
      if (has("execute")) {
        TRY(commit(group.id, all[group.id]));
      }
    }
    print(has("export") ? reset_offsets_csv(all, call_.options.values("group").size() != 1)
                        : reset_offsets_table(all));
    return {};
  }

  Result<void> commit(const std::string& group,
                      const std::map<client::TopicPartition, Offset>& offsets) {
    client::CommittedOffsets committed;
    for (const auto& [partition, offset] : offsets) {
      committed[partition].offset = offset;
    }
    if (committed.empty()) {
      return {};
    }
    for (const client::PartitionOutcome& outcome :
         TRY(admin_.commit_group_offsets(group, committed))) {
      if (!outcome.outcome.ok()) {
        return wrong_input(java_exception(outcome.outcome));
      }
    }
    return {};
  }

  Result<void> delete_offsets() {
    const std::string group = call_.options.value("group").value_or("");
    const std::vector<std::string> topics = call_.options.values("topic");
    const std::vector<client::TopicPartition> partitions = TRY(find_partitions(cluster_, topics));
    std::map<client::TopicPartition, std::string> statuses;
    client::Outcome worst;
    Result<std::vector<client::PartitionOutcome>> outcomes =
        admin_.delete_group_offsets(group, partitions);
    if (!outcomes) {
      worst.error = group_error(outcomes.error().code());
      if (worst.ok()) {
        return std::move(outcomes).error();
      }
      outcomes = std::vector<client::PartitionOutcome>();
      for (const client::TopicPartition& partition : partitions) {
        outcomes->push_back({.partition = partition, .outcome = worst});
      }
    }
    for (const client::PartitionOutcome& outcome : *outcomes) {
      statuses[outcome.partition] =
          outcome.outcome.ok() ? "Successful" : "Error: " + java_exception(outcome.outcome);
      if (worst.ok()) {
        worst = outcome.outcome;
      }
    }
    tell_deleted(group, worst);
    print(deleted_offsets_table(statuses));
    return {};
  }

  // What was said of the group as a whole; kNone: it is none of what Kafka's tool shows by
  // partition.
  static client::KafkaError group_error(ErrorCode code) {
    using enum client::KafkaError;
    if (code == ErrorCode::kNotFound) {
      return kGroupIdNotFound;
    }
    if (code == ErrorCode::kConflict) {
      return kNonEmptyGroup;
    }
    return code == ErrorCode::kPermissionDenied ? kGroupAuthorizationFailed : kNone;
  }

  void tell_deleted(const std::string& group, const client::Outcome& worst) {
    using enum client::KafkaError;
    if (worst.ok()) {
      print(fmt::format("Request succeeded for deleting offsets from group {}.\n", group));
    } else if (worst.error == kGroupSubscribedToTopic || worst.error == kTopicAuthorizationFailed ||
               worst.error == kUnknownTopicOrPartition) {
      print_error("Encountered some partition-level error, see the follow-up details.");
    } else {
      print_error(java_message({.error = worst.error}));
    }
  }

  ToolCall& call_;
  client::Admin admin_;
  client::Cluster& cluster_;
};

Result<void> run_groups_on_cluster(ToolCall& call) {
  TRY(parse_states(call));  // Before anything is asked.
  TRY(parse_types(call));
  const Properties properties = TRY(load_properties(call, "command-config"));
  KafkaTarget target =
      TRY(tool_target(call, "bootstrap-server", properties, "kafka-consumer-groups"));
  target.operation_timeout_ms =
      std::max<std::int64_t>(call.options.number("timeout").value_or(30'000), 1);
  const std::unique_ptr<KafkaSession> session = TRY(KafkaSession::open(target, call.world.clock));
  GroupsTool tool(call, session->cluster());
  return tool.run();
}

ExitCode validate_regex(const ToolCall& call) {
  const std::string text = call.options.value("validate-regex").value_or("");
  const Result<expr::JavaRegex> regex = expr::JavaRegex::compile(text);
  call.world.out.write(regex ? fmt::format("The regular expression `{}` is valid.\n", text)
                             : fmt::format("The regular expression `{}` is invalid: {}.\n",
                                           text,
                                           regex.error().message()));
  return ExitCode::kOk;
}

ExitCode run_kafka_consumer_groups(ToolCall& call) {
  if (const std::string problem = check_groups_options(call); !problem.empty()) {
    return tool_usage(call, problem);
  }
  if (call.options.has("validate-regex")) {
    return validate_regex(call);
  }
  const Result<void> done = run_groups_on_cluster(call);
  if (done) {
    return ExitCode::kOk;
  }
  const Error& error = done.error();
  if (error.code() == ErrorCode::kInvalidArgument &&
      !error.message().starts_with("org.apache.kafka")) {
    return tool_usage(call, error.to_string());
  }
  // Kafka's tool says so and ends with 0; only what no script can mistake for success does here.
  call.world.out.write(fmt::format("\nError: Executing consumer group command failed due to {}\n",
                                   error.to_string()));
  return error.message().starts_with("org.apache.kafka") ? ExitCode::kOk : ExitCode::kFailed;
}

}  // namespace

const KafkaTool& kafka_consumer_groups_tool() {
  static const KafkaTool kTool = {
      .name = "kafka-consumer-groups",
      .sentence =
          "This tool helps to list all consumer groups, describe a consumer group, delete "
          "consumer group info, or reset consumer group offsets.",
      .options = kConsumerGroupsOptions,
      .repeated = kConsumerGroupsRepeated,
      .run = run_kafka_consumer_groups};
  return kTool;
}

}  // namespace millrace::cli
