#include "connect/randomuser/service.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include "http/client.h"
#include "http/server.h"
#include "io/event_loop.h"

namespace millrace::connect::randomuser {
namespace {

TEST(Service, answers_like_the_web_interface) {
  const SystemClock clock;
  Api api({.users_per_window = 10}, clock);
  millrace::http::Router router;
  add_routes(router, api);
  io::EventLoop loop;
  loop.start("http");
  const auto server =
      MUST(millrace::http::Server::listen(loop, {.address = "127.0.0.1:0"}, std::move(router)));
  const std::string base = "http://127.0.0.1:" + std::to_string(server->port());
  millrace::http::Client client(clock);

  for (const std::string_view path : {"/api", "/api/", "/api/1.4/"}) {
    const auto reply =
        client.fetch({.url = base + std::string(path) + "?results=3&seed=s&nat=NO,IR"}, {});
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.header("content-type"), "application/json; charset=utf-8");
    simdjson::dom::parser parser;
    simdjson::dom::element answer;
    ASSERT_EQ(parser.parse(reply.body).get(answer), simdjson::SUCCESS);
    EXPECT_EQ(answer["results"].get_array().value().size(), 3U);
  }
  const auto refused = client.fetch({.url = base + "/api/?results=2"}, {});
  EXPECT_EQ(refused.status, 429);
  EXPECT_FALSE(refused.header("retry-after").empty());
  EXPECT_EQ(client.fetch({.url = base + "/other"}, {}).status, 404);
}

}  // namespace
}  // namespace millrace::connect::randomuser
