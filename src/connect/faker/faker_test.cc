#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <re2/re2.h>
#include <simdjson.h>

#include "base/utf8.h"
#include "connect/faker/connector.h"
#include "connect/faker/detail/expression.h"
#include "connect/faker/detail/regexify.h"
#include "connect/faker/detail/row.h"
#include "io/sim_files.h"

namespace millrace::connect::faker::detail {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using Options = std::vector<config::OptionEntry>;

constexpr std::int64_t kNow = 1'800'000'000'000;  // 2027-01-15T08:00:00Z

std::string value_of(std::string_view expression, std::uint64_t seed = 1) {
  std::vector<ExpressionProblem> problems;
  const std::optional<Expression> parsed = Expression::parse(expression, problems);
  EXPECT_TRUE(parsed.has_value()) << expression << ": "
                                  << (problems.empty() ? "" : problems[0].message);
  std::string value;
  if (parsed) {
    Random random(seed);
    Draw draw{.random = random, .now_ms = kNow};
    parsed->append(draw, value);
  }
  return value;
}

std::string problem_of(std::string_view expression) {
  std::vector<ExpressionProblem> problems;
  EXPECT_FALSE(Expression::parse(expression, problems).has_value()) << expression;
  return problems.empty() ? "" : problems[0].code + " " + problems[0].message;
}

/// Every value of 300 seeds matches.
void expect_matches(std::string_view expression, const std::string& pattern) {
  const RE2 wanted(pattern);
  ASSERT_TRUE(wanted.ok()) << pattern;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const std::string value = value_of(expression, seed);
    EXPECT_TRUE(RE2::FullMatch(value, wanted)) << expression << " gave " << value;
  }
}

RowMaker rows_of(const Options& options, Diagnostics& diagnostics) {
  const auto values = config::parse_options(*faker_connector().options, options, diagnostics);
  return RowMaker::read(values, diagnostics);
}

std::string row_of(const Options& options, std::uint64_t row = 0) {
  Diagnostics diagnostics;
  const RowMaker maker = rows_of(options, diagnostics);
  EXPECT_TRUE(diagnostics.empty()) << format_diagnostics(diagnostics, {});
  std::string json;
  maker.append(7, row, kNow, json);
  return json;
}

TEST(Expression, mixes_text_and_directives) {
  expect_matches("Mr #{Name.lastName}: #{number.numberBetween '1','10'}!", "Mr [A-Za-z']+: [1-9]!");
  EXPECT_EQ(value_of("plain # {text} }"), "plain # {text} }");
  EXPECT_EQ(value_of(""), "");
}

TEST(Expression, compares_names_without_case_and_underscores) {
  EXPECT_EQ(value_of("#{Name.full_name}"), value_of("#{name.fullName}"));
  EXPECT_EQ(value_of("#{ NUMBER.number_between  '1' , '9' }"),
            value_of("#{number.numberBetween '1','9'}"));
}

TEST(Expression, takes_quotes_and_braces_in_arguments) {
  EXPECT_EQ(value_of("#{Options.option 'it''s }'}"), "it's }");
  EXPECT_EQ(value_of("#{regexify 'x{3}'}"), "xxx");
}

