#include "expr/text_options.h"

#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

TEST(TextOptions, are_a_constant_map_and_the_schema_a_constant_text) {
  TestTable table;
  table.column("a", "STRING", {"'{}'"});
  EXPECT_EQ(table.run("from_json(a, 'x INT', map('mode', a))"),
            "?INVALID_OPTIONS.NON_MAP_FUNCTION");
  EXPECT_EQ(table.run("from_json(a, a)"), "?INVALID_SCHEMA.NON_STRING_LITERAL");
  EXPECT_EQ(table.run("from_csv(a, a)"), "?INVALID_SCHEMA.NON_STRING_LITERAL");
  EXPECT_EQ(table.run("from_json(a, 'x INT', map('mode', 'OTHER'))"), "?PARSE_MODE_UNSUPPORTED");
}

TEST(DecoderPool, gives_a_decoder_again_to_the_same_zone_only) {
  DecoderPool<int> pool;
  int made = 0;
  const auto make = [&] {
    return ++made;
  };
  pool.give_back("UTC", pool.take("UTC", make));
  EXPECT_EQ(*pool.take("UTC", make), 1);
  EXPECT_EQ(*pool.take("UTC", make), 2);  // The first one is in use.
  pool.give_back("UTC", std::make_unique<int>(7));
  EXPECT_EQ(*pool.take("Asia/Tokyo", make), 3);
  EXPECT_EQ(*pool.take("UTC", make), 7);
}

// Many batches of one call: what one batch left behind does not show in the next.
TEST(DecoderPool, decodes_batch_after_batch_alike) {
  TestTable table;
  table.column("j", "STRING", {R"('{"a":1,"b":"x"}')", "NULL", "'broken'", R"('{"b":"y"}')"});
  const ExpressionPtr call = table.bind("from_json(j, 'a INT, b STRING')");
  const data::Selection rows = data::Selection::all(4);
  const std::string first = table.run(*call, rows);
  EXPECT_EQ(first, "{1, x} | NULL | {null, null} | {null, y}");
  for (int batch = 0; batch < 5; ++batch) {
    EXPECT_EQ(table.run(*call, rows), first);
  }
}

}  // namespace
}  // namespace millrace::expr
