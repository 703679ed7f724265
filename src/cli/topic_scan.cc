#include "cli/topic_scan.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/thread.h"
#include "client/admin.h"

namespace millrace::cli {

using client::FetchedRecord;
using client::Take;
using client::TopicInfo;
using client::TopicPartition;

ShownRecord show(const FetchedRecord& fetched) {
  ShownRecord shown{.topic = fetched.from.topic,
                    .partition = fetched.from.partition.value(),
                    .offset = fetched.record.offset.value(),
                    .timestamp_ms = fetched.record.timestamp_ms,
                    .log_append_time = fetched.log_append_time,
                    .leader_epoch = fetched.leader_epoch,
                    .key = fetched.record.key,
                    .value = fetched.record.value};
  if (fetched.record.header_count > 0) {
    shown.headers = fetched.record.headers();
  }
  return shown;
}

Result<TopicScan> TopicScan::open(client::Cluster& cluster, TopicScanOptions options) {
  TopicScan reader(cluster, std::move(options));
  reader.bounded_ = !reader.options_.follow || reader.options_.until.has_value();
  reader.refreshed_ns_ = cluster.clock().monotonic_ns();
  const std::vector<TopicPartition> partitions = TRY(reader.find_partitions());
  TRY(reader.assign(partitions, reader.options_.from));
  return reader;
}

Result<std::vector<TopicInfo>> TopicScan::find_topics() {
  std::vector<TopicInfo> found;
  if (options_.include) {
    std::vector<TopicInfo> all = TRY(cluster_.all_topics(cluster_.deadline()));
    std::ranges::copy_if(all, std::back_inserter(found), [this](const TopicInfo& topic) {
      return options_.include(topic.name);
    });
    return found;
  }
  for (const std::string& name : options_.topics) {
    if (!options_.wait_for_topics) {
      found.push_back(TRY(cluster_.topic(name, cluster_.deadline())));
      continue;
    }
    Result<TopicInfo> topic = cluster_.topic(name, cluster_.deadline(), client::AutoCreate::kYes);
    if (topic) {
      found.push_back(*std::move(topic));
    } else if (topic.error().code() != ErrorCode::kNotFound) {
      return std::move(topic).error();
    }
  }
  return found;
}

Result<std::vector<TopicPartition>> TopicScan::find_partitions() {
  std::vector<TopicPartition> partitions;
  for (const TopicInfo& topic : TRY(find_topics())) {
    for (const std::int32_t wanted : options_.partitions) {
      if (topic.partition(PartitionId(wanted)) == nullptr) {
        return Error(ErrorCode::kNotFound,
                     fmt::format("the topic {} has the partitions 0 to {}, not {}",
                                 topic.name,
                                 topic.partitions.size() - 1,
                                 wanted));
      }
    }
    for (const client::PartitionInfo& partition : topic.partitions) {
      const bool wanted =
          options_.partitions.empty() ||
          std::ranges::find(options_.partitions, partition.id.value()) != options_.partitions.end();
      if (wanted) {
        partitions.push_back({.topic = topic.name, .partition = partition.id});
      }
    }
  }
  return partitions;
}

Result<std::vector<Offset>> TopicScan::ask(const std::vector<TopicPartition>& partitions,
                                           std::int64_t timestamp_ms) {
  client::Admin admin(cluster_);
  std::vector<Offset> offsets;
  for (const client::OffsetAnswer& answer :
       TRY(admin.list_offsets(partitions, timestamp_ms, options_.fetch.isolation))) {
    if (!answer.outcome.ok()) {
      return to_error(answer.outcome, "offsets of " + answer.partition.to_string());
    }
    offsets.push_back(answer.offset);
  }
  return offsets;
}

Result<std::vector<Offset>> TopicScan::resolve(const std::vector<TopicPartition>& partitions,
                                               const RecordPlace& place) {
  if (partitions.empty()) {
    return std::vector<Offset>();
  }
  if (place.kind == PlaceKind::kEarliest) {
    return ask(partitions, client::kEarliestOffset);
  }
  std::vector<Offset> latest = TRY(ask(partitions, client::kLatestOffset));
  if (place.kind == PlaceKind::kLatest) {
    return latest;
  }
  if (place.kind == PlaceKind::kOffset) {
    return std::vector<Offset>(partitions.size(), Offset(place.number));
  }
  const bool by_time = place.kind == PlaceKind::kTimestamp;
  std::vector<Offset> offsets =
      TRY(ask(partitions, by_time ? place.number : client::kEarliestOffset));
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    if (!by_time) {
      offsets[i] = std::max(offsets[i], Offset(latest[i].value() - place.number));
    } else if (offsets[i].value() < 0) {
      offsets[i] = latest[i];  // No record is that young.
    }
  }
  return offsets;
}

