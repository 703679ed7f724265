#include "connect/randomuser/api.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include "connect/randomuser/connector.h"
#include "io/sim_files.h"

namespace millrace::connect::randomuser {
namespace {

std::string body_of(std::string_view query) {
  const ManualClock clock;
  Api api({}, clock);
  return api.answer(query).body;
}

TEST(Api, answers_the_same_batch_for_the_same_seed) {
  EXPECT_EQ(body_of("results=5&seed=abc"), body_of("seed=abc&results=5"));
  EXPECT_NE(body_of("results=5&seed=abc"), body_of("results=5&seed=abc&page=2"));
}

TEST(Api, makes_a_new_seed_for_each_query_without_one) {
  const ManualClock clock;
  Api api({}, clock);
  EXPECT_NE(api.answer("").body, api.answer("").body);
}

TEST(Api, writes_results_and_info) {
  simdjson::dom::parser parser;
  simdjson::dom::element answer;
  ASSERT_EQ(parser.parse(body_of("results=7&seed=x%20y&page=3")).get(answer), simdjson::SUCCESS);
  EXPECT_EQ(answer["results"].get_array().value().size(), 7U);
  EXPECT_EQ(answer["info"]["seed"].get_string().value(), "x y");
  EXPECT_EQ(answer["info"]["results"].get_int64().value(), 7);
  EXPECT_EQ(answer["info"]["page"].get_int64().value(), 3);
  EXPECT_EQ(answer["info"]["version"].get_string().value(), "1.4");
}

TEST(Api, takes_values_without_sense_as_not_given) {
  const ApiQuery query =
      parse_api_query("results=5001&page=0&nat=zz&gender=both&inc=&password=upper,8&format=JSON");
  EXPECT_EQ(query.page.results, 1U);
  EXPECT_EQ(query.page.page, 1U);
  EXPECT_TRUE(query.choice.nationalities.empty());
  EXPECT_FALSE(query.choice.gender.has_value());
  EXPECT_EQ(query.choice.fields, kAllFields);
  EXPECT_TRUE(query.unknown_format.empty());
}

TEST(Api, includes_and_excludes_fields) {
  EXPECT_EQ(body_of("inc=name,nat&exc=name&noinfo&nat=US&seed=1"), R"({"results":[{"nat":"US"}]})");
}

TEST(Api, writes_pretty_when_asked) {
  EXPECT_EQ(body_of("inc=nat&noinfo&nat=US&seed=1&format=pretty"),
            "{\n  \"results\": [\n    {\n      \"nat\": \"US\"\n    }\n  ]\n}");
}

TEST(Api, refuses_a_format_that_it_does_not_write) {
  const ManualClock clock;
  Api api({}, clock);
  EXPECT_EQ(api.answer("format=xml").status, 400);
}

TEST(Api, answers_429_over_the_limit_until_the_window_has_passed) {
  ManualClock clock;
  Api api({.users_per_window = 10, .window_ms = 60'000}, clock);
  EXPECT_EQ(api.answer("results=8").status, 200);
  clock.advance_us(20'000'000);
  const ApiAnswer refused = api.answer("results=3");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.retry_after_s, 40);
  EXPECT_NE(refused.body.find("ease up there cowboy"), std::string::npos);
  EXPECT_EQ(api.answer("results=2").status, 200);
  clock.advance_us(40'000'000);
  EXPECT_EQ(api.answer("results=8").status, 200);
}

TEST(RandomuserConnector, has_a_table_without_mistakes) {
  EXPECT_TRUE(config::check_table(*randomuser_connector().options).empty());
}

TEST(RandomuserConnector, gives_the_users_of_the_web_interface) {
  const ManualClock clock;
  Diagnostics diagnostics;
  const std::vector<config::OptionEntry> entries = {{.key = "seed", .value = "abc"},
                                                    {.key = "results", .value = "3"},
                                                    {.key = "rowsPerSecond", .value = "0"},
                                                    {.key = "numberOfRows", .value = "7"}};
  const auto values = config::parse_options(*randomuser_connector().options, entries, diagnostics);
  ASSERT_TRUE(diagnostics.empty());
  io::SimFiles files(1);
  const auto feed = MUST(randomuser_connector().make_feed(
      values, {.clock = clock, .files = files, .source = "users", .folder = ""}));
  const connector::FeedPoll poll = feed->poll("", {}, {});

  ASSERT_EQ(poll.records.size(), 7U);
  EXPECT_TRUE(poll.ended);
  std::string expected;
  Generator({.seed = "abc"}).append_user(2, 1, expected);
  EXPECT_EQ(poll.records[4].value, expected);
  EXPECT_EQ(poll.records[4].key, std::nullopt);
}

TEST(RandomuserConnector, names_every_unknown_word) {
  Diagnostics diagnostics;
  const std::vector<config::OptionEntry> entries = {{.key = "nat", .value = "US,XX"},
                                                    {.key = "inc", .value = "nmae"}};
  const auto values = config::parse_options(*randomuser_connector().options, entries, diagnostics);
  randomuser_connector().check(values, diagnostics);
  ASSERT_EQ(diagnostics.error_count(), 2U);
  EXPECT_NE(diagnostics.all()[0].message.find("did you mean \"name\""), std::string::npos);
  EXPECT_NE(diagnostics.all()[1].message.find("XX"), std::string::npos);
}

}  // namespace
}  // namespace millrace::connect::randomuser