TEST(Expression, makes_what_each_provider_is_for) {
  expect_matches("#{Name.fullName}",
                 "([A-Z][a-z]+\\. )?[A-Z][a-z]+ [A-Z][A-Za-z']+( [A-Za-z]+\\.?)?");
  expect_matches("#{Internet.emailAddress}", "[a-z]+\\.[a-z]+@[a-z.]+");
  expect_matches("#{Internet.uuid}",
                 "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  expect_matches("#{Internet.ipV4Address}", "([0-9]{1,3}\\.){3}[0-9]{1,3}");
  expect_matches("#{Internet.macAddress}", "([0-9a-f]{2}:){5}[0-9a-f]{2}");
  expect_matches("#{PhoneNumber.cellPhone}", "[0-9]{3}-[0-9]{3}-[0-9]{4}");
  expect_matches("#{Address.fullAddress}", "[0-9]+ [A-Za-z' ]+, [A-Za-z ]+, [A-Z]{2} [0-9]{5}");
  expect_matches("#{Address.latitude}", "-?[0-9]{1,2}\\.[0-9]{6}");
  expect_matches("#{number.numberBetween '-3','3'}", "-[123]|[012]");
  expect_matches("#{number.randomDouble '2','0','5'}", "[0-5]\\.[0-9]{2}");
  expect_matches("#{number.randomDouble '0','-5','5'}", "-?[0-5]");
  expect_matches("#{number.randomDigitNotZero}", "[1-9]");
  expect_matches("#{number.digits '12'}", "[0-9]{12}");
  expect_matches("#{Options.option 'a','b b','c'}", "a|b b|c");
  expect_matches("#{numerify 'A-##?'}", "A-[0-9]{2}\\?");
  expect_matches("#{letterify 'A-##?','true'}", "A-##[A-Z]");
  expect_matches("#{bothify '#?#'}", "[0-9][a-z][0-9]");
  expect_matches("#{Lorem.words '3'}", "[a-z]+ [a-z]+ [a-z]+");
  expect_matches("#{Lorem.sentence '2'}", "[A-Z][a-z]* [a-z]+\\.");
  expect_matches("#{bool.bool}", "true|false");
  expect_matches("#{Commerce.price '1','2'}", "1\\.[0-9]{2}|2\\.00");
  expect_matches("#{Internet.password '3','5'}", "[a-z0-9]{3,5}");
  expect_matches("#{IdNumber.ssnValid}", "[0-9]{3}-[0-9]{2}-[0-9]{4}");
}

TEST(Expression, makes_dates_in_their_range) {
  expect_matches("#{date.past '10','SECONDS'}",
                 "2027-01-15T07:59:5[0-9]\\.[0-9]{3}Z|"
                 "2027-01-15T08:00:00\\.000Z");
  expect_matches("#{date.past '10','5','seconds'}", "2027-01-15T07:59:5[0-5]\\.[0-9]{3}Z");
  expect_matches("#{date.future '3','1','HOURS'}", "2027-01-15T(09|10|11):.*");
  expect_matches("#{date.between '2026-02-28 23:00:00','2026-03-01'}",
                 "2026-0(2-28T23|3-01T00):.*");
  expect_matches("#{date.birthday '20','20'}", "2007-01-1.*");
}

TEST(Expression, every_provider_without_arguments_makes_something) {
  for (const Provider& provider : providers()) {
    if (provider.arguments_min == 0) {
      const std::string value = value_of("#{" + std::string(provider.name) + "}");
      EXPECT_FALSE(value.empty()) << provider.name;
      EXPECT_TRUE(is_valid_utf8(value));
    } else {
      EXPECT_FALSE(provider.name.empty());
    }
    if (!provider.example.empty()) {
      EXPECT_FALSE(value_of(provider.example).empty()) << provider.example;
    }
  }
}

TEST(Expression, says_what_is_wrong) {
  EXPECT_THAT(problem_of("#{Name.fulName}"), HasSubstr("did you mean \"Name.fullName\""));
  EXPECT_THAT(problem_of("#{}"), HasSubstr("MR6301"));
  EXPECT_THAT(problem_of("#{Name.fullName"), HasSubstr("MR6305"));
  EXPECT_THAT(problem_of("#{number.numberBetween 1,2}"), HasSubstr("MR6302"));
  EXPECT_THAT(problem_of("#{number.numberBetween '1',}"), HasSubstr("MR6302"));
  EXPECT_THAT(problem_of("#{number.numberBetween '1'}"), HasSubstr("MR6303"));
  EXPECT_THAT(problem_of("#{number.numberBetween '9','1'}"), HasSubstr("MR6304"));
  EXPECT_THAT(problem_of("#{number.numberBetween 'x','1'}"), HasSubstr("MR6304"));
  EXPECT_THAT(problem_of("#{date.past '1','YEARS'}"), HasSubstr("SECONDS"));
  EXPECT_THAT(problem_of("#{date.between '2026-02-30','2026-03-01'}"), HasSubstr("MR6304"));
  EXPECT_THAT(problem_of("#{regexify '(a'}"), HasSubstr("without its )"));
}

TEST(Expression, finds_all_mistakes_at_once) {
  std::vector<ExpressionProblem> problems;
  EXPECT_FALSE(Expression::parse("#{Nme.x} #{foo} #{Name.prefix 'x'}", problems));
  EXPECT_EQ(problems.size(), 3U);
}

TEST(Regexify, gives_texts_that_match) {
  for (const std::string_view pattern : {"abc",
                                         "a|b|",
                                         "[a-c]{2,4}x?",
                                         "(red|green|bl(ue|ack))-\\d{3}",
                                         "[^a-z]{5}",
                                         "\\w+@\\w*",
                                         "^[A-Z][a-z]+$",
                                         "a.c",
                                         "\\(\\d\\)",
                                         "[\\d.-]{3}",
                                         "(?:ab){2,}",
                                         "é+",
                                         "[]a]{4}",
                                         "x{0}",
                                         "\\S\\s\\D\\W",
                                         "(a*)*?"}) {
    std::string problem;
    const Maker maker = make_regexify(pattern, problem);
    ASSERT_NE(maker, nullptr) << pattern << ": " << problem;
    const RE2 wanted{std::string(pattern)};
    ASSERT_TRUE(wanted.ok()) << pattern;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      Random random(seed);
      Draw draw{.random = random, .now_ms = kNow};
      std::string text;
      maker(draw, text);
      EXPECT_TRUE(RE2::FullMatch(text, wanted)) << pattern << " gave " << text;
    }
  }
}

