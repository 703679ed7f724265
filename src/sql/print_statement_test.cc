#include <gtest/gtest.h>

#include "sql/detail/round_trip.h"

namespace millrace::sql::detail {
namespace {

TEST(PrintStatement, prints_what_is_not_understood_as_it_was) {
  EXPECT_EQ(canonical("insert into  t values (1)"), "insert into  t values (1)");
}

TEST(PrintStatement, quotes_a_setting_that_would_end_the_statement) {
  EXPECT_EQ(canonical("SET `a=b` = `c;d`"), "SET `a=b` = `c;d`");
  EXPECT_EQ(canonical("SET a = b=c"), "SET a = `b=c`");
  EXPECT_EQ(canonical("SET a.b = 10,c:d"), "SET a.b = 10,c:d");
}

}  // namespace
}  // namespace millrace::sql::detail
