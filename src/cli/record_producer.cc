#include "cli/record_producer.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace millrace::cli {

Result<record::Compression> find_compression(std::string_view name) {
  using record::Compression;
  constexpr std::array kAll = {Compression::kNone,
                               Compression::kGzip,
                               Compression::kSnappy,
                               Compression::kLz4,
                               Compression::kZstd};
  for (const Compression compression : kAll) {
    if (to_string(compression) == name) {
      return compression;
    }
  }
  return Error(
      ErrorCode::kInvalidArgument,
      fmt::format("the compression is none, gzip, snappy, lz4 or zstd, found \"{}\"", name));
}

Result<RecordProducer> RecordProducer::open(client::Cluster& cluster,
                                            client::ProducerOptions options) {
  auto stored = std::make_unique<std::map<std::int32_t, OffsetRange>>();
  options.on_delivery = [ranges = stored.get()](const client::Delivery& delivery) {
    if (!delivery.outcome.ok() || delivery.base_offset.value() < 0) {
      return;
    }
    const std::int64_t first = delivery.base_offset.value();
    const std::int64_t last = first + static_cast<std::int64_t>(delivery.numbers.size()) - 1;
    OffsetRange& range = (*ranges)[delivery.to.partition.value()];
    range.first = range.first < 0 ? first : std::min(range.first, first);
    range.last = std::max(range.last, last);
  };
  client::Producer producer = TRY(client::Producer::open(cluster, std::move(options)));
  return RecordProducer(std::move(producer), std::move(stored));
}

Result<void> RecordProducer::add(const std::string& topic, const ReadRecord& record) {
  std::vector<record::HeaderView> headers;
  headers.reserve(record.headers.size());
  for (const auto& [key, value] : record.headers) {
    headers.push_back({.key = key, .value = value});
  }
  client::NewRecord fresh{.topic = topic,
                          .timestamp_ms = record.timestamp_ms,
                          .key = record.key,
                          .value = record.value,
                          .headers = headers};
  if (record.partition) {
    fresh.partition = PartitionId(*record.partition);
  }
  TRY(producer_.add(fresh));
  return {};
}

Result<void> RecordProducer::send_lines(LineInput& input,
                                        const std::function<Result<void>(std::string_view)>& take) {
  std::string line;
  bool waiting = false;  // Something was added since the last flush.
  while (true) {
    const LineInput::Outcome outcome = TRY(input.next(line, waiting ? 5 : -1));
    switch (outcome) {
      case LineInput::Outcome::kLine:
        TRY(take(line));
        waiting = true;
        break;
      case LineInput::Outcome::kNothingYet:
        if (!waiting) {
          return {};  // It waited without limit: somebody asked to stop.
        }
        TRY(producer_.flush());
        waiting = false;
        break;
      case LineInput::Outcome::kEnd:
        return {};
    }
  }
}

}  // namespace millrace::cli
