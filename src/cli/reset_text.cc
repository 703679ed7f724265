// The texts of a reset: topics with partitions, offsets of a file, times, durations.
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "base/ascii.h"
#include "cli/kafka_groups.h"
#include "cli/reset_offsets.h"
#include "config/option_table.h"
#include "data/datetime.h"
#include "data/zone.h"

namespace millrace::cli {
namespace {

using client::TopicPartition;

constexpr std::size_t kLinesMax = 1'000'000;

std::optional<std::int64_t> number_of(std::string_view text, std::int64_t most) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && number >= 0 && number <= most ? std::optional(number) : std::nullopt;
}

// The cells of a line; names of topics and groups have no commas of their own in practice, and
// quotes when they do.
std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  for (std::string& cell : cells) {
    cell = trim_blanks(cell);
  }
  return cells;
}

Error bad_line(std::size_t line, std::string_view text) {
  return {ErrorCode::kInvalidArgument,
          fmt::format("line {}: expected topic,partition,offset, found \"{}\"", line, text)};
}

}  // namespace

Result<TopicChoice> parse_topic_choice(std::string_view text) {
  const std::size_t colon = text.find(':');
  TopicChoice choice{.topic = std::string(text.substr(0, colon))};
  if (choice.topic.empty()) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("topics are T, or T:0,1 for some partitions, found \"{}\"", text));
  }
  if (colon == std::string_view::npos) {
    return choice;
  }
  const std::vector<std::string> numbers = cells_of(text.substr(colon + 1));
  for (const std::string& each : numbers) {
    const auto number = number_of(each, std::numeric_limits<std::int32_t>::max());
    if (!number) {
      return Error(
          ErrorCode::kInvalidArgument,
          fmt::format("partitions are numbers, as in {}:0,1, found \"{}\"", choice.topic, each));
    }
    choice.partitions.emplace_back(static_cast<std::int32_t>(*number));
  }
  return choice;
}

Result<std::map<TopicPartition, Offset>> parse_offsets_csv(std::string_view text,
                                                           std::string_view group) {
  constexpr std::size_t kPlain = 3;
  constexpr std::size_t kWithGroup = 4;
  std::map<TopicPartition, Offset> offsets;
  std::size_t line_number = 0;
  while (!text.empty() && line_number < kLinesMax) {
    ++line_number;
    const std::size_t end = text.find('\n');
    const std::string_view line = trim_blanks(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty()) {
      continue;
    }
    std::vector<std::string> cells = cells_of(line);
    if (cells.size() == kWithGroup) {
      if (cells.front() != group) {
        continue;
      }
      cells.erase(cells.begin());
    }
    if (cells.size() != kPlain || cells[0].empty()) {
      return bad_line(line_number, line);
    }
    const auto partition = number_of(cells[1], std::numeric_limits<std::int32_t>::max());
    const auto offset = number_of(cells[2], std::numeric_limits<std::int64_t>::max());
    if (!partition || !offset) {
      if (line_number == 1 && !partition && !offset) {
        continue;  // A header.
      }
      return bad_line(line_number, line);
    }
    offsets[{.topic = cells[0], .partition = PartitionId(static_cast<std::int32_t>(*partition))}] =
        Offset(*offset);
  }
  if (!text.empty()) {
    return Error(ErrorCode::kExhausted, fmt::format("more than {} lines", kLinesMax));
  }
  return offsets;
}

Result<std::int64_t> parse_reset_time(std::string_view text) {
  constexpr std::int64_t kMicrosPerMilli = 1'000;
  const auto micros = data::parse_timestamp(text, data::Zone());
  if (!micros) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("a time is such as 2026-11-21T17:00:00, UTC unless Z or +01:00 "
                             "follows, found \"{}\"",
                             text));
  }
  return *micros / kMicrosPerMilli;
}

Result<std::int64_t> parse_reset_duration(std::string_view text) {
  std::optional<std::int64_t> ms = parse_iso_duration_ms(text);
  if (!ms) {
    ms = config::parse_duration_ms(text);
  }
  if (!ms || *ms < 0) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("a duration is such as 90min, 1d, or PT1H30M, found \"{}\"", text));
  }
  return *ms;
}

}  // namespace millrace::cli
