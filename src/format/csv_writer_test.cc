#include <gtest/gtest.h>

#include "data/column_builder.h"
#include "format/csv.h"
#include "format/detail/test_fields.h"

namespace millrace::format {
namespace {

using data::Field;
using data::Schema;
using data::Type;
using data::TypeKind;
using detail::field;

TEST(CsvWriter, writes_rows_that_it_reads_back) {
  const Schema schema{{field("s", Type(TypeKind::kString)),
                       field("t", Type(TypeKind::kTimestamp)),
                       field("c", Type::decimal(4, 2))}};
  const std::vector<std::string> texts{
      "plain", "with,comma", "a \"quote\" and \\", "", " blank ", "x\ny"};
  std::vector<data::ColumnBuilder> builders;
  builders.reserve(schema.fields.size());
  for (const Field& one : schema.fields) {
    builders.emplace_back(one.type);
  }
  for (const std::string& text : texts) {
    builders[0].append_string(text);
    builders[1].append(std::int64_t{1'500'000});
    builders[2].append(Int128{-150});
  }
  std::vector<data::ColumnPtr> columns;
  columns.reserve(builders.size());
  for (auto& builder : builders) {
    columns.push_back(builder.finish());
  }
  CsvOptions options;
  options.null_value = "NULL";
  const CsvWriter writer = MUST(CsvWriter::create(schema, options));
  CsvDecoder decoder = MUST(CsvDecoder::create(schema, options));
  for (std::size_t row = 0; row < texts.size(); ++row) {
    std::string record;
    writer.append_row(record, columns, row);
    const std::vector<std::string_view> records{record};
    const DecodedRows rows = decoder.decode(records, {});
    EXPECT_EQ(rows.outcomes[0], RowOutcome::kDecoded) << record;
    EXPECT_EQ(rows.columns[0]->string(0), texts[row]) << record;
    EXPECT_EQ(rows.columns[1]->get<std::int64_t>(0), 1'500'000);
    EXPECT_TRUE(rows.columns[2]->get<Int128>(0) == -150);
  }
}

TEST(CsvWriter, keeps_texts_apart_from_a_separator_of_two_characters) {
  const Schema schema{{field("a", TypeKind::kString), field("b", TypeKind::kString)}};
  CsvOptions options;
  options.separator = "||";
  const std::vector<data::ColumnPtr> columns{
      data::Column::constant(schema.fields[0].type, data::Value(std::string("x|")), 1),
      data::Column::nulls(schema.fields[1].type, 1)};
  std::string out;
  MUST(CsvWriter::create(schema, options)).append_row(out, columns, 0);
  EXPECT_EQ(out, "\"x|\"||");
}

TEST(CsvWriter, writes_names_and_nulls) {
  const Schema schema{{field("a,b", Type(TypeKind::kString)), field("c", Type(TypeKind::kDate))}};
  const CsvWriter writer = MUST(CsvWriter::create(schema, CsvOptions()));
  std::string out;
  writer.append_header(out);
  out += '\n';
  const std::vector<data::ColumnPtr> columns{
      data::Column::nulls(schema.fields[0].type, 1),
      data::Column::constant(schema.fields[1].type, data::Value(std::int64_t{0}), 1)};
  writer.append_row(out, columns, 0);
  EXPECT_EQ(out, "\"a,b\",c\n,1970-01-01");
}

}  // namespace
}  // namespace millrace::format
