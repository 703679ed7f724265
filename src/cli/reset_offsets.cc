#include "cli/reset_offsets.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/ascii.h"
#include "cli/wrong_input.h"
#include "client/admin.h"
#include "config/option_table.h"
#include "data/datetime.h"
#include "data/zone.h"
#include "io/files.h"

namespace millrace::cli {

using client::TopicPartition;

namespace {

constexpr std::size_t kPlanBytesMax = 64U << 20U;

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(end + 1);
  }
}

std::optional<std::int32_t> partition_number(std::string_view text) {
  const auto number = parse_java_number(text, JavaType::kInteger);
  return number && *number >= 0 ? std::optional(static_cast<std::int32_t>(*number)) : std::nullopt;
}

Result<GroupPlan> ask_offsets(client::Cluster& cluster,
                              std::span<const TopicPartition> partitions,
                              std::int64_t timestamp_ms) {
  GroupPlan offsets;
  client::Admin admin(cluster);
  for (const client::OffsetAnswer& answer : TRY(admin.list_offsets(partitions, timestamp_ms))) {
    if (!answer.outcome.ok()) {
      return wrong_input(fmt::format("Error getting offset of topic partition: {}: {}",
                                     answer.partition.to_string(),
                                     answer.outcome.text()));
    }
    offsets[answer.partition] = answer.offset;
  }
  return offsets;
}

std::vector<TopicPartition> keys_of(const GroupPlan& plan) {
  std::vector<TopicPartition> keys;
  for (const auto& [partition, offset] : plan) {
    keys.push_back(partition);
  }
  return keys;
}

// None before the start of the log or after its end.
Result<GroupPlan> keep_in_range(client::Cluster& cluster, GroupPlan plan) {
  const std::vector<TopicPartition> partitions = keys_of(plan);
  const GroupPlan starts = TRY(ask_offsets(cluster, partitions, client::kEarliestOffset));
  const GroupPlan ends = TRY(ask_offsets(cluster, partitions, client::kLatestOffset));
  for (auto& [partition, offset] : plan) {
    const Offset start = starts.at(partition);
    const Offset end = ends.at(partition);
    if (offset > end) {
      say(
          fmt::format("WARN New offset ({}) is higher than latest offset for topic partition {}. "
                      "Value will be set to {}",
                      offset.value(),
                      partition.to_string(),
                      end.value()));
      offset = end;
    } else if (offset < start) {
      say(
          fmt::format("WARN New offset ({}) is lower than earliest offset for topic partition {}. "
                      "Value will be set to {}",
                      offset.value(),
                      partition.to_string(),
                      start.value()));
      offset = start;
    }
  }
  return plan;
}

Result<GroupPlan> at_time(client::Cluster& cluster,
                          std::span<const TopicPartition> partitions,
                          std::int64_t timestamp_ms,
                          Output& out) {
  GroupPlan offsets = TRY(ask_offsets(cluster, partitions, timestamp_ms));
  std::vector<TopicPartition> none;
  for (const auto& [partition, offset] : offsets) {
    if (offset.value() < 0) {
      none.push_back(partition);
      out.write(fmt::format(
          "\nWarn: Partition {} from topic {} is empty. Falling back to latest known offset.\n",
          partition.partition.value(),
          partition.topic));
    }
  }
  for (const auto& [partition, offset] : TRY(ask_offsets(cluster, none, client::kLatestOffset))) {
    offsets[partition] = offset;
  }
  return offsets;
}

// Of D, H, M and S.
double unit_ms(char letter) {
  switch (letter) {
    case 'D':
      return 86'400'000.0;
    case 'H':
      return 3'600'000.0;
    case 'M':
      return 60'000.0;
    default:
      return 1'000.0;
  }
}

}  // namespace

