#include "base/assert.h"

#include <unordered_set>

#include <gtest/gtest.h>

#include "base/ids.h"

namespace millrace {
namespace {

TEST(AssertDeathTest, prints_place_condition_and_operands) {
  const int offset = 3;
  const int base = 5;
  EXPECT_DEATH(MR_ASSERT(offset >= base, "offset {} before base {}", offset, base),
               "assertion failed at src/base/assert_test.cc:[0-9]+: offset >= base: offset 3 "
               "before base 5");
  EXPECT_DEATH(MR_ASSERT(offset == base), "offset == base");
}

TEST(Strong, compares_counts_hashes_and_prints) {
  Offset offset(5);
  ++offset;
  offset += 4;
  EXPECT_EQ(offset, Offset(10));
  EXPECT_LT(Offset(9), offset);
  EXPECT_EQ(offset + 2, Offset(12));
  EXPECT_EQ(Offset(12) - offset, 2);
  EXPECT_EQ(fmt::format("{}", offset), "10");
  EXPECT_EQ((std::unordered_set<Offset>{Offset(1), Offset(1)}.size()), 1U);
}

}  // namespace
}  // namespace millrace
