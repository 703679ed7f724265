#include "cli/record_place.h"

#include <optional>
#include <string>

#include <fmt/format.h>

#include "base/ascii.h"
#include "config/option_table.h"
#include "data/datetime.h"
#include "data/zone.h"

namespace millrace::cli {
namespace {

std::optional<RecordPlace> parse_word(std::string_view text) {
  const std::string word = ascii_lower(text);
  if (word == "earliest" || word == "beginning" || word == "start") {
    return RecordPlace{PlaceKind::kEarliest, 0};
  }
  if (word == "latest" || word == "end") {
    return RecordPlace{PlaceKind::kLatest, 0};
  }
  return std::nullopt;
}

std::optional<RecordPlace> parse_number(std::string_view text) {
  const bool milliseconds = text.starts_with('@');
  const std::optional<std::int64_t> number = config::parse_int(text.substr(milliseconds ? 1 : 0));
  if (!number) {
    return std::nullopt;
  }
  if (milliseconds) {
    return *number < 0 ? std::nullopt : std::optional(RecordPlace{PlaceKind::kTimestamp, *number});
  }
  if (*number < 0 && *number != INT64_MIN) {
    return RecordPlace{PlaceKind::kFromEnd, -*number};
  }
  return RecordPlace{PlaceKind::kOffset, *number};
}

std::optional<RecordPlace> parse_ago(std::string_view text, std::int64_t now_ms) {
  if (text.ends_with(" ago")) {
    text.remove_suffix(4);
  } else if (text.starts_with('-')) {
    text.remove_prefix(1);
  }
  if (text.empty() || !is_ascii_digit(text.front())) {
    return std::nullopt;
  }
  const std::optional<std::int64_t> ms = config::parse_duration_ms(text);
  if (!ms || *ms < 0) {
    return std::nullopt;
  }
  return RecordPlace{PlaceKind::kTimestamp, *ms > now_ms ? 0 : now_ms - *ms};
}

std::optional<RecordPlace> parse_time(std::string_view text) {
  const std::optional<std::int64_t> us = data::parse_timestamp(text, data::Zone());
  if (!us || *us < 0) {
    return std::nullopt;
  }
  return RecordPlace{PlaceKind::kTimestamp, *us / 1000};
}

}  // namespace

Result<RecordPlace> parse_place(std::string_view text, std::int64_t now_ms) {
  const std::string_view trimmed = trim_blanks(text);
  // A year alone is a date for SQL; here a number is an offset.
  if (const auto place = parse_word(trimmed)) {
    return *place;
  }
  if (const auto place = parse_number(trimmed)) {
    return *place;
  }
  if (const auto place = parse_ago(trimmed, now_ms)) {
    return *place;
  }
  if (const auto place = parse_time(trimmed)) {
    return *place;
  }
  return Error(ErrorCode::kInvalidArgument,
               fmt::format("a place is earliest, latest, an offset (42), so many from the end "
                           "(-5), so long ago (10m), a time (2026-11-21T17:00:00Z) or @ and "
                           "milliseconds, found \"{}\"",
                           text));
}

}  // namespace millrace::cli
