#include "log/log.h"

#include <atomic>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/thread.h"
#include "log/detail/test_log.h"

namespace millrace::log {
namespace {

using Values = std::vector<std::string>;

TEST(Log, appended_records_are_read_back_with_their_offsets) {
  TestLog test;
  MUST(test.open());
  MUST(test.log->create_topic({.name = "users"}));
  EXPECT_EQ(MUST(append_one(*test.log, tp("users"), batch_of({"a", "b"}))).base_offset, Offset(0));
  EXPECT_EQ(MUST(append_one(*test.log, tp("users"), batch_of({"c"}))).base_offset, Offset(2));
  EXPECT_EQ(MUST(read_values(*test.log, tp("users"))), (Values{"0:a", "1:b", "2:c"}));
  const PartitionInfo info = test.log->describe(tp("users")).value();
  EXPECT_EQ(info.high_watermark, Offset(3));
  EXPECT_EQ(info.last_stable_offset, Offset(3));
  EXPECT_EQ(info.log_start_offset, Offset(0));
}

TEST(Log, closed_log_refuses_and_can_be_closed_again) {
  TestLog test;
  MUST(test.open());
  MUST(test.log->create_topic({.name = "a"}));
  MUST(test.log->close());
  MUST(test.log->close());
  EXPECT_EQ(append_one(*test.log, tp("a"), batch_of({"x"})).error().code(), ErrorCode::kCancelled);
  EXPECT_EQ(test.log->create_topic({.name = "b"}).error().code(), ErrorCode::kCancelled);
}

TEST(Log, threads_of_its_own_serve_many_callers) {
  LogOptions options = small_options();
  options.threads = true;
  TestLog test(1, options);
  MUST(test.open());
  MUST(test.log->create_topic({.name = "a", .partitions = 4}));
  constexpr int kThreads = 4;
  constexpr int kEach = 200;
  std::atomic<int> failed{0};
  {
    std::vector<Thread> threads(kThreads);
    for (int t = 0; t < kThreads; ++t) {
      threads[static_cast<std::size_t>(t)] = Thread("writer", [&, t](const std::stop_token&) {
        for (int i = 0; i < kEach; ++i) {
          const auto done = append_one(*test.log, tp("a", t), batch_of({std::to_string(i)}));
          failed += done.has_value() && done->base_offset == Offset(i) ? 0 : 1;
        }
      });
    }
  }
  EXPECT_EQ(failed.load(), 0);
  for (int t = 0; t < kThreads; ++t) {
    EXPECT_EQ(MUST(read_values(*test.log, tp("a", t))).size(), static_cast<std::size_t>(kEach));
  }
  MUST(test.close());
  MUST(test.open());
  EXPECT_TRUE(test.log->recovery().clean);
  EXPECT_EQ(MUST(read_values(*test.log, tp("a", 2))).size(), static_cast<std::size_t>(kEach));
}

}  // namespace
}  // namespace millrace::log
