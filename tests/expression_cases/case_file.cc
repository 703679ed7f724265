#include "expression_cases/case_file.h"

#include <fstream>
#include <sstream>
#include <string_view>

namespace millrace::tests {
namespace {

std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char letter = text[++i];
    if (letter == 't') {
      out += '\t';
    } else if (letter == 'n') {
      out += '\n';
    } else if (letter == 'r') {
      out += '\r';
    } else if (letter == 'x' && i + 2 < text.size()) {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      out += letter;
    }
  }
  return out;
}

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> cells;
  std::string cell;
  std::istringstream stream(line);
  while (std::getline(stream, cell, '\t')) {
    cells.push_back(cell);
  }
  cells.resize(6);
  return cells;
}

}  // namespace

bool Case::is_query() const {
  return expression.starts_with("SELECT") || expression.starts_with("FROM");
}

std::optional<std::vector<Case>> read_cases(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line) || !line.starts_with("id\texpression\t")) {
    return std::nullopt;
  }
  std::vector<Case> cases;
  while (std::getline(file, line)) {
    const std::vector<std::string> cells = split(line);
    cases.push_back({.id = cells[0],
                     .expression = unescape(cells[1]),
                     .result = cells[2] == "\\N" ? std::nullopt : std::optional(unescape(cells[2])),
                     .type = cells[3],
                     .error_class = cells[4],
                     .sqlstate = cells[5]});
  }
  return cases;
}

}  // namespace millrace::tests
