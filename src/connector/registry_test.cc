#include "connector/registry.h"

#include <gtest/gtest.h>

namespace millrace::connector {
namespace {

constexpr std::string_view kNothing = "For the test.";

TEST(ConnectorRegistry, finds_by_name_and_by_other_name_without_case) {
  const ConnectorInfo http{.name = "http", .description = kNothing};
  const ConnectorInfo files{.name = "json", .also = {"ndjson"}, .description = kNothing};
  const ConnectorRegistry registry({&http, &files});

  EXPECT_EQ(registry.find("HTTP"), &http);
  EXPECT_EQ(registry.find("NdJson"), &files);
  EXPECT_EQ(registry.find("htt"), nullptr);
  EXPECT_EQ(registry.names(), (std::vector<std::string>{"http", "json"}));
}

TEST(FeedPoll, counts_records_and_failures_as_fetched) {
  FeedPoll poll;
  poll.records.resize(3);
  poll.failures.resize(2);

  EXPECT_EQ(poll.fetched(), 5U);
}

TEST(Guarantee, has_the_names_that_users_write) {
  EXPECT_EQ(to_string(Guarantee::kExactly), "exactly");
  EXPECT_EQ(to_string(Guarantee::kEffectively), "effectively");
  EXPECT_EQ(to_string(Guarantee::kAtLeastOnce), "at_least_once");
}

}  // namespace
}  // namespace millrace::connector
