#include "expr/number_format.h"

#include <gtest/gtest.h>

namespace millrace::expr {
namespace {

std::string read(std::string_view format, std::string_view text) {
  const auto parsed = NumberFormat::parse(format);
  const auto value = parsed ? parsed->read(text) : std::nullopt;
  return value ? std::to_string(static_cast<std::int64_t>(*value)) : "!";
}

std::string write(std::string_view format, std::int64_t unscaled, int scale = 0) {
  const auto parsed = NumberFormat::parse(format);
  return parsed ? parsed->write(unscaled, scale) : "!";
}

TEST(NumberFormat, reads_at_most_or_exactly_as_many_digits) {
  EXPECT_EQ(read("999", "454"), "454");
  EXPECT_EQ(read("999", "45"), "45");
  EXPECT_EQ(read("999", "4545"), "!");
  EXPECT_EQ(read("000", "454"), "454");
  EXPECT_EQ(read("000", "45"), "!");
  EXPECT_EQ(read("000.00", "454.00"), "45400");
  EXPECT_EQ(read("999D00", "454.1"), "45410");
  EXPECT_EQ(read("999", "abc"), "!");
  EXPECT_EQ(read("999", ""), "!");
}

TEST(NumberFormat, reads_groups_signs_and_dollars) {
  EXPECT_EQ(read("99,999", "12,454"), "12454");
  EXPECT_EQ(read("99,999", "454"), "454");
  EXPECT_EQ(read("99,999", "1,2,454"), "!");
  EXPECT_EQ(read("$99.99", "$78.12"), "7812");
  EXPECT_EQ(read("$99.99", "78.12"), "!");
  EXPECT_EQ(read("99,999.9S", "12,454.8-"), "-124548");
  EXPECT_EQ(read("S99", "+5"), "5");
  EXPECT_EQ(read("MI99", "+5"), "!");
  EXPECT_EQ(read("99PR", "<5>"), "-5");
  EXPECT_EQ(read("99PR", "<5"), "!");
}

TEST(NumberFormat, writes_every_place) {
  EXPECT_EQ(write("999", 454), "454");
  EXPECT_EQ(write("000D00", 45400, 2), "454.00");
  EXPECT_EQ(write("99G999", 12454), "12,454");
  EXPECT_EQ(write("9,999.00", 12345, 1), "1,234.50");
  EXPECT_EQ(write("$99.99", 7812, 2), "$78.12");
  EXPECT_EQ(write("99G999D9S", -124548, 1), "12,454.8-");
  EXPECT_EQ(write("99,999", 454), "   454");
  EXPECT_EQ(write("00,000", 454), "00,454");
  EXPECT_EQ(write("99", 454), "##");
  EXPECT_EQ(write("99PR", -5), "< 5>");
}

TEST(NumberFormat, knows_the_type_of_the_number) {
  const auto format = NumberFormat::parse("9,999.00");
  ASSERT_TRUE(format);
  EXPECT_EQ(format->precision(), 6);
  EXPECT_EQ(format->scale(), 2);
}

TEST(NumberFormat, refuses_what_is_no_format) {
  for (const char* text : {"",
                           "$",
                           "9.9.9",
                           "9,",
                           ",9",
                           "9,.9",
                           "9$",
                           "9S9",
                           "$$9",
                           "x",
                           "9PR9",
                           "S9MI",
                           "999999999999999999999999999999999999999"}) {
    EXPECT_FALSE(NumberFormat::parse(text)) << text;
  }
}

}  // namespace
}  // namespace millrace::expr
