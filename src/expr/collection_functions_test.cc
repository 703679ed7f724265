#include <gtest/gtest.h>

#include "expr/detail/run_sql.h"

namespace millrace::expr {
namespace {

using detail::expect_cases;
using detail::SqlCase;

TEST(CollectionFunctions, make_arrays_maps_and_structs) {
  static constexpr SqlCase kCases[] = {
      {"array(1, 'a')", "! CAST_INVALID_INPUT"},
      {"array(1, 2.5)", "[1.0, 2.5]"},
      {"array()", "[]"},
      {"map('a', 1, 'b', NULL)", "{a -> 1, b -> null}"},
      {"map('a', 1, 'a', 2)", "! DUPLICATED_MAP_KEY"},
      {"map(NULL, 1)", "! NULL_MAP_KEY"},
      {"map('a')", "! WRONG_NUM_ARGS.WITHOUT_SUGGESTION"},
      {"named_struct('a', 1, 'b', 'x')", "{1, x}"},
      {"named_struct('a', 1, 'b', 'x').b", "x"},
      {"struct(1, 'x').col2", "x"},
      {"struct(1 AS a).a", "1"},
  };
  expect_cases(kCases);
}

TEST(CollectionFunctions, find_elements) {
  static constexpr SqlCase kCases[] = {
      {"size(array(1, 2))", "2"},
      {"size(NULL)", "NULL"},
      {"cardinality(map('a', 1))", "1"},
      {"array_size(array())", "0"},
      {"element_at(array(1, 2, 3), -1)", "3"},
      {"element_at(array(1, 2, 3), 5)", "! INVALID_ARRAY_INDEX_IN_ELEMENT_AT"},
      {"element_at(array(1, 2, 3), 0)", "! INVALID_INDEX_OF_ZERO"},
      {"try_element_at(array(1, 2, 3), 5)", "NULL"},
      {"get(array(1, 2, 3), 0)", "1"},
      {"get(array(1, 2, 3), -1)", "NULL"},
      {"element_at(map('a', 1), 'a')", "1"},
      {"element_at(map('a', 1), 'b')", "NULL"},
  };
  expect_cases(kCases);
}

TEST(CollectionFunctions, join_and_reverse) {
  static constexpr SqlCase kCases[] = {
      {"concat('a', NULL, 'b')", "NULL"},
      {"'a' || 'b' || 1", "ab1"},
      {"concat()", ""},
      {"concat(array(1), array(2, NULL))", "[1, 2, null]"},
      {"concat(X'01', X'02')", "0x0102"},
      {"reverse('añ😀')", "😀ña"},
      {"reverse(array(1, 2))", "[2, 1]"},
  };
  expect_cases(kCases);
}

}  // namespace
}  // namespace millrace::expr