std::optional<std::int64_t> parse_iso_duration_ms(std::string_view text) {
  const std::string upper = ascii_upper(text);
  std::string_view rest = upper;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) {
    rest.remove_prefix(1);
  }
  if (!rest.starts_with('P') || rest.size() < 3) {
    return std::nullopt;
  }
  rest.remove_prefix(1);
  bool time = false;
  double sum_ms = 0;
  std::string_view left = "DHMS";
  while (!rest.empty()) {
    if (rest.front() == 'T') {
      if (time || rest.size() == 1) {
        return std::nullopt;
      }
      time = true;
      rest.remove_prefix(1);
      continue;
    }
    const std::size_t end = rest.find_first_not_of("+-0123456789.");
    if (end == 0 || end == std::string_view::npos) {
      return std::nullopt;
    }
    const std::optional<double> amount = config::parse_double(rest.substr(0, end));
    const std::size_t unit = left.find(rest[end]);
    if (!amount || unit == std::string_view::npos || (rest[end] == 'D') == time) {
      return std::nullopt;
    }
    sum_ms += *amount * unit_ms(rest[end]);
    left.remove_prefix(unit + 1);
    rest.remove_prefix(end + 1);
  }
  if (sum_ms > 1e15 || sum_ms < -1e15) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(negative ? -sum_ms : sum_ms);
}

Result<std::vector<TopicPartition>> find_partitions(client::Cluster& cluster,
                                                    std::span<const std::string> topics) {
  std::vector<TopicPartition> partitions;
  for (const std::string& text : topics) {
    if (text.find(':') == std::string::npos) {
      const client::TopicInfo topic = TRY(cluster.topic(text, cluster.deadline()));
      for (const client::PartitionInfo& partition : topic.partitions) {
        partitions.push_back({.topic = text, .partition = partition.id});
      }
      continue;
    }
    const std::vector<std::string_view> halves = split(text, ':');
    if (halves.size() != 2) {
      return wrong_input(
          fmt::format("Invalid topic arg '{}', expected topic name and partitions", text));
    }
    for (const std::string_view part : split(halves[1], ',')) {
      const std::optional<std::int32_t> number = partition_number(part);
      if (!number) {
        return wrong_input(
            fmt::format("Invalid partition '{}' specified in topic arg '{}''", part, text));
      }
      partitions.push_back({.topic = std::string(halves[0]), .partition = PartitionId(*number)});
    }
  }
  return partitions;
}

Result<std::map<std::string, GroupPlan>> parse_reset_plan(std::string_view csv,
                                                          const std::string& single_group) {
  std::map<std::string, GroupPlan> plan;
  int number = 0;
  for (std::string_view line : split(csv, '\n')) {
    ++number;
    line = trim_blanks(line);
    if (line.empty()) {
      continue;
    }
    std::vector<std::string_view> cells;
    for (std::string_view cell : split(line, ',')) {
      const bool quoted = cell.size() >= 2 && cell.front() == '"' && cell.back() == '"';
      cells.push_back(quoted ? cell.substr(1, cell.size() - 2) : cell);
    }
    const bool short_form = cells.size() == 3 && !single_group.empty();
    if (!short_form && cells.size() != 4) {
      return wrong_input(fmt::format(
          "line {}: a line is group,topic,partition,offset, or without the group when one --group "
          "is given, found \"{}\"",
          number,
          line));
    }
    const std::size_t first = short_form ? 0 : 1;
    const std::optional<std::int32_t> partition = partition_number(cells[first + 1]);
    const auto offset = parse_java_number(cells[first + 2], JavaType::kLong);
    if (!partition || !offset || *offset < 0) {
      return wrong_input(fmt::format(
          "line {}: partition and offset are numbers from 0 on, found \"{}\"", number, line));
    }
    plan[short_form ? single_group : std::string(cells[0])]
        [{.topic = std::string(cells[first]), .partition = PartitionId(*partition)}] =
            Offset(*offset);
  }
  return plan;
}

