#include "base/thread.h"

#include <atomic>
#include <memory>

#include <gtest/gtest.h>

#include "base/bounded_queue.h"
#include "base/clock.h"

namespace millrace {
namespace {

constexpr std::int64_t kWaitNs = 60'000'000'000;

TEST(Thread, is_stopped_and_joined_at_the_end_of_its_scope) {
  std::atomic<bool> ended{false};
  Wakeup never;
  {
    const Thread thread("a thread with a long name", [&](const std::stop_token& stop) {
      EXPECT_FALSE(never.wait(-1, stop));
      ended = true;
    });
    EXPECT_TRUE(thread.joinable());
  }
  EXPECT_TRUE(ended);
}

TEST(Wakeup, remembers_a_notify_until_it_is_taken) {
  Wakeup wakeup;
  wakeup.notify();
  wakeup.notify();
  EXPECT_TRUE(wakeup.wait(kWaitNs));
  EXPECT_FALSE(wakeup.wait(1'000'000));
}

TEST(Wakeup, wakes_another_thread) {
  Wakeup wakeup;
  std::atomic<bool> woken{false};
  Thread thread("waits", [&](const std::stop_token& stop) { woken = wakeup.wait(kWaitNs, stop); });
  wakeup.notify();
  thread.join();
  EXPECT_TRUE(woken);
}

TEST(Wakeup, gives_up_at_once_when_stopped_before) {
  std::stop_source source;
  source.request_stop();
  Wakeup wakeup;
  EXPECT_FALSE(wakeup.wait(-1, source.get_token()));
}

TEST(BoundedQueue, pushes_back_when_full_and_leaves_the_item) {
  BoundedQueue<std::unique_ptr<int>> queue(1);
  EXPECT_TRUE(queue.try_push(std::make_unique<int>(1)));
  auto second = std::make_unique<int>(2);
  EXPECT_FALSE(queue.try_push(std::move(second)));
  ASSERT_TRUE(second);  // NOLINT(bugprone-use-after-move): untouched is the contract.
  EXPECT_EQ(queue.take_all(0).size(), 1U);
  EXPECT_TRUE(queue.try_push(std::move(second)));
}

TEST(BoundedQueue, a_closed_one_gives_what_is_left) {
  BoundedQueue<int> queue(4);
  EXPECT_TRUE(queue.try_push(1));
  queue.close();
  EXPECT_FALSE(queue.try_push(2));
  EXPECT_EQ(queue.size(), 1U);
  EXPECT_EQ(queue.take_all(-1), std::vector<int>{1});
  EXPECT_TRUE(queue.take_all(-1).empty());
}

TEST(BoundedQueue, brings_everything_across_in_order) {
  BoundedQueue<int> queue(8);
  Thread producer("producer", [&](const std::stop_token&) {
    for (int i = 0; i < 5000;) {
      i += queue.try_push(int{i}) ? 1 : 0;
    }
    queue.close();
  });
  int expected = 0;
  while (expected < 5000) {
    for (const int item : queue.take_all(kWaitNs)) {
      ASSERT_EQ(item, expected++);
    }
  }
}

TEST(ManualClock, moves_by_hand) {
  ManualClock clock(1'000'000);
  const std::int64_t start = clock.monotonic_ns();
  clock.advance_us(5);
  EXPECT_EQ(clock.wall_us(), 1'000'005);
  EXPECT_EQ(clock.monotonic_ns(), start + 5000);
  clock.set_wall_us(7);
  EXPECT_EQ(clock.wall_us(), 7);
  EXPECT_EQ(clock.monotonic_ns(), start + 5000);
}

TEST(SystemClock, is_after_2024_and_steady) {
  const SystemClock clock;
  EXPECT_GT(clock.wall_ms(), 1'704'067'200'000);
  const std::int64_t before = clock.monotonic_ns();
  EXPECT_GE(clock.monotonic_ns(), before);
}

}  // namespace
}  // namespace millrace
