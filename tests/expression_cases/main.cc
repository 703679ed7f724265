// expression_cases [--floor N] [--all] FILE.tsv
//
// Runs the scalar expressions of a contract file and prints what fails (with --all what passes,
// too) and how many pass. Exit code 1 when fewer than N pass, 2 for wrong usage.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "expression_cases/case_file.h"
#include "expression_cases/run_case.h"

namespace {

using millrace::tests::Case;
using millrace::tests::Outcome;

std::string shown(const std::optional<std::string>& result) {
  return result.value_or("NULL");
}

void print_failure(const Case& test, const Outcome& outcome) {
  std::printf("FAIL %s %s\n  expected %s [%s] %s %s\n  got      %s [%s] %s %s\n",
              test.id.c_str(),
              test.expression.c_str(),
              shown(test.result).c_str(),
              test.type.c_str(),
              test.error_class.c_str(),
              test.sqlstate.c_str(),
              shown(outcome.result).c_str(),
              outcome.type.c_str(),
              outcome.error_class.c_str(),
              outcome.sqlstate.c_str());
  if (!outcome.message.empty()) {
    std::printf("           %s\n", outcome.message.c_str());
  }
}

}  // namespace

int main(int argc, char** argv) {
  long floor = 0;
  bool all = false;
  std::string path;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--floor" && i + 1 < argc) {
      floor = std::strtol(argv[++i], nullptr, 10);
    } else if (word == "--all") {
      all = true;
    } else {
      path = word;
    }
  }
  const auto cases = millrace::tests::read_cases(path);
  if (!cases) {
    std::fprintf(stderr, "usage: expression_cases [--floor N] [--all] FILE.tsv\n");
    return 2;
  }
  long passed = 0;
  long failed = 0;
  long queries = 0;
  for (const Case& test : *cases) {
    if (test.is_query()) {
      ++queries;
      continue;
    }
    const Outcome outcome = millrace::tests::run_expression(test.expression);
    if (millrace::tests::matches(test, outcome)) {
      ++passed;
      if (all) {
        std::printf("PASS %s\n", test.id.c_str());
      }
    } else {
      ++failed;
      print_failure(test, outcome);
    }
  }
  std::printf("PASS %ld  FAIL %ld  queries not run %ld\n", passed, failed, queries);
  return passed < floor ? 1 : 0;
}
