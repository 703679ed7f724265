#include <gtest/gtest.h>

#include "data/column_builder.h"
#include "expr/bind.h"
#include "expr/evaluate.h"

namespace millrace::expr {
namespace {

TEST(ConstraintFunctions, a_null_fails_its_row_and_names_the_column) {
  const data::Type type(data::TypeKind::kBigInt);
  Diagnostics diagnostics;
  const ExpressionPtr call = bind_call(
      "assert_not_null",
      {make_column(0, "id", type, /*nullable=*/true),
       make_literal(data::Type(data::TypeKind::kString), data::Value(std::string("users.id")))},
      {},
      {},
      diagnostics);
  ASSERT_NE(call, nullptr);
  data::ColumnBuilder builder(type);
  builder.append<std::int64_t>(7);
  builder.append_null();
  data::Batch batch;
  batch.rows = 2;
  batch.selection = data::Selection::all(2);
  batch.columns.push_back(builder.finish());
  const EvalContext context;
  Evaluation evaluation(context, batch);
  const data::ColumnPtr result = evaluation.evaluate(*call, batch.selection);
  EXPECT_EQ(result->get<std::int64_t>(0), 7);
  ASSERT_EQ(batch.errors.errors().size(), 1U);
  EXPECT_EQ(batch.errors.errors()[0].row, 1);
  const Diagnostic why = describe_error(batch.errors.errors()[0], context, batch);
  EXPECT_NE(why.message.find("users.id"), std::string::npos) << why.message;
}

}  // namespace
}  // namespace millrace::expr
