#include <gtest/gtest.h>

#include "expr/detail/run_sql.h"

namespace millrace::expr {
namespace {

using detail::expect_cases;
using detail::SqlCase;

TEST(FormatFunctions, format_strings) {
  static constexpr SqlCase kCases[] = {
      {"format_string('%05d|%-5s|%.2f|%x', 42, 'ab', 1.005D, 255)", "00042|ab   |1.01|ff"},
      {"format_string('%s %s', 'a', NULL)", "a null"},
      {"printf('%2$s-%1$s', 'a', 'b')", "b-a"},
      {"format_string('%,d', 1234567)", "1,234,567"},
      {"format_string('%x', -1)", "ffffffff"},
      {"format_string('%x', -1Y)", "ff"},
      {"format_string('%e', 12345.678D)", "1.234568e+04"},
      {"format_string('%b %c', true, 65)", "true A"},
      {"format_string('%s', 1.50)", "1.50"},
      {"format_string('%s', 1.5D)", "1.5"},
      {"format_string('%d', 'a')", "! EVALUATION_FAILED"},
      {"format_string('%.2f', 1.005)", "! EVALUATION_FAILED"},
      {"format_string('%s')", "! EVALUATION_FAILED"},
      {"format_string('100%%')", "100%"},
      {"format_string(NULL, 1)", "NULL"},
  };
  expect_cases(kCases);
}

TEST(FormatFunctions, format_numbers) {
  static constexpr SqlCase kCases[] = {
      {"format_number(1234567.891, 2)", "1,234,567.89"},
      {"format_number(12332.123456, '##################.###')", "12332.123"},
      {"format_number(2.5D, 0)", "2"},
      {"format_number(3.5D, 0)", "4"},
      {"format_number(-1234, 1)", "-1,234.0"},
      {"format_number(1, -1)", "NULL"},
      {"format_number(DOUBLE('NaN'), 2)", "NaN"},
      {"format_number(0.5, '#,##0.00%')", "50.00%"},
      {"format_number(CAST('99999999999999999999.999' AS DECIMAL(38,3)), 1)",
       "100,000,000,000,000,000,000.0"},
  };
  expect_cases(kCases);
}

TEST(FormatFunctions, read_and_write_by_number_formats) {
  static constexpr SqlCase kCases[] = {
      {"to_number('12,454', '99,999')", "12454"},
      {"to_number('abc', '999')", "! INVALID_FORMAT"},
      {"try_to_number('abc', '999')", "NULL"},
      {"to_number('1', 'x')", "! INVALID_FORMAT"},
      {"to_char(1234.5, '9,999.00')", "1,234.50"},
      {"to_char(454, '999')", "454"},
      {"to_varchar(78.12, '$99.99')", "$78.12"},
      {"to_char(DATE'2016-04-08', 'y')", "2016"},
      {"to_char(X'0aff', 'hex')", "0AFF"},
      {"to_char(X'4869', 'base64')", "SGk="},
      {"to_char(X'4869', 'nope')", "! INVALID_PARAMETER_VALUE"},
  };
  expect_cases(kCases);
}

}  // namespace
}  // namespace millrace::expr
