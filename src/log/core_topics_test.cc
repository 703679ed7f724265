#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "log/detail/test_log.h"

namespace millrace::log {
namespace {

using Values = std::vector<std::string>;

TEST(Topics, topics_are_created_changed_and_deleted) {
  TestLog test;
  MUST(test.open());
  MUST(test.log->create_topic({.name = "a"}));
  EXPECT_EQ(test.log->create_topic({.name = "a"}).error().code(), ErrorCode::kAlreadyExists);
  EXPECT_EQ(test.log->create_topic({.name = "a/b"}).error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(test.log->create_topic({.name = "b", .partitions = 0}).error().code(),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(MUST(test.log->ensure_topic({.name = "a", .partitions = 9})).partitions, 1);
  MUST(test.log->create_partitions("a", 4));
  EXPECT_EQ(test.log->create_partitions("a", 4).error().code(), ErrorCode::kInvalidArgument);
  TopicConfig config = TopicConfig::keep_for_ever();
  MUST(test.log->alter_config("a", config));
  MUST(append_one(*test.log, tp("a", 3), batch_of({"x"})));
  MUST(test.crash_and_open());
  EXPECT_EQ(test.log->topic("a")->partitions, 4);
  EXPECT_EQ(test.log->topic("a")->config, config);
  MUST(test.log->flush());
  MUST(test.log->delete_topic("a"));
  EXPECT_FALSE(test.log->topic("a").has_value());
  EXPECT_EQ(test.log->delete_topic("a").error().code(), ErrorCode::kNotFound);
  EXPECT_FALSE(append_one(*test.log, tp("a", 3), batch_of({"x"})).has_value());
  MUST(test.log->create_topic({.name = "a"}));
  MUST(append_one(*test.log, tp("a"), batch_of({"new"})));
  MUST(test.crash_and_open());
  EXPECT_EQ(MUST(read_values(*test.log, tp("a"))), (Values{"0:new"}));
  MUST(test.close());
  for (const io::DirEntry& entry : MUST(test.files.list("data/topics"))) {
    EXPECT_FALSE(entry.name.ends_with("-delete")) << entry.name;
  }
}

TEST(Topics, deleted_records_are_out_of_range_and_their_segments_go) {
  TestLog test;
  MUST(test.open());
  TopicConfig config = TopicConfig::keep_for_ever();
  config.segment_bytes = 1'024;
  MUST(test.log->create_topic({.name = "a", .config = config}));
  for (int i = 0; i < 50; ++i) {
    MUST(append_one(*test.log, tp("a"), batch_of({std::string(200, 'x')})));
  }
  MUST(test.log->flush());
  const std::uint64_t before = test.log->describe(tp("a"))->segments;
  EXPECT_EQ(MUST(test.log->delete_records(tp("a"), Offset(30))), Offset(30));
  EXPECT_FALSE(test.log->delete_records(tp("a"), Offset(51)).has_value());
  EXPECT_EQ(MUST(test.log->read(tp("a"), Offset(29))).error, KafkaError::kOffsetOutOfRange);
  EXPECT_LT(test.log->describe(tp("a"))->segments, before);
  MUST(test.crash_and_open());
  EXPECT_EQ(MUST(test.log->read(tp("a"), Offset(29))).error, KafkaError::kOffsetOutOfRange);
  EXPECT_EQ(MUST(read_values(*test.log, tp("a"), Offset(30))).size(), 20U);
  EXPECT_EQ(MUST(test.log->delete_records(tp("a"), Offset(-1))), Offset(50));
  MUST(test.log->housekeep());
  EXPECT_EQ(test.log->describe(tp("a"))->segments, 0U);
  MUST(test.crash_and_open());
  EXPECT_EQ(MUST(append_one(*test.log, tp("a"), batch_of({"on"}))).base_offset, Offset(50));
}

TEST(Topics, truncation_takes_the_end_away_for_ever) {
  TestLog test;
  MUST(test.open());
  TopicConfig config;
  config.segment_bytes = 1'024;
  config.index_interval_bytes = 100;
  MUST(test.log->create_topic({.name = "a", .config = config}));
  for (int i = 0; i < 20; ++i) {
    MUST(append_one(*test.log, tp("a"), batch_of({std::to_string(i), std::string(100, 'x')})));
  }
  EXPECT_EQ(MUST(test.log->truncate(tp("a"), Offset(25))), Offset(24));
  EXPECT_EQ(test.log->describe(tp("a"))->high_watermark, Offset(24));
  EXPECT_EQ(MUST(read_values(*test.log, tp("a"))).size(), 24U);
  EXPECT_EQ(MUST(append_one(*test.log, tp("a"), batch_of({"new"}))).base_offset, Offset(24));
  for (int round = 0; round < 2; ++round) {
    MUST(test.crash_and_open());
    const Values values = MUST(read_values(*test.log, tp("a")));
    EXPECT_EQ(values.size(), 25U);
    EXPECT_EQ(values.back(), "24:new");
    MUST(test.log->flush());
  }
}

TEST(Topics, producer_ids_are_never_given_twice) {
  TestLog test;
  MUST(test.open());
  EXPECT_EQ(MUST(test.log->allocate_producer_ids(10)), ProducerId(0));
  MUST(test.crash_and_open());
  EXPECT_EQ(MUST(test.log->allocate_producer_ids(1)), ProducerId(10));
  MUST(test.close());
  MUST(test.open());
  EXPECT_EQ(MUST(test.log->allocate_producer_ids(1)), ProducerId(11));
}

TEST(CoreTopics, a_deleted_topic_wakes_those_who_wait_for_it) {
  TestLog test;
  MUST(test.open());
  MUST(test.log->create_topic({.name = "a", .partitions = 2}));
  MUST(test.log->create_topic({.name = "b"}));
  int of_a = 0;
  int of_b = 0;
  const Registration first = test.log->subscribe(tp("a", 1), [&] { ++of_a; });
  const Registration second = test.log->subscribe(tp("b"), [&] { ++of_b; });
  MUST(test.log->delete_topic("a"));
  EXPECT_EQ(of_a, 1);
  EXPECT_EQ(of_b, 0);
}

}  // namespace
}  // namespace millrace::log
