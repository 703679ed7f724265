#include "base/fault.h"

#include <cstdlib>

#include <gtest/gtest.h>

namespace millrace {
namespace {

TEST(Fault, counts_every_pass) {
  const auto before = fault_passes()["test.counted"];
  MR_FAULT("test.counted");
  MUST(fault_error("test.counted"));
  EXPECT_EQ(fault_passes()["test.counted"], before + 2);
}

TEST(Fault, strikes_at_the_armed_pass_once) {
  arm_fault("test.error", 2, FaultAction::kError);
  EXPECT_TRUE(fault_error("test.error"));
  const auto struck = fault_error("test.error");
  ASSERT_FALSE(struck);
  EXPECT_EQ(struck.error().code(), ErrorCode::kIo);
  EXPECT_TRUE(fault_error("test.error"));
}

TEST(Fault, calls_a_function_at_its_point_only) {
  int calls = 0;
  arm_fault("test.call", 1, FaultAction::kCall, [&calls] { ++calls; });
  MR_FAULT("test.other");
  EXPECT_EQ(calls, 0);
  MR_FAULT("test.call");
  MR_FAULT("test.call");
  EXPECT_EQ(calls, 1);
}

TEST(Fault, disarmed_points_strike_nothing) {
  arm_fault("test.disarmed", 1, FaultAction::kError);
  disarm_faults();
  EXPECT_TRUE(fault_error("test.disarmed"));
}

TEST(FaultDeathTest, kills_like_kill_9) {
  EXPECT_EXIT(
      {
        arm_fault("test.kill", 2, FaultAction::kKill);
        MR_FAULT("test.kill");
        MR_FAULT("test.kill");
      },
      ::testing::ExitedWithCode(137),
      "");
}

TEST(Fault, reads_the_environment) {
  setenv("MILLRACE_FAULT", "test.env:1:error,test.env2:2:error", 1);
  MUST(arm_faults_from_environment());
  EXPECT_FALSE(fault_error("test.env"));
  EXPECT_TRUE(fault_error("test.env2"));
  EXPECT_FALSE(fault_error("test.env2"));
  for (const char* bad : {"a", "a:1", "a:0:kill", "a:x:kill", "a:1:burn", ":1:kill"}) {
    setenv("MILLRACE_FAULT", bad, 1);
    const auto read = arm_faults_from_environment();
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().code(), ErrorCode::kInvalidArgument);
  }
  unsetenv("MILLRACE_FAULT");
  MUST(arm_faults_from_environment());
  disarm_faults();
}

TEST(Mutation, holds_at_its_name_until_it_is_disarmed) {
  EXPECT_FALSE(is_mutated("fault_test.wrong"));
  arm_mutation("fault_test.wrong");
  EXPECT_TRUE(is_mutated("fault_test.wrong"));
  EXPECT_FALSE(is_mutated("fault_test.other"));
  disarm_faults();
  EXPECT_FALSE(is_mutated("fault_test.wrong"));
}

}  // namespace
}  // namespace millrace
