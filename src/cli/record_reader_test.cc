#include "cli/record_reader.h"

#include <gtest/gtest.h>

namespace millrace::cli {
namespace {

std::string problem(const Properties& properties, std::string_view line) {
  Result<LineRecordReader> reader = LineRecordReader::make(properties);
  if (!reader) {
    return reader.error().message();
  }
  const Result<ReadRecord> record = reader->read(line);
  return record ? "" : record.error().message();
}

ReadRecord read(const Properties& properties, std::string_view line) {
  Result<LineRecordReader> reader = LineRecordReader::make(properties);
  Result<ReadRecord> record = reader->read(line);
  return *std::move(record);
}

TEST(LineRecordReader, makes_the_line_the_value) {
  EXPECT_EQ(read({}, "a\tb:c"), (ReadRecord{.value = "a\tb:c"}));
  EXPECT_EQ(read({}, ""), (ReadRecord{.value = ""}));
}

TEST(LineRecordReader, takes_headers_then_key_then_value) {
  const Properties properties = {{"parse.key", "true"},
                                 {"key.separator", ":"},
                                 {"parse.headers", "true"},
                                 {"null.marker", "NULL"}};
  EXPECT_EQ(read(properties, "h1:a,h2:NULL\tk2:NULL"),
            (ReadRecord{.key = "k2", .headers = {{"h1", "a"}, {"h2", std::nullopt}}}));
  EXPECT_EQ(read(properties, "NULL\tNULL:v:w"), (ReadRecord{.value = "v:w"}));
  EXPECT_EQ(read(properties, "h:,\tk:v"),
            (ReadRecord{.key = "k", .value = "v", .headers = {{"h", ""}}}));
}

TEST(LineRecordReader, names_the_line_that_lacks_a_separator) {
  Result<LineRecordReader> reader = LineRecordReader::make({{"parse.key", "true"}});
  ASSERT_TRUE(reader);
  ASSERT_TRUE(reader->read("k\tv"));
  const Result<ReadRecord> second = reader->read("kv");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message(), "No key separator found on line number 2: 'kv'");
  EXPECT_EQ(problem({{"parse.headers", "true"}}, "h\tv"),
            "No header key separator found in pair 'h' on line number 1");
  EXPECT_EQ(problem({{"parse.headers", "true"}, {"null.marker", "N"}}, "N:1\tv"),
            "Header keys should not be equal to the null marker 'N' as they can't be null");
}

TEST(LineRecordReader, goes_on_without_separators_when_errors_are_ignored) {
  const Properties properties = {
      {"parse.key", "true"}, {"parse.headers", "true"}, {"ignore.error", "true"}};
  EXPECT_EQ(read(properties, "v"), (ReadRecord{.value = "v"}));
  EXPECT_EQ(read(properties, "h\tk\tv"),
            (ReadRecord{.key = "k", .value = "v", .headers = {{"h", std::nullopt}}}));
}

TEST(LineRecordReader, refuses_separators_that_are_equal) {
  EXPECT_EQ(problem({{"headers.separator", ":"}}, ""),
            "headers.separator and headers.key.separator may not be equal");
  EXPECT_EQ(problem({{"key.separator", "-"}, {"null.marker", "-"}}, ""),
            "null.marker and key.separator may not be equal");
}

TEST(JsonRecord, takes_texts_null_bytes_and_what_is_missing) {
  Result<ReadRecord> record = read_json_record(
      R"({"topic":"t","partition":2,"offset":7,"timestamp":5,"key":null,)"
      R"("value":{"base64":"AAE="},"headers":[{"key":"h","value":"v"},{"key":"n","value":null}]})");
  ASSERT_TRUE(record) << record.error().message();
  EXPECT_EQ(*record,
            (ReadRecord{.value = std::string("\0\1", 2),
                        .headers = {{"h", "v"}, {"n", std::nullopt}},
                        .partition = 2,
                        .timestamp_ms = 5}));
  record = read_json_record("{}");
  ASSERT_TRUE(record);
  EXPECT_EQ(*record, ReadRecord{});
}

TEST(JsonRecord, refuses_what_is_no_record) {
  for (const std::string_view line : {"",
                                      "[]",
                                      "1",
                                      R"({"key":1})",
                                      R"({"value":{"base64":"!"}})",
                                      R"({"partition":-1})",
                                      R"({"headers":{}})",
                                      R"({"headers":[{"value":"x"}]})",
                                      R"({"partition":3000000000})"}) {
    EXPECT_FALSE(read_json_record(line)) << line;
  }
}

}  // namespace
}  // namespace millrace::cli
