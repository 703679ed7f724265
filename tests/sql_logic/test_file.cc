#include "sql_logic/test_file.h"

#include <sstream>

namespace millrace::tests {
namespace {

/// Lines one by one, with their number. Owned by one thread.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}

  bool next(std::string& line) {
    if (at_ >= text_.size()) {
      return false;
    }
    const std::size_t end = std::min(text_.find('\n', at_), text_.size());
    line = std::string(text_.substr(at_, end - at_));
    at_ = end + 1;
    ++number_;
    return true;
  }

  [[nodiscard]] std::size_t number() const { return number_; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t number_ = 0;
};

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) {
    words.push_back(word);
  }
  return words;
}

// The lines up to a blank one, or to `----`, which begins the result.
void read_sql(Lines& lines, TestRecord& record) {
  std::string line;
  while (lines.next(line) && !line.empty() && line != "----") {
    record.text += (record.text.empty() ? "" : "\n") + line;
  }
  if (line == "----") {
    while (lines.next(line) && !line.empty()) {
      record.rows.push_back(line);
    }
  }
}

void read_file(Lines& lines, TestRecord& record) {
  std::string line;
  while (lines.next(line) && line != "end") {
    record.text += line + "\n";
  }
}

// False when the words begin no record.
bool read_head(const std::vector<std::string>& words, TestRecord& record) {
  const std::string& first = words[0];
  if (first == "run") {
    record.kind = RecordKind::kRun;
    return words.size() == 1;
  }
  if (words.size() < 2) {
    return false;
  }
  record.argument = words[1];
  if (first == "file" || first == "gzip") {
    record.kind = first == "file" ? RecordKind::kFile : RecordKind::kGzip;
    return words.size() == 2;
  }
  if (first == "statement" && words[1] == "ok") {
    record.kind = RecordKind::kStatementOk;
    return words.size() == 2;
  }
  if (first == "statement" && words[1] == "error" && words.size() == 3) {
    record.kind = RecordKind::kStatementError;
    record.argument = words[2];
    return true;
  }
  const std::string sort = words.size() == 3 ? words[2] : "nosort";
  record.sort = SortMode::kNone;
  if (sort == "rowsort") {
    record.sort = SortMode::kRows;
  } else if (sort == "valuesort") {
    record.sort = SortMode::kValues;
  }
  return first == "query" && words.size() <= 3 &&
         (record.sort != SortMode::kNone || sort == "nosort");
}

}  // namespace

std::vector<TestRecord> read_records(std::string_view text, std::string& error) {
  std::vector<TestRecord> records;
  Lines lines(text);
  std::string line;
  while (lines.next(line)) {
    const std::vector<std::string> words = words_of(line);
    if (words.empty() || line[0] == '#') {
      continue;
    }
    TestRecord record;
    record.line = lines.number();
    if (!read_head(words, record)) {
      error = "line " + std::to_string(record.line) + " begins no record: " + line;
      return records;
    }
    if (record.kind == RecordKind::kFile || record.kind == RecordKind::kGzip) {
      read_file(lines, record);
    } else if (record.kind != RecordKind::kRun) {
      read_sql(lines, record);
    }
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace millrace::tests
