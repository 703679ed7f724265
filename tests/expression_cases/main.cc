// expression_cases [--floor N] FILE.tsv
//
// Runs every expression and query of a contract file. Prints a line a case, `PASS id` or
// `FAIL id: expected … got …`, and `N passed, M failed` at last. Exit code 1 when fewer than
// --floor pass, 2 for wrong usage.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "expression_cases/case_file.h"
#include "expression_cases/run_case.h"

namespace {

using millrace::tests::Case;
using millrace::tests::Outcome;

// A value, or an error, on one line.
std::string shown(const std::optional<std::string>& result,
                  const std::string& type,
                  const std::string& error_class,
                  const std::string& sqlstate) {
  if (!error_class.empty()) {
    return error_class + (sqlstate.empty() ? "" : " " + sqlstate);
  }
  std::string line;
  for (const char letter : result.value_or("NULL") + " [" + type + "]") {
    line += letter == '\n' ? std::string("\\n") : std::string(1, letter);
  }
  return line;
}

void print_failure(const Case& test, const Outcome& outcome) {
  std::string message = outcome.message.empty() ? "" : ": " + outcome.message;
  std::replace(message.begin(), message.end(), '\n', ' ');
  std::printf("FAIL %s: expected %s got %s%s\n",
              test.id.c_str(),
              shown(test.result, test.type, test.error_class, test.sqlstate).c_str(),
              shown(outcome.result, outcome.type, outcome.error_class, outcome.sqlstate).c_str(),
              message.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  long floor = 0;
  std::string path;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--floor" && i + 1 < argc) {
      floor = std::strtol(argv[++i], nullptr, 10);
    } else {
      path = word;
    }
  }
  const auto cases = millrace::tests::read_cases(path);
  if (!cases) {
    std::fprintf(stderr, "usage: expression_cases [--floor N] FILE.tsv\n");
    return 2;
  }
  long passed = 0;
  long failed = 0;
  for (const Case& test : *cases) {
    const Outcome outcome = test.is_query() ? millrace::tests::run_query(test.expression)
                                            : millrace::tests::run_expression(test.expression);
    if (millrace::tests::matches(test, outcome)) {
      ++passed;
      std::printf("PASS %s\n", test.id.c_str());
    } else {
      ++failed;
      print_failure(test, outcome);
    }
  }
  std::printf("%ld passed, %ld failed\n", passed, failed);
  return passed < floor ? 1 : 0;
}
