#include <gtest/gtest.h>

#include "expr/detail/run_sql.h"

namespace millrace::expr {
namespace {

using detail::expect_cases;
using detail::SqlCase;

TEST(LambdaFunctions, run_over_arrays) {
  static constexpr SqlCase kCases[] = {
      {"transform(array(1,2,3), x -> x * 2)", "[2, 4, 6]"},
      {"transform(array('a','b'), (x, i) -> concat(x, i))", "[a0, b1]"},
      {"transform(array(), x -> 1)", "[]"},
      {"transform(CAST(NULL AS ARRAY<INT>), x -> x)", "NULL"},
      {"transform(array(1, 0), x -> 1 div x)", "! DIVIDE_BY_ZERO"},
      {"filter(array(1,2,3), x -> x % 2 = 1)", "[1, 3]"},
      {"filter(array(5,6,7), (x, i) -> i > 0)", "[6, 7]"},
      {"exists(array(1,2), x -> x > 1)", "true"},
      {"exists(array(1,NULL), x -> x > 1)", "NULL"},
      {"exists(array(1), x -> x > 1)", "false"},
      {"forall(array(1,2), x -> x > 0)", "true"},
      {"forall(array(1,NULL), x -> x > 0)", "NULL"},
      {"forall(array(0,NULL), x -> x > 0)", "false"},
      {"zip_with(array(1,2), array(3), (a, b) -> a + b)", "[4, null]"},
      {"transform(array(array(1,2), array(3)), a -> transform(a, x -> x + size(a)))",
       "[[3, 4], [4]]"},
  };
  expect_cases(kCases);
}

TEST(LambdaFunctions, fold) {
  static constexpr SqlCase kCases[] = {
      {"aggregate(array(1,2,3), 0, (a, x) -> a + x)", "6"},
      {"aggregate(array(1,2,3), 0, (a, x) -> a + x, a -> a * 10)", "60"},
      {"reduce(array(), 5, (a, x) -> a + 1)", "5"},
      {"aggregate(array('a','b'), '', (a, x) -> concat(x, a))", "ba"},
      {"aggregate(array(2147483647, 1), 0, (a, x) -> a + x)", "! ARITHMETIC_OVERFLOW"},
      {"aggregate(CAST(NULL AS ARRAY<INT>), 0, (a, x) -> a)", "NULL"},
  };
  expect_cases(kCases);
}

TEST(LambdaFunctions, run_over_maps) {
  static constexpr SqlCase kCases[] = {
      {"map_filter(map('a',1,'b',2), (k, v) -> v > 1)", "{b -> 2}"},
      {"transform_keys(map('a',1), (k, v) -> upper(k))", "{A -> 1}"},
      {"transform_keys(map('a',1,'b',2), (k, v) -> 'x')", "! DUPLICATED_MAP_KEY"},
      {"transform_values(map('a',1), (k, v) -> v + 1)", "{a -> 2}"},
      {"map_zip_with(map('a',1), map('b',2), (k, x, y) -> coalesce(x, y))", "{a -> 1, b -> 2}"},
  };
  expect_cases(kCases);
}

TEST(LambdaFunctions, sort_by_a_comparator) {
  static constexpr SqlCase kCases[] = {
      {"array_sort(array(3, NULL, 1))", "[1, 3, null]"},
      {"array_sort(array(1, 3, 2), (l, r) -> r - l)", "[3, 2, 1]"},
      {"array_sort(array('bb', 'a', 'ccc'), (l, r) -> length(l) - length(r))", "[a, bb, ccc]"},
      {"array_sort(array(1, 2), (l, r) -> NULL)", "! EVALUATION_FAILED"},
  };
  expect_cases(kCases);
}

TEST(LambdaFunctions, refuse_what_is_no_lambda) {
  static constexpr SqlCase kCases[] = {
      {"transform(array(1), 1)", "! DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"},
      {"transform(array(1), (a, b, c) -> 1)", "! INVALID_LAMBDA_FUNCTION_CALL.NUM_ARGS_MISMATCH"},
      {"filter(array(1), x -> x)", "! DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"},
  };
  expect_cases(kCases);
}

}  // namespace
}  // namespace millrace::expr
