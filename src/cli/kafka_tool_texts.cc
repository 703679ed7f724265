#include "cli/kafka_tool_texts.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace millrace::cli {

using client::TopicPartition;

namespace {

using client::GroupMember;

constexpr std::size_t kColumn = 15;

std::string join_ids(std::span<const std::int32_t> ids) {
  return fmt::format("{}", fmt::join(ids, ","));
}

template <class T>
std::string or_dash(const std::optional<T>& value) {
  return value ? std::to_string(*value) : "-";
}

template <class Rows, class Text>
std::size_t widest(const Rows& rows, std::size_t least, const Text& text) {
  for (const auto& row : rows) {
    least = std::max(least, text(row).size());
  }
  return least;
}

// "packed:0,1;users:2"; "-" when there is none.
std::string assignment_text(std::span<const TopicPartition> assignment) {
  std::map<std::string, std::vector<std::int32_t>> topics;
  for (const TopicPartition& partition : assignment) {
    topics[partition.topic].push_back(partition.partition.value());
  }
  std::string text;
  for (auto& [topic, partitions] : topics) {
    std::ranges::sort(partitions);
    text += fmt::format("{}{}:{}", text.empty() ? "" : ";", topic, join_ids(partitions));
  }
  return text.empty() ? "-" : text;
}

bool has_instances(std::span<const GroupMember> members) {
  return std::ranges::any_of(members,
                             [](const GroupMember& member) { return !member.instance_id.empty(); });
}

}  // namespace

std::string topic_line(const client::TopicInfo& topic,
                       std::span<const client::ConfigEntry> configs) {
  std::string overrides;
  for (const client::ConfigEntry& entry : configs) {
    if (entry.source != client::ConfigSource::kDefault) {
      overrides += fmt::format(
          "{}{}={}", overrides.empty() ? "" : ",", entry.name, entry.value.value_or("null"));
    }
  }
  return fmt::format("Topic: {}{}\tPartitionCount: {}\tReplicationFactor: {}\tConfigs: {}\n",
                     topic.name,
                     topic.id.is_none() ? "" : "\tTopicId: " + topic.id.to_base64(),
                     topic.partitions.size(),
                     topic.partitions.empty() ? 0 : topic.partitions.front().replicas.size(),
                     overrides);
}

std::string partition_line(std::string_view topic,
                           const client::PartitionInfo& partition,
                           const std::optional<EligibleReplicas>& eligible) {
  return fmt::format(
      "\tTopic: {}\tPartition: {}\tLeader: {}\tReplicas: {}\tIsr: {}\tElr: {}\tLastKnownElr: {}\n",
      topic,
      partition.id.value(),
      partition.leader < 0 ? "none" : std::to_string(partition.leader),
      join_ids(partition.replicas),
      join_ids(partition.in_sync),
      eligible ? join_ids(eligible->now) : "N/A",
      eligible ? join_ids(eligible->last_known) : "N/A");
}

std::string group_state_note(const std::string& group, std::string_view state) {
  if (state == "Empty") {
    return fmt::format("\nConsumer group '{}' has no active members.", group);
  }
  if (state == "PreparingRebalance" || state == "CompletingRebalance" || state == "Assigning" ||
      state == "Reconciling") {
    return fmt::format("\nWarning: Consumer group '{}' is rebalancing.", group);
  }
  return {};
}

