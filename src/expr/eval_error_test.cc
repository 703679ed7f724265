#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

TEST(EvalError, has_a_class_and_an_sqlstate_for_each) {
  for (int code = 1; code <= static_cast<int>(EvalError::kOther); ++code) {
    const EvalErrorInfo names = info(static_cast<EvalError>(code));
    EXPECT_FALSE(names.error_class.empty());
    EXPECT_EQ(names.sqlstate.size(), 5U) << names.error_class;
  }
}

}  // namespace
}  // namespace millrace::expr
