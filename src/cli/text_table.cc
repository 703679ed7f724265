#include "cli/text_table.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/text_width.h"

namespace millrace::cli {
namespace {

void append_line(std::string& out, std::string line, std::size_t width) {
  line.erase(line.find_last_not_of(' ') + 1);
  out += width > 0 ? cut_to_width(line, width) : line;
  out += '\n';
}

void append_csv(std::string& out, const Cell& cell) {
  if (!cell) {
    return;
  }
  if (!cell->empty() && cell->find_first_of(",\"\r\n") == std::string::npos) {
    out += *cell;
    return;
  }
  out += '"';
  for (const char c : *cell) {
    out += c;
    if (c == '"') {
      out += '"';
    }
  }
  out += '"';
}

}  // namespace

std::string render_table(const TextTable& table, std::size_t width) {
  const std::size_t columns = table.columns.size();
  std::vector<std::vector<std::string>> shown;
  std::vector<std::size_t> wide(columns);
  for (std::size_t i = 0; i < columns; ++i) {
    wide[i] = display_width(table.columns[i].name);
  }
  for (const std::vector<Cell>& row : table.rows) {
    std::vector<std::string> cells;
    for (std::size_t i = 0; i < columns; ++i) {
      const Cell& cell = row[i];
      cells.push_back(cell ? cut_to_width(printable(*cell), kCellColumnsMax) : "NULL");
      wide[i] = std::max(wide[i], display_width(cells.back()));
    }
    shown.push_back(std::move(cells));
  }
  const auto line_of = [&](const auto& text_of) {
    std::string line;
    for (std::size_t i = 0; i < columns; ++i) {
      line += i == 0 ? "" : "  ";
      const std::string text = text_of(i);
      line += table.columns[i].right ? pad_left(text, wide[i]) : pad_right(text, wide[i]);
    }
    return line;
  };
  std::string out;
  append_line(out, line_of([&](std::size_t i) { return table.columns[i].name; }), width);
  append_line(out,
              line_of([&](std::size_t i) {
                std::string rule;
                for (std::size_t j = 0; j < wide[i]; ++j) {
                  rule += "─";
                }
                return rule;
              }),
              width);
  for (const std::vector<std::string>& cells : shown) {
    append_line(out, line_of([&](std::size_t i) { return cells[i]; }), width);
  }
  return out;
}

std::string render_csv(const TextTable& table) {
  std::string out;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    out += i == 0 ? "" : ",";
    append_csv(out, table.columns[i].name);
  }
  out += '\n';
  for (const std::vector<Cell>& row : table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += i == 0 ? "" : ",";
      append_csv(out, row[i]);
    }
    out += '\n';
  }
  return out;
}

std::string group_digits(std::uint64_t count) {
  const std::string digits = std::to_string(count);
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) {
      out += "\u202f";
    }
    out += digits[i];
  }
  return out;
}

std::string format_rate(double rate) {
  if (rate < 0.05) {
    return "0";
  }
  if (rate < 99.95) {
    return fmt::format("{:.1f}", rate);
  }
  return group_digits(static_cast<std::uint64_t>(rate + 0.5));
}

}  // namespace millrace::cli
