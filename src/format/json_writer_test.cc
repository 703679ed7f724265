#include "format/json_writer.h"

#include <gtest/gtest.h>

#include "data/datetime.h"
#include "format/detail/test_fields.h"

namespace millrace::format {
namespace {

using data::Column;
using data::ColumnPtr;
using data::Type;
using data::TypeKind;
using data::Value;
using data::ValueList;
using data::ValueMap;
using detail::field;

std::string to_json(const Type& type, const Value& value, const TextOptions& options = {}) {
  const JsonWriter writer = MUST(JsonWriter::for_to_json(type, options, data::Zone()));
  std::string out;
  writer.append_value(out, *Column::constant(type, value, 1), 0);
  return out;
}

std::string escape_of_control(unsigned char unit) {
  constexpr std::string_view kShort("btn?fr");
  if (unit >= 8 && unit <= 13 && unit != 11) {
    return std::string{'\\', kShort[unit - 8U]};
  }
  constexpr std::string_view kDigits("0123456789ABCDEF");
  return std::string("\\u00") + kDigits[unit >> 4U] + kDigits[unit & 15U];
}

// Results of a real Spark 4.3 (tests/contracts/spark-4.3-expressions.tsv, group json).
TEST(JsonWriter, agrees_with_sparks_to_json) {
  const std::int64_t time = data::parse_timestamp_ntz("2024-03-01 10:11:12.5").value();
  EXPECT_EQ(to_json(Type::structure({field("t", Type(TypeKind::kTimestamp)),
                                     field("d", Type(TypeKind::kDate))}),
                    Value(ValueList{Value(time), Value(std::int64_t{19783})})),
            R"({"t":"2024-03-01T10:11:12.500Z","d":"2024-03-01"})");
  EXPECT_EQ(to_json(Type::structure({field("d", Type::decimal(3, 2)),
                                     field("f", Type(TypeKind::kDouble)),
                                     field("g", Type(TypeKind::kDouble)),
                                     field("n", Type(TypeKind::kDouble))}),
                    Value(ValueList{Value(Int128{110}),
                                    Value(1.0),
                                    Value(1e10),
                                    Value(std::numeric_limits<double>::quiet_NaN())})),
            R"({"d":1.10,"f":1.0,"g":1.0E10,"n":"NaN"})");
  const Type by_name = Type::map(Type(TypeKind::kString), Type(TypeKind::kInt));
  EXPECT_EQ(to_json(by_name,
                    Value(ValueMap{{Value(std::string("b")), Value(std::int64_t{1})},
                                   {Value(std::string("a")), Value(std::int64_t{2})}})),
            R"({"b":1,"a":2})");
  const Type by_number = Type::map(Type(TypeKind::kInt), Type(TypeKind::kString));
  EXPECT_EQ(to_json(by_number, Value(ValueMap{{Value(std::int64_t{1}), Value(std::string("x"))}})),
            R"({"1":"x"})");
  EXPECT_EQ(to_json(Type::array(Type(TypeKind::kInt)),
                    Value(ValueList{Value(std::int64_t{1}), Value(), Value(std::int64_t{3})})),
            "[1,null,3]");
  EXPECT_EQ(to_json(Type(TypeKind::kString), Value(std::string("a\"b\\c/d\te\x01\u00e9"))),
            "\"a\\\"b\\\\c/d\\te\\u0001\u00e9\"");
  EXPECT_EQ(to_json(Type(TypeKind::kBinary), Value(std::string("Hi"))), "\"SGk=\"");
  EXPECT_EQ(to_json(Type::interval(data::IntervalUnit::kDay, data::IntervalUnit::kDay),
                    Value(data::kMicrosPerDay)),
            "\"INTERVAL '1' DAY\"");
}

TEST(JsonWriter, leaves_null_fields_out_or_keeps_them) {
  const Type type =
      Type::structure({field("a", Type(TypeKind::kInt)), field("b", Type(TypeKind::kInt))});
  const Value value(ValueList{Value(), Value(std::int64_t{1})});
  EXPECT_EQ(to_json(type, value), R"({"b":1})");
  EXPECT_EQ(to_json(type, value, {{"IgnoreNullFields", "false"}}), R"({"a":null,"b":1})");
  EXPECT_EQ(
      to_json(
          Type(TypeKind::kTimestamp), Value(std::int64_t{0}), {{"timestampFormat", "yyyy/MM/dd"}}),
      "\"1970/01/01\"");
  EXPECT_FALSE(
      JsonWriter::for_to_json(type, {{"timestampFormat", "YYYY"}}, data::Zone()).has_value());
}

TEST(JsonWriter, writes_rows_of_tables_whole) {
  const data::Schema schema{{field("id", Type(TypeKind::kBigInt)),
                             field("t", Type(TypeKind::kTimestamp)),
                             field("n\"", Type(TypeKind::kString))}};
  const std::vector<ColumnPtr> columns{
      Column::constant(schema.fields[0].type, Value(std::int64_t{7}), 2),
      Column::constant(schema.fields[1].type, Value(std::int64_t{123456}), 2),
      Column::nulls(schema.fields[2].type, 2)};
  std::string out;
  JsonWriter(schema).append_row(out, columns, 1);
  EXPECT_EQ(out, R"({"id":7,"t":"1970-01-01T00:00:00.123456Z","n\"":null})");
}

// Byte by byte: what append_json_text does with many at once.
std::string escaped(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto unit = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (unit >= 0x80) {
      out += "\xEF\xBF\xBD";
    } else if (unit < 0x20) {
      out += escape_of_control(unit);
    } else {
      out += c;
    }
  }
  return out + '"';
}

TEST(JsonWriter, escapes_strings_of_every_length_and_byte) {
  for (std::size_t size = 0; size < 20; ++size) {
    for (int byte = 0; byte < 256; ++byte) {
      for (std::size_t at = 0; at < size; ++at) {
        std::string text(size, 'x');
        text[at] = static_cast<char>(byte);
        std::string out;
        append_json_text(out, text);
        ASSERT_EQ(out, escaped(text)) << size << ' ' << byte;
      }
    }
  }
}

}  // namespace
}  // namespace millrace::format
