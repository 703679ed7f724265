#include "format/csv.h"

#include <gtest/gtest.h>

#include "format/detail/test_fields.h"

namespace millrace::format {
namespace {

using data::Schema;
using data::Type;
using data::TypeKind;
using detail::field;

std::vector<std::string> split(std::string_view record, const CsvOptions& options = {}) {
  data::Arena arena;
  std::vector<CsvField> fields;
  split_csv_record(record, options, arena, fields);
  std::vector<std::string> texts;
  texts.reserve(fields.size());
  for (const CsvField& field : fields) {
    texts.push_back((field.quoted ? "q:" : "") + std::string(field.text));
  }
  return texts;
}

using Texts = std::vector<std::string>;

TEST(Csv, splits_records_with_quotes_and_escapes) {
  EXPECT_EQ(split("a,b,,c"), (Texts{"a", "b", "", "c"}));
  EXPECT_EQ(split(","), (Texts{"", ""}));
  EXPECT_EQ(split(R"("a,b","say \"hi\"","\\")"), (Texts{"q:a,b", "q:say \"hi\"", "q:\\"}));
  EXPECT_EQ(split(R"("",x)"), (Texts{"q:", "x"}));
  EXPECT_EQ(split(R"("a" ,b)"), (Texts{"q:a", "b"}));
  EXPECT_EQ(split(R"("a"b,c)"), (Texts{"\"a\"b", "c"}));
  EXPECT_EQ(split("\"open,b"), (Texts{"\"open", "b"}));
  EXPECT_EQ(split(" a , b "), (Texts{" a ", " b "}));
  CsvOptions options;
  options.separator = "||";
  options.ignore_leading_white_space = true;
  options.ignore_trailing_white_space = true;
  EXPECT_EQ(split(" a || \"b||c\"", options), (Texts{"a", "q:b||c"}));
  options = {};
  options.escape = '"';
  EXPECT_EQ(split(R"("say ""hi""",b,"")", options), (Texts{"q:say \"hi\"", "b", "q:"}));
  options.columns_max = 2;
  EXPECT_EQ(split("a,b,c", options), (Texts{"a", "b"}));
}

TEST(Csv, finds_records_by_lines_or_outside_quotes) {
  const std::string_view text = "a,\"x\ny\"\r\n\n#c\nb\n";
  CsvOptions options;
  options.comment = '#';
  const auto all = [&] {
    Texts records;
    CsvRecords reader(text, options);
    while (const auto record = reader.next()) {
      records.emplace_back(*record);
    }
    return records;
  };
  EXPECT_EQ(all(), (Texts{"a,\"x", "y\"", "b"}));
  options.multi_line = true;
  EXPECT_EQ(all(), (Texts{"a,\"x\ny\"", "b"}));
}

DecodedRows decode(const Schema& schema,
                   const std::vector<std::string_view>& records,
                   CsvOptions options = {}) {
  CsvDecoder decoder = MUST(CsvDecoder::create(schema, std::move(options)));
  return decoder.decode(records, {});
}

TEST(Csv, converts_fields_by_type) {
  const Schema schema{{field("i", Type(TypeKind::kInt)),
                       field("d", Type(TypeKind::kDouble)),
                       field("b", Type(TypeKind::kBoolean)),
                       field("c", Type::decimal(5, 2)),
                       field("t", Type(TypeKind::kTimestamp)),
                       field("s", Type(TypeKind::kString))}};
  const DecodedRows rows = decode(schema,
                                  {"+1,1.5,TRUE,1.005,1970-01-01T00:00:01Z,x",
                                   ",NaN,,,,\"\"",
                                   "-2,-Inf,false,2,1970-01-01,  "});
  EXPECT_EQ(rows.outcomes, (std::vector<RowOutcome>(3, RowOutcome::kDecoded)));
  EXPECT_EQ(rows.columns[0]->get<std::int32_t>(0), 1);
  EXPECT_TRUE(rows.columns[0]->is_null(1));
  EXPECT_NE(rows.columns[1]->get<double>(1), rows.columns[1]->get<double>(1));
  EXPECT_EQ(rows.columns[2]->get<std::uint8_t>(0), 1);
  EXPECT_TRUE(rows.columns[3]->get<Int128>(0) == 101);
  EXPECT_EQ(rows.columns[4]->get<std::int64_t>(0), 1'000'000);
  EXPECT_TRUE(rows.columns[5]->is_null(1));
  EXPECT_EQ(rows.columns[5]->string(2), "  ");
}

TEST(Csv, keeps_what_converts_and_notes_the_corrupt_record) {
  const Schema schema{{field("a", Type(TypeKind::kInt)),
                       field("_corrupt_record", Type(TypeKind::kString)),
                       field("b", Type(TypeKind::kString))}};
  const DecodedRows rows = decode(schema, {"x,y", "1", "1,y,z", "1,y", ""});
  using enum RowOutcome;
  EXPECT_EQ(rows.outcomes,
            (std::vector<RowOutcome>{kPartial, kPartial, kPartial, kDecoded, kBlank}));
  EXPECT_TRUE(rows.columns[0]->is_null(0));
  EXPECT_EQ(rows.columns[2]->string(0), "y");
  EXPECT_EQ(rows.columns[1]->string(1), "1");
  EXPECT_EQ(rows.columns[0]->get<std::int32_t>(1), 1);
  EXPECT_TRUE(rows.columns[2]->is_null(1));
  EXPECT_TRUE(rows.columns[1]->is_null(3));
}

TEST(Csv, refuses_types_and_options_it_has_not) {
  const Schema nested{{field("a", Type::array(Type(TypeKind::kInt)))}};
  EXPECT_FALSE(CsvDecoder::create(nested, CsvOptions()).has_value());
  for (const TextOptions& bad :
       {TextOptions{{"sep", ""}}, {{"quote", "ab"}}, {{"header", "maybe"}}, {{"mode", "x"}}}) {
    EXPECT_FALSE(CsvOptions::from_text(bad, data::Zone()).has_value());
  }
  EXPECT_EQ(MUST(CsvOptions::from_text({{"Delimiter", "\\t"}}, data::Zone())).separator, "\t");
}

}  // namespace
}  // namespace millrace::format
