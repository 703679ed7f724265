// The sending half of `millrace produce` and kafka-console-producer: records that were read go to
// a topic, and what the broker said of them is kept.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/line_input.h"
#include "cli/record_reader.h"
#include "client/cluster.h"
#include "client/producer.h"

namespace millrace::cli {

/// Of "none", "gzip", "snappy", "lz4", "zstd". kInvalidArgument names them.
Result<record::Compression> find_compression(std::string_view name);

/// Owned by one thread.
class RecordProducer {
 public:
  struct OffsetRange {
    std::int64_t first = -1;
    std::int64_t last = -1;
  };

  /// The cluster outlives it. `options.on_delivery` is taken by it.
  static Result<RecordProducer> open(client::Cluster& cluster, client::ProducerOptions options);

  /// As Producer::add().
  Result<void> add(const std::string& topic, const ReadRecord& record);

  /// Gives each line to `take` until the end, sending what is there while no line comes; a stop
  /// request ends it too. Ends at the first error of `take`.
  Result<void> send_lines(LineInput& input,
                          const std::function<Result<void>(std::string_view)>& take);

  Result<void> flush() { return producer_.flush(); }

  [[nodiscard]] std::uint64_t delivered() const { return producer_.delivered(); }

  [[nodiscard]] std::uint64_t failed() const { return producer_.failed(); }

  [[nodiscard]] std::string first_failure() const { return producer_.first_failure(); }

  /// Offsets by partition; empty with acks = 0.
  [[nodiscard]] const std::map<std::int32_t, OffsetRange>& stored() const { return *stored_; }

 private:
  RecordProducer(client::Producer producer,
                 std::unique_ptr<std::map<std::int32_t, OffsetRange>> stored)
      : stored_(std::move(stored)), producer_(std::move(producer)) {}

  // On the heap: the producer's callback holds it.
  std::unique_ptr<std::map<std::int32_t, OffsetRange>> stored_;
  client::Producer producer_;
};

}  // namespace millrace::cli
