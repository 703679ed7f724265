#include "config/option_table.h"

#include <gtest/gtest.h>

#include "config/codes.h"

namespace millrace::config {
namespace {

const OptionTable& http_options() {
  static const OptionTable kTable{
      .subject = "http source",
      .options =
          {{.name = "url",
            .type = OptionType::kUrl,
            .required = true,
            .sentence = "The address.",
            .example = "https://randomuser.me/api/"},
           {.name = "every",
            .type = OptionType::kDuration,
            .default_value = "10 s",
            .minimum = "100 ms",
            .maximum = "1 d",
            .sentence = "Pause."},
           {.name = "limit",
            .type = OptionType::kBytes,
            .default_value = "1 MiB",
            .maximum = "1 GiB",
            .sentence = "Largest answer."},
           {.name = "retries",
            .type = OptionType::kInt,
            .default_value = "3",
            .minimum = "0",
            .maximum = "10",
            .sentence = "Tries."},
           {.name = "ratio", .type = OptionType::kDouble, .maximum = "1", .sentence = "Share."},
           {.name = "follow",
            .type = OptionType::kBool,
            .default_value = "true",
            .sentence = "Follow."},
           {.name = "method",
            .type = OptionType::kEnum,
            .default_value = "GET",
            .choices = {"GET", "POST"},
            .sentence = "Method."},
           {.name = "proxy",
            .type = OptionType::kHostPort,
            .default_port = 3128,
            .sentence = "Proxy."},
           {.name = "kafka.bootstrap.servers",
            .type = OptionType::kHostPortList,
            .also = {"bootstrap.servers"},
            .default_port = 9092,
            .sentence = "Brokers."},
           {.name = "paths", .type = OptionType::kList, .maximum = "2", .sentence = "Paths."},
           {.name = "header.*", .maximum = "8", .sentence = "A header."},
           {.name = "fields.*.expression", .sentence = "A field."},
           {.name = "password", .secret = true, .sentence = "Password."},
           {.name = "acks", .no_effect = true, .sentence = "Kafka's."},
           {.name = "body", .sentence = "Body."},
           {.name = "body.file", .sentence = "Body in a file."}},
      .foreign = {{"interval", "every"}, {"uri", "url"}},
      .groups = {{.names = {"body", "body.file"}, .required = false}}};
  return kTable;
}

SourceSpan at(int line) {
  return {.file = "s.sql", .line = line, .column = 3, .end = 7};
}

struct Read {
  OptionValues values;
  Diagnostics diagnostics;
};

Read read(const std::vector<std::pair<std::string, std::string>>& options, bool with_url = true) {
  std::vector<OptionEntry> entries;
  if (with_url) {
    entries.push_back({.key = "url", .value = "http://h/", .where = at(1)});
  }
  for (const auto& [key, value] : options) {
    entries.push_back(
        {.key = key, .value = value, .where = at(static_cast<int>(entries.size()) + 1)});
  }
  Diagnostics diagnostics;
  OptionValues values = parse_options(http_options(), entries, diagnostics, at(99));
  return {.values = std::move(values), .diagnostics = std::move(diagnostics)};
}

std::string only(const Read& read) {
  if (read.diagnostics.all().size() != 1) {
    return "findings: " + std::to_string(read.diagnostics.all().size());
  }
  const Diagnostic& found = read.diagnostics.all().front();
  return std::to_string(found.where.line) + ": " + found.message;
}

TEST(OptionTable, is_sound) {
  EXPECT_EQ(check_table(http_options()), std::vector<std::string>{});
}

TEST(OptionTable, check_finds_what_is_wrong_with_rows) {
  const OptionTable table{
      .subject = "bad",
      .options = {{.name = "a", .type = OptionType::kInt, .default_value = "x", .sentence = "A."},
                  {.name = "A", .sentence = "Again."},
                  {.name = "b", .default_value = "1", .required = true, .sentence = "No stop"},
                  {.name = "c", .type = OptionType::kEnum, .sentence = "C."}},
      .foreign = {{"c", "b"}},
      .groups = {{.names = {"z"}}}};
  EXPECT_EQ(check_table(table).size(), 7U);
}

TEST(OptionTable, defaults_hold_where_nothing_is_given) {
  const Read read = config::read({});
  EXPECT_TRUE(read.diagnostics.empty());
  EXPECT_EQ(read.values.duration_ms("every"), 10'000);
  EXPECT_EQ(read.values.bytes("limit"), 1 << 20);
  EXPECT_EQ(read.values.integer("retries"), 3);
  EXPECT_TRUE(read.values.flag("follow"));
  EXPECT_EQ(read.values.choice("method"), 0U);
  EXPECT_FALSE(read.values.given("every"));
  EXPECT_TRUE(read.values.has("every"));
  EXPECT_FALSE(read.values.has("password"));
  EXPECT_EQ(read.values.where("every").line, 0);
}

TEST(OptionTable, given_values_are_read_by_their_type) {
  const Read read = config::read({{"EVERY", "1 minute 30 seconds"},
                                  {"limit", "2m"},
                                  {"retries", "7"},
                                  {"ratio", "0.25"},
                                  {"follow", "FALSE"},
                                  {"method", "post"},
                                  {"proxy", "p"},
                                  {"bootstrap.servers", "a:1, b , [::1]:3"},
                                  {"paths", "x, y"}});
  EXPECT_TRUE(read.diagnostics.empty());
  EXPECT_EQ(read.values.duration_ms("every"), 90'000);
  EXPECT_EQ(read.values.bytes("limit"), 2 << 20);
  EXPECT_EQ(read.values.integer("retries"), 7);
  EXPECT_EQ(read.values.number("ratio"), 0.25);
  EXPECT_FALSE(read.values.flag("follow"));
  EXPECT_EQ(read.values.text("method"), "POST");
  EXPECT_EQ(to_string(read.values.host_port("proxy")), "p:3128");
  const std::vector<HostPort> brokers = read.values.host_ports("kafka.bootstrap.servers");
  ASSERT_EQ(brokers.size(), 3U);
  EXPECT_EQ(to_string(brokers[1]), "b:9092");
  EXPECT_EQ(to_string(brokers[2]), "[::1]:3");
  EXPECT_EQ(read.values.list("paths"), (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(read.values.where("every").line, 2);
}

TEST(OptionTable, patterns_keep_the_case_of_what_the_star_stands_for) {
  const Read read = config::read(
      {{"Header.X-Api", "1"}, {"header.x-api", "2"}, {"fields.user.name.expression", "e"}});
  EXPECT_TRUE(read.diagnostics.empty());
  const auto headers = read.values.matching("header.*");
  ASSERT_EQ(headers.size(), 2U);
  EXPECT_EQ(headers[0].star, "X-Api");
  EXPECT_EQ(headers[1].value, "2");
  EXPECT_EQ(read.values.matching("fields.*.expression")[0].star, "user.name");
}

TEST(OptionTable, unknown_option_suggests_the_nearest) {
  const Read read = config::read({{"evry", "1 s"}});
  EXPECT_EQ(only(read), R"(2: unknown option "evry" of http source; did you mean "every"?)");
  EXPECT_EQ(read.diagnostics.all()[0].code, kUnknownOption);
  EXPECT_TRUE(read.diagnostics.all()[0].help.starts_with("options of http source are url, every"));
}

TEST(OptionTable, foreign_spelling_says_what_to_use) {
  EXPECT_EQ(only(config::read({{"Interval", "1 s"}})),
            R"(2: unknown option "Interval" of http source; use "every")");
}

TEST(OptionTable, missing_required_option_is_reported_at_the_whole) {
  EXPECT_EQ(only(config::read({}, false)), R"(99: option "url" of http source is missing)");
}

TEST(OptionTable, misspelt_required_option_is_reported_once) {
  EXPECT_EQ(only(config::read({{"urll", "http://h"}}, false)),
            R"(1: unknown option "urll" of http source; did you mean "url"?)");
  EXPECT_EQ(only(config::read({{"uri", "http://h"}}, false)),
            R"(1: unknown option "uri" of http source; use "url")");
}

TEST(OptionTable, wrong_forms_say_what_was_expected_and_found) {
  EXPECT_EQ(only(config::read({{"every", "10"}})),
            R"(2: option "every" of http source expects a duration such as 10 s, found "10")");
  EXPECT_EQ(only(config::read({{"retries", "many"}})),
            R"(2: option "retries" of http source expects a whole number, found "many")");
  EXPECT_EQ(
      only(config::read({{"method", "PSOT"}})),
      R"(2: option "method" of http source expects one of GET, POST; did you mean "POST"?, found "PSOT")");
  EXPECT_EQ(only(config::read({{"proxy", "a:b"}})),
            R"(2: option "proxy" of http source expects host:port, found "a:b")");
}

TEST(OptionTable, ranges_are_inclusive_and_in_the_units_of_the_row) {
  EXPECT_TRUE(config::read({{"every", "100ms"}}).diagnostics.empty());
  EXPECT_EQ(only(config::read({{"every", "99 ms"}})),
            R"(2: option "every" of http source must be at least 100 ms, found "99 ms")");
  EXPECT_EQ(only(config::read({{"header.a", "123456789"}})),
            R"(2: option "header.a" of http source must be at most 8 bytes, found "123456789")");
  EXPECT_EQ(only(config::read({{"paths", "a,b,c"}})),
            R"(2: option "paths" of http source must be at most 2 items, found "a,b,c")");
}

TEST(OptionTable, wrong_value_leaves_the_default) {
  const Read read = config::read({{"retries", "11"}});
  EXPECT_EQ(read.values.integer("retries"), 3);
  EXPECT_FALSE(read.values.given("retries"));
}

TEST(OptionTable, same_option_twice_names_the_first_place) {
  const Read read = config::read({{"every", "1 s"}, {"EVERY", "2 s"}});
  EXPECT_EQ(only(read), R"(3: option "EVERY" of http source is given twice, first at s.sql:2:3)");
  EXPECT_EQ(read.values.duration_ms("every"), 1000);
}

TEST(OptionTable, options_of_a_group_exclude_each_other) {
  EXPECT_EQ(only(config::read({{"body", "a"}, {"body.file", "b"}})),
            R"(3: options "body" and "body.file" of http source exclude each other)");
}

TEST(OptionTable, option_without_effect_gives_a_note) {
  const Read read = config::read({{"acks", "all"}});
  EXPECT_FALSE(read.diagnostics.has_errors());
  EXPECT_EQ(only(read), R"(2: option "acks" of http source has no effect here)");
}

TEST(OptionTable, secrets_are_never_shown) {
  const OptionEntry entries[] = {
      {.key = "url", .value = "http://h/", .where = at(1), .secret = true},
      {.key = "password", .value = "hunter2", .where = at(2)},
      {.key = "retries", .value = "s3cret", .where = at(3), .secret = true}};
  Diagnostics diagnostics;
  const OptionValues values = parse_options(http_options(), entries, diagnostics);
  ASSERT_EQ(diagnostics.all().size(), 1U);
  EXPECT_EQ(diagnostics.all()[0].message.find("s3cret"), std::string::npos);
  for (const auto& [name, value] : values.shown()) {
    EXPECT_EQ(value, "******") << name;
  }
  EXPECT_EQ(values.text("password"), "hunter2");
}

TEST(OptionTable, every_finding_comes_in_one_pass) {
  const Read read =
      config::read({{"evry", "1 s"}, {"retries", "x"}, {"every", "1 ms"}, {"uri", "u"}}, false);
  EXPECT_EQ(read.diagnostics.error_count(), 4U);
}

TEST(OptionTableDeathTest, asking_for_what_is_no_row_is_a_bug) {
  const Read read = config::read({});
  EXPECT_DEATH((void)read.values.text("nothing"), "has no option nothing");
  EXPECT_DEATH((void)read.values.integer("every"), "read as another type");
}

TEST(OptionValue, durations_have_units_and_add_up) {
  EXPECT_EQ(parse_duration_ms("10 s"), 10'000);
  EXPECT_EQ(parse_duration_ms("500ms"), 500);
  EXPECT_EQ(parse_duration_ms("1.5s"), 1500);
  EXPECT_EQ(parse_duration_ms("interval 1 hour 30 minutes"), 5'400'000);
  EXPECT_EQ(parse_duration_ms("2 weeks"), 1'209'600'000);
  EXPECT_EQ(parse_duration_ms("2000 us"), 2);
  EXPECT_EQ(parse_duration_ms("7", "s"), 7000);
  EXPECT_EQ(parse_duration_ms("0 s"), 0);
  for (const char* wrong : {"",
                            "s",
                            "10",
                            "1 s 2",
                            "1 fortnight",
                            "-1 s",
                            "1..5 s",
                            "1. s",
                            "10 us",
                            "99999999999999 weeks",
                            "1e3 s"}) {
    EXPECT_EQ(parse_duration_ms(wrong), std::nullopt) << wrong;
  }
}

TEST(OptionValue, sizes_are_powers_of_two_unless_the_b_says_decimal) {
  EXPECT_EQ(parse_bytes("123"), 123);
  EXPECT_EQ(parse_bytes("1g"), std::int64_t{1} << 30);
  EXPECT_EQ(parse_bytes("1.5 KiB"), 1536);
  EXPECT_EQ(parse_bytes("1 GB"), 1'000'000'000);
  EXPECT_EQ(parse_bytes("0.5 k"), 512);
  for (const char* wrong : {"", "k", "-1", "1 XB", "9999999999 TiB", "0.3 b"}) {
    EXPECT_EQ(parse_bytes(wrong), std::nullopt) << wrong;
  }
}

TEST(OptionValue, addresses_need_host_and_port) {
  EXPECT_EQ(parse_host_port("h:1"), (HostPort{.host = "h", .port = 1}));
  EXPECT_EQ(parse_host_port("[fe80::1]:65535"), (HostPort{.host = "fe80::1", .port = 65535}));
  EXPECT_EQ(parse_host_port("h", 9092), (HostPort{.host = "h", .port = 9092}));
  for (const char* wrong : {"",
                            ":1",
                            "h",
                            "h:",
                            "h:65536",
                            "h:x",
                            "a b:1",
                            "::1:9092",
                            "[::1",
                            "[::1]x",
                            "http://h:1"}) {
    EXPECT_EQ(parse_host_port(wrong), std::nullopt) << wrong;
  }
}

TEST(OptionValue, formats_for_people_read_back) {
  for (const std::int64_t ms : {0L, 7L, 999L, 1000L, 1500L, 90'000L, 86'400'000L, 90'061'001L}) {
    EXPECT_EQ(parse_duration_ms(format_duration_ms(ms)), ms) << format_duration_ms(ms);
  }
  EXPECT_EQ(format_bytes(64 << 20), "64 MiB");
  EXPECT_EQ(format_bytes(1000), "1000 bytes");
}

TEST(Codes, ascend_and_are_explained) {
  std::string_view before;
  for (const CodeEntry& entry : code_entries()) {
    EXPECT_LT(before, entry.code);
    EXPECT_FALSE(entry.title.empty());
    EXPECT_FALSE(entry.explanation.empty());
    before = entry.code;
  }
}

}  // namespace
}  // namespace millrace::config
