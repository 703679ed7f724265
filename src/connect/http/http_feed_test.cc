#include "connect/http/detail/http_feed.h"

#include <algorithm>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/thread.h"
#include "connect/http/connector.h"
#include "http/scripted_server.h"

namespace millrace::connect::http::detail {
namespace {

using connector::FeedPoll;
using millrace::http::scripted_answer;
using millrace::http::ScriptedServer;
using millrace::http::ScriptedStep;
using testing::ElementsAre;
using testing::HasSubstr;
using Then = ScriptedStep::Then;
using Options = std::vector<config::OptionEntry>;

Settings settings_of(Options options) {
  options.push_back({.key = "retryWait", .value = "1 ms"});
  options.push_back({.key = "retryWaitMax", .value = "2 ms"});
  Diagnostics diagnostics;
  const auto values = config::parse_options(option_table(), options, diagnostics);
  check_settings(values, diagnostics);
  EXPECT_TRUE(diagnostics.empty()) << format_diagnostics(diagnostics, {});
  return read_settings(values);
}

/// A feed and what its driver would have stored.
class Course {
 public:
  Course(ScriptedServer& server, Options options) {
    options.push_back({.key = "url", .value = server.url("/api")});
    if (std::ranges::find(options, "interval", &config::OptionEntry::key) == options.end()) {
      options.push_back({.key = "interval", .value = "0"});
    }
    feed.emplace(settings_of(std::move(options)), clock, 1);
  }

  /// Polls until a request was made, as the driver does.
  FeedPoll next(connector::Credit credit = {}) {
    while (true) {
      FeedPoll poll = feed->poll(cursor, credit, {});
      const bool only_waits = poll.fetched() == 0 && poll.wait_ms > 0 && !poll.caught_up;
      cursor = poll.next_cursor;
      fetched += poll.fetched();
      for (const auto& record : poll.records) {
        values.push_back(record.value);
      }
      for (const auto& failure : poll.failures) {
        ++failures[failure.error_class];
      }
      Wakeup never;
      never.wait(poll.wait_ms * 1'000'000 + 1);
      if (!only_waits) {
        return poll;
      }
    }
  }

