#include "log/topic_config.h"

#include <gtest/gtest.h>

namespace millrace::log {
namespace {

TEST(TopicConfig, option_table_has_no_faults) {
  EXPECT_TRUE(config::check_table(topic_options()).empty());
}

TEST(TopicConfig, defaults_are_kafkas_and_read_back) {
  const ConfigMap map = topic_config_to_map({});
  EXPECT_EQ(map.at("retention.ms"), "604800000");
  EXPECT_EQ(map.at("segment.bytes"), "1073741824");
  EXPECT_EQ(map.at("max.message.bytes"), "1048588");
  EXPECT_EQ(map.at("cleanup.policy"), "delete");
  EXPECT_EQ(map.at("message.timestamp.type"), "CreateTime");
  EXPECT_EQ(MUST(parse_topic_config(map)), TopicConfig());
  EXPECT_TRUE(topic_config_changes({}).empty());
}

TEST(TopicConfig, map_has_every_row_of_the_table) {
  const ConfigMap map = topic_config_to_map({});
  for (const config::Option& option : topic_options().options) {
    EXPECT_TRUE(map.contains(option.name)) << option.name;
  }
  EXPECT_EQ(map.size(), topic_options().options.size());
}

TEST(TopicConfig, changes_read_back_over_the_defaults) {
  const ConfigMap values{{"cleanup.policy", "compact,delete"},
                         {"retention.bytes", "1000000"},
                         {"compression.type", "zstd"},
                         {"message.timestamp.type", "LogAppendTime"},
                         {"millrace.durability", "interval"},
                         {"millrace.retention.hold", "false"},
                         {"min.cleanable.dirty.ratio", "0.25"}};
  const TopicConfig config = MUST(parse_topic_config(values));
  EXPECT_TRUE(config.cleanup_compact);
  EXPECT_TRUE(config.cleanup_delete);
  EXPECT_EQ(config.retention_bytes, 1'000'000);
  EXPECT_EQ(config.compression, TopicCompression::kZstd);
  EXPECT_TRUE(config.log_append_time);
  EXPECT_FALSE(config.retention_hold);
  EXPECT_EQ(topic_config_changes(config), values);
}

TEST(TopicConfig, tells_what_was_set_as_it_was_given) {
  const ConfigMap map = topic_config_to_map({}, {{"flush.ms", "7"}, {"preallocate", "TRUE"}});
  EXPECT_EQ(map.at("flush.ms"), "7");
  EXPECT_EQ(map.at("preallocate"), "TRUE");
  EXPECT_EQ(map.size(), topic_options().options.size());
}

TEST(TopicConfig, kept_for_ever_is_so_whatever_the_defaults_are) {
  const TopicConfig defaults = MUST(parse_topic_config(
      {{"retention.ms", "1"}, {"retention.bytes", "1"}, {"cleanup.policy", "compact"}}));
  const ConfigMap kept = kept_settings(TopicConfig::keep_for_ever());
  EXPECT_EQ(MUST(parse_topic_config(kept, defaults)), TopicConfig::keep_for_ever());
}

TEST(TopicConfig, refuses_what_makes_no_sense) {
  for (const ConfigMap& bad : {ConfigMap{{"retention.mss", "1"}},
                               ConfigMap{{"retention.ms", "-2"}},
                               ConfigMap{{"retention.ms", "soon"}},
                               ConfigMap{{"cleanup.policy", "keep"}},
                               ConfigMap{{"cleanup.policy", ""}},
                               ConfigMap{{"compression.type", "rar"}},
                               ConfigMap{{"compression.gzip.level", "0"}},
                               ConfigMap{{"min.cleanable.dirty.ratio", "2"}},
                               ConfigMap{{"min.insync.replicas", "2"}}}) {
    const Result<TopicConfig> parsed = parse_topic_config(bad);
    ASSERT_FALSE(parsed.has_value()) << bad.begin()->first << "=" << bad.begin()->second;
    EXPECT_EQ(parsed.error().code(), ErrorCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace millrace::log
