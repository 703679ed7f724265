#include "log/detail/frame.h"

#include <string>

#include <gtest/gtest.h>

namespace millrace::log {
namespace {

std::string sample() {
  Uuid topic;
  topic.bytes[0] = 7;
  std::string bytes;
  FrameWriter writer(bytes);
  EXPECT_EQ(writer.add_batch(topic, PartitionId(3), "batch"),
            kFrameHeaderBytes + kEntryHeadBytes + kPartitionHeadBytes);
  writer.add_position("name", "value");
  writer.add_position("gone", "");
  writer.add_log_start(topic, PartitionId(1), Offset(10));
  writer.add_truncate(topic, PartitionId(2), Offset(20));
  writer.add_producer_ids(99);
  seal_frame(bytes.data(), bytes.size(), 5, 0xABCD);
  return bytes;
}

TEST(Frame, entries_read_back) {
  const std::string bytes = sample();
  std::size_t size = 0;
  ASSERT_EQ(read_frame(bytes + "rest", 5, 0xABCD, size), FrameStatus::kFrame);
  ASSERT_EQ(size, bytes.size());
  EntryReader reader(std::string_view(bytes).substr(kFrameHeaderBytes));
  Entry entry;
  ASSERT_TRUE(MUST(reader.next(entry)));
  EXPECT_EQ(entry.kind, EntryKind::kBatch);
  EXPECT_EQ(entry.topic.bytes[0], 7);
  EXPECT_EQ(entry.partition, PartitionId(3));
  EXPECT_EQ(entry.bytes, "batch");
  EXPECT_EQ(bytes.substr(kFrameHeaderBytes + entry.bytes_at, 5), "batch");
  ASSERT_TRUE(MUST(reader.next(entry)));
  EXPECT_EQ(entry.name, "name");
  EXPECT_EQ(entry.value, "value");
  ASSERT_TRUE(MUST(reader.next(entry)));
  EXPECT_EQ(entry.value, "");
  ASSERT_TRUE(MUST(reader.next(entry)));
  EXPECT_EQ(entry.kind, EntryKind::kLogStart);
  EXPECT_EQ(entry.number, 10);
  ASSERT_TRUE(MUST(reader.next(entry)));
  EXPECT_EQ(entry.kind, EntryKind::kTruncate);
  ASSERT_TRUE(MUST(reader.next(entry)));
  EXPECT_EQ(entry.kind, EntryKind::kProducerIds);
  EXPECT_EQ(entry.number, 99);
  EXPECT_FALSE(MUST(reader.next(entry)));
}

TEST(Frame, only_the_right_sequence_and_salt_make_a_frame) {
  const std::string bytes = sample();
  std::size_t size = 0;
  EXPECT_EQ(read_frame(bytes, 6, 0xABCD, size), FrameStatus::kNone);
  EXPECT_EQ(read_frame(bytes, 5, 0xABCE, size), FrameStatus::kNone);
  EXPECT_EQ(read_frame(std::string(100, '\0'), 5, 0, size), FrameStatus::kNone);
}

TEST(Frame, batch_put_in_place_is_the_one_that_is_appended) {
  Uuid topic;
  topic.bytes[15] = 9;
  std::string appended;
  FrameWriter writer(appended);
  writer.add_batch(topic, PartitionId(77), "a batch");
  std::string put(FrameWriter::batch_bytes(7), '?');
  put_batch(put.data(), topic, PartitionId(77), "a batch");
  EXPECT_EQ(put, appended.substr(kFrameHeaderBytes));
}

TEST(Frame, any_changed_bit_and_any_cut_is_found) {
  const std::string bytes = sample();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 0x01);
    std::size_t size = 0;
    EXPECT_NE(read_frame(changed, 5, 0xABCD, size), FrameStatus::kFrame) << i;
    EXPECT_NE(read_frame(bytes.substr(0, i), 5, 0xABCD, size), FrameStatus::kFrame) << i;
  }
}

TEST(Frame, entry_that_is_none_is_corruption) {
  for (const std::string& payload : {std::string("\x09\0\0\0\0\0\0\0", 8),
                                     std::string("\x01\0\0\0\xff\0\0\0", 8),
                                     std::string("\x01\0\0\0\x01\0\0\0x", 9),
                                     std::string("\x02\0\0\0\x04\0\0\0\xff\0\0\0", 12),
                                     std::string("abc")}) {
    EntryReader reader(payload);
    Entry entry;
    EXPECT_EQ(reader.next(entry).error().code(), ErrorCode::kCorruption);
  }
}

}  // namespace
}  // namespace millrace::log
