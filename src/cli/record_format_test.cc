#include "cli/record_format.h"

#include <gtest/gtest.h>

#include "cli/record_reader.h"

namespace millrace::cli {
namespace {

ShownRecord formatted_record() {
  return {.topic = "users",
          .partition = 2,
          .offset = 41,
          .timestamp_ms = 1'700'000'000'123,
          .key = "k1",
          .value = R"({"id":1})",
          .headers = {{.key = "h1", .value = "a"}, {.key = "h2", .value = std::nullopt}}};
}

std::string shown(std::string_view format,
                  const ShownRecord& shown_record,
                  const RecordFormatOptions& options = {}) {
  const Result<RecordFormat> made = RecordFormat::make(format, options);
  if (!made) {
    return "!" + made.error().message();
  }
  std::string out;
  made->append(shown_record, out);
  return out;
}

TEST(RecordFormat, of_text_shows_the_value_and_more_when_asked) {
  EXPECT_EQ(shown("text", formatted_record()), "{\"id\":1}\n");
  EXPECT_EQ(shown("text", formatted_record(), {.key = true}), "k1\t{\"id\":1}\n");
  EXPECT_EQ(shown("text", formatted_record(), {.key = true, .headers = true}),
            "h1=a,h2=null\tk1\t{\"id\":1}\n");
}

TEST(RecordFormat, of_text_shows_bytes_that_are_no_text_in_hexadecimal) {
  ShownRecord bytes = formatted_record();
  bytes.value = "\xff\x01";
  bytes.key = std::nullopt;
  EXPECT_EQ(shown("text", bytes, {.key = true}), "null\t0xff01\n");
  EXPECT_EQ(shown("raw", bytes), "\xff\x01\n");
}

TEST(RecordFormat, of_json_is_what_produce_reads) {
  ShownRecord bytes = formatted_record();
  bytes.key = "\xff\xfe";
  EXPECT_EQ(shown("json", bytes),
            R"({"topic":"users","partition":2,"offset":41,"timestamp":1700000000123,)"
            R"("key":{"base64":"//4="},"value":"{\"id\":1}",)"
            R"("headers":[{"key":"h1","value":"a"},{"key":"h2","value":null}]})"
            "\n");
  const Result<ReadRecord> read = read_json_record(shown("json", bytes));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read,
            (ReadRecord{.key = "\xff\xfe",
                        .value = R"({"id":1})",
                        .headers = {{"h1", "a"}, {"h2", std::nullopt}},
                        .partition = 2,
                        .timestamp_ms = 1'700'000'000'123}));
}

TEST(RecordFormat, of_a_template_is_kcats) {
  EXPECT_EQ(shown(R"(%t[%p]@%o %K:%k %S:%s %T %h %%\n)", formatted_record()),
            "users[2]@41 2:k1 8:{\"id\":1} 1700000000123 h1=a,h2=null %\n");
  ShownRecord empty;
  EXPECT_EQ(shown(R"(%K/%S/%k/%s/%D\x21)", empty), "-1/-1///-!");
}

TEST(RecordFormat, of_a_template_encodes_and_tells_the_time) {
  EXPECT_EQ(shown("%k{hex} %k{base64} %v{json} %D", formatted_record()),
            R"(6b31 azE= "{\"id\":1}" 2023-11-14T22:13:20.123Z)");
  EXPECT_EQ(shown("{\"k\":%k{x}", formatted_record()), "{\"k\":k1{x}");
  EXPECT_EQ(shown("%R", formatted_record()), std::string("\0\0\0\x08", 4));
}

TEST(RecordFormat, refuses_unknown_letters_escapes_and_names) {
  EXPECT_EQ(shown("%q", formatted_record()),
            "!a template has %s %k %h %t %p %o %T %D %S %K %R and %%, found \"%q\"");
  EXPECT_EQ(shown("%s%", formatted_record()).front(), '!');
  EXPECT_EQ(shown(R"(%s\q)", formatted_record()),
            "!after \\ there is n, t, r, 0, \\ or xNN, found \"q\"");
  EXPECT_EQ(shown(R"(%s\x1)", formatted_record()), "!\\x needs two hexadecimal digits");
  EXPECT_EQ(shown("jsn", formatted_record()).find("!--format is text, raw, json or a template"),
            0U);
}

TEST(RecordFormat, writes_times_in_utc) {
  EXPECT_EQ(rfc3339(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(rfc3339(-1), "-");
  EXPECT_EQ(rfc3339(INT64_MAX), "-");
}

}  // namespace
}  // namespace millrace::cli
