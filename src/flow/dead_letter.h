// Dead letters: records that could not be processed, on the topic `<name>.dead_letter` with key and
// value as they were and headers that say why and from where; kept 7 days.
//
//   millrace.reason     the sentence for people
//   millrace.class      Spark's or our error class
//   millrace.topic, .partition, .offset, .epoch   the origin
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "log/log.h"
#include "record/batch.h"

namespace millrace::flow {

inline constexpr std::string_view kDeadLetterSuffix = ".dead_letter";

std::string dead_letter_topic(std::string_view name);

/// Seven days, records of up to kRecordBytesMax.
log::TopicConfig dead_letter_config();

/// The largest record that a source publishes and a dead letter keeps. Larger ones are cut in dead
/// letters and refused elsewhere.
inline constexpr std::size_t kRecordBytesMax = 16U << 20U;
/// A frame's batches are closed at about this size: what Kafka's clients take without tuning.
inline constexpr std::size_t kBatchBytesTarget = 512U << 10U;

/// One dead letter. Views live as long as what they were made from.
struct DeadLetter {
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
  std::int64_t timestamp_ms = 0;
  std::string reason;
  std::string error_class;
  /// Name and value; the origin among them.
  std::vector<std::pair<std::string, std::string>> headers;
};

/// Cuts records into batches of one partition and adds them to a frame. Owned by one thread.
class BatchCutter {
 public:
  BatchCutter(log::Frame& frame, std::string topic, PartitionId partition)
      : frame_(frame), to_{std::move(topic), partition} {}

  Result<void> add(const record::Record& record);
  /// Puts what is left into the frame.
  Result<void> finish();

  [[nodiscard]] std::uint64_t count() const { return count_; }

 private:
  log::Frame& frame_;
  log::TopicPartition to_;
  record::BatchBuilder builder_;
  std::uint64_t count_ = 0;
};

/// The headers that say which record it was, and in which epoch of the flow.
std::vector<std::pair<std::string, std::string>> origin_headers(const log::TopicPartition& from,
                                                                Offset offset,
                                                                Epoch epoch);

/// Adds one dead letter to its batch; bytes beyond kRecordBytesMax are cut off, and a header says
/// so.
Result<void> add_dead_letter(BatchCutter& batch, const DeadLetter& letter);

}  // namespace millrace::flow