std::string group_offsets_table(const std::string& group,
                                std::span<const GroupOffsetRow> rows,
                                bool verbose) {
  const std::size_t group_width = std::max(kColumn, group.size());
  const std::size_t topic_width = widest(rows, kColumn, [](const GroupOffsetRow& row) {
    return std::string_view(row.partition.topic);
  });
  const std::size_t id_width = widest(
      rows, kColumn, [](const GroupOffsetRow& row) { return std::string_view(row.consumer_id); });
  const std::size_t host_width =
      widest(rows, kColumn, [](const GroupOffsetRow& row) { return std::string_view(row.host); });
  std::string out;
  const auto line = [&](const std::vector<std::string>& cells) {
    fmt::format_to(std::back_inserter(out),
                   "\n{:<{}} {:<{}} {:<10} ",
                   cells[0],
                   group_width,
                   cells[1],
                   topic_width,
                   cells[2]);
    if (verbose) {
      fmt::format_to(std::back_inserter(out), "{:<15} ", cells[3]);
    }
    fmt::format_to(std::back_inserter(out),
                   "{:<15} {:<15} {:<15} {:<{}} {:<{}} {}",
                   cells[4],
                   cells[5],
                   cells[6],
                   cells[7],
                   id_width,
                   cells[8],
                   host_width,
                   cells[9]);
  };
  line({"GROUP",
        "TOPIC",
        "PARTITION",
        "LEADER-EPOCH",
        "CURRENT-OFFSET",
        "LOG-END-OFFSET",
        "LAG",
        "CONSUMER-ID",
        "HOST",
        "CLIENT-ID"});
  for (const GroupOffsetRow& row : rows) {
    std::optional<std::int64_t> lag;
    if (row.committed && row.log_end) {
      lag = *row.log_end - *row.committed;
    }
    line({group,
          row.partition.topic,
          std::to_string(row.partition.partition.value()),
          or_dash(row.leader_epoch),
          or_dash(row.committed),
          or_dash(row.log_end),
          or_dash(lag),
          row.consumer_id,
          row.host,
          row.client_id});
  }
  return out + "\n";
}

std::string group_members_table(const client::GroupDescription& group, bool verbose) {
  const std::size_t group_width = std::max(kColumn, group.id.size());
  const std::size_t id_width = widest(group.members, kColumn, [](const GroupMember& member) {
    return std::string_view(member.id);
  });
  const std::size_t host_width = widest(group.members, kColumn, [](const GroupMember& member) {
    return std::string_view(member.host);
  });
  const std::size_t client_width = widest(group.members, kColumn, [](const GroupMember& member) {
    return std::string_view(member.client_id);
  });
  const std::size_t instance_width = widest(group.members, 17, [](const GroupMember& member) {
    return std::string_view(member.instance_id);
  });
  const std::size_t assignment_width = widest(group.members, 20, [](const GroupMember& member) {
    return assignment_text(member.assignment);
  });
  const bool instances = has_instances(group.members);
  std::string out;
  const auto line = [&](const std::vector<std::string>& cells) {
    fmt::format_to(
        std::back_inserter(out), "{:<{}} {:<{}} ", cells[0], group_width, cells[1], id_width);
    if (instances) {
      fmt::format_to(std::back_inserter(out), "{:<{}} ", cells[2], instance_width);
    }
    fmt::format_to(std::back_inserter(out),
                   "{:<{}} {:<{}} {:<15} ",
                   cells[3],
                   host_width,
                   cells[4],
                   client_width,
                   cells[5]);
    if (verbose) {
      fmt::format_to(std::back_inserter(out),
                     "{:<15} {:<{}} {:<15} {:<{}}",
                     cells[6],
                     cells[7],
                     assignment_width,
                     cells[8],
                     cells[9],
                     assignment_width);
    }
    out += '\n';
  };
  out += '\n';
  line({"GROUP",
        "CONSUMER-ID",
        "GROUP-INSTANCE-ID",
        "HOST",
        "CLIENT-ID",
        "#PARTITIONS",
        "CURRENT-EPOCH",
        "CURRENT-ASSIGNMENT",
        "TARGET-EPOCH",
        "TARGET-ASSIGNMENT"});
  for (const GroupMember& member : group.members) {
    line({group.id,
          member.id,
          member.instance_id,
          member.host,
          member.client_id,
          std::to_string(member.assignment.size()),
          "-",
          assignment_text(member.assignment),
          "-",
          "-"});
  }
  return out;
}

