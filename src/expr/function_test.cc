#include <optional>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "expr/kernels.h"
#include "expr/testing.h"

namespace millrace::expr {
namespace {

std::int64_t length_of(Row&, std::string_view text) {
  return static_cast<std::int64_t>(text.size());
}

std::optional<Resolution> resolve_length(CallSite& call) {
  return signature(call,
                   data::Type(data::TypeKind::kBigInt),
                   {data::Type(data::TypeKind::kString)},
                   kRowKernel<length_of>);
}

TEST(Function, casts_arguments_to_the_signature) {
  TestTable table;
  table.column("a", "INT", {"123"});
  std::vector<ExpressionPtr> args = {table.bind("a")};
  Diagnostics diagnostics;
  const SourceSpan where;
  CallSite site("length_of", args, where, table.bind_context(), diagnostics);
  const auto resolution = resolve_length(site);
  ASSERT_TRUE(resolution.has_value());
  EXPECT_EQ(args[0]->type.to_string(), "string");
  EXPECT_TRUE(resolution->nullable);
}

TEST(Function, names_the_argument_that_does_not_fit) {
  TestTable table;
  table.column("m", "MAP<STRING, INT>", {"NULL"});
  std::vector<ExpressionPtr> args = {table.bind("m")};
  Diagnostics diagnostics;
  const SourceSpan where;
  CallSite site("length_of", args, where, table.bind_context(), diagnostics);
  EXPECT_FALSE(resolve_length(site).has_value());
  EXPECT_EQ(diagnostics.all()[0].message,
            "Cannot resolve \"length_of(m)\" due to data type mismatch: The first parameter "
            "requires the \"STRING\" type, however \"m\" has the type \"MAP<STRING, INT>\".");
}

}  // namespace
}  // namespace millrace::expr
