#include "log/detail/metadata.h"

#include <string>

#include <gtest/gtest.h>

#include "record/batch.h"

namespace millrace::log {
namespace {

TEST(Metadata, topic_reads_back_from_its_record) {
  TopicInfo topic{.name = "users", .partitions = 12};
  topic.id.bytes[5] = 1;
  topic.settings = {{"flush.ms", "7"}, {"retention.bytes", "100"}};
  const TopicInfo read = MUST(read_topic_value("users", topic_value(topic)));
  EXPECT_EQ(read.name, "users");
  EXPECT_EQ(read.id, topic.id);
  EXPECT_EQ(read.partitions, 12);
  EXPECT_EQ(read.settings, topic.settings);
  EXPECT_EQ(read.config.retention_bytes, 100);
  EXPECT_FALSE(read.internal);
}

TEST(Metadata, keys_of_other_kinds_are_left_alone) {
  EXPECT_EQ(topic_of_key(topic_key("a")), "a");
  EXPECT_FALSE(topic_of_key("user:a").has_value());
}

TEST(Metadata, cut_and_newer_values_are_refused) {
  const std::string value = topic_value({.name = "a", .partitions = 1});
  for (std::size_t i = 0; i < value.size(); ++i) {
    EXPECT_FALSE(read_topic_value("a", value.substr(0, i)).has_value()) << i;
  }
  std::string newer = value;
  newer[0] = 2;
  EXPECT_EQ(read_topic_value("a", newer).error().code(), ErrorCode::kUnsupported);
}

TEST(Metadata, batch_has_a_tombstone_for_a_topic_that_goes) {
  const std::string batch = metadata_batch({{.name = "a"}}, 1);
  record::RecordReader reader = MUST(record::RecordReader::open(batch));
  record::RecordView record;
  ASSERT_TRUE(MUST(reader.next(record)));
  EXPECT_EQ(record.key, "topic:a");
  EXPECT_FALSE(record.value.has_value());
}

}  // namespace
}  // namespace millrace::log
