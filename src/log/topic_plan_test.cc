#include "log/detail/topic_plan.h"

#include <optional>
#include <utility>

#include <gtest/gtest.h>

#include "base/assert.h"
#include "log/detail/test_log.h"

namespace millrace::log {
namespace {

/// Asks for changes and lets them happen.
TopicOutcomes change(Log& log, std::vector<TopicChange> changes) {
  std::optional<TopicOutcomes> outcomes;
  log.change_topics_async(std::move(changes), [&](Result<TopicOutcomes> got) {
    outcomes.emplace(MUST(std::move(got)));
  });
  while (log.step()) {
  }
  MR_ASSERT(outcomes.has_value());
  return std::move(*outcomes);
}

TopicChange setting(const std::string& topic, const std::string& name, const std::string& value) {
  return AlteredTopic{.name = topic, .change = [=](const ConfigMap& now) -> Result<ConfigMap> {
                        ConfigMap settings = now;
                        settings[name] = value;
                        return settings;
                      }};
}

TEST(TopicPlan, each_change_comes_after_those_before_it) {
  TestLog test;
  MUST(test.open());
  MUST(test.log->create_topic({.name = "old"}));
  const std::uint64_t frames = test.metrics.counter("millrace_log_frames_total", "").value();
  const TopicOutcomes outcomes = change(*test.log,
                                        {NewTopic{.name = "a"},
                                         NewTopic{.name = "a"},
                                         EnsuredTopic{.topic = {.name = "a", .partitions = 7}},
                                         GrownTopic{.name = "a", .partitions = 3},
                                         setting("a", "flush.ms", "5"),
                                         setting("a", "retention.ms", "soon"),
                                         DeletedTopic{.name = "old"},
                                         DeletedTopic{.name = "old"},
                                         NewTopic{.name = "a/b"},
                                         DeletedTopic{.name = std::string(kMetadataTopic)}});
  std::vector<ErrorCode> codes;
  for (const Result<TopicInfo>& outcome : outcomes) {
    codes.push_back(outcome ? ErrorCode::kInternal : outcome.error().code());
  }
  using enum ErrorCode;
  EXPECT_EQ(codes,
            (std::vector<ErrorCode>{kInternal,
                                    kAlreadyExists,
                                    kInternal,
                                    kInternal,
                                    kInternal,
                                    kInvalidArgument,
                                    kInternal,
                                    kNotFound,
                                    kInvalidArgument,
                                    kInvalidArgument}));
  EXPECT_EQ(test.metrics.counter("millrace_log_frames_total", "").value(), frames + 1);
  for (int round = 0; round < 3; ++round) {
    EXPECT_FALSE(test.log->topic("old"));
    ASSERT_TRUE(test.log->topic("a"));
    EXPECT_EQ(test.log->topic("a")->partitions, 3);
    EXPECT_EQ(test.log->topic("a")->settings, (ConfigMap{{"flush.ms", "5"}}));
    if (round == 1) {
      MUST(test.log->flush());
    }
    MUST(test.crash_and_open());
  }
}

TEST(TopicPlan, counts_the_partitions_of_the_whole_request) {
  TestLog test;
  test.options.partitions_max = 10;
  MUST(test.open());
  const TopicOutcomes outcomes = change(*test.log,
                                        {NewTopic{.name = "a", .partitions = 6},
                                         NewTopic{.name = "b", .partitions = 6},
                                         DeletedTopic{.name = "a"},
                                         NewTopic{.name = "c", .partitions = 6},
                                         GrownTopic{.name = "c", .partitions = 11}});
  EXPECT_TRUE(outcomes[0]);
  EXPECT_EQ(outcomes[1].error().code(), ErrorCode::kExhausted);
  EXPECT_TRUE(outcomes[2]);
  EXPECT_TRUE(outcomes[3]);
  EXPECT_EQ(outcomes[4].error().code(), ErrorCode::kExhausted);
  EXPECT_FALSE(test.log->topic("a"));
}

TEST(TopicPlan, defaults_count_where_nothing_was_set_also_later) {
  TestLog test;
  MUST(test.open());
  MUST(test.log->create_topic({.name = "a"}));
  MUST(test.log->create_topic({.name = "b", .settings = {{"retention.ms", "5"}}}));
  MUST(test.log->create_topic({.name = "c", .config = TopicConfig::keep_for_ever()}));
  const TopicConfig defaults =
      MUST(parse_topic_config({{"retention.ms", "7"}, {"cleanup.policy", "compact"}}));
  MUST(test.log->set_topic_defaults(defaults));
  EXPECT_EQ(test.log->topic("a")->config, defaults);
  EXPECT_EQ(test.log->topic("b")->config.retention_ms, 5);
  EXPECT_TRUE(test.log->topic("b")->config.cleanup_compact);
  EXPECT_EQ(test.log->topic("c")->config, TopicConfig::keep_for_ever());
  EXPECT_EQ(test.log->topic(kMetadataTopic)->config, TopicConfig::compacted());
  MUST(test.log->create_topic({.name = "d"}));
  EXPECT_EQ(test.log->topic("d")->config, defaults);
  EXPECT_TRUE(test.log->topic("d")->settings.empty());
  MUST(test.crash_and_open());
  EXPECT_EQ(test.log->topic("d")->config, TopicConfig());
  MUST(test.log->set_topic_defaults(defaults));
  EXPECT_EQ(test.log->topic("d")->config, defaults);
}

TEST(TopicPlan, records_of_several_partitions_go_with_one_frame) {
  TestLog test;
  MUST(test.open());
  MUST(test.log->create_topic({.name = "a", .partitions = 2}));
  for (const std::int32_t partition : {0, 1}) {
    for (int i = 0; i < 4; ++i) {
      MUST(append_one(*test.log, tp("a", partition), batch_of({"x"})));
    }
  }
  const std::uint64_t frames = test.metrics.counter("millrace_log_frames_total", "").value();
  std::vector<std::int64_t> starts;
  test.log->delete_records_async({{tp("a", 0), Offset(3)},
                                  {tp("a", 1), Offset(-1)},
                                  {tp("a", 0), Offset(2)},
                                  {tp("a", 1), Offset(9)},
                                  {tp("b"), Offset(0)}},
                                 [&](Result<std::vector<Result<Offset>>> got) {
                                   for (const Result<Offset>& start : MUST(std::move(got))) {
                                     starts.push_back(start ? start->value() : -1);
                                   }
                                 });
  while (test.log->step()) {
  }
  EXPECT_EQ(starts, (std::vector<std::int64_t>{3, 4, 2, -1, -1}));
  EXPECT_EQ(test.metrics.counter("millrace_log_frames_total", "").value(), frames + 1);
  MUST(test.crash_and_open());
  EXPECT_EQ(test.log->describe(tp("a", 0))->log_start_offset, Offset(3));
  EXPECT_EQ(test.log->describe(tp("a", 1))->log_start_offset, Offset(4));
}

}  // namespace
}  // namespace millrace::log
