#include "format/schema_inference.h"

#include <gtest/gtest.h>

namespace millrace::format {
namespace {

std::string of(std::string_view text, const JsonOptions& options = {}) {
  const auto type = schema_of_json(text, options);
  return type ? type->to_sql() : "malformed";
}

std::string of_records(const std::vector<std::string_view>& records) {
  return infer_json_schema(records, JsonOptions()).to_string();
}

// The first three are results of a real Spark 4.3 (group json).
TEST(SchemaInference, agrees_with_schema_of_json) {
  EXPECT_EQ(of(R"([{"a":1},{"b":true}])"), "ARRAY<STRUCT<a: BIGINT, b: BOOLEAN>>");
  EXPECT_EQ(of(R"({"a":9223372036854775808})"), "STRUCT<a: DECIMAL(19,0)>");
  EXPECT_EQ(of(R"({"t":"2024-03-01T10:11:12Z"})"), "STRUCT<t: STRING>");
  EXPECT_EQ(of(R"({"b":1,"a":1.5,"n":null,"e":[]})"),
            "STRUCT<a: DOUBLE, b: BIGINT, e: ARRAY<STRING>, n: STRING>");
  EXPECT_EQ(of(R"([1,2.5,9223372036854775808])"), "ARRAY<DOUBLE>");
  EXPECT_EQ(of(R"([1,"x"])"), "ARRAY<STRING>");
  EXPECT_EQ(of("{bad"), "malformed");
  JsonOptions options;
  options.prefers_decimal = true;
  EXPECT_EQ(of("[1.25]", options), "ARRAY<DECIMAL(3,2)>");
  options.primitives_as_string = true;
  EXPECT_EQ(of(R"({"a":true})", options), "STRUCT<a: STRING>");
}

TEST(SchemaInference, merges_records) {
  EXPECT_EQ(of_records({R"({"b":{"x":1}})", R"({"a":1})", "", R"([{"b":{"y":"z"}}])"}),
            "struct<a:bigint,b:struct<x:bigint,y:string>>");
  EXPECT_EQ(of_records({R"({"a":1})", "{bad"}), "struct<_corrupt_record:string,a:bigint>");
  EXPECT_EQ(of_records({R"({"a":{}})"}), "struct<>");
}

// How many of the texts add nothing to a known type; merging them has to say the same.
int count_known(const data::Type& known,
                const std::vector<std::string_view>& texts,
                const JsonOptions& options) {
  int found = 0;
  for (const std::string_view text : texts) {
    if (adds_nothing(known, text, options)) {
      ++found;
      const auto type = infer_json_type(text, options);
      EXPECT_TRUE(type && merge_inferred(known, *type) == known)
          << known.to_string() << " and " << text;
    }
  }
  return found;
}

TEST(SchemaInference, adds_nothing_only_where_merging_adds_nothing) {
  const std::vector<std::string_view> texts{R"({"a":1,"s":"x","n":null})",
                                            R"({"s":"y","a":2})",
                                            R"({"a":1.5})",
                                            R"({"a":9223372036854775808})",
                                            R"({"a":"1"})",
                                            R"({"a":1,"a":"x"})",
                                            R"({"a":true})",
                                            R"({"b":null})",
                                            R"({"a":[1,null,2.5]})",
                                            R"({"a":[]})",
                                            R"({"a":[[1],[]]})",
                                            R"({"a":{"x":{"y":1}},"s":null})",
                                            R"({"a":{"x":{}}})",
                                            R"({})",
                                            R"([1])",
                                            R"([])",
                                            "null",
                                            "",
                                            "7",
                                            "{bad",
                                            R"({"a":1)",
                                            R"({"a":[1)",
                                            "{\"a\":\"\xff\"}"};
  int found = 0;
  for (const bool text_only : {false, true}) {
    JsonOptions options;
    options.primitives_as_string = text_only;
    for (const std::string_view before : texts) {
      for (const std::string_view also : texts) {
        const auto first = infer_json_type(before, options);
        const auto second = infer_json_type(also, options);
        if (first && second) {
          found += count_known(merge_inferred(*first, *second), texts, options);
        }
      }
    }
  }
  EXPECT_GT(found, 1000);
  const auto known = infer_json_type(texts[0], JsonOptions());
  EXPECT_TRUE(adds_nothing(*known, texts[0], JsonOptions()));
}

TEST(SchemaInference, keeps_the_corrupt_column_a_string_and_names_apart) {
  EXPECT_EQ(of_records({R"({"_corrupt_record":1})"}), "struct<_corrupt_record:string>");
  const std::vector<std::string_view> records{"_corrupt_record,a,A,b", "1,2,3,4"};
  CsvOptions options;
  options.header = true;
  options.infer_schema = true;
  EXPECT_EQ(infer_csv_schema(records, options).to_string(),
            "struct<_corrupt_record:string,a1:int,A2:int,b:int>");
}

TEST(SchemaInference, reads_names_and_types_of_csv) {
  const std::vector<std::string_view> records{"id,,t,d,b,s,n",
                                              "1,1.5,2024-03-01T00:00:00Z,2024-03-01,true,x,",
                                              "3000000000,2,2024-03-01,2024-03-02,FALSE,1,"};
  CsvOptions options;
  EXPECT_EQ(infer_csv_schema(records, options).fields[1].name, "_c1");
  options.header = true;
  options.infer_schema = true;
  EXPECT_EQ(infer_csv_schema(records, options).to_string(),
            "struct<id:bigint,_c1:double,t:timestamp,d:date,b:boolean,s:string,n:string>");
}

}  // namespace
}  // namespace millrace::format
