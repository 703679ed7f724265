#include <vector>

#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

TEST(Registry, finds_functions_in_any_case) {
  ASSERT_NE(find_function("COALESCE"), nullptr);
  EXPECT_EQ(find_function("coalesce")->name, "coalesce");
  EXPECT_EQ(find_function("nosuchfunction"), nullptr);
}

TEST(Registry, lists_names_in_order_and_once) {
  const std::vector<const Function*> all = all_functions();
  for (std::size_t i = 1; i < all.size(); ++i) {
    EXPECT_LT(all[i - 1]->name, all[i]->name);
  }
}

TEST(Registry, says_how_each_function_is_used) {
  for (const Function* function : all_functions()) {
    EXPECT_FALSE(function->usage.empty()) << function->name;
    EXPECT_NE(function->resolve, nullptr) << function->name;
  }
}

}  // namespace
}  // namespace millrace::expr
