#include <gtest/gtest.h>

#include "expr/detail/run_sql.h"

namespace millrace::expr {
namespace {

using detail::expect_cases;
using detail::SqlCase;

TEST(StringFunctions, change_case) {
  static constexpr SqlCase kCases[] = {
      {"upper('straße')", "STRASSE"},
      {"ucase('é')", "É"},
      {"lower('ΟΔΟΣ')", "οδος"},
      {"lcase('ABC')", "abc"},
      {"lower('İ')", "i̇"},
      {"initcap('hello wORLD-foo bar')", "Hello World-foo Bar"},
      {"upper(NULL)", "NULL"},
  };
  expect_cases(kCases);
}

TEST(StringFunctions, measure_length) {
  static constexpr SqlCase kCases[] = {
      {"length('Ålesund')", "7"},
      {"length('😀')", "1"},
      {"length(X'0102')", "2"},
      {"octet_length('😀')", "4"},
      {"bit_length('é')", "16"},
      {"char_length('')", "0"},
      {"len(12345)", "5"},
  };
  expect_cases(kCases);
}

TEST(StringFunctions, cut_by_code_points_from_1_and_from_the_end) {
  static constexpr SqlCase kCases[] = {
      {"substring('Hello', 2, 3)", "ell"},
      {"substring('Hello', 0, 2)", "He"},
      {"substring('Hello', -3, 2)", "ll"},
      {"substring('Hello', -10, 7)", "He"},
      {"substring('Hello', -10, 2)", ""},
      {"substring('Hello', 9)", ""},
      {"substr('日本語テキスト', 2, 2)", "本語"},
      {"substring('abc', 2, -1)", ""},
      {"substring(X'010203', 2, 1)", "0x02"},
      {"substring('abc', 2147483647)", ""},
      {"left('日本語', 2)", "日本"},
      {"left('abc', -1)", ""},
      {"right('日本語', 2)", "本語"},
      {"right('abc', 0)", ""},
      {"right('abc', 9)", "abc"},
  };
  expect_cases(kCases);
}

TEST(StringFunctions, split_at_delimiters) {
  static constexpr SqlCase kCases[] = {
      {"substring_index('www.apache.org', '.', 2)", "www.apache"},
      {"substring_index('www.apache.org', '.', -2)", "apache.org"},
      {"substring_index('a.b', '.', 5)", "a.b"},
      {"substring_index('a.b', '', 1)", ""},
      {"substring_index('a.b', '.', 0)", ""},
      {"split_part('a.b.c', '.', 2)", "b"},
      {"split_part('a.b.c', '.', -1)", "c"},
      {"split_part('a.b.c', '.', 4)", ""},
      {"split_part('a.b.c', '.', -4)", ""},
      {"split_part('a.b.c', '.', 0)", "! INVALID_INDEX_OF_ZERO"},
      {"split_part('abc', '', 1)", "abc"},
  };
  expect_cases(kCases);
}

TEST(StringFunctions, trim_spaces_or_sets) {
  static constexpr SqlCase kCases[] = {
      {"trim('  a b  ')", "a b"},
      {"trim(BOTH 'x' FROM 'xxaxx')", "a"},
      {"trim(LEADING 'x' FROM 'xxaxx')", "axx"},
      {"trim(TRAILING FROM ' a ')", " a"},
      {"ltrim('0', '00120')", "120"},
      {"rtrim('.0', '12.00')", "12"},
      {"btrim('日a日', '日')", "a"},
      {"trim('\\t a')", "\t a"},
  };
  expect_cases(kCases);
}

TEST(StringFunctions, pad_and_repeat) {
  static constexpr SqlCase kCases[] = {
      {"lpad('7', 3, '0')", "007"},
      {"lpad('12345', 3, '0')", "123"},
      {"lpad('7', 3, '')", "7"},
      {"lpad('x', 6, 'ab')", "ababax"},
      {"rpad('日', 3)", "日  "},
      {"rpad('a', 4, 'xy')", "axyx"},
      {"lpad('a', -1)", ""},
      {"rpad(X'01', 3)", "0x010000"},
      {"repeat('ab', 3)", "ababab"},
      {"repeat('ab', -1)", ""},
      {"repeat('ab', 2000000000)", "! COLLECTION_SIZE_LIMIT_EXCEEDED"},
      {"lpad('a', 2000000000, 'b')", "! COLLECTION_SIZE_LIMIT_EXCEEDED"},
      {"space(3)", "   "},
  };
  expect_cases(kCases);
}

TEST(StringFunctions, replace_parts) {
  static constexpr SqlCase kCases[] = {
      {"replace('ABCabc', 'abc', 'DEF')", "ABCDEF"},
      {"replace('aaa', 'a')", ""},
      {"replace('abc', '', 'x')", "abc"},
      {"translate('AaBbCc', 'abc', '12')", "A1B2C"},
      {"translate('aa', 'aa', 'xy')", "xx"},
      {"overlay('abcdef' PLACING 'XX' FROM 2 FOR 3)", "aXXef"},
      {"overlay('Spark SQL' PLACING '_' FROM 6)", "Spark_SQL"},
      {"overlay('abc' PLACING 'XY' FROM 2 FOR 0)", "aXYbc"},
  };
  expect_cases(kCases);
}

TEST(StringFunctions, join_with_separators) {
  static constexpr SqlCase kCases[] = {
      {"concat_ws('-', 'a', NULL, 'b')", "a-b"},
      {"concat_ws(',', array('x','y',NULL), 'z')", "x,y,z"},
      {"concat_ws(NULL, 'a')", "NULL"},
      {"concat_ws('-')", ""},
      {"elt(2, 'a', 'b')", "b"},
      {"elt(3, 'a', 'b')", "! INVALID_ARRAY_INDEX"},
      {"elt(NULL, 'a')", "NULL"},
  };
  expect_cases(kCases);
}

TEST(StringFunctions, search) {
  static constexpr SqlCase kCases[] = {
      {"contains('abc', 'B')", "false"},
      {"contains(X'0102', X'02')", "true"},
      {"startswith('abc', 'ab')", "true"},
      {"endswith('abc', '')", "true"},
      {"instr('日本語', '語')", "3"},
      {"instr('abc', 'x')", "0"},
      {"locate('an', 'banana', 3)", "4"},
      {"locate('a', 'banana', 0)", "0"},
      {"locate('', 'abc')", "1"},
      {"position('z' IN 'banana')", "0"},
      {"charindex('n', 'banana')", "3"},
      {"find_in_set('b', 'a,b,c')", "2"},
      {"find_in_set('a,b', 'a,b')", "0"},
      {"find_in_set('', 'a,,b')", "2"},
  };
  expect_cases(kCases);
}

}  // namespace
}  // namespace millrace::expr
