#include <gtest/gtest.h>

#include "expr/detail/run_sql.h"

namespace millrace::expr {
namespace {

using detail::expect_cases;
using detail::SqlCase;

TEST(TextFunctions, code_characters) {
  static constexpr SqlCase kCases[] = {
      {"ascii('é')", "233"},
      {"ascii('')", "0"},
      {"chr(233)", "é"},
      {"char(65)", "A"},
      {"chr(-1)", ""},
      {"chr(321)", "A"},
  };
  expect_cases(kCases);
}

TEST(TextFunctions, encode_bytes) {
  static constexpr SqlCase kCases[] = {
      {"hex(255)", "FF"},
      {"hex(-1)", "FFFFFFFFFFFFFFFF"},
      {"hex('é')", "C3A9"},
      {"hex(X'0a')", "0A"},
      {"unhex('C3A9')", "0xc3a9"},
      {"unhex('F')", "0x0f"},
      {"unhex('zz')", "NULL"},
      {"base64('Hi!')", "SGkh"},
      {"unbase64('SGkh')", "0x486921"},
      {"unbase64('S G\\nkh')", "0x486921"},
      {"unbase64('S')", "! CONVERSION_INVALID_INPUT"},
      {"encode('é', 'UTF-8')", "0xc3a9"},
      {"encode('é', 'utf-16')", "0xfeff00e9"},
      {"encode('😀', 'UTF-16LE')", "0x3dd800de"},
      {"decode(X'C3A9', 'UTF-8')", "é"},
      {"decode(X'E9', 'iso-8859-1')", "é"},
      {"to_binary('616263')", "0x616263"},
      {"to_binary('abc', 'utf-8')", "0x616263"},
      {"try_to_binary('!', 'base64')", "NULL"},
      {"to_binary('q')", "! CONVERSION_INVALID_INPUT"},
  };
  expect_cases(kCases);
}

TEST(TextFunctions, decode_as_case) {
  static constexpr SqlCase kCases[] = {
      {"decode(2, 1, 'a', 2, 'b', 'c')", "b"},
      {"decode(3, 1, 'a', 2, 'b', 'c')", "c"},
      {"decode(3, 1, 'a')", "NULL"},
      {"decode(NULL, 1, 'a', NULL, 'n')", "n"},
  };
  expect_cases(kCases);
}

TEST(TextFunctions, measure_texts) {
  static constexpr SqlCase kCases[] = {
      {"levenshtein('kitten', 'sitting')", "3"},
      {"levenshtein('', 'añ')", "2"},
      {"levenshtein('kitten', 'sitting', 2)", "-1"},
      {"soundex('Robert')", "R163"},
      {"soundex('Rupert')", "R163"},
      {"soundex('Ashcraft')", "A261"},
      {"soundex('Tymczak')", "T522"},
      {"soundex('123')", "123"},
      {"luhn_check('79927398713')", "true"},
      {"luhn_check('79927398714')", "false"},
      {"luhn_check('')", "false"},
      {"luhn_check('4 1')", "false"},
  };
  expect_cases(kCases);
}

TEST(TextFunctions, shape_texts) {
  static constexpr SqlCase kCases[] = {
      {"mask('AbC-12é')", "XxX-nnx"},
      {"mask('AbC-12', 'Q', 'q', NULL, '*')", "QqQ*12"},
      {"mask(NULL)", "NULL"},
      {"quote(\"Don't\")", "'Don\\'t'"},
      {"sentences('Hi there. Bye!')", "[[Hi, there], [Bye]]"},
      {"sentences(\"It's 3.5 km.\")", "[[It's, 3.5, km]]"},
      {"sentences('')", "[]"},
  };
  expect_cases(kCases);
}

TEST(TextFunctions, check_utf8) {
  static constexpr SqlCase kCases[] = {
      {"is_valid_utf8(X'FF')", "false"},
      {"is_valid_utf8('é')", "true"},
      {"make_valid_utf8(X'61FF')", "a�"},
      {"try_validate_utf8(X'FF')", "NULL"},
      {"validate_utf8(X'FF')", "! INVALID_UTF8_STRING"},
      {"validate_utf8('a')", "a"},
  };
  expect_cases(kCases);
}

}  // namespace
}  // namespace millrace::expr
