#include <gtest/gtest.h>

#include "expr/detail/run_sql.h"

namespace millrace::expr {
namespace {

using detail::expect_cases;
using detail::SqlCase;

TEST(ArrayFunctions, search) {
  static constexpr SqlCase kCases[] = {
      {"array_contains(array(1, 2), 2)", "true"},
      {"array_contains(array(1, NULL), 2)", "NULL"},
      {"array_contains(array(1), 2)", "false"},
      {"array_position(array('a','b'), 'b')", "2"},
      {"array_position(array('a'), 'x')", "0"},
      {"array_remove(array(1, NULL, 2, 1), 1)", "[null, 2]"},
      {"array_max(array(1, NULL, 3))", "3"},
      {"array_min(array('b','a'))", "a"},
      {"array_max(array(1D, DOUBLE('NaN')))", "NaN"},
      {"array_max(array())", "NULL"},
  };
  expect_cases(kCases);
}

TEST(ArrayFunctions, take_arrays_as_sets) {
  static constexpr SqlCase kCases[] = {
      {"array_distinct(array(1, 2, 1, NULL, NULL))", "[1, 2, null]"},
      {"array_union(array(1,2), array(2,3,NULL))", "[1, 2, 3, null]"},
      {"array_intersect(array(1,2,2,NULL), array(2,3,NULL))", "[2, null]"},
      {"array_except(array(1,2,2,1), array(2))", "[1]"},
      {"arrays_overlap(array(1, 2), array(2))", "true"},
      {"arrays_overlap(array(1), array(2, NULL))", "NULL"},
      {"arrays_overlap(array(1), array())", "false"},
  };
  expect_cases(kCases);
}

TEST(ArrayFunctions, sort) {
  static constexpr SqlCase kCases[] = {
      {"sort_array(array(3, NULL, 1))", "[null, 1, 3]"},
      {"sort_array(array(3, NULL, 1), false)", "[3, 1, null]"},
      {"sort_array(array(map(1, 2)))", "! DATATYPE_MISMATCH.INVALID_ORDERING_TYPE"},
  };
  expect_cases(kCases);
}

TEST(ArrayFunctions, change) {
  static constexpr SqlCase kCases[] = {
      {"array_append(array(1), 2)", "[1, 2]"},
      {"array_append(array(1), NULL)", "[1, null]"},
      {"array_append(NULL, 1)", "NULL"},
      {"array_prepend(array(1), 2)", "[2, 1]"},
      {"array_compact(array(1, NULL, 2))", "[1, 2]"},
      {"array_insert(array('a','b'), 2, 'c')", "[a, c, b]"},
      {"array_insert(array(1), 4, 2)", "[1, null, null, 2]"},
      {"array_insert(array(1, 2), -1, 3)", "[1, 2, 3]"},
      {"array_insert(array(1, 2), -2, 3)", "[1, 3, 2]"},
      {"array_insert(array(1), -4, 2)", "[2, null, null, 1]"},
      {"array_insert(array(1), 0, 2)", "! INVALID_INDEX_OF_ZERO"},
      {"array_insert(array(1), 2000000000, 2)", "! COLLECTION_SIZE_LIMIT_EXCEEDED"},
      {"array_repeat('a', 2)", "[a, a]"},
      {"array_repeat('a', -2)", "[]"},
      {"array_repeat(NULL, 1)", "[null]"},
      {"flatten(array(array(1), array(2,3)))", "[1, 2, 3]"},
      {"flatten(array(array(1), NULL))", "NULL"},
      {"array_join(array('a', NULL, 'c'), '-', '?')", "a-?-c"},
      {"array_join(array('a', NULL, 'c'), '-')", "a-c"},
      {"arrays_zip(array(1,2), array('a'))", "[{1, a}, {2, null}]"},
  };
  expect_cases(kCases);
}

TEST(ArrayFunctions, slice) {
  static constexpr SqlCase kCases[] = {
      {"slice(array(1,2,3,4), -2, 2)", "[3, 4]"},
      {"slice(array(1,2,3), 2, 9)", "[2, 3]"},
      {"slice(array(1,2,3), 9, 1)", "[]"},
      {"slice(array(1,2,3), 0, 1)", "! INVALID_PARAMETER_VALUE.START"},
      {"slice(array(1,2,3), 1, -1)", "! INVALID_PARAMETER_VALUE.LENGTH"},
  };
  expect_cases(kCases);
}

}  // namespace
}  // namespace millrace::expr
