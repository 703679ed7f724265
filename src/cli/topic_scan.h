// Reads topics as commands do: from a place to a place, or for ever, with partitions and topics
// that appear meanwhile.
//
//     TopicScan reader = TRY(TopicScan::open(session.cluster(), {.topics = {"users"}}));
//     while (!reader.done()) {
//       TRY(reader.poll(500, [&](const client::FetchedRecord& record) { … }));
//     }
//
// What is there when it is opened is the end of a reader that does not follow. Partitions that
// appear later are read from their beginning: all of it came after the start.
//
// Tested by record_commands_test.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "cli/record_place.h"
#include "cli/shown_record.h"
#include "client/cluster.h"
#include "client/fetcher.h"

namespace millrace::cli {

struct TopicScanOptions {
  std::vector<std::string> topics = {};
  /// Not empty: asked instead of `topics`, for every topic there is.
  std::function<bool(const std::string&)> include = {};
  std::vector<std::int32_t> partitions = {};  ///< Empty: all.
  RecordPlace from = {};
  std::optional<RecordPlace> until = {};  ///< Records before it; without it what is there now.
  bool follow = false;                    ///< Do not end at the end.
  /// Topics that are not there are waited for (and made, if the broker makes topics).
  bool wait_for_topics = false;
  client::FetchOptions fetch = {};
  std::int64_t refresh_ms = 5'000;  ///< How often new topics and partitions are looked for.
};

/// Owned by one thread.
class TopicScan {
 public:
  /// kNotFound: a topic or partition; kInvalidArgument: an offset that is beyond the end.
  static Result<TopicScan> open(client::Cluster& cluster, TopicScanOptions options);

  /// As Fetcher::poll().
  Result<std::size_t> poll(std::int64_t wait_ms, const client::TakeRecord& take);

  /// Everything up to the ends was taken; never when it follows without an `until`.
  [[nodiscard]] bool done() const { return ends_.empty() && bounded_; }

  /// Goes to the end of partitions that are further behind than so many records, and says how many
  /// were passed over.
  Result<std::int64_t> skip_to_end(std::int64_t behind_max);

 private:
  TopicScan(client::Cluster& cluster, TopicScanOptions options)
      : cluster_(cluster), options_(std::move(options)), fetcher_(cluster, options_.fetch) {}

  Result<std::vector<client::TopicPartition>> find_partitions();
  Result<std::vector<client::TopicInfo>> find_topics();
  Result<void> assign(const std::vector<client::TopicPartition>& partitions,
                      const RecordPlace& from);
  /// Offsets of a place in partitions, in their order.
  Result<std::vector<Offset>> resolve(const std::vector<client::TopicPartition>& partitions,
                                      const RecordPlace& place);
  Result<std::vector<Offset>> ask(const std::vector<client::TopicPartition>& partitions,
                                  std::int64_t timestamp_ms);
  Result<void> refresh();
  void drop_ended();

  client::Cluster& cluster_;
  TopicScanOptions options_;
  client::Fetcher fetcher_;
  bool bounded_ = false;
  std::map<client::TopicPartition, Offset> known_;  // Every partition ever assigned.
  std::map<client::TopicPartition, Offset> ends_;   // Of those that are not read to their end.
  std::int64_t refreshed_ns_ = 0;
};

/// Views live as long as those of the record.
ShownRecord show(const client::FetchedRecord& fetched);

}  // namespace millrace::cli