TEST(Regexify, refuses_what_it_does_not_understand_or_what_gets_too_long) {
  for (const std::string_view pattern :
       {"(",
        ")",
        "[a",
        "[z-a]",
        "*a",
        "a{",
        "a{2,1}",
        "a{x}",
        "\\",
        "\\b",
        "(?=a)",
        "a{10001}",
        "(a{1000}){1000}",
        "((((((((((a{99}){99}){99}){99}){99}){99}){99}){99}){99}){99})"}) {
    std::string problem;
    EXPECT_EQ(make_regexify(pattern, problem), nullptr) << pattern;
    EXPECT_FALSE(problem.empty()) << pattern;
  }
  std::string problem;
  EXPECT_EQ(make_regexify(std::string(1000, '(') + std::string(1000, ')'), problem), nullptr);
}

TEST(Row, writes_fields_in_order_with_their_types) {
  const std::string json = row_of({
      {.key = "fields.name.expression", .value = "#{Name.fullName}"},
      {.key = "fields.age.expression", .value = "#{number.numberBetween '18','19'}"},
      {.key = "fields.zip.expression", .value = "#{numerify '0####'}"},
      {.key = "fields.good.expression", .value = "#{bool.bool}"},
      {.key = "fields.rank.expression", .value = "#{Options.option '7'}"},
      {.key = "fields.rank.type", .value = "number"},
      {.key = "fields.n.expression", .value = "#{Lorem.word}"},
      {.key = "fields.n.type", .value = "number"},
  });
  EXPECT_TRUE(RE2::FullMatch(json,
                             "\\{\"name\":\"[^\"]+\",\"age\":18,\"zip\":\"0[0-9]{4}\",\"good\":"
                             "(true|false),\"rank\":7,\"n\":\"[a-z]+\"\\}"))
      << json;
}

TEST(Row, is_a_function_of_seed_and_row_and_of_the_fields_name) {
  const Options one = {{.key = "fields.a.expression", .value = "#{Internet.uuid}"}};
  Options two = one;
  two.insert(two.begin(), {.key = "fields.b.expression", .value = "#{Name.fullName}"});
  EXPECT_EQ(row_of(one, 5), row_of(one, 5));
  EXPECT_NE(row_of(one, 5), row_of(one, 6));
  const std::string alone = row_of(one, 5).substr(1);
  EXPECT_TRUE(row_of(two, 5).ends_with(alone));
}

