#include "data/datetime.h"

#include <gtest/gtest.h>

#include "data/zone.h"

namespace millrace::data {
namespace {

std::string date(std::string_view text) {
  const auto days = parse_date(text);
  return days ? date_to_string(*days) : "null";
}

std::string timestamp(std::string_view text, const Zone& session = Zone()) {
  const auto micros = parse_timestamp(text, session, 0);
  return micros ? timestamp_to_string(*micros, Zone()) : "null";
}

Zone zone(std::string_view name) {
  const auto found = Zone::find(name);
  EXPECT_TRUE(found) << name;
  return found.value_or(Zone());
}

TEST(Datetime, converts_every_day_of_800_years_there_and_back) {
  std::int64_t expected = days_from_civil(1600, 1, 1);
  for (int year = 1600; year < 2400; ++year) {
    for (int month = 1; month <= 12; ++month) {
      for (int day = 1; day <= days_in_month(year, month); ++day) {
        ASSERT_EQ(days_from_civil(year, month, day), expected);
        ASSERT_EQ(civil_from_days(expected), (CivilDate{.year = year, .month = month, .day = day}));
        ++expected;
      }
    }
  }
  EXPECT_EQ(days_from_civil(1970, 1, 1), 0);
  EXPECT_EQ(day_of_week(0), 4);
  EXPECT_EQ(day_of_week(-4), 7);
  EXPECT_EQ(day_of_year({.year = 2024, .month = 12, .day = 31}), 366);
}

TEST(Datetime, reads_dates_as_cast_does) {
  EXPECT_EQ(date("2024-02-29"), "2024-02-29");
  EXPECT_EQ(date("2024-2-9"), "2024-02-09");
  EXPECT_EQ(date("2024"), "2024-01-01");
  EXPECT_EQ(date("2024-03"), "2024-03-01");
  EXPECT_EQ(date("2024-03-01T10:11:12"), "2024-03-01");
  EXPECT_EQ(date(" 2024-03-01 "), "2024-03-01");
  EXPECT_EQ(date("2024-03-01 any words"), "2024-03-01");
  EXPECT_EQ(date("+12024-03-01"), "+12024-03-01");
  EXPECT_EQ(date("-0044-03-15"), "-0044-03-15");
  for (const std::string_view bad : {"",
                                     "2024-02-30",
                                     "20240301",
                                     "2024-13-01",
                                     "2024-",
                                     "2024 ",
                                     "2024 x",
                                     "24-01-01",
                                     "2024-03-001",
                                     "2024-03-01x",
                                     "9999999-01-01"}) {
    EXPECT_EQ(date(bad), bad == "2024 " ? "2024-01-01" : "null") << bad;
  }
}

TEST(Datetime, reads_timestamps_as_cast_does) {
  EXPECT_EQ(timestamp("2024-03-01 10:11:12"), "2024-03-01 10:11:12");
  EXPECT_EQ(timestamp("2024-03-01T10:11:12Z"), "2024-03-01 10:11:12");
  EXPECT_EQ(timestamp("2024-03-01T10:11:12.123456Z"), "2024-03-01 10:11:12.123456");
  EXPECT_EQ(timestamp("2024-03-01T10:11:12.1234567"), "2024-03-01 10:11:12.123456");
  EXPECT_EQ(timestamp("2024-03-01T10:11:12+05:30"), "2024-03-01 04:41:12");
  EXPECT_EQ(timestamp("2024-03-01T10:11:12-0800"), "2024-03-01 18:11:12");
  EXPECT_EQ(timestamp("2024-03-01T10:11:12+5"), "2024-03-01 05:11:12");
  EXPECT_EQ(timestamp("2024-03-01 10:11:12 Europe/Rome"), "2024-03-01 09:11:12");
  EXPECT_EQ(timestamp("2024-03-01 10:11:12 UTC+1"), "2024-03-01 09:11:12");
  EXPECT_EQ(timestamp("2024-07-01 12:00:00 Asia/Tokyo"), "2024-07-01 03:00:00");
  EXPECT_EQ(timestamp("2024-03-01"), "2024-03-01 00:00:00");
  EXPECT_EQ(timestamp("2024-03"), "2024-03-01 00:00:00");
  EXPECT_EQ(timestamp("2024"), "2024-01-01 00:00:00");
  EXPECT_EQ(timestamp("2024-03-01 10"), "2024-03-01 10:00:00");
  EXPECT_EQ(timestamp("1992-03-08T15:13:16.688Z"), "1992-03-08 15:13:16.688");
  EXPECT_EQ(timestamp("1969-12-31 23:59:59.5"), "1969-12-31 23:59:59.5");
  EXPECT_EQ(timestamp("10:11:12"), "1970-01-01 10:11:12");
  EXPECT_EQ(timestamp("T10:11"), "1970-01-01 10:11:00");
  EXPECT_EQ(timestamp("2024-03-01 10:11:12", zone("Europe/Rome")), "2024-03-01 09:11:12");
  for (const std::string_view bad : {"",
                                     "2024-03-01 25:00:00",
                                     "2024-03-01 10:61:00",
                                     "not a time",
                                     "2024-03-01T",
                                     "2024-03-01 10:11Z",
                                     "2024-03-01 10:11:12 No/Where",
                                     "2024-03-01 10:11:12 +25:00",
                                     "20240301",
                                     "2024-03-01 10:11:12.5.5",
                                     "300000-01-01 00:00:00"}) {
    EXPECT_EQ(timestamp(bad), "null") << bad;
  }
  EXPECT_EQ(parse_timestamp("10:11:12", Zone()), std::nullopt);
}

TEST(Datetime, reads_local_timestamps_with_or_without_regard_to_zones) {
  EXPECT_EQ(parse_timestamp_ntz("1970-01-01T00:00:01+05:30"), 1'000'000);
  EXPECT_EQ(parse_timestamp_ntz("1970-01-01T00:00:01+05:30", ZoneInText::kRefused), std::nullopt);
  EXPECT_EQ(parse_time("10:00:00.5"), 10 * kMicrosPerHour + 500'000);
  EXPECT_EQ(parse_time("2024-01-01 10:00:00"), std::nullopt);
}

TEST(Datetime, adds_months_and_keeps_to_the_last_day) {
  const auto moved = [](std::string_view from, std::int64_t months) {
    return date_to_string(add_months(*parse_date(from), months).value());
  };
  EXPECT_EQ(moved("2024-01-31", 1), "2024-02-29");
  EXPECT_EQ(moved("2024-02-29", 12), "2025-02-28");
  EXPECT_EQ(moved("2024-01-15", -13), "2022-12-15");
  EXPECT_EQ(add_months(0, INT64_MAX), std::nullopt);
}

TEST(Datetime, survives_the_ends_of_64_bits) {
  for (const std::int64_t micros : {INT64_MIN, INT64_MAX}) {
    EXPECT_EQ(micros_from_civil(civil_from_micros(micros)), micros);
  }
}

TEST(Zone, follows_java_time_in_gaps_and_overlaps) {
  const Zone rome = zone("Europe/Rome");
  const auto to_utc = [&](std::string_view local) {
    return timestamp_ntz_to_string(rome.to_utc(parse_timestamp_ntz(local).value()));
  };
  EXPECT_EQ(to_utc("2024-03-31 02:30:00"), "2024-03-31 01:30:00");
  EXPECT_EQ(to_utc("2024-03-31 01:59:59"), "2024-03-31 00:59:59");
  EXPECT_EQ(to_utc("2024-03-31 03:00:00"), "2024-03-31 01:00:00");
  EXPECT_EQ(to_utc("2024-10-27 02:30:00"), "2024-10-27 00:30:00");
  EXPECT_EQ(to_utc("2024-10-27 03:00:00"), "2024-10-27 02:00:00");
  EXPECT_EQ(to_utc("2024-07-01 12:00:00"), "2024-07-01 10:00:00");
}

TEST(Zone, goes_there_and_back_at_every_hour_of_two_years) {
  for (const std::string_view name : {"Europe/Rome",
                                      "America/New_York",
                                      "Asia/Kolkata",
                                      "Australia/Lord_Howe",
                                      "Pacific/Apia",
                                      "UTC"}) {
    const Zone there = zone(name);
    for (std::int64_t hour = 0; hour < 24 * 730; ++hour) {
      const std::int64_t utc = days_from_civil(2011, 1, 1) * kMicrosPerDay + hour * kMicrosPerHour;
      const std::int64_t local = there.to_local(utc);
      const std::int64_t back = there.to_utc(local);
      ASSERT_TRUE(back == utc || (back < utc && there.to_local(back) == local)) << name << utc;
    }
  }
}

TEST(Zone, has_summer_time_after_the_listed_years) {
  const Zone york = zone("America/New_York");
  EXPECT_EQ(york.offset_at(parse_timestamp_ntz("2060-07-01 12:00:00").value()), -4 * 3600);
  EXPECT_EQ(york.offset_at(parse_timestamp_ntz("2060-01-01 12:00:00").value()), -5 * 3600);
}

TEST(Zone, knows_the_names_that_java_knows) {
  EXPECT_EQ(zone("UTC").name(), "UTC");
  EXPECT_EQ(zone("GMT+8").offset_at(0), 8 * 3600);
  EXPECT_EQ(zone("+02:00").name(), "+02:00");
  EXPECT_EQ(zone("-0830").offset_at(0), -(8 * 3600 + 30 * 60));
  EXPECT_EQ(zone("+5").offset_at(0), 5 * 3600);
  EXPECT_EQ(zone("Z").name(), "Z");
  EXPECT_EQ(zone("PST").name(), "America/Los_Angeles");
  EXPECT_EQ(zone("Europe/Rome").abbreviation_at(0), "CET");
  for (const std::string_view bad :
       {"", "No/Where", "+25:00", "../etc/passwd", "+18:30", "UTC+", "+1:2:3:4"}) {
    EXPECT_FALSE(Zone::find(bad)) << bad;
  }
}

}  // namespace
}  // namespace millrace::data
