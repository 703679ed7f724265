#include "format/json_row_reader.h"

#include <gtest/gtest.h>

namespace millrace::format {
namespace {

using data::Type;
using data::TypeKind;
using data::Value;

Type list_of_points() {
  return Type::array(Type::structure(
      {{.name = "x", .type = Type(TypeKind::kInt), .nullable = true, .comment = {}}}));
}

TEST(JsonRowReader, keeps_elements_that_convert_in_part) {
  const JsonRowReader reader = MUST(JsonRowReader::create(list_of_points(), JsonOptions()));
  Value value;
  EXPECT_EQ(reader.read(R"([{"x":1},{"x":"no"}])", value), RowOutcome::kPartial);
  ASSERT_EQ(value.list().size(), 2U);
  EXPECT_EQ(value.list()[0].list()[0].integer(), 1);
  EXPECT_TRUE(value.list()[1].list()[0].is_null());
}

TEST(JsonRowReader, drops_lists_with_an_element_that_does_not_convert) {
  const JsonRowReader reader = MUST(JsonRowReader::create(list_of_points(), JsonOptions()));
  Value value;
  EXPECT_EQ(reader.read(R"([{"x":1},2])", value), RowOutcome::kMalformed);
  EXPECT_TRUE(value.is_null());
}

TEST(JsonRowReader, reads_a_variant_as_compact_text) {
  const JsonRowReader reader = MUST(JsonRowReader::create(Type(TypeKind::kVariant), JsonOptions()));
  Value value;
  EXPECT_EQ(reader.read(R"({"a": [1, 2.50, "x"]})", value), RowOutcome::kDecoded);
  EXPECT_EQ(value.string(), R"({"a":[1,2.50,"x"]})");
}

}  // namespace
}  // namespace millrace::format
