#include "log/detail/background.h"

#include <memory>
#include <vector>

#include <gtest/gtest.h>

namespace millrace::log {
namespace {

class CountJob final : public Job {
 public:
  CountJob(int steps, bool fails) : steps_(steps), fails_(fails) {}

  Result<bool> step() override {
    if (--steps_ > 0) {
      return false;
    }
    if (fails_) {
      return Error(ErrorCode::kIo, "broken");
    }
    return true;
  }

 private:
  int steps_;
  bool fails_;
};

TEST(Background, runs_jobs_one_after_another_and_tells_how_they_ended) {
  int woken = 0;
  Background background([&] { ++woken; });
  std::vector<bool> outcomes;
  const auto record = [&](const Result<void>& outcome) {
    outcomes.push_back(outcome.has_value());
  };
  background.submit(std::make_unique<CountJob>(2, false), record);
  background.submit(std::make_unique<CountJob>(1, true), record);
  EXPECT_FALSE(background.idle());
  EXPECT_TRUE(background.step());
  EXPECT_EQ(woken, 0);
  EXPECT_TRUE(background.step());
  EXPECT_TRUE(background.step());
  EXPECT_FALSE(background.step());
  EXPECT_EQ(woken, 2);
  EXPECT_TRUE(outcomes.empty());
  EXPECT_TRUE(background.run_completions());
  EXPECT_EQ(outcomes, (std::vector<bool>{true, false}));
  EXPECT_TRUE(background.idle());
}

}  // namespace
}  // namespace millrace::log
