#include "flow/view_content.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"

namespace millrace::flow {
namespace {

using Put = ViewContent::Put;

std::vector<std::string> missing(ViewContent& content) {
  std::vector<std::string> keys;
  content.take_missing([&](std::string_view key) { keys.emplace_back(key); });
  return keys;
}

TEST(ViewContent, says_what_is_new_changed_and_gone) {
  ViewContent content(1 << 20);
  MUST(content.load("a", "1"));
  MUST(content.load("b", "1"));
  MUST(content.load("c", "1"));
  MUST(content.load("c", std::nullopt));
  content.begin();
  EXPECT_EQ(MUST(content.put("a", "1")), Put::kSame);
  EXPECT_EQ(MUST(content.put("c", "1")), Put::kChanged);
  EXPECT_EQ(missing(content), std::vector<std::string>{"b"});
  content.begin();
  EXPECT_EQ(MUST(content.put("a", "2")), Put::kChanged);
  EXPECT_EQ(MUST(content.put("c", "1")), Put::kSame);
  EXPECT_EQ(missing(content), std::vector<std::string>{});
}

TEST(ViewContent, names_a_key_that_comes_twice) {
  ViewContent content(1 << 20);
  content.begin();
  EXPECT_EQ(MUST(content.put("a", "1")), Put::kChanged);
  EXPECT_EQ(MUST(content.put("a", "1")), Put::kTwice);
}

TEST(ViewContent, refuses_more_than_its_limit) {
  ViewContent content(1'000);
  content.begin();
  Result<Put> put = Put::kSame;
  int rows = 0;
  for (; put && rows < 1'000; ++rows) {
    put = content.put(std::to_string(rows), "value");
  }
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().code(), ErrorCode::kExhausted);
  EXPECT_EQ(rows, 9);
  EXPECT_NE(put.error().message().find("memory.max"), std::string::npos);
}

TEST(ViewContent, gives_back_what_goes) {
  ViewContent content(2'000);  // The old rows and the new ones are there together.
  for (int round = 0; round < 100; ++round) {
    content.begin();
    for (int row = 0; row < 8; ++row) {
      MUST(content.put(std::to_string(round * 10 + row), "value"));
    }
    missing(content);
  }
  EXPECT_EQ(content.size(), 8U);
}

// The topic as a map: what the records of each result leave must be the result, row for row.
TEST(ViewContent, numbered_rows_leave_the_result_with_its_duplicates) {
  Random random(7);
  ViewContent content(1 << 20);
  std::map<std::string, std::string> topic;
  for (int round = 0; round < 200; ++round) {
    std::multiset<std::string> result;
    for (std::uint64_t row = random.below(40); row > 0; --row) {
      result.insert("{\"a\":" + std::to_string(random.below(12)) + "}");
    }
    if (random.one_in(10)) {  // A new life.
      content = ViewContent(1 << 20);
      for (const auto& [key, value] : topic) {
        MUST(content.load(key, value));
      }
    }
    content.begin();
    std::size_t written = 0;
    std::multiset<std::string> before;
    for (const auto& [key, value] : topic) {
      before.insert(value);
    }
    std::string key;
    for (const std::string& row : result) {
      const Put put = MUST(content.put_numbered(row, key));
      ASSERT_NE(put, Put::kTwice);
      if (put == Put::kChanged) {
        topic[key] = row;
        ++written;
      }
    }
    for (const std::string& gone : missing(content)) {
      topic.erase(gone);
      ++written;
    }
    std::multiset<std::string> after;
    for (const auto& [number, value] : topic) {
      after.insert(value);
    }
    ASSERT_EQ(after, result) << "round " << round;
    std::vector<std::string> difference;
    std::ranges::set_symmetric_difference(before, result, std::back_inserter(difference));
    EXPECT_EQ(written, difference.size()) << "round " << round;
  }
}

TEST(ViewContent, many_equal_rows_take_no_time_squared) {
  ViewContent content(64 << 20);
  std::string key;
  for (int round = 0; round < 2; ++round) {
    content.begin();
    for (int row = 0; row < 50'000; ++row) {
      ASSERT_EQ(MUST(content.put_numbered("{}", key)), round == 0 ? Put::kChanged : Put::kSame);
    }
  }
  EXPECT_EQ(content.size(), 50'000U);
}

}  // namespace
}  // namespace millrace::flow
