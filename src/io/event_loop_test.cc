#include "io/event_loop.h"

#include <vector>

#include <gtest/gtest.h>

#include "base/thread.h"

namespace millrace::io {
namespace {

constexpr std::int64_t kLoopWaitNs = 60'000'000'000;

TEST(EventLoop, runs_posted_functions_in_order_in_its_own_thread) {
  EventLoop loop;
  Wakeup done;
  std::vector<int> order;
  bool current = false;
  loop.start("loop");
  for (int i = 0; i < 100; ++i) {
    loop.post([&order, i] { order.push_back(i); });
  }
  loop.post([&] {
    current = loop.is_current();
    done.notify();
  });
  ASSERT_TRUE(done.wait(kLoopWaitNs));
  EXPECT_TRUE(current);
  EXPECT_FALSE(loop.is_current());
  ASSERT_EQ(order.size(), 100U);
  EXPECT_EQ(order[99], 99);
}

TEST(EventLoop, runs_in_the_callers_thread_until_stopped) {
  EventLoop loop;
  int ran = 0;
  loop.post([&] { ++ran; });
  EXPECT_EQ(loop.run_ready(), 1U);
  EXPECT_EQ(loop.run_ready(), 0U);
  loop.post([&] { loop.stop(); });
  loop.run();
  loop.post([&] { ++ran; });
  EXPECT_EQ(loop.run_ready(), 0U);
  EXPECT_EQ(ran, 1);
}

TEST(EventLoop, a_task_may_post_another) {
  EventLoop loop;
  int depth = 0;
  std::function<void()> again = [&] {
    if (++depth < 5) {
      loop.post(again);
    }
  };
  loop.post(again);
  EXPECT_EQ(loop.run_ready(), 5U);
}

TEST(Timer, calls_later_and_once) {
  EventLoop loop;
  Timer timer(loop);
  int calls = 0;
  timer.start(1'000'000, [&] {
    ++calls;
    loop.stop();
  });
  loop.run();
  EXPECT_EQ(calls, 1);
}

TEST(Timer, a_new_start_replaces_and_a_cancel_ends_it) {
  EventLoop loop;
  Timer timer(loop);
  Timer last(loop);
  std::vector<int> calls;
  timer.start(1'000'000, [&] { calls.push_back(1); });
  timer.start(1'000'000, [&] { calls.push_back(2); });
  {
    Timer gone(loop);
    gone.start(0, [&] { calls.push_back(3); });
  }
  Timer cancelled(loop);
  cancelled.start(0, [&] { calls.push_back(4); });
  cancelled.cancel();
  last.start(5'000'000, [&] { loop.stop(); });
  loop.run();
  EXPECT_EQ(calls, std::vector<int>{2});
}

TEST(Timer, may_start_itself_again) {
  EventLoop loop;
  Timer timer(loop);
  int calls = 0;
  std::function<void()> tick = [&] {
    if (++calls == 3) {
      loop.stop();
    } else {
      timer.start(100'000, tick);
    }
  };
  timer.start(100'000, tick);
  loop.run();
  EXPECT_EQ(calls, 3);
}

}  // namespace
}  // namespace millrace::io
