#include "data/datetime_pattern.h"

#include <gtest/gtest.h>

namespace millrace::data {
namespace {

std::string format(std::string_view timestamp,
                   std::string_view pattern,
                   std::string_view zone = "UTC") {
  const Zone there = Zone::find(zone).value();
  const DatetimePattern compiled = MUST(DatetimePattern::for_formatting(pattern));
  std::string out;
  compiled.format(out, parse_timestamp(timestamp, there).value(), there);
  return out;
}

std::string parse(std::string_view text, std::string_view pattern) {
  const DatetimePattern compiled = MUST(DatetimePattern::for_parsing(pattern));
  const auto micros = compiled.parse_timestamp(text, Zone());
  return micros ? timestamp_ntz_to_string(*micros) : "null";
}

TEST(DatetimePattern, formats_as_spark_does) {
  const std::string_view time = "2024-05-07 03:04:05.678";
  EXPECT_EQ(format(time, "yyyy-MM-dd HH:mm:ss.SSS"), "2024-05-07 03:04:05.678");
  EXPECT_EQ(format("2024-05-07 13:04:05", "h:mm a"), "1:04 PM");
  EXPECT_EQ(format(time, "EEEE, d MMMM yyyy"), "Tuesday, 7 May 2024");
  EXPECT_EQ(format(time, "EEE MMM dd"), "Tue May 07");
  EXPECT_EQ(format(time, "Q"), "2");
  EXPECT_EQ(format(time, "QQQ"), "Q2");
  EXPECT_EQ(format(time, "XXX VV z O"), "Z UTC UTC GMT");
  EXPECT_EQ(format(time, "''yy''"), "'24'");
  EXPECT_EQ(format(time, "'it''s' D"), "it's 128");
  EXPECT_EQ(format("2024-05-07 03:04:05.000120", "SSSSSS"), "000120");
  EXPECT_EQ(format(time, "yyyyMMdd"), "20240507");
  EXPECT_EQ(format(time, "yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]"), "2024-05-07T03:04:05.678Z");
  EXPECT_EQ(format(time, "XXX X x Z O z VV", "Asia/Kolkata"),
            "+05:30 +0530 +0530 +0530 GMT+5:30 IST Asia/Kolkata");
  EXPECT_EQ(format("+12024-01-01", "yyyy"), "+12024");
  EXPECT_EQ(format("2024-01-01 00:00:00", "k K h H"), "24 0 12 0");
}

TEST(DatetimePattern, parses_as_spark_does) {
  EXPECT_EQ(parse("01/03/2024 10:11", "dd/MM/yyyy HH:mm"), "2024-03-01 10:11:00");
  EXPECT_EQ(parse("1/3/2024", "d/M/yyyy"), "2024-03-01 00:00:00");
  EXPECT_EQ(parse("01/03/2024", "d/M/yyyy"), "2024-03-01 00:00:00");
  EXPECT_EQ(parse("2024-03-01T10:11:12.688Z", "yyyy-MM-dd'T'HH:mm:ss.SSSX"),
            "2024-03-01 10:11:12.688");
  EXPECT_EQ(parse("2024-03-01T10:11:12.688+02:00", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX"),
            "2024-03-01 08:11:12.688");
  EXPECT_EQ(parse("2024-03-01T10:11:12.6", "yyyy-MM-dd'T'HH:mm:ss[.SSS]"), "2024-03-01 10:11:12.6");
  EXPECT_EQ(parse("2024-03-01T10:11:12", "yyyy-MM-dd'T'HH:mm:ss[.SSS]"), "2024-03-01 10:11:12");
  EXPECT_EQ(parse("2024-03-01 10:11:12 PM", "yyyy-MM-dd hh:mm:ss a"), "2024-03-01 22:11:12");
  EXPECT_EQ(parse("01 mar 2024", "dd MMM yyyy"), "2024-03-01 00:00:00");
  EXPECT_EQ(parse("24-03-01", "yy-MM-dd"), "2024-03-01 00:00:00");
  EXPECT_EQ(parse("20240301101112", "yyyyMMddHHmmss"), "2024-03-01 10:11:12");
  EXPECT_EQ(parse("2024 061", "yyyy DDD"), "2024-03-01 00:00:00");
  EXPECT_EQ(parse("12:30 Europe/Rome", "HH:mm VV"), "1970-01-01 11:30:00");
}

TEST(DatetimePattern, refuses_texts_that_do_not_match_whole) {
  EXPECT_EQ(parse("bad", "yyyy-MM-dd"), "null");
  EXPECT_EQ(parse("2024-03-01x", "yyyy-MM-dd"), "null");
  EXPECT_EQ(parse("2024-02-30", "yyyy-MM-dd"), "null");
  EXPECT_EQ(parse("24-03-01", "yyyy-MM-dd"), "null");
  EXPECT_EQ(parse("2024-3-01", "yyyy-MM-dd"), "null");
  EXPECT_EQ(parse("2024-03-01 13 PM", "yyyy-MM-dd hh a"), "null");
  EXPECT_EQ(parse("12024-03-01", "yyyy-MM-dd"), "null");
  EXPECT_EQ(parse("2024-03-01 04", "yyyy-MM-dd MM"), "null");
}

TEST(DatetimePattern, refuses_letters_that_spark_refuses) {
  for (const std::string_view bad :
       {"YYYY", "w",     "u",   "e",  "c", "W",  "A",     "B", "n", "N",         "p",
        "b",    "MMMMM", "ddd", "aa", "V", "OO", "'open", "]", "{", "SSSSSSSSSS"}) {
    EXPECT_FALSE(DatetimePattern::for_formatting(bad).has_value()) << bad;
  }
  for (const std::string_view bad : {"EEE", "Q", "F"}) {
    EXPECT_TRUE(DatetimePattern::for_formatting(bad).has_value()) << bad;
    EXPECT_FALSE(DatetimePattern::for_parsing(bad).has_value()) << bad;
  }
  EXPECT_FALSE(DatetimePattern::for_parsing(std::string(1001, ' ')).has_value());
}

TEST(DatetimePattern, reads_what_it_prints) {
  for (const std::string_view pattern : {"yyyy-MM-dd HH:mm:ss.SSSSSS",
                                         "yyyyMMddHHmmss.SSSSSSXXX",
                                         "d MMMM yyyy h:mm:ss.SSSSSS a",
                                         "yyyy D k:m:s.SSSSSS x"}) {
    const DatetimePattern compiled = MUST(DatetimePattern::for_parsing(pattern));
    for (std::int64_t micros = -3'000'000'000'000'000; micros < 3'000'000'000'000'000;
         micros += 7'777'777'777'777) {
      std::string text;
      compiled.format(text, micros, Zone());
      ASSERT_EQ(compiled.parse_timestamp(text, Zone()), micros) << text;
    }
  }
}

}  // namespace
}  // namespace millrace::data
