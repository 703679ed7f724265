#include "io/blocking_pool.h"

#include <atomic>

#include <gtest/gtest.h>

namespace millrace::io {
namespace {

constexpr std::int64_t kPoolWaitNs = 60'000'000'000;

TEST(BlockingPool, runs_every_accepted_job_before_it_goes) {
  std::atomic<int> ran{0};
  int accepted = 0;
  {
    BlockingPool pool({.name = "test", .threads = 3, .waiting_max = 1000});
    for (int i = 0; i < 500; ++i) {
      accepted += pool.try_run([&ran] { ++ran; }) ? 1 : 0;
    }
  }
  EXPECT_EQ(accepted, 500);
  EXPECT_EQ(ran, 500);
}

TEST(BlockingPool, pushes_back_when_full) {
  Wakeup started;
  Wakeup go;
  BlockingPool pool({.name = "test", .threads = 1, .waiting_max = 2});
  ASSERT_TRUE(pool.try_run([&] {
    started.notify();
    go.wait(kPoolWaitNs);
  }));
  ASSERT_TRUE(started.wait(kPoolWaitNs));
  EXPECT_TRUE(pool.try_run([] {}));
  EXPECT_TRUE(pool.try_run([] {}));
  EXPECT_FALSE(pool.try_run([] {}));
  EXPECT_EQ(pool.unfinished(), 3U);
  go.notify();
}

TEST(BlockingPool, runs_as_many_at_once_as_it_has_threads) {
  BlockingPool pool({.name = "test", .threads = 2, .waiting_max = 2});
  Wakeup first;
  Wakeup second;
  Wakeup done;
  ASSERT_TRUE(pool.try_run([&] {
    first.notify();
    EXPECT_TRUE(second.wait(kPoolWaitNs));
    done.notify();
  }));
  ASSERT_TRUE(pool.try_run([&] {
    EXPECT_TRUE(first.wait(kPoolWaitNs));
    second.notify();
  }));
  EXPECT_TRUE(done.wait(kPoolWaitNs));
}

}  // namespace
}  // namespace millrace::io
