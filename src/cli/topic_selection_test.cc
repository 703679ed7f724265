#include "cli/topic_selection.h"

#include <gtest/gtest.h>

#include "cli/kafka_session.h"

namespace millrace::cli {
namespace {

bool matches(std::string_view pattern, std::string_view name) {
  const Result<TopicPattern> compiled = TopicPattern::compile(pattern);
  return compiled && compiled->matches(name);
}

TEST(TopicPattern, matches_whole_names) {
  EXPECT_TRUE(matches("users", "users"));
  EXPECT_FALSE(matches("users", "users2"));
  EXPECT_TRUE(matches("pack.*|keye.", "packed"));
  EXPECT_TRUE(matches("pack.*|keye.", "keyed"));
  EXPECT_FALSE(matches("pack.*|keye.", "unpacked"));
}

TEST(TopicPattern, takes_commas_for_alternatives_and_leaves_quotes_out) {
  EXPECT_TRUE(matches("a, b", "b"));
  EXPECT_TRUE(matches("\"test\\.topic\"", "test.topic"));
  EXPECT_FALSE(matches("\"test\\.topic\"", "testxtopic"));
}

TEST(TopicPattern, refuses_what_is_no_pattern) {
  const Result<TopicPattern> broken = TopicPattern::compile("a(");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().to_string().find("a( is an invalid regex: "), 0U);
}

TEST(ClientProperties, take_what_means_something_here) {
  const Result<KafkaTarget> target = apply_client_properties({},
                                                             {{"client.id", "me"},
                                                              {"request.timeout.ms", "1500"},
                                                              {"default.api.timeout.ms", "2000"},
                                                              {"security.protocol", "plaintext"},
                                                              {"fetch.min.bytes", "1"}});
  ASSERT_TRUE(target);
  EXPECT_EQ(target->client_id, "me");
  EXPECT_EQ(target->request_timeout_ms, 1500);
  EXPECT_EQ(target->operation_timeout_ms, 2000);
}

TEST(ClientProperties, refuse_encryption_and_times_that_are_none) {
  EXPECT_FALSE(apply_client_properties({}, {{"security.protocol", "SSL"}}));
  EXPECT_FALSE(apply_client_properties({}, {{"request.timeout.ms", "soon"}}));
  EXPECT_FALSE(parse_isolation("committed"));
  EXPECT_TRUE(parse_isolation("read_committed"));
}

}  // namespace
}  // namespace millrace::cli
