#include "broker/serial.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/thread.h"

namespace millrace::broker {
namespace {

TEST(Serial, runs_a_task_at_once_and_what_it_brings_after_it) {
  Serial serial([](const Serial::Task& task) { task(); });
  std::string order;
  serial.run([&] {
    serial.run([&] { order += 'b'; });
    order += 'a';
  });
  EXPECT_EQ(order, "ab");
}

TEST(Serial, posted_task_goes_to_the_executor_and_keeps_the_order) {
  std::vector<Serial::Task> waiting;
  Serial serial([&](Serial::Task task) { waiting.push_back(std::move(task)); });
  std::string order;
  serial.post([&] { order += 'a'; });
  serial.run([&] { order += 'b'; });  // The executor has the turn.
  EXPECT_EQ(order, "");
  ASSERT_EQ(waiting.size(), 1U);
  waiting.front()();
  EXPECT_EQ(order, "ab");
}

TEST(Serial, hands_the_rest_over_after_a_while) {
  std::vector<Serial::Task> waiting;
  Serial serial([&](Serial::Task task) { waiting.push_back(std::move(task)); });
  int runs = 0;
  std::function<void()> again = [&] {
    if (++runs < 1000) {
      serial.run(again);
    }
  };
  serial.run(again);
  EXPECT_LT(runs, 1000);
  while (!waiting.empty()) {
    const Serial::Task next = std::move(waiting.front());
    waiting.erase(waiting.begin());
    next();
  }
  EXPECT_EQ(runs, 1000);
}

TEST(Serial, two_tasks_never_run_at_the_same_time) {
  Serial serial([](const Serial::Task& task) { task(); });
  std::int64_t plain = 0;  // Not atomic: the sanitizer and the sum would tell.
  constexpr int kEach = 20'000;
  const auto add = [&plain] {
    ++plain;
  };
  {
    std::vector<Thread> threads;
    threads.reserve(4);
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back("adder", [&](const std::stop_token&) {
        for (int n = 0; n < kEach; ++n) {
          serial.run(add);
        }
      });
    }
    for (Thread& thread : threads) {
      thread.join();
    }
  }
  serial.run([&] { EXPECT_EQ(plain, 4 * kEach); });
}

}  // namespace
}  // namespace millrace::broker
