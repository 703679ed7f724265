// sql_logic FILE.test …
//
// Runs files of SQL with the rows or errors that they must give (test_file.h). Prints what differs,
// with file and line. Exit code 1 when anything does, 2 for wrong usage.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "sql_logic/test_file.h"
#include "sql_logic/world.h"

namespace {

using millrace::tests::RecordKind;
using millrace::tests::SortMode;
using millrace::tests::TestRecord;
using millrace::tests::World;

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    text += "    " + line + "\n";
  }
  return text;
}

std::string cell_text(const std::optional<std::string>& cell) {
  if (!cell) {
    return "NULL";
  }
  std::string text;
  for (const char letter : *cell) {
    text += letter == '\n' ? std::string("\\n") : std::string(1, letter);
  }
  return text.empty() ? "(empty)" : text;
}

char letter_of(const millrace::data::Type& type) {
  using enum millrace::data::TypeKind;
  switch (type.kind()) {
    case kTinyInt:
    case kSmallInt:
    case kInt:
    case kBigInt:
      return 'I';
    case kFloat:
    case kDouble:
    case kDecimal:
      return 'R';
    case kBoolean:
      return 'B';
    case kDate:
    case kTimestamp:
    case kTimestampNtz:
    case kTime:
      return 'D';
    case kString:
      return 'T';
    case kVoid:
    case kBinary:
    case kYearMonthInterval:
    case kDayTimeInterval:
    case kCalendarInterval:
    case kArray:
    case kMap:
    case kStruct:
    case kVariant:
      break;
  }
  return '?';
}

/// Runs one file. Owned by one thread.
class Runner {
 public:
  explicit Runner(std::string file) : file_(std::move(file)) {}

  // The number of records that failed.
  int run(const std::vector<TestRecord>& records) {
    for (const TestRecord& record : records) {
      run(record);
    }
    return failed_;
  }

 private:
  void fail(const TestRecord& record, const std::string& what) {
    ++failed_;
    std::printf("%s:%zu: %s\n", file_.c_str(), record.line, what.c_str());
  }

  void run(const TestRecord& record) {
    switch (record.kind) {
      case RecordKind::kFile:
      case RecordKind::kGzip: {
        const bool gzip = record.kind == RecordKind::kGzip;
        report(record,
               world_.write(record.argument,
                            gzip ? millrace::tests::packed(record.text) : record.text));
        return;
      }
      case RecordKind::kRun:
        report(record, world_.run());
        return;
      case RecordKind::kStatementOk:
      case RecordKind::kStatementError:
      case RecordKind::kQuery:
        answer(record);
        return;
    }
  }

  void report(const TestRecord& record, const millrace::Result<void>& done) {
    if (!done) {
      fail(record, done.error().to_string());
    }
  }

  // A session is one call: the views so far come before each statement.
  void answer(const TestRecord& record) {
    const auto answers = millrace::server::run_sql(
        world_.sql(), views_ + record.text, {.file = "query", .time_zone = "UTC"});
    if (answers.empty()) {
      fail(record, "no statement");
      return;
    }
    const millrace::server::SqlAnswer& last = answers.back();
    std::string error_class;
    std::string message;
    for (const millrace::Diagnostic& diagnostic : last.diagnostics) {
      if (diagnostic.severity == millrace::Severity::kError && message.empty()) {
        error_class = diagnostic.error_class;
        message = diagnostic.error_class + ": " + diagnostic.message;
      }
    }
    if (record.kind == RecordKind::kStatementError) {
      if (last.ok()) {
        fail(record, "expected " + record.argument + ", but it runs\n" + joined(rows_of(last)));
      } else if (error_class != record.argument) {
        fail(record, "expected " + record.argument + ", got " + message);
      }
      return;
    }
    if (!last.ok()) {
      fail(record, message);
      return;
    }
    if (record.kind == RecordKind::kStatementOk) {
      views_ += record.text + ";\n";
    } else {
      compare(record, last);
    }
  }

  static std::vector<std::string> rows_of(const millrace::server::SqlAnswer& answer) {
    std::vector<std::string> rows;
    for (const millrace::data::Batch& batch : answer.batches) {
      batch.selection.for_each([&](std::size_t row) {
        std::string line;
        for (const auto& cell : millrace::server::row_to_text(batch, row, "UTC")) {
          line += (line.empty() ? "" : "|") + cell_text(cell);
        }
        rows.push_back(line);
      });
    }
    return rows;
  }

  static std::vector<std::string> sorted(const std::vector<std::string>& rows, SortMode mode) {
    std::vector<std::string> all;
    for (const std::string& row : rows) {
      if (mode != SortMode::kValues) {
        all.push_back(row);
        continue;
      }
      for (std::size_t at = 0; at <= row.size();) {
        const std::size_t end = std::min(row.find('|', at), row.size());
        all.push_back(row.substr(at, end - at));
        at = end + 1;
      }
    }
    if (mode != SortMode::kNone) {
      std::ranges::sort(all);
    }
    return all;
  }

  void compare(const TestRecord& record, const millrace::server::SqlAnswer& answer) {
    std::string types;
    for (const millrace::data::Field& field : answer.schema.fields) {
      types += letter_of(field.type);
    }
    bool same = types.size() == record.argument.size();
    for (std::size_t at = 0; same && at < types.size(); ++at) {
      same = record.argument[at] == '?' || record.argument[at] == types[at];
    }
    if (!same) {
      fail(record, "expected columns " + record.argument + ", got " + types);
      return;
    }
    const std::vector<std::string> expected = sorted(record.rows, record.sort);
    const std::vector<std::string> got = sorted(rows_of(answer), record.sort);
    if (expected != got) {
      fail(record, record.text + "\n  expected\n" + joined(expected) + "  got\n" + joined(got));
    }
  }

  const std::string file_;
  World world_;
  std::string views_;
  int failed_ = 0;
};

// Records that failed; a file that cannot be read counts as one.
int run_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) {
    std::fprintf(stderr, "cannot read %s\n", path.c_str());
    return 1;
  }
  std::ostringstream whole;
  whole << stream.rdbuf();
  const std::string text = std::move(whole).str();
  std::string error;
  const std::vector<TestRecord> records = millrace::tests::read_records(text, error);
  if (!error.empty() || records.empty()) {
    std::fprintf(stderr, "%s: %s\n", path.c_str(), error.empty() ? "no record" : error.c_str());
    return 1;
  }
  const int failed = Runner(path).run(records);
  std::printf("%s: %zu records, %d failed\n", path.c_str(), records.size(), failed);
  return failed;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: sql_logic FILE.test …\n");
    return 2;
  }
  int failed = 0;
  for (int at = 1; at < argc; ++at) {
    failed += run_file(argv[at]);
  }
  return failed == 0 ? 0 : 1;
}
