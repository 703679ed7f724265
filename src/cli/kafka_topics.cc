#include "cli/kafka_topics.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace millrace::cli {
namespace {

using client::Admin;
using client::Cluster;
using client::TopicInfo;
using client::TopicPartition;

Result<std::vector<TopicInfo>> infos_of(Cluster& cluster, const GatherTopics& what) {
  const client::Deadline deadline = cluster.deadline();
  if (what.names.empty()) {
    std::vector<TopicInfo> all = TRY(cluster.all_topics(deadline));
    if (!what.internal) {
      std::erase_if(all, [](const TopicInfo& info) { return info.internal; });
    }
    return all;
  }
  std::vector<TopicInfo> infos;
  infos.reserve(what.names.size());
  for (const std::string& name : what.names) {
    infos.push_back(TRY(cluster.topic(name, deadline)));
  }
  std::ranges::sort(infos, {}, &TopicInfo::name);
  return infos;
}

Result<void> add_configs(Cluster& cluster, std::vector<TopicView>& views) {
  std::vector<client::ConfigResource> resources;
  resources.reserve(views.size());
  for (const TopicView& view : views) {
    resources.push_back({.type = client::ResourceType::kTopic, .name = view.info.name});
  }
  const auto described = TRY(Admin(cluster).describe_configs(resources));
  for (std::size_t i = 0; i < views.size(); ++i) {
    for (const client::ConfigEntry& entry : described[i].entries) {
      if (entry.source == client::ConfigSource::kTopic) {
        views[i].configs[entry.name] = entry.value.value_or("");
      }
    }
  }
  return {};
}

// Partitions without a leader are left out: nobody can say.
Result<void> add_ends(Cluster& cluster, std::vector<TopicView>& views) {
  std::vector<client::OffsetQuery> queries;
  std::vector<Offset*> places;
  for (TopicView& view : views) {
    view.ends.resize(view.info.partitions.size());
    for (std::size_t i = 0; i < view.ends.size(); ++i) {
      const client::PartitionInfo& partition = view.info.partitions[i];
      if (partition.leader < 0) {
        continue;
      }
      const TopicPartition which{.topic = view.info.name, .partition = partition.id};
      queries.push_back({.partition = which, .timestamp_ms = client::kEarliestOffset});
      places.push_back(&view.ends[i].start);
      queries.push_back({.partition = which, .timestamp_ms = client::kLatestOffset});
      places.push_back(&view.ends[i].end);
    }
  }
  const auto answers = TRY(Admin(cluster).list_offsets(queries));
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].outcome.ok()) {
      *places[i] = answers[i].offset;
    }
  }
  return {};
}

}  // namespace

std::int64_t TopicView::records() const {
  std::int64_t sum = 0;
  for (const PartitionEnds& each : ends) {
    sum += each.records();
  }
  return sum;
}

Result<std::vector<TopicView>> gather_topics(Cluster& cluster, const GatherTopics& what) {
  std::vector<TopicView> views;
  std::vector<TopicInfo> infos = TRY(infos_of(cluster, what));
  views.reserve(infos.size());
  for (TopicInfo& info : infos) {
    views.push_back({.info = std::move(info)});
  }
  if (what.configs && !views.empty()) {
    TRY(add_configs(cluster, views));
  }
  if (what.ends && !views.empty()) {
    TRY(add_ends(cluster, views));
  }
  return views;
}

Result<std::map<std::string, std::string>> parse_config_pairs(std::span<const std::string> pairs) {
  std::map<std::string, std::string> configs;
  for (const std::string& pair : pairs) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("a config is NAME=VALUE, such as retention.ms=86400000, found "
                               "\"{}\"",
                               pair));
    }
    const auto [place, added] =
        configs.try_emplace(pair.substr(0, equals), pair.substr(equals + 1));
    if (!added) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("config \"{}\" is given twice", place->first));
    }
  }
  return configs;
}

Result<void> alter_topic(Cluster& cluster, const AlterTopic& change) {
  Admin admin(cluster);
  const std::string what = fmt::format("topic \"{}\"", change.topic);
  TRY(cluster.topic(change.topic, cluster.deadline()));
  std::vector<client::ConfigChange> changes;
  changes.reserve(change.set.size() + change.reset.size());
  for (const auto& [name, value] : change.set) {
    changes.push_back({.name = name, .value = value});
  }
  for (const std::string& name : change.reset) {
    changes.push_back({.name = name, .operation = client::ConfigOperation::kDelete});
  }
  if (!changes.empty()) {
    const client::Outcome outcome = TRY(
        admin.alter_configs({.type = client::ResourceType::kTopic, .name = change.topic}, changes));
    if (!outcome.ok()) {
      return client::to_error(outcome, what);
    }
  }
  if (change.partitions) {
    const Admin::MorePartitions more[] = {{.topic = change.topic, .total = *change.partitions}};
    const auto outcomes = TRY(admin.create_partitions(more));
    if (!outcomes.front().outcome.ok()) {
      return client::to_error(outcomes.front().outcome, what);
    }
  }
  return {};
}

Result<std::vector<TruncatedPartition>> truncate_topic(Cluster& cluster,
                                                       const TruncateTopic& what) {
  const TopicInfo info = TRY(cluster.topic(what.topic, cluster.deadline()));
  if (what.partition && info.partition(*what.partition) == nullptr) {
    return Error(ErrorCode::kNotFound,
                 fmt::format("topic \"{}\" has no partition {}, it has {}",
                             what.topic,
                             *what.partition,
                             info.partitions.size()));
  }
  std::map<TopicPartition, Offset> before;
  std::vector<client::OffsetQuery> queries;
  for (const client::PartitionInfo& partition : info.partitions) {
    if (!what.partition || *what.partition == partition.id) {
      const TopicPartition which{.topic = what.topic, .partition = partition.id};
      before[which] = what.before.value_or(Offset(-1));
      queries.push_back({.partition = which, .timestamp_ms = client::kEarliestOffset});
    }
  }
  Admin admin(cluster);
  const auto starts = TRY(admin.list_offsets(queries));
  auto outcomes = TRY(admin.delete_records(before));
  std::vector<TruncatedPartition> truncated;
  truncated.reserve(outcomes.size());
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    truncated.push_back({.outcome = std::move(outcomes[i]), .start_before = starts[i].offset});
  }
  return truncated;
}

}  // namespace millrace::cli
