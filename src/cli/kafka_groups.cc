#include "cli/kafka_groups.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace millrace::cli {
namespace {

using client::Admin;
using client::Cluster;
using client::OffsetAnswer;
using client::TopicPartition;

// The answers to one question about each partition; nothing where it was refused.
Result<std::map<TopicPartition, Offset>> offsets_at(Cluster& cluster,
                                                    std::span<const TopicPartition> partitions,
                                                    std::int64_t timestamp_ms) {
  const std::vector<OffsetAnswer> answers =
      TRY(Admin(cluster).list_offsets(partitions, timestamp_ms));
  std::map<TopicPartition, Offset> offsets;
  for (const OffsetAnswer& answer : answers) {
    if (answer.outcome.ok() && answer.offset.value() >= 0) {
      offsets[answer.partition] = answer.offset;
    }
  }
  return offsets;
}

std::optional<Offset> find(const std::map<TopicPartition, Offset>& offsets,
                           const TopicPartition& partition) {
  const auto found = offsets.find(partition);
  return found == offsets.end() ? std::nullopt : std::optional(found->second);
}

// Only partitions that are there: of a topic that is gone nobody can say anything.
Result<std::vector<TopicPartition>> existing(Cluster& cluster,
                                             std::span<const TopicPartition> partitions) {
  std::vector<std::string> names;
  for (const TopicPartition& partition : partitions) {
    if (names.empty() || names.back() != partition.topic) {
      names.push_back(partition.topic);
    }
  }
  const auto infos = TRY(cluster.topics(names, cluster.deadline()));
  std::vector<TopicPartition> there;
  for (const TopicPartition& partition : partitions) {
    const auto info = std::ranges::find(infos, partition.topic, &client::TopicInfo::name);
    const client::PartitionInfo* const found =
        info == infos.end() ? nullptr : info->partition(partition.partition);
    if (found != nullptr && found->leader >= 0) {
      there.push_back(partition);
    }
  }
  return there;
}

Result<void> require_inactive(Cluster& cluster, const std::string& group) {
  const std::string ids[] = {group};
  const auto described = TRY(Admin(cluster).describe_groups(ids));
  const client::GroupDescription& found = described.front();
  if (found.outcome.error == client::KafkaError::kGroupIdNotFound) {
    return {};
  }
  if (!found.outcome.ok()) {
    return client::to_error(found.outcome, fmt::format("group \"{}\"", group));
  }
  if (!found.members.empty()) {
    return Error(ErrorCode::kConflict,
                 fmt::format("group \"{}\" is {} and has {} {}: its offsets can be reset when they "
                             "have stopped",
                             group,
                             found.state,
                             found.members.size(),
                             found.members.size() == 1 ? "member" : "members"));
  }
  return {};
}

Result<std::vector<TopicPartition>> reset_partitions(Cluster& cluster,
                                                     const ResetGroup& reset,
                                                     const client::CommittedOffsets& committed) {
  if (!reset.topics.empty()) {
    return partitions_of(cluster, reset.topics);
  }
  std::vector<TopicPartition> partitions;
  for (const auto& [partition, offset] : committed) {
    partitions.push_back(partition);
  }
  for (const auto& [partition, offset] : reset.offsets) {
    if (!committed.contains(partition)) {
      partitions.push_back(partition);
    }
  }
  if (partitions.empty()) {
    return Error(ErrorCode::kNotFound,
                 fmt::format("group \"{}\" has committed nothing: say which topics, with --topic T",
                             reset.group));
  }
  std::ranges::sort(partitions);
  if (reset.to == ResetTo::kGiven) {
    std::erase_if(partitions, [&reset](const TopicPartition& partition) {
      return !reset.offsets.contains(partition);
    });
  }
  return existing(cluster, partitions);
}

// Into the log: what was asked for may lie before or after it.
void clamp(ResetRow& row, Offset start, Offset end) {
  if (row.after < start) {
    row.note = fmt::format("{} is below the start", row.after);
    row.after = start;
  } else if (row.after > end) {
    row.note = fmt::format("{} is beyond the end", row.after);
    row.after = end;
  }
}

struct Ends {
  std::map<TopicPartition, Offset> starts = {};
  std::map<TopicPartition, Offset> ends = {};
  std::map<TopicPartition, Offset> times = {};  // Of kTime.
};

Result<Ends> ends_of(Cluster& cluster,
                     const ResetGroup& reset,
                     std::span<const TopicPartition> partitions) {
  Ends out;
  out.starts = TRY(offsets_at(cluster, partitions, client::kEarliestOffset));
  out.ends = TRY(offsets_at(cluster, partitions, client::kLatestOffset));
  if (reset.to == ResetTo::kTime) {
    out.times = TRY(offsets_at(cluster, partitions, reset.number));
  }
  for (const TopicPartition& partition : partitions) {
    if (!out.starts.contains(partition) || !out.ends.contains(partition)) {
      return Error(
          ErrorCode::kUnavailable,
          fmt::format("{} does not say where its log begins and ends", partition.to_string()));
    }
  }
  return out;
}

Result<void> place(ResetRow& row, const ResetGroup& reset, const Ends& ends) {
  const Offset start = ends.starts.at(row.partition);
  const Offset end = ends.ends.at(row.partition);
  switch (reset.to) {
    case ResetTo::kEarliest:
      row.after = start;
      return {};
    case ResetTo::kLatest:
      row.after = end;
      return {};
    case ResetTo::kCurrent:
      row.after = row.before.value_or(end);
      break;
    case ResetTo::kOffset:
      row.after = Offset(reset.number);
      break;
    case ResetTo::kShift:
      if (!row.before) {
        return Error(ErrorCode::kInvalidArgument,
                     fmt::format("group \"{}\" has committed no offset of {} that could be shifted",
                                 reset.group,
                                 row.partition.to_string()));
      }
      row.after = *row.before + reset.number;
      break;
    case ResetTo::kTime:
      row.after = find(ends.times, row.partition).value_or(end);
      return {};
    case ResetTo::kGiven: {
      const auto given = reset.offsets.find(row.partition);
      if (given == reset.offsets.end()) {
        return Error(ErrorCode::kInvalidArgument,
                     fmt::format("no offset is given for {}", row.partition.to_string()));
      }
      row.after = given->second;
      break;
    }
  }
  clamp(row, start, end);
  return {};
}

}  // namespace

