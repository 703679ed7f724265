#include "http/client.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "base/thread.h"
#include "http/scripted_server.h"

namespace millrace::http {
namespace {

using Then = ScriptedStep::Then;

FetchReply fetch_once(ScriptedServer& server, FetchRequest request = {}) {
  const SystemClock clock;
  Client client(clock);
  if (request.url.empty()) {
    request.url = server.url("/data");
  }
  return client.fetch(request, {});
}

/// How a fetch of an answer that is scripted ends.
FetchOutcome outcome_of(ScriptedStep step, FetchLimits limits = {.total_ms = 5'000}) {
  ScriptedServer server({std::move(step)});
  const FetchReply reply = fetch_once(server, {.limits = limits});
  EXPECT_EQ(reply.answered(), reply.problem.empty()) << reply.problem;
  return reply.outcome;
}

TEST(Client, gives_status_headers_and_body) {
  ScriptedServer server(
      {{.bytes = scripted_answer(404, "X-Thing:  a b \r\nETag: \"7\"\r\n", "no")}});
  const FetchReply reply = fetch_once(server);
  EXPECT_TRUE(reply.answered());
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.header("x-thing"), "a b");
  EXPECT_EQ(reply.header("etag"), "\"7\"");
  EXPECT_EQ(reply.header("none"), "");
  EXPECT_EQ(reply.body, "no");
  EXPECT_EQ(reply.url, server.url("/data"));
}

TEST(Client, sends_method_headers_and_body) {
  ScriptedServer server({{.bytes = scripted_answer(200, "", "")}});
  const FetchReply reply = fetch_once(
      server, {.method = "POST", .url = {}, .headers = {{"X-Key", "secret"}}, .body = "{\"a\":1}"});
  EXPECT_TRUE(reply.answered());
  ASSERT_EQ(server.requests().size(), 1U);
  const std::string request = server.requests()[0];
  EXPECT_TRUE(request.starts_with("POST /data HTTP/1.1\r\n")) << request;
  EXPECT_NE(request.find("X-Key: secret\r\n"), std::string::npos);
  EXPECT_TRUE(request.ends_with("\r\n\r\n{\"a\":1}"));
}

TEST(Client, uses_a_connection_again) {
  ScriptedServer server({{.bytes = scripted_answer(200, "", "a")}});
  const SystemClock clock;
  Client client(clock);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(client.fetch({.url = server.url()}, {}).body, "a");
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST(Client, tells_how_a_request_failed) {
  EXPECT_EQ(outcome_of({.then = Then::kClose}), FetchOutcome::kReset);
  EXPECT_EQ(outcome_of({.then = Then::kReset}), FetchOutcome::kReset);
  EXPECT_EQ(outcome_of({.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
                        .then = Then::kClose}),
            FetchOutcome::kTruncated);
  EXPECT_EQ(outcome_of({.bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello",
                        .then = Then::kClose}),
            FetchOutcome::kTruncated);
  EXPECT_EQ(outcome_of({.bytes = "not http at all\r\n\r\n", .then = Then::kClose}),
            FetchOutcome::kProtocolError);
}

TEST(Client, keeps_what_came_of_a_truncated_body) {
  ScriptedServer server(
      {{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", .then = Then::kClose}});
  EXPECT_EQ(fetch_once(server).body, "half");
}

TEST(Client, limits_time_to_the_first_byte_and_in_all) {
  EXPECT_EQ(outcome_of({.then = Then::kHang}, {.first_byte_ms = 100}), FetchOutcome::kTimeout);
  EXPECT_EQ(outcome_of(
                {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", .then = Then::kDrip},
                {.total_ms = 300}),
            FetchOutcome::kTimeout);
}

TEST(Client, limits_the_size_of_body_and_headers) {
  const std::string body(1000, 'x');
  EXPECT_EQ(outcome_of({.bytes = scripted_answer(200, "", body)}, {.body_bytes = 1000}),
            FetchOutcome::kAnswered);
  EXPECT_EQ(outcome_of({.bytes = scripted_answer(200, "", body)}, {.body_bytes = 999}),
            FetchOutcome::kTooLarge);
  EXPECT_EQ(
      outcome_of({.bytes = scripted_answer(200, "X: " + body + "\r\n", "")}, {.header_bytes = 500}),
      FetchOutcome::kTooLarge);
}

std::string gzip(std::string_view text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY), Z_OK);
  std::string packed(compressBound(text.size()) + 64, '\0');
  std::string input(text);
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

TEST(Client, unpacks_answers_and_limits_them_unpacked) {
  ScriptedServer server(
      {{.bytes = scripted_answer(200, "Content-Encoding: gzip\r\n", gzip("hello"))},
       {.bytes = scripted_answer(
            200, "Content-Encoding: gzip\r\n", gzip(std::string(50U << 20U, ' ')))}});
  EXPECT_EQ(fetch_once(server).body, "hello");
  const FetchReply bomb = fetch_once(server, {.limits = {.body_bytes = 1U << 20U}});
  EXPECT_EQ(bomb.outcome, FetchOutcome::kTooLarge);
  EXPECT_EQ(bomb.body.size(), 1U << 20U);
}

TEST(Client, cannot_connect_to_where_nobody_listens) {
  const SystemClock clock;
  Client client(clock);
  const FetchReply reply = client.fetch({.url = "http://127.0.0.1:1/"}, {});
  EXPECT_EQ(reply.outcome, FetchOutcome::kConnectFailed);
  EXPECT_EQ(client.fetch({.url = "file:///etc/passwd"}, {}).outcome, FetchOutcome::kBadUrl);
  EXPECT_EQ(client.fetch({.url = "http://no-such-host.invalid/"}, {}).outcome,
            FetchOutcome::kResolveFailed);
}

TEST(Client, follows_redirects_within_the_limit) {
  ScriptedServer server({{.bytes = scripted_answer(302, "Location: /b\r\n", "")},
                         {.bytes = scripted_answer(200, "", "there")}});
  const FetchReply reply = fetch_once(
      server, {.method = "POST", .url = {}, .headers = {{"X-Key", "secret"}}, .body = "posted"});
  EXPECT_EQ(reply.body, "there");
  EXPECT_EQ(reply.url, server.url("/b"));
  const std::string second = server.requests().at(1);
  EXPECT_TRUE(second.starts_with("GET /b ")) << second;
  EXPECT_NE(second.find("X-Key"), std::string::npos);

  ScriptedServer loop({{.bytes = scripted_answer(307, "Location: /\r\n", "")}});
  EXPECT_EQ(fetch_once(loop).outcome, FetchOutcome::kTooManyRedirects);
  EXPECT_EQ(loop.requests().size(), 6U);
}

TEST(Client, keeps_its_headers_from_other_origins) {
  ScriptedServer other({{.bytes = scripted_answer(200, "", "there")}});
  ScriptedServer server(
      {{.bytes = scripted_answer(301, "Location: " + other.url("/x") + "\r\n", "")}});
  const FetchReply reply =
      fetch_once(server, {.url = {}, .headers = {{"Authorization", "Bearer secret"}}});
  EXPECT_EQ(reply.body, "there");
  EXPECT_EQ(other.requests().at(0).find("secret"), std::string::npos);
}

TEST(Client, refuses_private_addresses_when_asked) {
  ScriptedServer server({{.bytes = scripted_answer(200, "", "secret")}});
  const FetchReply reply = fetch_once(server, {.url = {}, .refuse_private_addresses = true});
  EXPECT_EQ(reply.outcome, FetchOutcome::kRefusedAddress);
  EXPECT_TRUE(reply.body.empty());
}

TEST(Client, stops_within_100_ms_when_asked) {
  ScriptedServer server({{.then = Then::kHang}});
  const SystemClock clock;
  Client client(clock);
  std::stop_source stop;
  const Thread stopper("stopper", [&](const std::stop_token&) {
    Wakeup never;
    never.wait(50'000'000);
    stop.request_stop();
  });
  const FetchReply reply = client.fetch({.url = server.url()}, stop.get_token());
  EXPECT_EQ(reply.outcome, FetchOutcome::kCancelled);
  EXPECT_LT(reply.elapsed_ms, 150);
}

TEST(Client, works_on_after_a_failure) {
  ScriptedServer server({{.then = Then::kReset}, {.bytes = scripted_answer(200, "", "good")}});
  const SystemClock clock;
  Client client(clock);
  EXPECT_FALSE(client.fetch({.url = server.url()}, {}).answered());
  EXPECT_EQ(client.fetch({.url = server.url()}, {}).body, "good");
}

TEST(RequireSuccess, makes_an_error_of_every_other_answer) {
  ScriptedServer server({{.bytes = scripted_answer(503, "", "")}});
  const auto refused = require_success(fetch_once(server));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kUnavailable);
  ScriptedServer good({{.bytes = scripted_answer(204, "", "")}});
  EXPECT_TRUE(require_success(fetch_once(good)));
}

TEST(RetryAfter, reads_seconds_and_dates) {
  constexpr std::int64_t kNow = 1'445'412'480'000;  // 2015-10-21T07:28:00Z
  EXPECT_EQ(parse_retry_after_s("120", kNow), 120);
  EXPECT_EQ(parse_retry_after_s("Wed, 21 Oct 2015 07:28:30 GMT", kNow), 30);
  EXPECT_EQ(parse_retry_after_s("Wed, 21 Oct 2015 07:27:30 GMT", kNow), 0);
  EXPECT_EQ(parse_retry_after_s("soon", kNow), -1);
  EXPECT_EQ(parse_retry_after_s("-5", kNow), -1);
  EXPECT_EQ(parse_retry_after_s("", kNow), -1);
}

}  // namespace
}  // namespace millrace::http
