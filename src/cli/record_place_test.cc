#include "cli/record_place.h"

#include <gtest/gtest.h>

namespace millrace::cli {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;

RecordPlace place(std::string_view text) {
  const Result<RecordPlace> parsed = parse_place(text, kNow);
  EXPECT_TRUE(parsed) << text << ": " << parsed.error().message();
  return parsed ? *parsed : RecordPlace{PlaceKind::kOffset, -1};
}

TEST(RecordPlace, takes_words_offsets_and_counts_from_the_end) {
  EXPECT_EQ(place("earliest"), (RecordPlace{PlaceKind::kEarliest, 0}));
  EXPECT_EQ(place("Beginning"), (RecordPlace{PlaceKind::kEarliest, 0}));
  EXPECT_EQ(place("end"), (RecordPlace{PlaceKind::kLatest, 0}));
  EXPECT_EQ(place("42"), (RecordPlace{PlaceKind::kOffset, 42}));
  EXPECT_EQ(place("2026"), (RecordPlace{PlaceKind::kOffset, 2026}));
  EXPECT_EQ(place("-5"), (RecordPlace{PlaceKind::kFromEnd, 5}));
}

TEST(RecordPlace, takes_times_before_now) {
  EXPECT_EQ(place("10m"), (RecordPlace{PlaceKind::kTimestamp, kNow - 600'000}));
  EXPECT_EQ(place("2h ago"), (RecordPlace{PlaceKind::kTimestamp, kNow - 7'200'000}));
  EXPECT_EQ(place("-90s"), (RecordPlace{PlaceKind::kTimestamp, kNow - 90'000}));
  EXPECT_EQ(place("90000d"), (RecordPlace{PlaceKind::kTimestamp, 0}));
}

TEST(RecordPlace, takes_dates_with_and_without_a_zone) {
  EXPECT_EQ(place("2023-11-14T22:13:20Z"), (RecordPlace{PlaceKind::kTimestamp, kNow}));
  EXPECT_EQ(place("2023-11-14 22:13:20"), (RecordPlace{PlaceKind::kTimestamp, kNow}));
  EXPECT_EQ(place("2023-11-14T23:13:20.5+01:00"), (RecordPlace{PlaceKind::kTimestamp, kNow + 500}));
  EXPECT_EQ(place("1970-01-02"), (RecordPlace{PlaceKind::kTimestamp, 86'400'000}));
  EXPECT_EQ(place("@1700000000000"), (RecordPlace{PlaceKind::kTimestamp, kNow}));
}

TEST(RecordPlace, refuses_what_is_no_place) {
  for (const std::string_view text : {"", "soon", "1x", "@-1", "@", "1969-01-01", "10m5", "-"}) {
    EXPECT_FALSE(parse_place(text, kNow)) << text;
  }
}

}  // namespace
}  // namespace millrace::cli