std::optional<std::int64_t> GroupLagRow::lag() const {
  if (!committed || !end) {
    return std::nullopt;
  }
  return std::max<std::int64_t>(*end - *committed, 0);
}

std::int64_t GroupLag::lag() const {
  std::int64_t sum = 0;
  for (const GroupLagRow& row : rows) {
    sum += row.lag().value_or(0);
  }
  return sum;
}

Result<GroupLag> gather_lag(Cluster& cluster, client::GroupDescription group) {
  const client::CommittedOffsets committed = TRY(Admin(cluster).group_offsets(group.id));
  std::map<TopicPartition, GroupLagRow> rows;
  for (const auto& [partition, offset] : committed) {
    rows[partition] = {.partition = partition, .committed = offset.offset};
  }
  for (const client::GroupMember& member : group.members) {
    for (const TopicPartition& partition : member.assignment) {
      GroupLagRow& row = rows[partition];
      row.partition = partition;
      row.member_id = member.id;
      row.host = member.host;
      row.client_id = member.client_id;
    }
  }
  std::vector<TopicPartition> partitions;
  partitions.reserve(rows.size());
  for (const auto& [partition, row] : rows) {
    partitions.push_back(partition);
  }
  partitions = TRY(existing(cluster, partitions));
  const auto starts = TRY(offsets_at(cluster, partitions, client::kEarliestOffset));
  const auto ends = TRY(offsets_at(cluster, partitions, client::kLatestOffset));
  GroupLag lag{.group = std::move(group)};
  for (auto& [partition, row] : rows) {
    row.start = find(starts, partition);
    row.end = find(ends, partition);
    lag.rows.push_back(std::move(row));
  }
  return lag;
}

Result<std::vector<TopicPartition>> partitions_of(Cluster& cluster,
                                                  std::span<const TopicChoice> choices) {
  std::vector<TopicPartition> partitions;
  for (const TopicChoice& choice : choices) {
    const client::TopicInfo info = TRY(cluster.topic(choice.topic, cluster.deadline()));
    for (const PartitionId wanted : choice.partitions) {
      if (info.partition(wanted) == nullptr) {
        return Error(ErrorCode::kNotFound,
                     fmt::format("topic \"{}\" has no partition {}, it has {}",
                                 choice.topic,
                                 wanted,
                                 info.partitions.size()));
      }
      partitions.push_back({.topic = choice.topic, .partition = wanted});
    }
    for (const client::PartitionInfo& each : info.partitions) {
      if (choice.partitions.empty()) {
        partitions.push_back({.topic = choice.topic, .partition = each.id});
      }
    }
  }
  std::ranges::sort(partitions);
  const auto twice = std::ranges::unique(partitions);
  partitions.erase(twice.begin(), twice.end());
  return partitions;
}

Result<std::vector<ResetRow>> plan_reset(Cluster& cluster, const ResetGroup& reset) {
  TRY(require_inactive(cluster, reset.group));
  const client::CommittedOffsets committed = TRY(Admin(cluster).group_offsets(reset.group));
  const auto partitions = TRY(reset_partitions(cluster, reset, committed));
  const Ends ends = TRY(ends_of(cluster, reset, partitions));
  std::vector<ResetRow> rows;
  for (const TopicPartition& partition : partitions) {
    ResetRow row{.partition = partition};
    const auto found = committed.find(partition);
    if (found != committed.end()) {
      row.before = found->second.offset;
    }
    TRY(place(row, reset, ends));
    rows.push_back(std::move(row));
  }
  return rows;
}

Result<void> execute_reset(Cluster& cluster,
                           const std::string& group,
                           std::span<const ResetRow> rows) {
  client::CommittedOffsets offsets;
  for (const ResetRow& row : rows) {
    offsets[row.partition] = {.offset = row.after};
  }
  const auto outcomes = TRY(Admin(cluster).commit_group_offsets(group, offsets));
  for (const client::PartitionOutcome& outcome : outcomes) {
    if (outcome.outcome.error == client::KafkaError::kUnknownMemberId) {
      return Error(ErrorCode::kConflict,
                   fmt::format("group \"{}\" has members by now: its offsets can be reset when "
                               "they have stopped",
                               group));
    }
    if (!outcome.outcome.ok()) {
      return client::to_error(outcome.outcome, outcome.partition.to_string());
    }
  }
  return {};
}

}  // namespace millrace::cli
