#include <gtest/gtest.h>

#include "expr/detail/run_sql.h"

namespace millrace::expr {
namespace {

using detail::expect_cases;
using detail::SqlCase;

TEST(MiscFunctions, know_types_and_versions) {
  static constexpr SqlCase kCases[] = {
      {"typeof(1e3)", "double"},
      {"typeof(array(1))", "array<int>"},
      {"typeof(NULL)", "void"},
      {"version() RLIKE '^4[.]3'", "true"},
      {"current_database()", "default"},
  };
  expect_cases(kCases);
}

TEST(MiscFunctions, fail_on_purpose) {
  static constexpr SqlCase kCases[] = {
      {"assert_true(1 > 2)", "! USER_RAISED_EXCEPTION"},
      {"assert_true(true)", "NULL"},
      {"assert_true(NULL)", "! USER_RAISED_EXCEPTION"},
      {"raise_error('boom')", "! USER_RAISED_EXCEPTION"},
      {"if(true, 1, raise_error('no'))", "1"},
  };
  expect_cases(kCases);
}

}  // namespace
}  // namespace millrace::expr
