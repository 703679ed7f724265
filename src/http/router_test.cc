#include "http/router.h"

#include <gtest/gtest.h>

#include "http/server.h"

namespace millrace::http {
namespace {

using Parameters = std::vector<std::pair<std::string, std::string>>;

Router make_router() {
  Router router;
  const Handler nothing = [](const Request&, const Responder&) {
  };
  router.add("GET", "/", nothing);
  router.add("GET", "/topics/{name}", nothing);
  router.add("POST", "/topics/{name}", nothing);
  router.add("GET", "/topics/all", nothing);
  router.add("GET", "/files/{path...}", nothing);
  router.add("GET", "/topics/{name}/records/{offset}", nothing);
  return router;
}

std::string pattern_of(const Router::Match& match) {
  return match.route == nullptr ? "" : match.route->pattern;
}

TEST(Router, prefers_fixed_segments) {
  const Router router = make_router();
  EXPECT_EQ(pattern_of(router.match("GET", "/topics/all")), "/topics/all");
  EXPECT_EQ(pattern_of(router.match("GET", "/topics/al")), "/topics/{name}");
  EXPECT_EQ(pattern_of(router.match("GET", "/")), "/");
}

TEST(Router, gives_decoded_parameters) {
  const Router router = make_router();
  EXPECT_EQ(router.match("GET", "/topics/a%2Fb/records/7").parameters,
            (Parameters{{"name", "a/b"}, {"offset", "7"}}));
  EXPECT_EQ(router.match("GET", "/files/a/b%20c").parameters, (Parameters{{"path", "a/b c"}}));
}

TEST(Router, finds_nothing_for_longer_shorter_and_empty_segments) {
  const Router router = make_router();
  for (const std::string_view path : {"/topics", "/topics/", "/topics/a/", "/x", "", "/files"}) {
    EXPECT_EQ(router.match("GET", path).found, Router::Found::kNoPath) << path;
  }
}

TEST(Router, names_the_methods_that_a_path_takes) {
  const Router router = make_router();
  const Router::Match match = router.match("DELETE", "/topics/a");
  EXPECT_EQ(match.found, Router::Found::kNoMethod);
  EXPECT_EQ(match.allow, "GET, HEAD, POST");
}

TEST(Router, answers_head_like_get) {
  const Router router = make_router();
  EXPECT_EQ(pattern_of(router.match("HEAD", "/topics/a")), "/topics/{name}");
}

TEST(Message, makes_events_of_several_lines) {
  EXPECT_EQ(server_sent_event("row", "a\nb"), "event: row\ndata: a\ndata: b\n\n");
  EXPECT_EQ(server_sent_event("", ""), "data: \n\n");
}

TEST(Message, escapes_what_it_reports) {
  EXPECT_EQ(error_response(404, "no \"x\"").body, R"({"error":"no \"x\""})");
}

}  // namespace
}  // namespace millrace::http