Result<OffsetReset> OffsetReset::parse(const ToolCall& call) {
  const JavaOptions& options = call.options;
  OffsetReset reset;
  reset.all_topics_ = options.has("all-topics");
  reset.topics_ = options.values("topic");
  if (!reset.all_topics_ && reset.topics_.empty() && !options.has("from-file")) {
    return wrong_input("One of the reset scopes should be defined: --all-topics, --topic.");
  }
  if (options.has("to-offset") || options.has("shift-by")) {
    reset.scenario_ = options.has("to-offset") ? Scenario::kOffset : Scenario::kShift;
    reset.number_ = options.number(options.has("to-offset") ? "to-offset" : "shift-by").value_or(0);
  } else if (const auto text = options.value("to-datetime")) {
    const std::optional<std::int64_t> us = data::parse_timestamp(*text, data::Zone());
    if (!us) {
      return wrong_input(fmt::format("Unparseable date: \"{}\"", *text));
    }
    reset.scenario_ = Scenario::kTime;
    reset.number_ = *us / 1000;
  } else if (const auto duration = options.value("by-duration")) {
    const std::optional<std::int64_t> ms = parse_iso_duration_ms(*duration);
    if (!ms) {
      return wrong_input(fmt::format("Text cannot be parsed to a Duration: \"{}\"", *duration));
    }
    reset.scenario_ = Scenario::kTime;
    reset.number_ = std::max<std::int64_t>(call.world.clock.wall_ms() - *ms, 0);
  } else if (const auto path = options.value("from-file")) {
    const std::string csv =
        TRY_DOING(io::read_all(call.world.files, absolute_path(*path), kPlanBytesMax),
                  fmt::format("read \"{}\"", *path));
    const std::vector<std::string> groups = options.values("group");
    reset.scenario_ = Scenario::kFile;
    reset.file_ = TRY_DOING(parse_reset_plan(csv, groups.size() == 1 ? groups.front() : ""),
                            fmt::format("read \"{}\"", *path));
  } else if (options.has("to-earliest")) {
    reset.scenario_ = Scenario::kEarliest;
  } else if (options.has("to-current")) {
    reset.scenario_ = Scenario::kCurrent;
  } else if (!options.has("to-latest")) {
    return wrong_input(
        "Option '[reset-offsets]' requires one of the following scenarios: [to-offset], "
        "[to-datetime], [by-duration], [to-earliest], [to-latest], [to-current], "
        "[shift-by], [from-file]");
  }
  return reset;
}

Result<std::vector<TopicPartition>> OffsetReset::scope(const std::string& group,
                                                       client::Cluster& cluster) const {
  if (!all_topics_) {
    return find_partitions(cluster, topics_);
  }
  client::Admin admin(cluster);
  std::vector<TopicPartition> partitions;
  for (const auto& [partition, offset] : TRY(admin.group_offsets(group))) {
    partitions.push_back(partition);
  }
  return partitions;
}

Result<GroupPlan> OffsetReset::from_committed(const std::string& group,
                                              std::span<const TopicPartition> partitions,
                                              client::Cluster& cluster) const {
  client::Admin admin(cluster);
  const client::CommittedOffsets committed = TRY(admin.group_offsets(group));
  GroupPlan plan;
  std::vector<TopicPartition> none;
  for (const TopicPartition& partition : partitions) {
    const auto found = committed.find(partition);
    if (found != committed.end()) {
      const std::int64_t shift = scenario_ == Scenario::kShift ? number_ : 0;
      std::int64_t moved = 0;
      if (__builtin_add_overflow(found->second.offset.value(), shift, &moved)) {
        moved = shift > 0 ? INT64_MAX : 0;
      }
      plan[partition] = Offset(moved);
    } else if (scenario_ == Scenario::kShift) {
      return wrong_input(fmt::format(
          "Cannot shift offset for partition {} since there is no current committed offset",
          partition.to_string()));
    } else {
      none.push_back(partition);
    }
  }
  for (const auto& [partition, offset] : TRY(ask_offsets(cluster, none, client::kLatestOffset))) {
    plan[partition] = offset;
  }
  return plan;
}

Result<GroupPlan> OffsetReset::prepare(const std::string& group,
                                       client::Cluster& cluster,
                                       Output& out) const {
  if (scenario_ == Scenario::kFile) {
    const auto found = file_.find(group);
    if (found == file_.end()) {
      out.write(fmt::format("\nError: No reset plan for group {} found\n", group));
      return GroupPlan();
    }
    return keep_in_range(cluster, found->second);
  }
  const std::vector<TopicPartition> partitions = TRY(scope(group, cluster));
  switch (scenario_) {
    case Scenario::kOffset: {
      GroupPlan plan;
      for (const TopicPartition& partition : partitions) {
        plan[partition] = Offset(number_);
      }
      return keep_in_range(cluster, std::move(plan));
    }
    case Scenario::kEarliest:
      return ask_offsets(cluster, partitions, client::kEarliestOffset);
    case Scenario::kLatest:
      return ask_offsets(cluster, partitions, client::kLatestOffset);
    case Scenario::kShift:
      return keep_in_range(cluster, TRY(from_committed(group, partitions, cluster)));
    case Scenario::kTime:
      return at_time(cluster, partitions, number_, out);
    case Scenario::kCurrent:
      return from_committed(group, partitions, cluster);
    case Scenario::kFile:
      break;
  }
  return GroupPlan();
}

}  // namespace millrace::cli
