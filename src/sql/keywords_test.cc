#include "sql/detail/keywords.h"

#include <gtest/gtest.h>

namespace millrace::sql::detail {
namespace {

TEST(Keywords, are_found_in_any_case) {
  EXPECT_EQ(find_keyword("select"), Keyword::kSelect);
  EXPECT_EQ(find_keyword("SeLeCt"), Keyword::kSelect);
  EXPECT_EQ(find_keyword("TIMESTAMP_NTZ"), Keyword::kTimestampNtz);
  EXPECT_EQ(to_text(Keyword::kTimestampNtz), "TIMESTAMP_NTZ");
}

TEST(Keywords, know_no_other_word) {
  EXPECT_EQ(find_keyword("users"), Keyword::kNone);
  EXPECT_EQ(find_keyword("selec"), Keyword::kNone);
  EXPECT_EQ(find_keyword("selects"), Keyword::kNone);
  EXPECT_EQ(find_keyword(""), Keyword::kNone);
  EXPECT_EQ(find_keyword("a_word_that_is_longer_than_any_keyword"), Keyword::kNone);
}

TEST(Keywords, tell_what_ends_an_expression) {
  EXPECT_TRUE(stands_between_expressions(Keyword::kFrom));
  EXPECT_FALSE(stands_between_expressions(Keyword::kDate));
  EXPECT_FALSE(stands_between_expressions(Keyword::kNone));
}

}  // namespace
}  // namespace millrace::sql::detail
