#include <gtest/gtest.h>

#include "expr/detail/run_sql.h"

namespace millrace::expr {
namespace {

using detail::expect_cases;
using detail::SqlCase;

TEST(MapFunctions, make_maps) {
  static constexpr SqlCase kCases[] = {
      {"map_from_arrays(array('a','b'), array(1,2))", "{a -> 1, b -> 2}"},
      {"map_from_arrays(array('a'), array(1,2))", "! INVALID_PARAMETER_VALUE"},
      {"map_from_entries(array(struct('a',1)))", "{a -> 1}"},
      {"str_to_map('a:1,b:2')", "{a -> 1, b -> 2}"},
      {"str_to_map('a')", "{a -> null}"},
      {"str_to_map('a=1;b=2', ';', '=')", "{a -> 1, b -> 2}"},
      {"str_to_map('a:1,a:2')", "! DUPLICATED_MAP_KEY"},
      {"map_concat(map('a',1), map('b',2))", "{a -> 1, b -> 2}"},
      {"map_concat(map('a',1), map('a',2))", "! DUPLICATED_MAP_KEY"},
  };
  expect_cases(kCases);
}

TEST(MapFunctions, take_maps_apart) {
  static constexpr SqlCase kCases[] = {
      {"map_keys(map('a',1,'b',2))", "[a, b]"},
      {"map_values(map('a',1,'b',2))", "[1, 2]"},
      {"map_entries(map('a',1))", "[{a, 1}]"},
      {"map_contains_key(map('a',1), 'a')", "true"},
      {"map_contains_key(map('a',1), 'b')", "false"},
      {"map_keys(1)", "! DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"},
  };
  expect_cases(kCases);
}

}  // namespace
}  // namespace millrace::expr
