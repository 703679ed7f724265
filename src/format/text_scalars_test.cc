#include "format/detail/text_scalars.h"

#include <cmath>

#include <gtest/gtest.h>

namespace millrace::format::detail {
namespace {

using data::Type;
using data::TypeKind;

TEST(TextScalars, reads_by_pattern_where_one_is_set) {
  JsonOptions options;
  options.date_format = "dd/MM/yyyy";
  const TextScalars scalars = MUST(TextScalars::create(options));
  EXPECT_EQ(scalars.datetime("02/01/1970", Type(TypeKind::kDate)), 1);
  EXPECT_EQ(scalars.datetime("1970-01-02", Type(TypeKind::kDate)), std::nullopt);
  EXPECT_EQ(scalars.datetime("1970-01-01T00:00:01Z", Type(TypeKind::kTimestamp)), 1'000'000);
  EXPECT_EQ(scalars.datetime("1970-01-01T00:00:01Z", Type(TypeKind::kTimestampNtz)), std::nullopt);
}

TEST(TextScalars, keeps_integers_in_their_range) {
  EXPECT_EQ(json_integer("-128", TypeKind::kTinyInt), -128);
  EXPECT_EQ(json_integer("128", TypeKind::kTinyInt), std::nullopt);
  EXPECT_EQ(json_integer("9223372036854775808", TypeKind::kBigInt), std::nullopt);
  EXPECT_EQ(json_seconds("9223372036854775"), std::nullopt);
  EXPECT_FALSE(std::signbit(json_double("-0")));
}

}  // namespace
}  // namespace millrace::format::detail
