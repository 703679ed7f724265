#include "server/detail/listeners.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/thread.h"
#include "console/page.h"
#include "http/client.h"
#include "server/detail/test_world.h"

namespace millrace::server {
namespace {

bool says(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

http::FetchReply fetch(const Instance& instance,
                       const std::string& path,
                       http::HeaderList headers = {},
                       const std::string& post = {}) {
  const SystemClock clock;
  http::Client client(clock);
  return client.fetch({.method = post.empty() ? "GET" : "POST",
                       .url = "http://127.0.0.1:" + std::to_string(instance.http_port()) + path,
                       .headers = std::move(headers),
                       .body = post},
                      {});
}

TEST(Listeners, answer_the_page_probes_metrics_and_questions) {
  TestWorld world;
  const auto instance = world.open(/*listen=*/true);
  world.run(*instance);
  const http::FetchReply page = fetch(*instance, "/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.body, console::page());
  EXPECT_EQ(page.header("content-security-policy"), console::page_policy());
  EXPECT_EQ(fetch(*instance, "/livez").body, "ok\n");
  EXPECT_TRUE(says(fetch(*instance, "/readyz?verbose").body, "[+]log takes appends"));
  EXPECT_TRUE(says(fetch(*instance, "/metrics").body, "millrace_log_frames_total"));
  EXPECT_TRUE(says(fetch(*instance, "/api/millrace/overview").body, R"("project":"people")"));
  EXPECT_TRUE(
      says(fetch(*instance, "/api/millrace/topics/people/records?limit=5").body, R"("offset":2)"));
  EXPECT_TRUE(says(fetch(*instance, "/api/millrace/tables/named/rows").body, "\"ANN\""));
  EXPECT_TRUE(says(fetch(*instance, "/api/millrace/dead-letters/named").body, "origin_topic"));
  EXPECT_EQ(fetch(*instance, "/api/millrace/nothing").status, 404);
  MUST(instance->stop());
}

TEST(Listeners, show_how_far_flows_have_come_as_consumer_groups) {
  TestWorld world;
  InstanceOptions options = world.options();
  options.settings.http = config::HostPort{.host = "127.0.0.1", .port = 0};
  options.settings.kafka = config::HostPort{.host = "127.0.0.1", .port = 0};
  const auto instance = MUST(Instance::open(world.files(), world.clock(), options));
  MUST(instance->listen());
  EXPECT_EQ(fetch(*instance, "/api/millrace/groups/millrace.people.named").status, 404);
  world.run(*instance);
  // The log is asked, not the books of the process: three records were read.
  const std::string group = "millrace.people.named";
  const std::int64_t until = world.clock().monotonic_ns() + 20'000'000'000;
  std::string answer;
  Wakeup never;
  while (!says(answer, R"("committed":3,"end":3,"lag":0)") &&
         world.clock().monotonic_ns() < until) {
    never.wait(20'000'000);
    answer = fetch(*instance, "/api/millrace/groups/" + group).body;
  }
  EXPECT_TRUE(says(answer, R"("committed":3,"end":3,"lag":0)")) << answer;
  EXPECT_TRUE(says(fetch(*instance, "/api/millrace/overview").body,
                   R"("groups":[{"name":"millrace.people.named","state":"Empty")"));
  EXPECT_TRUE(says(fetch(*instance, "/metrics").body,
                   R"(millrace_group_lag_records{group="millrace.people.named"} 0)"));
  MUST(instance->stop());
  EXPECT_TRUE(instance->observe().kafka.addresses.empty());
}

TEST(Listeners, say_what_the_start_is_busy_with_and_that_it_lives) {
  TestWorld world;
  InstanceOptions options = world.options();
  options.settings.http = config::HostPort{.host = "127.0.0.1", .port = 0};
  const auto instance = MUST(Instance::take(world.files(), world.clock(), options));
  MUST(instance->listen());
  EXPECT_EQ(fetch(*instance, "/livez").body, "ok\n");
  for (const char* path : {"/startupz", "/readyz", "/api/millrace/topics"}) {
    const http::FetchReply reply = fetch(*instance, path);
    EXPECT_EQ(reply.status, 503) << path;
    EXPECT_TRUE(says(reply.body, "starting: the log is being recovered")) << reply.body;
  }
  const http::FetchReply query = fetch(*instance,
                                       "/api/millrace/sql",
                                       {{"content-type", "application/json"}},
                                       R"({"sql":"SELECT 1"})");
  EXPECT_EQ(query.status, 503);
  EXPECT_TRUE(says(answer_control(*instance, {.target = "/health"}).body, R"("starting":true)"));
  EXPECT_EQ(fetch(*instance, "/metrics").status, 200);
  EXPECT_EQ(fetch(*instance, "/api/millrace/overview").status, 200);
  MUST(instance->recover());
  EXPECT_TRUE(says(fetch(*instance, "/startupz").body, "the pipeline is being opened"));
  EXPECT_EQ(fetch(*instance, "/api/millrace/topics").status, 200);
  world.run(*instance);
  EXPECT_EQ(fetch(*instance, "/startupz").body, "ok\n");
  EXPECT_EQ(fetch(*instance, "/readyz").status, 200);
  MUST(instance->stop());
}

TEST(Listeners, run_sql_of_our_page_only_and_without_files) {
  TestWorld world;
  const auto instance = world.open(/*listen=*/true);
  world.run(*instance);
  const std::string url = "/api/millrace/sql";
  const std::string query = R"({"sql":"SELECT count(*) FROM named"})";
  const http::HeaderList json{{"content-type", "application/json"}};
  EXPECT_TRUE(says(fetch(*instance, url, json, query).body, R"("rows":[[2]])"));
  EXPECT_EQ(fetch(*instance, url, {{"content-type", "text/plain"}}, query).status, 403);
  EXPECT_EQ(fetch(*instance,
                  url,
                  {{"content-type", "application/json"}, {"origin", "http://evil.example"}},
                  query)
                .status,
            403);
  EXPECT_EQ(
      fetch(*instance, url, {{"content-type", "application/json"}, {"host", "evil.example"}}, query)
          .status,
      403);
  EXPECT_TRUE(
      says(fetch(*instance, url, json, R"({"sql":"SELECT * FROM text.`/etc/passwd`"})").body,
           "files are not read here"));
  MUST(instance->stop());
}

TEST(Listeners, show_nothing_to_a_page_that_rebinds_its_name) {
  TestWorld world;
  const auto instance = world.open(/*listen=*/true);
  for (const char* path : {"/", "/api/millrace/overview", "/api/millrace/events"}) {
    EXPECT_EQ(fetch(*instance, path, {{"host", "evil.example"}}).status, 403) << path;
  }
  EXPECT_EQ(fetch(*instance, "/livez", {{"host", "pod-17.cluster.local"}}).status, 200);
  MUST(instance->stop());
}

TEST(Listeners, send_the_overview_each_second) {
  TestWorld world;
  const auto instance = world.open(/*listen=*/true);
  world.run(*instance);
  const SystemClock clock;
  http::Client client(clock);
  const http::FetchReply reply = client.fetch(
      {.url = "http://127.0.0.1:" + std::to_string(instance->http_port()) + "/api/millrace/events",
       .limits = {.total_ms = 2'500}},
      {});
  EXPECT_EQ(reply.outcome, http::FetchOutcome::kTimeout);
  std::size_t events = 0;
  for (std::size_t at = 0; (at = reply.body.find("event: overview", at)) != std::string::npos;
       ++at) {
    ++events;
  }
  EXPECT_GE(events, 2U) << reply.body;
  MUST(instance->stop());
}

TEST(Listeners, name_the_holder_of_a_taken_port_and_the_flag) {
  TestWorld first;
  const auto holder = first.open(/*listen=*/true);
  TestWorld second;
  InstanceOptions options = second.options();
  options.settings.http = config::HostPort{.host = "127.0.0.1", .port = holder->http_port()};
  const auto instance = MUST(Instance::open(second.files(), second.clock(), options));
  const auto listening = instance->listen();
  ASSERT_FALSE(listening);
  EXPECT_EQ(listening.error().code(), ErrorCode::kConflict);
  EXPECT_TRUE(says(listening.error().message(), "--http-listen"));
  EXPECT_TRUE(says(listening.error().message(), "taken by process " + std::to_string(::getpid())))
      << listening.error().message();
}

TEST(Listeners, open_the_kafka_listener_and_name_the_flag_when_its_port_is_taken) {
  TestWorld world;
  InstanceOptions options = world.options();
  Diagnostics diagnostics;
  options.settings = config::read_settings(
      {.flags = {"listeners.kafka=127.0.0.1:0", "listeners.http=off"}}, diagnostics);
  const auto instance = MUST(Instance::open(world.files(), world.clock(), options));
  const std::vector<std::string> messages = MUST(instance->listen());
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_TRUE(messages[0].starts_with("kafka    127.0.0.1:")) << messages[0];
  const std::string address = messages[0].substr(messages[0].find("127"));

  TestWorld second;
  InstanceOptions same = second.options();
  same.settings = config::read_settings(
      {.flags = {"listeners.kafka=" + address, "listeners.http=off"}}, diagnostics);
  const auto other = MUST(Instance::open(second.files(), second.clock(), same));
  const auto listening = other->listen();
  ASSERT_FALSE(listening);
  EXPECT_EQ(listening.error().code(), ErrorCode::kConflict);
  EXPECT_TRUE(says(listening.error().message(), "--kafka-listen")) << listening.error().message();
  MUST(instance->stop());
}

TEST(Listeners, have_a_page_that_needs_nobody_else) {
  const std::string page(console::page());
  EXPECT_LT(page.size(), 60'000U);
  EXPECT_TRUE(page.starts_with("<!doctype html>"));
  EXPECT_TRUE(page.ends_with("</html>\n"));
  for (const char* outside : {"src=\"http", "href=\"http", "@import", "innerHTML"}) {
    EXPECT_FALSE(says(page, outside)) << outside;
  }
}

}  // namespace
}  // namespace millrace::server
