// Where an http source is, as JSON text in its cursor.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::connect::http::detail {

/// Between two requests. An empty cursor is the default.
struct Position {
  std::uint64_t rounds = 0;                ///< Whole rounds so far.
  std::optional<std::uint64_t> page = {};  ///< Within a round: the number to ask for next.
  std::string next = {};                   ///< Within a round: the address to ask for next.
  /// Within a page: how many parts of it were given. The page is fetched again after a restart.
  std::uint64_t part = 0;
  std::string etag = {};  ///< Of the last whole answer of one page.
  std::string last_modified = {};

  /// Whether a round has begun and is not finished.
  [[nodiscard]] bool within_round() const { return page.has_value() || !next.empty(); }

  friend bool operator==(const Position&, const Position&) = default;
};

std::string format_position(const Position& position);

/// Nothing when the text is not one.
std::optional<Position> parse_position(std::string_view cursor);

}  // namespace millrace::connect::http::detail
