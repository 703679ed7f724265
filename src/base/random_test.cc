#include "base/random.h"

#include <array>
#include <limits>

#include <gtest/gtest.h>

#include "base/backoff.h"

namespace millrace {
namespace {

TEST(Random, a_seed_repeats_a_run) {
  Random one(42);
  Random same(42);
  Random other(43);
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t number = one.next();
    EXPECT_EQ(number, same.next());
    differs |= number != other.next();
  }
  EXPECT_TRUE(differs);
}

TEST(Random, below_is_even) {
  Random random(5);
  std::array<int, 6> seen{};
  for (int i = 0; i < 60'000; ++i) {
    ++seen[random.below(6)];
  }
  for (const int count : seen) {
    EXPECT_NEAR(count, 10'000, 500);
  }
}

TEST(Random, between_reaches_both_ends) {
  Random random(5);
  bool low = false;
  bool high = false;
  for (int i = 0; i < 1000; ++i) {
    const std::int64_t number = random.between(-2, 2);
    ASSERT_GE(number, -2);
    ASSERT_LE(number, 2);
    low |= number == -2;
    high |= number == 2;
  }
  EXPECT_TRUE(low && high);
  (void)random.between(std::numeric_limits<std::int64_t>::min(),
                       std::numeric_limits<std::int64_t>::max());
}

TEST(Random, unit_is_below_one) {
  Random random(9);
  double sum = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double number = random.unit();
    ASSERT_GE(number, 0.0);
    ASSERT_LT(number, 1.0);
    sum += number;
  }
  EXPECT_NEAR(sum / 10'000, 0.5, 0.02);
}

TEST(Random, two_from_the_system_differ) {
  EXPECT_NE(Random::from_system().next(), Random::from_system().next());
}

TEST(Backoff, grows_to_its_limit_and_starts_again) {
  Random random(1);
  Backoff backoff({.first_ms = 100, .max_ms = 1000, .factor = 2, .jitter = 0.5});
  std::int64_t step = 100;
  for (int i = 0; i < 10; ++i) {
    const std::int64_t wait = backoff.next_ms(random);
    EXPECT_GE(wait, step / 2);
    EXPECT_LE(wait, step);
    step = step * 2 > 1000 ? 1000 : step * 2;
  }
  backoff.reset();
  EXPECT_LE(backoff.next_ms(random), 100);
}

}  // namespace
}  // namespace millrace
