#include <gtest/gtest.h>

#include "expr/detail/run_sql.h"

namespace millrace::expr {
namespace {

using detail::expect_cases;
using detail::SqlCase;

TEST(JsonFunctions, read_json_by_a_schema) {
  static constexpr SqlCase kCases[] = {
      {"from_json('{\"a\":1,\"b\":\"x\"}', 'a INT, b STRING')", "{1, x}"},
      {"from_json('{bad', 'a INT, b STRING')", "{null, null}"},
      {"from_json('', 'a INT')", "NULL"},
      {"from_json(NULL, 'a INT')", "NULL"},
      {"from_json('[{\"a\":1},{\"a\":2}]', 'ARRAY<STRUCT<a:INT>>')", "[{1}, {2}]"},
      {"from_json('{\"a\":1,\"b\":2}', 'MAP<STRING,INT>')", "{a -> 1, b -> 2}"},
      {"from_json('{bad', 'a INT', map('mode','FAILFAST'))",
       "! MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION"},
      {"from_json('{\"a\":1}', 'a INT', map('mode','DROPMALFORMED'))", "! PARSE_MODE_UNSUPPORTED"},
      {"from_json('{}', 'a NOPE')", "! UNSUPPORTED_DATATYPE"},
      {"from_json('{}', 1)", "! INVALID_SCHEMA.NON_STRING_LITERAL"},
      {"from_json('{\"a\":\"01/03/2024\"}', 'a DATE', map('dateFormat','dd/MM/yyyy'))",
       "{2024-03-01}"},
      {"transform(array('{\"a\":1}', NULL), x -> from_json(x, 'a INT').a)", "[1, null]"},
  };
  expect_cases(kCases);
}

TEST(JsonFunctions, write_json) {
  static constexpr SqlCase kCases[] = {
      {"to_json(named_struct('a', 1, 'b', NULL))", "{\"a\":1}"},
      {"to_json(named_struct('a', 1, 'b', NULL), map('ignoreNullFields', 'false'))",
       "{\"a\":1,\"b\":null}"},
      {"to_json(array(1, NULL, 3))", "[1,null,3]"},
      {"to_json(map(1, 'x'))", "{\"1\":\"x\"}"},
      {"to_json(1)", "! DATATYPE_MISMATCH.INVALID_JSON_SCHEMA"},
      {"to_json(named_struct('d', 1.10, 'n', DOUBLE('NaN')))", "{\"d\":1.10,\"n\":\"NaN\"}"},
  };
  expect_cases(kCases);
}

TEST(JsonFunctions, infer_schemas) {
  static constexpr SqlCase kCases[] = {
      {"schema_of_json('[{\"a\":1},{\"b\":true}]')", "ARRAY<STRUCT<a: BIGINT, b: BOOLEAN>>"},
      {"from_json('{\"a\":2}', schema_of_json('{\"a\":1}')).a", "2"},
      {"schema_of_json('{bad')", "! MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION"},
  };
  expect_cases(kCases);
}

TEST(JsonFunctions, look_into_text) {
  static constexpr SqlCase kCases[] = {
      {"get_json_object('{\"a\":{\"b\":[1,2,{\"c\":\"x\"}]}}', '$.a.b[2].c')", "x"},
      {"get_json_object('{\"a\":1}', 'a')", "NULL"},
      {"get_json_object(NULL, '$.a')", "NULL"},
      {"json_array_length('[1,2,[3]]')", "3"},
      {"json_array_length('{}')", "NULL"},
      {"json_object_keys('{\"a\":1,\"b\":{\"c\":2}}')", "[a, b]"},
      {"json_object_keys('[]')", "NULL"},
  };
  expect_cases(kCases);
}

}  // namespace
}  // namespace millrace::expr