Result<void> TopicScan::assign(const std::vector<TopicPartition>& partitions,
                               const RecordPlace& from) {
  const std::vector<Offset> begins = TRY(resolve(partitions, from));
  std::vector<Offset> ends;
  if (bounded_) {
    ends = TRY(resolve(partitions, options_.until.value_or(RecordPlace{PlaceKind::kLatest, 0})));
  }
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    known_.emplace(partitions[i], begins[i]);
    if (bounded_ && begins[i] >= ends[i]) {
      continue;
    }
    if (bounded_) {
      ends_.emplace(partitions[i], ends[i]);
    }
    fetcher_.assign(partitions[i], begins[i]);
  }
  return {};
}

Result<void> TopicScan::refresh() {
  const std::int64_t now = cluster_.clock().monotonic_ns();
  const bool waits = known_.empty();
  const std::int64_t pause_ms = waits ? 500 : options_.refresh_ms;
  if (!options_.follow || now - refreshed_ns_ < pause_ms * 1'000'000) {
    return {};
  }
  refreshed_ns_ = now;
  if (!options_.include) {
    for (const std::string& name : options_.topics) {
      cluster_.forget_topic(name);
    }
  }
  std::vector<TopicPartition> fresh = TRY(find_partitions());
  std::erase_if(fresh,
                [this](const TopicPartition& partition) { return known_.contains(partition); });
  if (fresh.empty()) {
    return {};
  }
  return assign(fresh, RecordPlace{PlaceKind::kEarliest, 0});
}

void TopicScan::drop_ended() {
  if (!bounded_) {
    return;
  }
  for (auto end = ends_.begin(); end != ends_.end();) {
    const auto progress = fetcher_.progress().find(end->first);
    const bool reached =
        progress == fetcher_.progress().end() || progress->second.position >= end->second;
    if (reached) {
      fetcher_.unassign(end->first);
      end = ends_.erase(end);
    } else {
      ++end;
    }
  }
}

Result<std::size_t> TopicScan::poll(std::int64_t wait_ms, const client::TakeRecord& take) {
  TRY(refresh());
  if (fetcher_.progress().empty()) {
    if (!done()) {
      Wakeup().wait(wait_ms * 1'000'000, cluster_.options().stop);
    }
    return std::size_t{0};
  }
  std::size_t beyond = 0;
  const std::size_t count = TRY(fetcher_.poll(wait_ms, [&](const FetchedRecord& fetched) {
    if (!bounded_) {
      return take(fetched);
    }
    const auto end = ends_.find(fetched.from);
    if (end == ends_.end() || fetched.record.offset >= end->second) {
      ++beyond;
      return Take::kStopPartition;
    }
    const Take taken = take(fetched);
    const bool last = fetched.record.offset + 1 >= end->second;
    return taken == Take::kMore && last ? Take::kStopPartition : taken;
  }));
  drop_ended();
  return count - beyond;
}

Result<std::int64_t> TopicScan::skip_to_end(std::int64_t behind_max) {
  std::int64_t skipped = 0;
  std::vector<std::pair<TopicPartition, Offset>> moved;
  for (const auto& [partition, progress] : fetcher_.progress()) {
    const std::int64_t behind = progress.high_watermark.value() - progress.position.value();
    if (progress.high_watermark.value() >= 0 && behind > behind_max) {
      moved.emplace_back(partition, progress.high_watermark);
      skipped += behind;
    }
  }
  for (const auto& [partition, offset] : moved) {
    fetcher_.assign(partition, offset);
  }
  return skipped;
}

}  // namespace millrace::cli
