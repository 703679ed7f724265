// Rows for people (aligned columns) and for spreadsheets (CSV).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::cli {

/// Nothing = NULL.
using Cell = std::optional<std::string>;

struct TextTable {
  struct Column {
    std::string name = {};
    bool right = false;   ///< Numbers.
    bool binary = false;  ///< Bytes, that came as base64.
  };

  std::vector<Column> columns = {};
  std::vector<std::vector<Cell>> rows = {};
};

/// Values wider than this are cut in a table, never in CSV.
inline constexpr std::size_t kCellColumnsMax = 120;

/// Header, rule, rows; columns two blanks apart. NULL as NULL. With `width` > 0 lines are cut
/// there.
std::string render_table(const TextTable& table, std::size_t width = 0);

/// RFC 4180 with "\n": a header; NULL is empty, the empty text is "".
std::string render_csv(const TextTable& table);

/// 1234567 → "1 234 567", with narrow blanks.
std::string group_digits(std::uint64_t count);

/// "0", "9.5", "1 234": a rate without needless digits.
std::string format_rate(double rate);

}  // namespace millrace::cli
