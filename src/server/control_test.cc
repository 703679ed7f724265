#include "server/control.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "server/detail/test_world.h"

namespace millrace::server {
namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

const std::vector<ControlRequest>& questions() {
  static const std::vector<ControlRequest> kQuestions{
      {.target = "/topics"},
      {.target = "/topics/people"},
      {.target = "/topics/people/records?limit=2"},
      {.target = "/topics/people/records?partition=0&offset=1&limit=1"},
      {.target = "/topics/peeple"},
      {.target = "/topics/people/records?limit=many"},
      {.target = "/dead-letters"},
      {.target = "/dead-letters/named"},
      {.target = "/dead-letters/other"},
      {.target = "/tables/named/rows"},
      {.target = "/tables/none/rows"},
      {.target = "/books"},
      {.target = "/nothing/here"},
      {.method = "POST", .target = "/sql", .body = R"({"sql":"SELECT * FROM named ORDER BY id"})"},
      {.method = "POST", .target = "/sql", .body = R"({"sequel":1})"},
      {.method = "POST", .target = "/sql", .body = "no json"}};
  return kQuestions;
}

/// Answers of the process that holds the directory, asked over its socket.
std::vector<ControlReply> ask_holder(TestWorld& world) {
  auto control = MUST(Control::connect(world.files(), world.clock(), world.options()));
  EXPECT_EQ(control.holder(), ::getpid());
  EXPECT_EQ(control.instance(), nullptr);
  std::vector<ControlReply> replies;
  for (const ControlRequest& question : questions()) {
    replies.push_back(MUST(control.ask(question)));
  }
  return replies;
}

TEST(Control, answers_the_same_through_the_socket_and_by_itself) {
  TestWorld world;
  std::vector<ControlReply> held;
  {
    const auto instance = world.open(/*listen=*/true);
    world.run(*instance);
    held = ask_holder(world);
    MUST(instance->stop());
  }
  auto control =
      MUST(Control::connect(world.files(), world.clock(), world.options(), world.pipeline()));
  EXPECT_EQ(control.holder(), 0);
  for (std::size_t at = 0; at < questions().size(); ++at) {
    const ControlReply own = MUST(control.ask(questions()[at]));
    EXPECT_EQ(own.status, held[at].status) << questions()[at].target << own.body;
    // A clean stop moves what is stored into segments: only these counts differ.
    if (questions()[at].target != "/topics/people") {
      EXPECT_EQ(own.body, held[at].body) << questions()[at].target;
    }
  }
}

TEST(Control, shows_topics_records_tables_and_books) {
  TestWorld world;
  const auto instance = world.open();
  world.run(*instance);
  const auto ask = [&](const std::string& target) {
    return answer_control(*instance, {.target = target}).body;
  };
  EXPECT_TRUE(contains(ask("/topics"),
                       R"({"name":"people","role":"source","partitions":1,"start":0,"end":3,)"));
  EXPECT_TRUE(contains(ask("/topics/people/records?limit=1"),
                       R"("value":"{\"id\":2,\"name\":\"Bo\",\"tags\":null}")"));
  EXPECT_TRUE(contains(ask("/topics/people/records?offset=1&limit=1"), R"("next":{"0":2})"));
  EXPECT_TRUE(contains(ask("/topics/peeple"), "did you mean"));
  EXPECT_TRUE(contains(ask("/tables/named/rows"), R"([1,"ANN",["a"]])"));
  EXPECT_TRUE(contains(ask("/dead-letters"),
                       R"({"name":"named","topic":"named.dead_letter",)"
                       R"("count":1,"classes":{"MALFORMED_RECORD)"));
  const std::string letters = ask("/dead-letters/named");
  EXPECT_TRUE(contains(letters,
                       R"("origin_topic":"people","origin_partition":"0",)"
                       R"("origin_offset":"1")"))
      << letters;
  EXPECT_EQ(ask("/books"),
            R"({"sources":[{"name":"people","fetched":3,"published":3,"failed":0}],"flows":[)"
            R"({"name":"named","read":3,"accepted":2,"filtered":0,"late":0,"duplicate":0,)"
            R"("rejected":1}]})");
  EXPECT_TRUE(contains(ask("/health"), R"("live":true,"ready":true,"running":true)"));
  MUST(instance->stop());
}

TEST(Control, replays_each_dead_letter_once_unless_told_which) {
  TestWorld world;
  const auto instance = world.open();
  world.run(*instance);
  const auto replay = [&](const std::string& body) {
    return answer_control(*instance,
                          {.method = "POST", .target = "/dead-letters/replay", .body = body});
  };
  EXPECT_EQ(replay(R"({"name":"named"})").body,
            R"({"name":"named","replayed":1,"skipped":0,"replayed_in_all":1})");
  EXPECT_EQ(replay(R"({"name":"named","offset":9})").status, 404);
  EXPECT_EQ(replay(R"({"name":"nobody"})").status, 404);
  const std::string records =
      answer_control(*instance, {.target = "/topics/people/records?offset=3&limit=1"}).body;
  EXPECT_TRUE(contains(records, R"("value":"{\"id\":\"none\",\"name\":\"Bad\"}")")) << records;
  EXPECT_TRUE(contains(records, R"({"key":"millrace.replay","value":"named.dead_letter/0/0"})"))
      << records;
  EXPECT_EQ(replay(R"({"name":"named","offset":0})").body,
            R"({"name":"named","replayed":1,"skipped":0,"replayed_in_all":2})");
  MUST(instance->stop());
}

TEST(Control, asks_the_holder_to_stop) {
  TestWorld world;
  const auto instance = world.open(/*listen=*/true);
  std::atomic<int> stops{0};
  instance->on_stop_request([&] { ++stops; });
  auto control = MUST(Control::connect(world.files(), world.clock(), world.options()));
  EXPECT_EQ(MUST(control.post("/stop", "")).body, R"({"stopping":true})");
  EXPECT_EQ(stops, 1);
  EXPECT_EQ(MUST(control.post("/flush", "")).body, R"({"flushed":true})");
  MUST(instance->stop());
  const auto late = control.get("/topics");
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code(), ErrorCode::kUnavailable);
}

TEST(Control, says_that_nothing_has_run_where_no_directory_is) {
  TestWorld world;
  const auto control = Control::connect(world.files(), world.clock(), world.options());
  ASSERT_FALSE(control);
  EXPECT_EQ(control.error().code(), ErrorCode::kNotFound);
}

TEST(Control, puts_the_socket_elsewhere_when_the_path_is_long) {
  EXPECT_EQ(control_socket_path("/data"), "/data/control.sock");
  const std::string path = control_socket_path("/" + std::string(150, 'x'));
  EXPECT_LT(path.size(), 100U);
  EXPECT_EQ(path, control_socket_path("/" + std::string(150, 'x')));
  EXPECT_NE(path, control_socket_path("/" + std::string(150, 'y')));
}

}  // namespace
}  // namespace millrace::server
