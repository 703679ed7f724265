#include <gtest/gtest.h>

#include "expr/detail/run_sql.h"

namespace millrace::expr {
namespace {

using detail::expect_cases;
using detail::SqlCase;

TEST(RegexFunctions, match) {
  static constexpr SqlCase kCases[] = {
      {"'abc' RLIKE 'b'", "true"},
      {"regexp_like('abc', '^b')", "false"},
      {"regexp('a\\nb', 'a.b')", "false"},
      {"'abc' RLIKE '('", "! INVALID_PARAMETER_VALUE.PATTERN"},
      {"'abc' RLIKE '(?=b)'", "! INVALID_PARAMETER_VALUE.PATTERN"},
      {"'aa' RLIKE r'(a)\\1'", "! INVALID_PARAMETER_VALUE.PATTERN"},
      {"NULL RLIKE 'a'", "NULL"},
  };
  expect_cases(kCases);
}

TEST(RegexFunctions, extract) {
  static constexpr SqlCase kCases[] = {
      {"regexp_extract('foo-123-bar', '([a-z]+)-([0-9]+)', 2)", "123"},
      {"regexp_extract('foo-1', '([a-z]+)-([0-9]+)')", "foo"},
      {"regexp_extract('foo', '(x)?foo', 1)", ""},
      {"regexp_extract('foo', 'x', 0)", ""},
      {"regexp_extract('foo-1', '([a-z]+)-([0-9]+)', 3)",
       "! INVALID_PARAMETER_VALUE.REGEX_GROUP_INDEX"},
      {"regexp_extract('ab12', r'\\d+', 0)", "12"},
      {"regexp_extract_all('a1b22', r'(\\d+)', 1)", "[1, 22]"},
      {"regexp_extract_all('abc', 'x*', 0)", "[, , , ]"},
      {"regexp_count('banana', 'an')", "2"},
      {"regexp_substr('banana', 'n.')", "na"},
      {"regexp_substr('banana', 'x')", "NULL"},
      {"regexp_instr('日abc12', r'\\d')", "5"},
      {"regexp_instr('abc', 'x')", "0"},
  };
  expect_cases(kCases);
}

TEST(RegexFunctions, replace) {
  static constexpr SqlCase kCases[] = {
      {"regexp_replace('abc', 'b', r'\\$')", "a$c"},
      {"regexp_replace('aaa', 'a', 'b', 2)", "abb"},
      {"regexp_replace('Åse', r'\\w', '_')", "Å__"},
      {"regexp_replace('Åse', r'(?U)\\w', '_')", "___"},
      {"regexp_replace('ABC', '(?i)b', 'x')", "AxC"},
      {"regexp_replace('ab', '(a)(?<n>b)', '$2${n}$1')", "bba"},
      {"regexp_replace('abc', '', '-')", "-a-b-c-"},
      {"regexp_replace('abc', 'b', '$9')", "! INVALID_PARAMETER_VALUE"},
      {"regexp_replace('abc', 'b', 'x', 0)", "! INVALID_PARAMETER_VALUE"},
      {"regexp_replace('abc', 'c', 'x', 9)", "abc"},
  };
  expect_cases(kCases);
}

TEST(RegexFunctions, split) {
  static constexpr SqlCase kCases[] = {
      {"split('a,b,,c,,', ',')", "[a, b, , c, , ]"},
      {"split('a,b,c', ',', 2)", "[a, b,c]"},
      {"split('abc', '')", "[a, b, c]"},
      {"split('abc', '', 2)", "[a, bc]"},
      {"split('a.b', '.')", "[, , , ]"},
      {"split('a1b22c', '[0-9]+')", "[a, b, c]"},
      {"split('', ',')", "[]"},
      {"split('oneAtwoBthreeC', '[ABC]', 2)", "[one, twoBthreeC]"},
      {"split('abc', 'x*')", "[a, b, c, ]"},
  };
  expect_cases(kCases);
}

}  // namespace
}  // namespace millrace::expr
