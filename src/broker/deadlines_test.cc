#include "broker/deadlines.h"

#include <string>

#include <gtest/gtest.h>

namespace millrace::broker {
namespace {

TEST(Deadlines, runs_what_is_due_earliest_first_and_nothing_else) {
  Deadlines deadlines;
  std::string order;
  deadlines.add(30, [&] { order += 'c'; });
  deadlines.add(10, [&] { order += 'a'; });
  deadlines.add(20, [&] { order += 'b'; });
  deadlines.run_due(20);
  EXPECT_EQ(order, "ab");
  EXPECT_EQ(deadlines.next_ns(), 30);
  deadlines.run_due(30);
  EXPECT_EQ(order, "abc");
  EXPECT_EQ(deadlines.next_ns(), std::nullopt);
}

TEST(Deadlines, moved_one_runs_at_its_new_time_only) {
  Deadlines deadlines;
  int runs = 0;
  const DeadlineId id = deadlines.add(10, [&] { ++runs; });
  deadlines.move(id, 50);
  deadlines.run_due(49);
  EXPECT_EQ(runs, 0);
  deadlines.run_due(50);
  EXPECT_EQ(runs, 1);
  deadlines.move(id, 60);  // It is gone.
  deadlines.run_due(100);
  EXPECT_EQ(runs, 1);
}

TEST(Deadlines, cancelled_one_never_runs) {
  Deadlines deadlines;
  int runs = 0;
  DeadlineId id = deadlines.add(10, [&] { ++runs; });
  deadlines.cancel(id);
  EXPECT_EQ(id, 0U);
  deadlines.cancel(id);
  deadlines.run_due(100);
  EXPECT_EQ(runs, 0);
  EXPECT_EQ(deadlines.size(), 0U);
}

TEST(Deadlines, task_may_add_and_cancel) {
  Deadlines deadlines;
  std::string order;
  DeadlineId other = deadlines.add(20, [&] { order += 'x'; });
  deadlines.add(10, [&] {
    order += 'a';
    deadlines.cancel(other);
    deadlines.add(15, [&] { order += 'b'; });
    deadlines.add(99, [&] { order += 'c'; });
  });
  deadlines.run_due(30);
  EXPECT_EQ(order, "ab");
  EXPECT_EQ(deadlines.size(), 1U);
}

}  // namespace
}  // namespace millrace::broker
