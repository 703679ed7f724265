// What the tests of the log have in common: a log on a simulated disk, and short ways to append and
// read.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "io/sim_files.h"
#include "log/log.h"
#include "record/batch.h"

namespace millrace::log {

/// Small files, so that every boundary is met often.
inline LogOptions small_options() {
  LogOptions options;
  options.directory = "data";
  options.threads = false;
  options.wal_first_file_bytes = 8 << 10;
  options.wal_file_bytes = 16 << 10;
  options.wal_bytes_max = 96 << 10;
  options.tail_cache_bytes = 32 << 10;
  options.checkpoint_interval_ms = 1'000'000'000;
  options.housekeeping_interval_ms = 1'000'000'000;
  options.min_free_bytes = 0;
  options.seed = 1;
  return options;
}

/// A log that can lose its power. Owned by one thread.
struct TestLog {
  explicit TestLog(std::uint64_t seed = 1, LogOptions log_options = small_options())
      : files(seed), options(std::move(log_options)) {}

  io::SimFiles files;
  ManualClock clock;
  Metrics metrics;
  LogOptions options;
  std::unique_ptr<Log> log;

  Result<void> open() {
    log.reset();
    log = TRY(Log::open(files, clock, metrics, options));
    return {};
  }

  Result<void> close() {
    const Result<void> closed = log->close();
    log.reset();
    if (!closed) {
      return Error(closed.error().code(), closed.error().to_string());
    }
    return {};
  }

  void crash() {
    log.reset();
    files.crash();
  }

  Result<void> crash_and_open() {
    crash();
    return open();
  }
};

inline TopicPartition tp(const std::string& topic, std::int32_t partition = 0) {
  return {.topic = topic, .partition = PartitionId(partition)};
}

inline std::string batch_of(const std::vector<std::string>& values,
                            std::int64_t timestamp_ms = 1'700'000'000'000,
                            const record::BatchOptions& options = {}) {
  record::BatchBuilder builder(options);
  for (const std::string& value : values) {
    builder.add({.timestamp_ms = timestamp_ms, .value = value});
  }
  return MUST(builder.finish());
}

inline std::string keyed_batch(const std::vector<std::pair<std::string, std::string>>& records,
                               std::int64_t timestamp_ms = 1'700'000'000'000) {
  record::BatchBuilder builder;
  for (const auto& [key, value] : records) {
    record::Record record{.timestamp_ms = timestamp_ms, .key = key};
    if (!value.empty()) {
      record.value = value;
    }
    builder.add(record);
  }
  return MUST(builder.finish());
}

inline Frame frame_of(const TopicPartition& to,
                      std::string batch,
                      BatchOrigin origin = BatchOrigin::kInternal) {
  Frame frame;
  frame.batches.push_back({.to = to, .batch = std::move(batch), .origin = origin});
  return frame;
}

inline Result<BatchResult> append_one(Log& log,
                                      const TopicPartition& to,
                                      std::string batch,
                                      BatchOrigin origin = BatchOrigin::kInternal) {
  AppendResult result = TRY(log.append_and_wait(frame_of(to, std::move(batch), origin)));
  return std::move(result.batches.at(0));
}

/// Every record's value from `from` to the end, "offset:value"; null is "~".
inline Result<std::vector<std::string>> read_values(Log& log,
                                                    const TopicPartition& from,
                                                    Offset at = Offset(0),
                                                    std::size_t max_bytes = 4096) {
  std::vector<std::string> values;
  while (true) {
    const ReadResult read =
        TRY(log.read(from, at, {.isolation = Isolation::kReadUncommitted, .max_bytes = max_bytes}));
    if (read.error != KafkaError::kNone) {
      return Error(ErrorCode::kInvalidArgument, std::string(to_string(read.error)));
    }
    for (const StoredBatch& batch : read.batches) {
      TRY(record::check_batch_and_records(batch.bytes));
      record::RecordReader reader = TRY(record::RecordReader::open(batch.bytes));
      record::RecordView record;
      while (TRY(reader.next(record))) {
        if (record.offset >= at && !reader.header().control()) {
          values.push_back(std::to_string(record.offset.value()) + ":" +
                           std::string(record.value.value_or("~")));
        }
      }
    }
    if (read.next_offset <= at) {
      break;
    }
    at = read.next_offset;
  }
  return values;
}

}  // namespace millrace::log
