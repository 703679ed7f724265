#include "format/json_decoder.h"

#include <gtest/gtest.h>

#include "data/column_builder.h"
#include "format/detail/test_fields.h"
#include "format/json_writer.h"

namespace millrace::format {
namespace {

using data::Field;
using data::Type;
using data::TypeKind;
using detail::field;

Type one(const Type& type) {
  return Type::structure({field("a", type)});
}

Type two() {
  return Type::structure({field("a", Type(TypeKind::kInt)), field("b", Type(TypeKind::kString))});
}

// Both ways, which have to agree, as the table flavour of JSON.
struct Read {
  std::string json;
  RowOutcome outcome = RowOutcome::kBlank;
  bool slow = false;
};

Read read(std::string_view text, const Type& root, JsonOptions options = {}) {
  JsonDecoder decoder = MUST(JsonDecoder::create(root, std::move(options)));
  const auto block = std::make_shared<const data::Block>(text);
  const std::vector<std::string_view> records{block->view()};
  const std::vector<data::BlockPtr> blocks{block};
  const JsonRows fast = decoder.decode(records, blocks);
  const JsonRows slow = decoder.decode_slowly(records);
  const JsonWriter writer(
      data::Schema{root.kind() == TypeKind::kStruct ? root.fields() : std::vector<Field>{}});
  const auto print = [&](const JsonRows& rows) {
    std::string out;
    if (root.kind() == TypeKind::kStruct) {
      writer.append_row(out, rows.columns, 0);
    } else {
      writer.append_value(out, *rows.columns[0], 0);
    }
    return out;
  };
  EXPECT_EQ(print(fast), print(slow)) << text;
  EXPECT_EQ(fast.outcomes, slow.outcomes) << text;
  return {.json = print(fast), .outcome = fast.outcomes[0], .slow = fast.slow > 0};
}

std::string json(std::string_view text, const Type& root) {
  return read(text, root).json;
}

// Results of a real Spark 4.3 (tests/contracts/spark-4.3-expressions.tsv, group json).
TEST(JsonDecoder, agrees_with_spark_on_scalars) {
  EXPECT_EQ(json(R"({"a":1,"b":"x"})", two()), R"({"a":1,"b":"x"})");
  EXPECT_EQ(json(R"({"a":"1","b":"x"})", two()), R"({"a":null,"b":"x"})");
  const Type integer = one(Type(TypeKind::kInt));
  EXPECT_EQ(json(R"({"a":1.5})", integer), R"({"a":null})");
  EXPECT_EQ(json(R"({"a":2147483648})", integer), R"({"a":null})");
  EXPECT_EQ(json(R"({"a":null})", integer), R"({"a":null})");
  EXPECT_EQ(json(R"({"A":1})", integer), R"({"a":null})");
  EXPECT_EQ(json(R"({"a":1,"a":2})", integer), R"({"a":2})");
  EXPECT_EQ(json(R"({"a":1} trailing)", integer), R"({"a":1})");
  EXPECT_EQ(json("{a:1}", integer), R"({"a":null})");
  EXPECT_EQ(json("{'a':1}", integer), R"({"a":1})");
  EXPECT_EQ(json(R"({"a":01})", integer), R"({"a":null})");
  EXPECT_EQ(json(R"({"a":NaN})", one(Type(TypeKind::kDouble))), R"({"a":"NaN"})");
  EXPECT_EQ(json(R"({"a":1})", one(Type(TypeKind::kDouble))), R"({"a":1.0})");
  EXPECT_EQ(json(R"({"a":12.345})", one(Type::decimal(5, 2))), R"({"a":12.35})");
  EXPECT_EQ(json(R"({"a":12345.6})", one(Type::decimal(5, 2))), R"({"a":null})");
  EXPECT_EQ(json(R"({"a":1})", one(Type(TypeKind::kBoolean))), R"({"a":null})");
  EXPECT_EQ(json(R"({"a":"SGk="})", one(Type(TypeKind::kBinary))), R"({"a":"SGk="})");
}

TEST(JsonDecoder, agrees_with_spark_on_strings_of_any_value) {
  const Type string = one(Type(TypeKind::kString));
  EXPECT_EQ(json(R"({"a":1,"b":{"z": [1, 2]}})", two()), R"({"a":1,"b":"{\"z\":[1,2]}"})");
  EXPECT_EQ(json(R"({"a":68140})", string), R"({"a":"68140"})");
  EXPECT_EQ(json(R"({"a":1.50})", string), R"({"a":"1.5"})");
  EXPECT_EQ(json(R"({"a":1e3})", string), R"({"a":"1000.0"})");
  EXPECT_EQ(json(R"({"a":true})", string), R"({"a":"true"})");
  EXPECT_EQ(json(R"({"a":-0})", string), R"({"a":"0"})");
  EXPECT_EQ(json(R"({"a":[1, 2, {"b" : "c"}]})", string), R"({"a":"[1,2,{\"b\":\"c\"}]"})");
  EXPECT_EQ(json(R"({"a":"Fr\u00f8yland"})", string), "{\"a\":\"Fr\u00f8yland\"}");
  EXPECT_EQ(json(R"({"a":"\ud83d\ude00 \ud83d \u0000"})", string),
            "{\"a\":\"\U0001F600 ? \\u0000\"}");
}

TEST(JsonDecoder, agrees_with_spark_on_times) {
  const Type timestamp = one(Type(TypeKind::kTimestamp));
  EXPECT_EQ(json(R"({"a":"2024-03-01T10:11:12Z"})", timestamp), R"({"a":"2024-03-01T10:11:12Z"})");
  EXPECT_EQ(json(R"({"a":"2024-03-01 10:11:12"})", timestamp), R"({"a":"2024-03-01T10:11:12Z"})");
  EXPECT_EQ(json(R"({"a":1709251200})", timestamp), R"({"a":"2024-03-01T00:00:00Z"})");
  EXPECT_EQ(json(R"({"a":"2024-03-01"})", one(Type(TypeKind::kDate))), R"({"a":"2024-03-01"})");
  JsonOptions options;
  options.date_format = "dd/MM/yyyy";
  EXPECT_EQ(read(R"({"a":"01/03/2024"})", one(Type(TypeKind::kDate)), options).json,
            R"({"a":"2024-03-01"})");
  EXPECT_EQ(json(R"({"a":""})", timestamp), R"({"a":null})");
}

TEST(JsonDecoder, agrees_with_spark_on_roots_and_nesting) {
  const Type integer = one(Type(TypeKind::kInt));
  const Type map = Type::map(Type(TypeKind::kString), Type(TypeKind::kInt));
  EXPECT_EQ(read("", integer).outcome, RowOutcome::kBlank);
  EXPECT_EQ(read("  \n", integer).outcome, RowOutcome::kBlank);
  EXPECT_EQ(read("{bad", two()).outcome, RowOutcome::kMalformed);
  EXPECT_EQ(read(R"([{"a":1},{"a":2}])", integer).outcome, RowOutcome::kMalformed);
  EXPECT_EQ(json(R"([{"a":1},{"a":2}])", Type::array(integer)), R"([{"a":1},{"a":2}])");
  EXPECT_EQ(json(R"({"a":1})", Type::array(integer)), R"([{"a":1}])");
  EXPECT_EQ(read(R"("x")", integer).outcome, RowOutcome::kMalformed);
  EXPECT_EQ(read("null", integer).outcome, RowOutcome::kMalformed);
  EXPECT_EQ(json(R"({"a":{"b":1}})", one(Type::structure({field("b", Type(TypeKind::kInt))}))),
            R"({"a":{"b":1}})");
  EXPECT_EQ(json(R"({"a":"x"})", one(Type::structure({field("b", Type(TypeKind::kInt))}))),
            R"({"a":null})");
  EXPECT_EQ(json(R"({"a":1,"b":2})", map), R"({"a":1,"b":2})");
  EXPECT_EQ(json(R"({"a":"x","b":2})", map), "null");
}

TEST(JsonDecoder, keeps_what_converts_and_the_text_of_what_does_not) {
  const Type root = Type::structure({field("a", Type(TypeKind::kInt)),
                                     field("l", Type::array(Type(TypeKind::kInt))),
                                     field("_corrupt_record", Type(TypeKind::kString))});
  EXPECT_EQ(json("{bad", root), R"({"a":null,"l":null,"_corrupt_record":"{bad"})");
  const Read partial = read(R"({"a":"x","l":[1,2]})", root);
  EXPECT_EQ(partial.outcome, RowOutcome::kPartial);
  EXPECT_EQ(partial.json, R"({"a":null,"l":[1,2],"_corrupt_record":"{\"a\":\"x\",\"l\":[1,2]}"})");
  EXPECT_EQ(
      json(R"({"l":[1,"x"],"a":7,"_corrupt_record":"y"})", root),
      R"({"a":7,"l":null,"_corrupt_record":"{\"l\":[1,\"x\"],\"a\":7,\"_corrupt_record\":\"y\"}"})");
  EXPECT_EQ(json(R"({"a":1,"a":"x"})", one(Type(TypeKind::kInt))), R"({"a":1})");
}

TEST(JsonDecoder, takes_plain_records_the_fast_way) {
  const Type root =
      Type::structure({field("i", Type(TypeKind::kBigInt)),
                       field("s", Type(TypeKind::kString)),
                       field("d", Type(TypeKind::kDouble)),
                       field("n", Type::structure({field("x", Type(TypeKind::kInt))})),
                       field("l", Type::array(Type::array(Type(TypeKind::kString)))),
                       field("m", Type::map(Type(TypeKind::kString), Type(TypeKind::kBoolean)))});
  const std::string_view text =
      R"( {"i" : -12 , "skip": {"a": [1, 2.5e3, {}, [], "x\n", null, true]}, "s":"\u00e9\\", "d":1.5e300,
          "n":{"x":1,"y":[{"z":1}]}, "l":[["a"],[],["b","c"]], "m":{"k":true,"\t":null}} )";
  const Read plain = read(text, root);
  EXPECT_FALSE(plain.slow);
  EXPECT_EQ(plain.json,
            "{\"i\":-12,\"s\":\"\u00e9\\\\\",\"d\":1.5E300,\"n\":{\"x\":1},"
            "\"l\":[[\"a\"],[],[\"b\",\"c\"]],\"m\":{\"k\":true,\"\\t\":null}}");
}

TEST(JsonDecoder, refuses_what_is_no_json_even_in_fields_that_nobody_reads) {
  const Type integer = one(Type(TypeKind::kInt));
  for (const std::string_view value :
       {"tru",     "01",       "1.",          "+1",      "-",         "[1,]",   "[1 2]",
        "{\"x\"}", "{\"x\":}", "{,}",         "\"\\x\"", "\"\\ud8\"", "\"\t\"", "nul",
        "[",       "{\"a\":1", "]",           "1e",      "0x1",       ".5",     "'",
        "[}",      "{]",       "\"a\" \"b\"", "1 2"}) {
    const std::string text = "{\"a\":1,\"skip\":" + std::string(value) + "}";
    EXPECT_EQ(read(text, integer).outcome, RowOutcome::kMalformed) << text;
  }
}

TEST(JsonDecoder, limits_nesting_and_numbers) {
  const Type string = one(Type(TypeKind::kString));
  const auto nested = [](std::size_t depth) {
    return R"({"a":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  EXPECT_EQ(read(nested(999), string).outcome, RowOutcome::kDecoded);
  EXPECT_EQ(read(nested(1000), string).outcome, RowOutcome::kMalformed);
  EXPECT_EQ(read(R"({"a":)" + std::string(1000, '1') + "}", string).outcome, RowOutcome::kDecoded);
  EXPECT_EQ(read(R"({"a":)" + std::string(1001, '1') + "}", string).outcome,
            RowOutcome::kMalformed);
  EXPECT_EQ(json(R"({"a":1e400})", one(Type(TypeKind::kDouble))), R"({"a":"Infinity"})");
}

TEST(JsonDecoder, mends_broken_utf8) {
  EXPECT_EQ(json("{\"a\":\"x\xff\"}", one(Type(TypeKind::kString))), "{\"a\":\"x\xEF\xBF\xBD\"}");
}

TEST(JsonDecoder, obeys_its_options) {
  const Type integer = one(Type(TypeKind::kInt));
  JsonOptions options;
  options.allow_comments = true;
  options.allow_unquoted_field_names = true;
  options.allow_numeric_leading_zeros = true;
  options.allow_backslash_escaping_any_character = true;
  EXPECT_EQ(read("/* c */ {a: 007 // x\n}", integer, options).json, R"({"a":7})");
  EXPECT_EQ(read(R"({"a":"\q"})", one(Type(TypeKind::kString)), options).json, R"({"a":"q"})");
  options = {};
  options.allow_single_quotes = false;
  options.allow_non_numeric_numbers = false;
  EXPECT_EQ(read("{'a':1}", integer, options).outcome, RowOutcome::kMalformed);
  EXPECT_EQ(read(R"({"a":NaN})", one(Type(TypeKind::kDouble)), options).outcome,
            RowOutcome::kMalformed);
  EXPECT_FALSE(JsonOptions::from_text({{"mode", "DROPMALFORMED"}}, data::Zone()).has_value());
  EXPECT_EQ(MUST(JsonOptions::from_text({{"MODE", "failfast"}}, data::Zone())).mode,
            ParseMode::kFailFast);
}

TEST(JsonDecoder, refuses_roots_and_corrupt_columns_it_cannot_fill) {
  EXPECT_FALSE(JsonDecoder::create(Type(TypeKind::kInt), JsonOptions()).has_value());
  const Type corrupt = Type::structure({field("_corrupt_record", Type(TypeKind::kInt))});
  EXPECT_FALSE(JsonDecoder::create(corrupt, JsonOptions()).has_value());
  JsonOptions options;
  options.timestamp_format = "YYYY";
  EXPECT_FALSE(JsonDecoder::create(one(Type(TypeKind::kInt)), options).has_value());
}

TEST(JsonDecoder, decodes_many_records_of_changing_shape) {
  const Type root = Type::structure({field("a", Type(TypeKind::kInt)),
                                     field("l", Type::array(Type(TypeKind::kString))),
                                     field("b", Type(TypeKind::kString))});
  std::string all;
  std::vector<std::pair<std::size_t, std::size_t>> places;
  for (int i = 0; i < 3000; ++i) {
    std::string record;
    switch (i % 5) {
      case 0:
        record = R"({"a":)" + std::to_string(i) + R"(,"l":["x","y"],"b":"plain"})";
        break;
      case 1:
        record = R"({"b":"e\nscaped","a":)" + std::to_string(i) + "}";
        break;
      case 2:
        record = R"({"l":["z",null],"b":1,"a":"no"})";
        break;
      case 3:
        record = R"({"l":["half)";
        break;
      default:
        record = R"({"l":[],"l":["again"],"c":0})";
    }
    places.emplace_back(all.size(), record.size());
    all += record;
  }
  const auto block = std::make_shared<const data::Block>(all);
  std::vector<std::string_view> records;
  records.reserve(places.size());
  for (const auto& [at, size] : places) {
    records.push_back(block->view().substr(at, size));
  }
  const std::vector<data::BlockPtr> blocks{block};
  JsonDecoder decoder = MUST(JsonDecoder::create(root, JsonOptions()));
  for (int round = 0; round < 2; ++round) {
    const JsonRows fast = decoder.decode(records, blocks);
    const JsonRows slow = decoder.decode_slowly(records);
    EXPECT_EQ(fast.outcomes, slow.outcomes);
    EXPECT_EQ(fast.slow, 1200U);
    for (std::size_t c = 0; c < 3; ++c) {
      ASSERT_EQ(fast.columns[c]->size(), 3000U);
      for (std::size_t row = 0; row < 3000; ++row) {
        ASSERT_EQ(
            data::compare_values(
                root.fields()[c].type, fast.columns[c]->value(row), slow.columns[c]->value(row)),
            0)
            << c << ' ' << row;
      }
    }
  }
}

TEST(JsonDecoder, lets_columns_outlive_records_and_decoder) {
  data::ColumnPtr column;
  {
    auto block = std::make_shared<const data::Block>(R"({"a":"a long string that is a view"})");
    JsonDecoder decoder = MUST(JsonDecoder::create(one(Type(TypeKind::kString)), JsonOptions()));
    const std::vector<std::string_view> records{block->view()};
    const std::vector<data::BlockPtr> blocks{block};
    column = decoder.decode(records, blocks).columns[0];
  }
  EXPECT_EQ(column->string(0), "a long string that is a view");
}

}  // namespace
}  // namespace millrace::format