std::string group_state_table(const client::GroupDescription& group, bool verbose) {
  const std::string coordinator = fmt::format("{}:{}  ({})",
                                              group.coordinator_address.host,
                                              group.coordinator_address.port,
                                              group.coordinator);
  const std::size_t group_width = std::max(kColumn, group.id.size());
  const std::size_t coordinator_width = std::max<std::size_t>(25, coordinator.size());
  std::string out;
  const auto line = [&](const std::vector<std::string_view>& cells) {
    fmt::format_to(std::back_inserter(out),
                   "\n{:<{}} {:<{}} {:<20} {:<20} ",
                   cells[0],
                   group_width,
                   cells[1],
                   coordinator_width,
                   cells[2],
                   cells[3]);
    if (verbose) {
      fmt::format_to(std::back_inserter(out), "{:<15} {:<25} ", cells[4], cells[5]);
    }
    out += cells[6];
  };
  line({"GROUP",
        "COORDINATOR (ID)",
        "ASSIGNMENT-STRATEGY",
        "STATE",
        "GROUP-EPOCH",
        "TARGET-ASSIGNMENT-EPOCH",
        "#MEMBERS"});
  const std::string count = std::to_string(group.members.size());
  line({group.id,
        coordinator,
        group.assignor.empty() ? "-" : group.assignor,
        group.state,
        "-",
        "-",
        count});
  return out + "\n";
}

std::string group_list_table(std::span<const client::GroupListing> groups,
                             bool with_type,
                             bool with_state) {
  const std::size_t width = 10 + widest(groups, kColumn, [](const client::GroupListing& group) {
                              return std::string_view(group.id);
                            });
  std::string out;
  const auto line = [&](std::string_view id, std::string_view type, std::string_view state) {
    fmt::format_to(std::back_inserter(out), "{:<{}}", id, width);
    if (with_type) {
      fmt::format_to(std::back_inserter(out), " {:<20}", type);
    }
    if (with_state) {
      fmt::format_to(std::back_inserter(out), " {:<20}", state);
    }
    out += '\n';
  };
  line("GROUP", "TYPE", "STATE");
  for (const client::GroupListing& group : groups) {
    std::string type = group.type.empty() ? "Unknown" : group.type;
    type[0] = static_cast<char>(type[0] >= 'a' && type[0] <= 'z' ? type[0] - 'a' + 'A' : type[0]);
    line(group.id, type, group.state.empty() ? "Unknown" : group.state);
  }
  return out;
}

std::string reset_offsets_table(const ResetOffsets& offsets) {
  std::string out;
  std::size_t group_width = kColumn;
  std::size_t topic_width = kColumn;
  for (const auto& [group, partitions] : offsets) {
    group_width = std::max(group_width, group.size());
    for (const auto& [partition, offset] : partitions) {
      topic_width = std::max(topic_width, partition.topic.size());
    }
  }
  const auto line = [&](std::string_view group,
                        std::string_view topic,
                        std::string_view partition,
                        std::string_view offset) {
    fmt::format_to(std::back_inserter(out),
                   "\n{:<{}} {:<{}} {:<10} {}",
                   group,
                   group_width,
                   topic,
                   topic_width,
                   partition,
                   offset);
  };
  if (!offsets.empty()) {
    line("GROUP", "TOPIC", "PARTITION", "NEW-OFFSET");
  }
  for (const auto& [group, partitions] : offsets) {
    for (const auto& [partition, offset] : partitions) {
      line(group,
           partition.topic,
           std::to_string(partition.partition.value()),
           std::to_string(offset.value()));
    }
  }
  return out + "\n";
}

std::string reset_offsets_csv(const ResetOffsets& offsets, bool with_group) {
  std::string out;
  for (const auto& [group, partitions] : offsets) {
    for (const auto& [partition, offset] : partitions) {
      if (with_group) {
        out += group + ",";
      }
      fmt::format_to(std::back_inserter(out),
                     "{},{},{}\n",
                     partition.topic,
                     partition.partition.value(),
                     offset.value());
    }
  }
  return out + "\n";
}

std::string deleted_offsets_table(const std::map<TopicPartition, std::string>& statuses) {
  std::size_t width = kColumn;
  for (const auto& [partition, status] : statuses) {
    width = std::max(width, partition.topic.size());
  }
  std::string out;
  fmt::format_to(
      std::back_inserter(out), "\n{:<{}} {:<10} {:<15}", "TOPIC", width, "PARTITION", "STATUS");
  for (const auto& [partition, status] : statuses) {
    const std::int32_t number = partition.partition.value();
    fmt::format_to(std::back_inserter(out),
                   "\n{:<{}} {:<10} {:<15}",
                   partition.topic,
                   width,
                   number < 0 ? "-" : std::to_string(number),
                   status);
  }
  return out + "\n";
}

}  // namespace millrace::cli