TEST(Row, writes_nulls_at_their_rate) {
  int nulls = 0;
  for (std::uint64_t row = 0; row < 2'000; ++row) {
    nulls += row_of({{.key = "fields.a.expression", .value = "x"},
                     {.key = "fields.a.null-rate", .value = "0.25"}},
                    row) == "{\"a\":null}"
                 ? 1
                 : 0;
  }
  EXPECT_NEAR(nulls, 500, 80);
}

TEST(Row, writes_lists_maps_and_objects) {
  const std::string json = row_of({
      {.key = "fields.l.expression", .value = "#{number.randomDigit}"},
      {.key = "fields.l.length", .value = "3"},
      {.key = "fields.o.city.expression", .value = "#{Address.city}"},
      {.key = "fields.o.geo.lat.expression", .value = "1"},
      {.key = "fields.m.key.expression", .value = "#{numerify 'k####'}"},
      {.key = "fields.m.value.expression", .value = "#{number.randomDigit}"},
      {.key = "fields.m.length", .value = "2"},
      {.key = "fields.e.expression", .value = "x"},
      {.key = "fields.e.length", .value = "0"},
  });
  EXPECT_TRUE(RE2::FullMatch(
      json,
      "\\{\"l\":\\[\\d,\\d,\\d\\],\"o\":\\{\"city\":\"[^\"]+\",\"geo\":\\{\"lat\":\"1\"\\}\\},"
      "\"m\":\\{\"k\\d{4}\":\\d,\"k\\d{4}\":\\d\\},\"e\":\\[\\]\\}"))
      << json;
}

TEST(Row, is_json_whatever_the_names_and_texts_are) {
  const std::string json = row_of({{.key = "fields.a\"b\\.expression", .value = "\"\n\x01\\"}});
  simdjson::dom::parser parser;
  simdjson::dom::element parsed;
  EXPECT_EQ(parser.parse(json).get(parsed), simdjson::SUCCESS) << json;
}

TEST(Row, reports_every_mistake_at_its_place) {
  Diagnostics diagnostics;
  rows_of({{.key = "fields.a.expression", .value = "#{Nam.x}", .where = {.file = "f", .line = 3}},
           {.key = "fields.b.length", .value = "3"},
           {.key = "fields.c.expression", .value = "x"},
           {.key = "fields.c.d.expression", .value = "x"},
           {.key = "fields.e..f.expression", .value = "x"},
           {.key = "fields.g.expression", .value = "x"},
           {.key = "fields.g.null-rate", .value = "2"}},
          diagnostics);
  EXPECT_EQ(diagnostics.error_count(), 5U) << format_diagnostics(diagnostics, {});
  Diagnostics none;
  rows_of({}, none);
  EXPECT_EQ(none.error_count(), 1U);
}

TEST(FakerConnector, gives_the_same_rows_after_a_restart) {
  EXPECT_THAT(config::check_table(*faker_connector().options), IsEmpty());
  const ManualClock clock(kNow * 1000);
  Diagnostics diagnostics;
  const Options options = {{.key = "fields.n.expression", .value = "#{Name.fullName}"},
                           {.key = "number-of-rows", .value = "10"},
                           {.key = "rows-per-second", .value = "0"}};
  const auto values = config::parse_options(*faker_connector().options, options, diagnostics);
  faker_connector().check(values, diagnostics);
  ASSERT_TRUE(diagnostics.empty());
  io::SimFiles files(1);
  const connector::FeedContext context{
      .clock = clock, .files = files, .source = "people", .folder = "", .seed = 3};
  const auto first = MUST(faker_connector().make_feed(values, context));
  const auto second = MUST(faker_connector().make_feed(values, context));
  const connector::FeedPoll half = first->poll("", {.records = 4}, {});
  const connector::FeedPoll rest = first->poll(half.next_cursor, {}, {});
  const connector::FeedPoll again = second->poll(half.next_cursor, {}, {});
  EXPECT_EQ(rest.records.size(), 6U);
  EXPECT_TRUE(rest.ended);
  EXPECT_EQ(rest.records[5].value, again.records[5].value);
}

}  // namespace
}  // namespace millrace::connect::faker::detail
