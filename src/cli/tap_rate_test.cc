#include "cli/tap_rate.h"

#include <gtest/gtest.h>

namespace millrace::cli {
namespace {

constexpr std::int64_t kMs = 1'000'000;

TEST(TapRate, shows_so_many_a_second_however_many_come) {
  TapRate rate(10, 0);
  int shown = 0;
  for (std::int64_t now = 0; now < 1'000 * kMs; now += kMs) {
    shown += rate.allows(now) ? 1 : 0;
  }
  EXPECT_EQ(shown, 10);
}

TEST(TapRate, gives_no_credit_for_time_in_which_nothing_came) {
  TapRate rate(10, 0);
  EXPECT_TRUE(rate.allows(5'000 * kMs));
  EXPECT_FALSE(rate.allows(5'001 * kMs));
  EXPECT_TRUE(rate.allows(5'100 * kMs));
}

TEST(TapRate, of_zero_shows_everything) {
  TapRate rate(0, 0);
  EXPECT_TRUE(rate.allows(0));
  EXPECT_TRUE(rate.allows(0));
}

TEST(TapGlob, matches_stars_and_question_marks) {
  EXPECT_TRUE(matches_glob("users", "users"));
  EXPECT_TRUE(matches_glob("*", ""));
  EXPECT_TRUE(matches_glob("u*s", "users"));
  EXPECT_TRUE(matches_glob("*.dead_letter", "a.b.dead_letter"));
  EXPECT_TRUE(matches_glob("*a*b*", "xxaxxbxxaxxb"));
  EXPECT_TRUE(matches_glob("u?ers", "users"));
  EXPECT_FALSE(matches_glob("u?ers", "uers"));
  EXPECT_FALSE(matches_glob("users", "users2"));
  EXPECT_FALSE(matches_glob("", "a"));
  EXPECT_FALSE(matches_glob("*x", "users"));
}

}  // namespace
}  // namespace millrace::cli
