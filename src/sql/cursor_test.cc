#include "sql/detail/cursor.h"

#include <gtest/gtest.h>

namespace millrace::sql::detail {
namespace {

TEST(Cursor, stands_at_the_end_after_its_first_error) {
  Diagnostics diagnostics;
  Cursor cursor(tokenize("a b c"), "t.sql", diagnostics);
  EXPECT_EQ(cursor.expect_identifier().name, "a");
  cursor.fail_expected("x");
  cursor.fail_expected("y");
  EXPECT_TRUE(cursor.failed());
  EXPECT_TRUE(cursor.at_end());
  EXPECT_FALSE(cursor.is_name());
  EXPECT_EQ(diagnostics.error_count(), 1U);
  EXPECT_EQ(diagnostics.all()[0].where.column, 3);
  cursor.recover(2);
  EXPECT_FALSE(cursor.failed());
  EXPECT_EQ(cursor.expect_identifier().name, "c");
}

TEST(Cursor, lists_what_was_expected) {
  Diagnostics diagnostics;
  Cursor cursor(tokenize("x"), "t.sql", diagnostics);
  EXPECT_FALSE(cursor.accept(Keyword::kOrder, Keyword::kBy));
  EXPECT_FALSE(cursor.accept(Keyword::kLimit));
  cursor.fail_expected("the end");
  EXPECT_EQ(diagnostics.all()[0].help, "expected ORDER, LIMIT or the end");
}

TEST(Cursor, joins_adjacent_strings_and_takes_names) {
  Diagnostics diagnostics;
  Cursor cursor(tokenize("'a' 'b' `x y`.z IDENTIFIER('p.`q r`')"), "t.sql", diagnostics);
  EXPECT_EQ(cursor.expect_string(), "ab");
  const Name name = cursor.expect_name();
  ASSERT_EQ(name.parts.size(), 2U);
  EXPECT_EQ(name.parts[0].name, "x y");
  EXPECT_TRUE(name.parts[0].quoted);
  const Name other = cursor.expect_name();
  ASSERT_EQ(other.parts.size(), 2U);
  EXPECT_EQ(other.parts[1].name, "q r");
  EXPECT_FALSE(diagnostics.has_errors());
}

TEST(Cursor, counts_the_height_of_the_highest_branch_only) {
  Diagnostics diagnostics;
  Cursor cursor(tokenize("a"), "t.sql", diagnostics);
  for (int i = 0; i < 3; ++i) {
    const Cursor::Branch branch(cursor);
    for (int j = 0; j < kTreeHeightMax - 1; ++j) {
      cursor.grow();
    }
  }
  EXPECT_FALSE(cursor.failed());
  cursor.grow();
  EXPECT_TRUE(cursor.failed());
}

}  // namespace
}  // namespace millrace::sql::detail
