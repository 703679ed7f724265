#include "connector/sequence_feed.h"

#include <gtest/gtest.h>

namespace millrace::connector {
namespace {

void number_row(std::uint64_t row, FeedRecord& record) {
  record.value = std::to_string(row);
}

SequenceFeed make_feed(const Clock& clock, SequenceOptions options) {
  return SequenceFeed(options, clock, number_row);
}

TEST(SequenceFeed, gives_the_same_rows_for_the_same_cursor) {
  const ManualClock clock;
  auto feed = make_feed(clock, {.rows_per_second = 0});
  const FeedPoll first = feed.poll("", {.records = 3}, {});
  auto restarted = make_feed(clock, {.rows_per_second = 0});
  const FeedPoll again = restarted.poll(first.next_cursor, {.records = 2}, {});

  ASSERT_EQ(first.records.size(), 3U);
  EXPECT_EQ(first.records[2].value, "2");
  EXPECT_EQ(first.next_cursor, "{\"next\":3}");
  ASSERT_EQ(again.records.size(), 2U);
  EXPECT_EQ(again.records[0].value, "3");
}

TEST(SequenceFeed, keeps_the_pace) {
  ManualClock clock;
  auto feed = make_feed(clock, {.rows_per_second = 50});
  std::string cursor;
  std::uint64_t rows = 0;
  for (int ms = 0; ms < 1000; ++ms) {
    const FeedPoll poll = feed.poll(cursor, {}, {});
    EXPECT_LE(poll.wait_ms, 20);
    cursor = poll.next_cursor;
    rows += poll.records.size();
    clock.advance_us(1000);
  }
  EXPECT_EQ(rows, 50U);
}

TEST(SequenceFeed, gives_at_most_one_second_of_rows_to_a_reader_that_was_away) {
  ManualClock clock;
  auto feed = make_feed(clock, {.rows_per_second = 50});
  const FeedPoll first = feed.poll("", {}, {});
  clock.advance_us(60'000'000);
  const FeedPoll late = feed.poll(first.next_cursor, {}, {});
  const FeedPoll next = feed.poll(late.next_cursor, {}, {});

  EXPECT_EQ(first.records.size(), 1U);
  EXPECT_EQ(late.records.size(), 50U);
  EXPECT_TRUE(next.records.empty());
  EXPECT_EQ(next.wait_ms, 20);
}

TEST(SequenceFeed, waits_whole_seconds_when_the_pace_is_below_one_row) {
  const ManualClock clock;
  auto feed = make_feed(clock, {.rows_per_second = 0.25});
  const FeedPoll poll = feed.poll("", {}, {});

  EXPECT_EQ(poll.records.size(), 1U);
  EXPECT_EQ(poll.wait_ms, 4000);
}

TEST(SequenceFeed, ends_after_its_rows) {
  const ManualClock clock;
  auto feed = make_feed(clock, {.rows_per_second = 0, .rows_max = 5});
  const FeedPoll first = feed.poll("", {.records = 4}, {});
  const FeedPoll second = feed.poll(first.next_cursor, {.records = 4}, {});
  const FeedPoll after = feed.poll("{\"next\":9}", {.records = 4}, {});

  EXPECT_FALSE(first.ended);
  EXPECT_EQ(second.records.size(), 1U);
  EXPECT_TRUE(second.ended);
  EXPECT_TRUE(after.ended);
  EXPECT_TRUE(after.records.empty());
}

TEST(SequenceFeed, stays_within_the_credit_of_bytes) {
  const ManualClock clock;
  SequenceFeed feed({.rows_per_second = 0}, clock, [](std::uint64_t, FeedRecord& record) {
    record.value.assign(100, 'x');
  });
  EXPECT_EQ(feed.poll("", {.records = 1000, .bytes = 250}, {}).records.size(), 3U);
}

TEST(SequenceFeed, says_what_is_wrong_with_a_foreign_cursor) {
  const ManualClock clock;
  auto feed = make_feed(clock, {});
  for (const std::string_view cursor : {"{\"next\":-1}", "{\"next\":}", "12", "{\"next\":1x}"}) {
    const FeedPoll poll = feed.poll(cursor, {}, {});
    EXPECT_TRUE(poll.records.empty());
    EXPECT_FALSE(poll.problem.empty()) << cursor;
    EXPECT_EQ(poll.next_cursor, cursor);
  }
}

TEST(SequenceFeed, stops_when_asked) {
  const ManualClock clock;
  auto feed = make_feed(clock, {.rows_per_second = 0});
  std::stop_source stop;
  stop.request_stop();
  EXPECT_TRUE(feed.poll("", {}, stop.get_token()).records.empty());
}

}  // namespace
}  // namespace millrace::connector