  SystemClock clock;
  std::optional<HttpFeed> feed;
  std::string cursor;
  std::vector<std::string> values;
  std::map<std::string, int> failures;
  std::uint64_t fetched = 0;
};

ScriptedStep json(std::string_view body) {
  return {.bytes = scripted_answer(200, "", body)};
}

TEST(HttpFeed, publishes_the_records_of_an_answer_as_they_came) {
  ScriptedServer server({json(R"({"results":[ {"n": 1.50}, {"n":99999999999999999999} ]})")});
  Course course(server, {{.key = "records", .value = "/results"}});
  const FeedPoll poll = course.next();

  EXPECT_THAT(course.values, ElementsAre(R"({"n": 1.50})", R"({"n":99999999999999999999})"));
  EXPECT_TRUE(poll.caught_up);
  EXPECT_TRUE(poll.problem.empty());
  EXPECT_GT(poll.records[0].timestamp_ms, 1'600'000'000'000);
  EXPECT_EQ(poll.records[0].key, std::nullopt);
  EXPECT_THAT(poll.records[0].headers,
              ElementsAre(std::pair("millrace.url", server.url("/api")),
                          std::pair("millrace.status", "200")));
}

TEST(HttpFeed, sends_what_the_options_say) {
  ScriptedServer server({json("{}")});
  Course course(server,
                {{.key = "method", .value = "post"},
                 {.key = "header.X-Key", .value = "k"},
                 {.key = "param.q", .value = "a b"},
                 {.key = "body", .value = "{\"x\":1}"},
                 {.key = "username", .value = "u"},
                 {.key = "password", .value = "p"}});
  course.next();
  const std::string request = server.requests().at(0);
  EXPECT_THAT(request, HasSubstr("POST /api?q=a%20b HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("X-Key: k\r\n"));
  EXPECT_THAT(request, HasSubstr("Authorization: Basic dTpw\r\n"));
  EXPECT_TRUE(request.ends_with("{\"x\":1}"));
}

TEST(HttpFeed, counts_each_kind_of_failure_and_goes_on) {
  const std::string page = "<!DOCTYPE html><html></html>";
  ScriptedServer server({
      {.bytes = scripted_answer(429, "Retry-After: 0\r\n", "{\"error\":\"Whoa\"}")},
      {.bytes = scripted_answer(503, "Content-Type: text/html\r\n", page)},
      {.bytes = scripted_answer(500, "", "{}")},
      {.bytes = scripted_answer(200, "Content-Type: text/html\r\n", page)},
      json(page),
      json("{\"error\":\"Uh oh\"}"),
      json("{\"results\":[]}"),
      json(""),
      json("{\"results\":[{\"a\":1}"),
      json("{\"results\":{\"0\":1}}"),
      json(std::string(3000, ' ')),
      {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"results\":[",
       .then = Then::kClose},
      {.then = Then::kReset},
      {.then = Then::kHang},
      {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n", .then = Then::kDrip},
      json("{\"results\":[1]}"),
  });
  Course course(server,
                {{.key = "records", .value = "/results"},
                 {.key = "retries", .value = "100"},
                 {.key = "maxBytes", .value = "2000"},
                 {.key = "firstByteTimeout", .value = "150 ms"},
                 {.key = "timeout", .value = "300 ms"}});
  FeedPoll poll;
  for (int i = 0; i < 30 && course.values.empty(); ++i) {
    poll = course.next();
    EXPECT_EQ(poll.problem.empty(), poll.failures.empty());
  }
  EXPECT_THAT(course.values, ElementsAre("1"));
  // A body over the limit is not tried again in its round, but the next round begins at once.
  EXPECT_EQ(course.failures,
            (std::map<std::string, int>{{"HTTP_STATUS_429", 1},
                                        {"HTTP_STATUS_503", 1},
                                        {"HTTP_STATUS_500", 1},
                                        {"HTML_ANSWER", 2},
                                        {"RECORDS_NOT_FOUND", 1},
                                        {"EMPTY_ANSWER", 2},
                                        {"INVALID_JSON", 1},
                                        {"RECORDS_NOT_A_LIST", 1},
                                        {"HTTP_TOO_LARGE", 1},
                                        {"HTTP_TRUNCATED", 1},
                                        {"HTTP_RESET", 1},
                                        {"HTTP_TIMEOUT", 2}}));
  EXPECT_EQ(course.fetched, 16U);
  EXPECT_EQ(server.requests().size(), 16U);
}

TEST(HttpFeed, keeps_what_came_with_a_failure_and_hides_the_query) {
  ScriptedServer server({{.bytes = scripted_answer(503, "", "<h1>down</h1>")}});
  Course course(server, {{.key = "param.apikey", .value = "hunter2"}});
  const FeedPoll poll = course.next();
  ASSERT_EQ(poll.failures.size(), 1U);
  EXPECT_EQ(poll.failures[0].bytes, "<h1>down</h1>");
  EXPECT_EQ(poll.failures[0].reason.find("hunter2"), std::string::npos);
  EXPECT_EQ(poll.problem.find("hunter2"), std::string::npos);
  EXPECT_THAT(poll.failures[0].headers,
              ElementsAre(std::pair("millrace.url", server.url("/api")),
                          std::pair("millrace.status", "503"),
                          std::pair("millrace.attempt", "1")));
}

TEST(HttpFeed, hides_the_query_when_nobody_answers) {
  ScriptedServer server({{.then = Then::kHang}});
  Course course(
      server, {{.key = "param.apikey", .value = "hunter2"}, {.key = "timeout", .value = "50 ms"}});
  const FeedPoll poll = course.next();
  ASSERT_EQ(poll.failures.size(), 1U);
  EXPECT_THAT(poll.failures[0].reason, HasSubstr(server.url("/api")));
  EXPECT_EQ(poll.failures[0].reason.find("hunter2"), std::string::npos);
}

TEST(HttpFeed, gives_a_round_up_after_its_retries) {
  ScriptedServer server({{.bytes = scripted_answer(503, "", "")}});
  Course course(server, {{.key = "retries", .value = "2"}, {.key = "rounds", .value = "1"}});
  EXPECT_FALSE(course.next().caught_up);
  EXPECT_FALSE(course.next().caught_up);
  const FeedPoll last = course.next();
  EXPECT_TRUE(last.caught_up);
  EXPECT_TRUE(last.ended);
  EXPECT_THAT(last.problem, HasSubstr("gave up this round"));
  EXPECT_EQ(course.fetched, 3U);
}

TEST(HttpFeed, does_not_try_again_what_cannot_pass) {
  ScriptedServer server({{.bytes = scripted_answer(404, "", "")}});
  Course course(server, {});
  EXPECT_TRUE(course.next().caught_up);
}

TEST(HttpFeed, waits_as_long_as_the_server_asks) {
  ScriptedServer server({{.bytes = scripted_answer(429, "Retry-After: 7\r\n", "{}")}});
  ManualClock clock;
  HttpFeed feed(settings_of({{.key = "url", .value = server.url()}}), clock, 1);
  const FeedPoll refused = feed.poll("", {}, {});
  EXPECT_EQ(refused.wait_ms, 7'000);
  clock.advance_us(5'000'000);
  const FeedPoll early = feed.poll(refused.next_cursor, {}, {});
  EXPECT_EQ(early.fetched(), 0U);
  EXPECT_EQ(early.wait_ms, 2'000);
  EXPECT_THAT(early.problem, HasSubstr("429"));
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST(HttpFeed, ends_the_round_when_the_server_asks_for_too_long_a_pause) {
  ScriptedServer server({{.bytes = scripted_answer(429, "Retry-After: 86400\r\n", "{}")}});
  const ManualClock clock;
  HttpFeed feed(settings_of({{.key = "url", .value = server.url()}}), clock, 1);
  const FeedPoll poll = feed.poll("", {}, {});
  EXPECT_TRUE(poll.caught_up);
  EXPECT_EQ(poll.wait_ms, 86'400'000);
}

TEST(HttpFeed, backs_off_longer_and_longer_over_rounds) {
  ScriptedServer server({{.bytes = scripted_answer(503, "", "")}});
  ManualClock clock;
  Settings settings = settings_of({{.key = "url", .value = server.url()},
                                   {.key = "interval", .value = "0"},
                                   {.key = "retries", .value = "1"}});
  settings.retry_wait_ms = 100;
  settings.retry_wait_max_ms = 10'000;
  HttpFeed feed(settings, clock, 1);
  std::string cursor;
  std::int64_t last = 0;
  for (int i = 0; i < 12; ++i) {
    const FeedPoll poll = feed.poll(cursor, {}, {});
    cursor = poll.next_cursor;
    last = poll.wait_ms;
    EXPECT_LE(last, 10'000);
    clock.advance_us(poll.wait_ms * 1000);
  }
  EXPECT_GE(last, 5'000);
}

TEST(HttpFeed, keeps_the_interval_from_start_to_start) {
  ScriptedServer server({json("[1]")});
  ManualClock clock;
  HttpFeed feed(
      settings_of({{.key = "url", .value = server.url()}, {.key = "interval", .value = "10 s"}}),
      clock,
      1);
  const FeedPoll first = feed.poll("", {}, {});
  EXPECT_EQ(first.records.size(), 1U);
  EXPECT_EQ(first.wait_ms, 10'000);
  clock.advance_us(35'000'000);
  const FeedPoll second = feed.poll(first.next_cursor, {}, {});
  EXPECT_EQ(second.records.size(), 1U);
  EXPECT_EQ(second.wait_ms, 10'000);
}

TEST(HttpFeed, follows_pages_by_pointer) {
  ScriptedServer server({json(R"({"r":[1],"next":"/p2"})"),
                         json(R"({"r":[2],"next":"p3?x=1"})"),
                         json(R"({"r":[],"next":null})")});
  Course course(server, {{.key = "records", .value = "/r"}, {.key = "next", .value = "/next"}});
  EXPECT_FALSE(course.next().caught_up);
  EXPECT_THAT(course.cursor, HasSubstr("/p2"));
  EXPECT_FALSE(course.next().caught_up);
  EXPECT_TRUE(course.next().caught_up);
  EXPECT_THAT(course.values, ElementsAre("1", "2"));
  EXPECT_EQ(course.fetched, 2U);
  EXPECT_TRUE(server.requests().at(2).starts_with("GET /p3?x=1 "));
}

TEST(HttpFeed, follows_pages_by_link_header) {
  ScriptedServer server(
      {{.bytes = scripted_answer(
            200, "Link: </first>; rel=\"first\", </p2?a=1,2>; rel=\"next\"\r\n", "[1]")},
       json("[2]")});
  Course course(server, {{.key = "paging", .value = "link"}});
  EXPECT_FALSE(course.next().caught_up);
  EXPECT_TRUE(course.next().caught_up);
  EXPECT_TRUE(server.requests().at(1).starts_with("GET /p2?a=1,2 "));
}

TEST(HttpFeed, counts_pages_until_one_is_empty) {
  ScriptedServer server({json("[1]"), json("[2]"), json("[]"), json("[3]"), json("[]")});
  Course course(server, {{.key = "pageParameter", .value = "page"}});
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(course.next().caught_up, i == 2 || i == 4);
  }
  EXPECT_THAT(course.values, ElementsAre("1", "2", "3"));
  EXPECT_TRUE(server.requests().at(1).starts_with("GET /api?page=2 "));
  EXPECT_TRUE(server.requests().at(3).starts_with("GET /api?page=1 "));
  EXPECT_TRUE(course.failures.empty());
}

TEST(HttpFeed, goes_on_at_its_page_after_a_restart) {
  ScriptedServer server({json(R"({"r":[1],"next":"/p2"})"), json(R"({"r":[2]})")});
  Course first(server, {{.key = "records", .value = "/r"}, {.key = "next", .value = "/next"}});
  first.next();
  Course second(server, {{.key = "records", .value = "/r"}, {.key = "next", .value = "/next"}});
  second.cursor = first.cursor;
  second.next();
  EXPECT_TRUE(server.requests().at(1).starts_with("GET /p2 "));
}

TEST(HttpFeed, notices_pages_that_lead_in_a_circle) {
  ScriptedServer server({json(R"({"r":[1],"next":"/p2"})"),
                         json(R"({"r":[2],"next":"/p3"})"),
                         json(R"({"r":[3],"next":"/p2"})")});
  Course course(server, {{.key = "records", .value = "/r"}, {.key = "next", .value = "/next"}});
  course.next();
  course.next();
  EXPECT_TRUE(course.next().caught_up);
  EXPECT_EQ(course.failures["PAGING_LOOP"], 1);
  EXPECT_THAT(course.values, ElementsAre("1", "2"));
}

TEST(HttpFeed, follows_no_page_into_a_private_network) {
  ScriptedServer other({json(R"({"r":["secret"]})")});
  ScriptedServer server({json(R"({"r":[1],"next":")" + other.url("/x") + "\"}")});
  Course course(server,
                {{.key = "records", .value = "/r"},
                 {.key = "next", .value = "/next"},
                 {.key = "token", .value = "hunter2"}});
  course.next();
  course.next();
  EXPECT_EQ(course.failures["HTTP_REFUSED_ADDRESS"], 1);
  EXPECT_TRUE(other.requests().empty());

  Course open(server,
              {{.key = "records", .value = "/r"},
               {.key = "next", .value = "/next"},
               {.key = "token", .value = "hunter2"},
               {.key = "allowPrivate", .value = "true"}});
  open.next();
  open.next();
  ASSERT_EQ(other.requests().size(), 1U);
  EXPECT_EQ(other.requests()[0].find("hunter2"), std::string::npos);
}

TEST(HttpFeed, asks_whether_anything_has_changed) {
  ScriptedServer server(
      {{.bytes = scripted_answer(
            200, "ETag: \"v1\"\r\nLast-Modified: Wed, 21 Oct 2015 07:28:00 GMT\r\n", "[1]")},
       {.bytes = "HTTP/1.1 304 Not Modified\r\n\r\n"},
       {.bytes = scripted_answer(200, "ETag: \"v2\"\r\n", "[2]")},
       {.bytes = "HTTP/1.1 304 Not Modified\r\n\r\n"}});
  Course course(server, {});
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(course.next().caught_up);
  }
  EXPECT_THAT(course.values, ElementsAre("1", "2"));
  EXPECT_EQ(course.fetched, 2U);
  const auto requests = server.requests();
  EXPECT_THAT(requests.at(1), HasSubstr("If-None-Match: \"v1\"\r\n"));
  EXPECT_THAT(requests.at(1), HasSubstr("If-Modified-Since: Wed, 21 Oct 2015"));
  EXPECT_THAT(requests.at(2), HasSubstr("If-None-Match: \"v1\"\r\n"));
  EXPECT_THAT(requests.at(3), HasSubstr("If-None-Match: \"v2\"\r\n"));
}

TEST(HttpFeed, gives_a_large_answer_in_parts_and_fetches_again_what_was_not_stored) {
  ScriptedServer server({json("[1,2,3,4,5]"), json("[1,2,3,4,5]")});
  Course course(server, {});
  EXPECT_FALSE(course.next({.records = 2}).caught_up);
  const std::string stored = course.cursor;
  EXPECT_FALSE(course.next({.records = 2}).caught_up);
  EXPECT_TRUE(course.next({.records = 2}).caught_up);
  EXPECT_THAT(course.values, ElementsAre("1", "2", "3", "4", "5"));
  EXPECT_EQ(server.requests().size(), 1U);

  course.cursor = stored;  // As if the second part could not be stored.
  course.values.clear();
  course.next();
  EXPECT_THAT(course.values, ElementsAre("1", "2", "3", "4", "5"));
  EXPECT_EQ(server.requests().size(), 2U);
}

TEST(HttpFeed, takes_keys_and_promises_more_with_them) {
  ScriptedServer server({json(R"([{"id":"a"},{"id":7},{}])")});
  Course course(server, {{.key = "key", .value = "/id"}});
  const FeedPoll poll = course.next();
  EXPECT_EQ(poll.records[0].key, "a");
  EXPECT_EQ(poll.records[1].key, "7");
  EXPECT_EQ(poll.records[2].key, std::nullopt);
  EXPECT_EQ(course.feed->guarantee().guarantee, connector::Guarantee::kEffectively);
}

TEST(HttpFeed, reads_lines_and_plain_text) {
  ScriptedServer lines({json("{\"a\":1}\r\n\n{broken\n")});
  Course ndjson(lines, {{.key = "format", .value = "ndjson"}});
  ndjson.next();
  EXPECT_THAT(ndjson.values, ElementsAre("{\"a\":1}", "{broken"));
  ScriptedServer page({json("<p>any</p>\n")});
  Course text(page, {{.key = "format", .value = "text"}});
  text.next();
  EXPECT_THAT(text.values, ElementsAre("<p>any</p>\n"));
}

TEST(HttpFeed, stops_at_once_and_counts_nothing) {
  ScriptedServer server({{.then = Then::kHang}});
  Course course(server, {});
  std::stop_source stop;
  const Thread stopper("stopper", [&](const std::stop_token&) {
    Wakeup never;
    never.wait(50'000'000);
    stop.request_stop();
  });
  const FeedPoll poll = course.feed->poll("", {}, stop.get_token());
  EXPECT_EQ(poll.fetched(), 0U);
}

TEST(HttpFeed, says_what_is_wrong_with_a_foreign_cursor) {
  ScriptedServer server({json("[1]")});
  Course course(server, {});
  const FeedPoll poll = course.feed->poll("{\"next\":42}", {}, {});
  EXPECT_EQ(poll.fetched(), 0U);
  EXPECT_FALSE(poll.problem.empty());
  EXPECT_EQ(poll.next_cursor, "{\"next\":42}");
}

TEST(HttpPosition, comes_back_as_it_was) {
  const Position position{.rounds = 7,
                          .page = 3,
                          .next = "http://h/\"x\"",
                          .part = 2,
                          .etag = "W/\"é\"",
                          .last_modified = "now"};
  EXPECT_EQ(parse_position(format_position(position)), position);
  EXPECT_EQ(parse_position(""), Position{});
  EXPECT_EQ(parse_position("[]"), std::nullopt);
  EXPECT_EQ(parse_position("{\"rounds\":-1}"), std::nullopt);
}

TEST(HttpConnector, has_a_table_without_mistakes) {
  EXPECT_THAT(config::check_table(*http_connector().options), testing::IsEmpty());
}

TEST(HttpConnector, finds_every_mistake_in_its_options) {
  const Options options = {
      {.key = "url", .value = "http://"},
      {.key = "records", .value = "results"},
      {.key = "next", .value = "/a~b"},
      {.key = "body", .value = "x"},
      {.key = "header.A b", .value = "x"},
      {.key = "password", .value = "x"},
  };
  Diagnostics diagnostics;
  const auto values = config::parse_options(option_table(), options, diagnostics);
  check_settings(values, diagnostics);
  EXPECT_EQ(diagnostics.error_count(), 6U) << format_diagnostics(diagnostics, {});
}

}  // namespace
}  // namespace millrace::connect::http::detail
