#include "connector/sequence_feed.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace millrace::connector {
namespace {

constexpr std::string_view kPrefix = "{\"next\":";
constexpr std::int64_t kRetryMs = 5'000;
// A reader that was away for longer than this gets no burst of what it missed.
constexpr double kCatchUpSeconds = 1.0;
constexpr double kRounding = 1e-6;  // Products of seconds and rates are not exact.
constexpr std::uint64_t kStopCheckRows = 256;

}  // namespace

SequenceFeed::SequenceFeed(SequenceOptions options, const Clock& clock, MakeRow make_row)
    : options_(options), clock_(clock), make_row_(std::move(make_row)) {}

FeedPoll SequenceFeed::poll(std::string_view cursor, Credit credit, const std::stop_token& stop) {
  const std::optional<std::uint64_t> start = parse_sequence_cursor(cursor);
  FeedPoll poll;
  if (!start) {
    poll.next_cursor = cursor;
    poll.wait_ms = kRetryMs;
    poll.problem = "the stored position is not one of a generated source: " + std::string(cursor);
    return poll;
  }
  std::uint64_t row = *start;
  std::uint64_t end = std::min(due(row), row + credit.records);
  if (options_.rows_max) {
    end = std::min(end, std::max(row, *options_.rows_max));
  }
  std::size_t bytes = 0;
  const std::int64_t now_ms = clock_.wall_ms();
  while (row < end && bytes < credit.bytes) {
    if (row % kStopCheckRows == 0 && stop.stop_requested()) {
      break;
    }
    FeedRecord& record = poll.records.emplace_back();
    record.timestamp_ms = now_ms;
    make_row_(row, record);
    bytes += record.value.size();
    ++row;
  }
  poll.next_cursor = format_sequence_cursor(row);
  poll.ended = options_.rows_max && row >= *options_.rows_max;
  poll.caught_up = poll.ended;
  poll.wait_ms = poll.ended ? 0 : wait_ms(row);
  return poll;
}

FeedGuarantee SequenceFeed::promise() {
  return {.guarantee = Guarantee::kExactly,
          .why = "rows are a function of their number, which is stored with them"};
}

std::uint64_t SequenceFeed::due(std::uint64_t given) {
  if (options_.rows_per_second <= 0) {
    return UINT64_MAX;
  }
  const std::int64_t now_ns = clock_.monotonic_ns();
  const bool moved_back = base_row_ && given < *base_row_;
  if (!base_row_ || moved_back) {
    base_row_ = given;
    base_ns_ = now_ns;
  }
  const double seconds = static_cast<double>(now_ns - base_ns_) / 1e9;
  const double rows = std::floor(seconds * options_.rows_per_second + kRounding) + 1;
  const double behind = rows - static_cast<double>(given - *base_row_);
  const double burst_max = std::max(1.0, std::ceil(kCatchUpSeconds * options_.rows_per_second));
  if (behind > burst_max) {
    base_row_ = given;
    base_ns_ = now_ns - static_cast<std::int64_t>((burst_max - 1) / options_.rows_per_second * 1e9);
    return given + static_cast<std::uint64_t>(burst_max);
  }
  return *base_row_ + static_cast<std::uint64_t>(rows);
}

std::int64_t SequenceFeed::wait_ms(std::uint64_t given) const {
  if (options_.rows_per_second <= 0) {
    return 0;
  }
  const double due_s = static_cast<double>(given - *base_row_) / options_.rows_per_second;
  const double now_s = static_cast<double>(clock_.monotonic_ns() - base_ns_) / 1e9;
  return std::max<std::int64_t>(
      0, static_cast<std::int64_t>(std::ceil((due_s - now_s) * 1000 - kRounding)));
}

std::optional<std::uint64_t> parse_sequence_cursor(std::string_view cursor) {
  if (cursor.empty()) {
    return 0;
  }
  if (!cursor.starts_with(kPrefix) || !cursor.ends_with('}')) {
    return std::nullopt;
  }
  const std::string_view digits = cursor.substr(kPrefix.size(), cursor.size() - kPrefix.size() - 1);
  std::uint64_t next = 0;
  const char* end = digits.data() + digits.size();
  const auto [stopped, problem] = std::from_chars(digits.data(), end, next);
  return problem == std::errc() && stopped == end ? std::optional(next) : std::nullopt;
}

std::string format_sequence_cursor(std::uint64_t next) {
  return std::string(kPrefix) + std::to_string(next) + "}";
}

}  // namespace millrace::connector
