#include "log/detail/segment.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "io/sim_files.h"
#include "log/detail/test_log.h"

namespace millrace::log {
namespace {

constexpr std::int64_t kTime = 1'700'000'000'000;

// A segment at base 100 with batches of one to three records.
class SegmentTest : public testing::Test {
 protected:
  void SetUp() override {
    MUST(io::make_dirs(files_, "d"));
    segment_ = std::make_shared<Segment>(
        files_, "d", SegmentMeta{.base = Offset(100), .next = Offset(100)});
    fill(200);
  }

  void fill(int batches) {
    SegmentWriter writer = MUST(SegmentWriter::open(segment_, kInterval));
    for (int i = 0; i < batches; ++i) {
      const std::uint64_t count = 1 + random_.below(3);
      const std::vector<std::string> values(count, std::string(random_.below(100), 'v'));
      std::string batch = batch_of(values, kTime + random_.between(0, 1'000) + i * 10);
      record::patch_base_offset(batch.data(), writer.meta().next);
      const record::BatchHeader header = MUST(record::parse_header(batch));
      bases_.push_back(header.base_offset);
      MUST(writer.append(batch, header));
      if (random_.one_in(7)) {
        MUST(writer.finish());
        writer = MUST(SegmentWriter::open(segment_, kInterval));
      }
    }
    MUST(writer.finish());
  }

  std::string bytes_of(SegmentFile file) {
    return MUST(io::read_all(files_, segment_->path(file), 1 << 20));
  }

  static constexpr std::int64_t kInterval = 400;
  io::SimFiles files_{1};
  Random random_{5};
  SegmentPtr segment_;
  std::vector<Offset> bases_;
};

TEST_F(SegmentTest, every_offset_is_found_as_by_a_walk_from_the_start) {
  const Offset end = segment_->meta().next;
  for (Offset at(100); at < end; ++at) {
    std::vector<StoredBatch> batches;
    MUST(segment_->read(at, end, 1, /*at_least_one=*/true, batches));
    ASSERT_EQ(batches.size(), 1U);
    const auto behind = std::ranges::upper_bound(bases_, at);
    EXPECT_EQ(batches[0].base_offset, *(behind - 1)) << at.value();
  }
}

TEST_F(SegmentTest, limit_and_bytes_end_a_read_at_whole_batches) {
  std::vector<StoredBatch> batches;
  EXPECT_TRUE(MUST(segment_->read(Offset(100), bases_[10], 1 << 20, true, batches)));
  EXPECT_EQ(batches.size(), 10U);
  std::vector<StoredBatch> few;
  EXPECT_FALSE(MUST(segment_->read(Offset(100), segment_->meta().next, 500, true, few)));
  std::size_t bytes = 0;
  for (const StoredBatch& batch : few) {
    bytes += batch.bytes.size();
  }
  EXPECT_LE(bytes, 500U);
  EXPECT_GE(few.size(), 1U);
}

TEST_F(SegmentTest, indexes_made_anew_are_the_same_bytes) {
  for (const bool sealed : {false, true}) {
    if (sealed) {
      SegmentWriter writer = MUST(SegmentWriter::open(segment_, kInterval));
      MUST(writer.seal());
    }
    const SegmentMeta meta = segment_->meta();
    const std::string index = bytes_of(SegmentFile::kIndex);
    const std::string times = bytes_of(SegmentFile::kTimeIndex);
    EXPECT_GT(index.size(), 100U);
    const SegmentMeta again = MUST(rebuild_indexes(segment_, kInterval, {}));
    EXPECT_EQ(again, meta);
    EXPECT_EQ(bytes_of(SegmentFile::kIndex), index);
    EXPECT_EQ(bytes_of(SegmentFile::kTimeIndex), times);
  }
}

TEST_F(SegmentTest, timestamps_are_found_as_by_a_walk) {
  for (std::int64_t time = kTime - 5; time < kTime + 3'100; time += 37) {
    std::optional<Offset> expected;
    MUST(segment_->scan(0, [&](std::uint64_t, std::string_view batch) -> Result<void> {
      const record::BatchHeader header = MUST(record::parse_header(batch));
      if (!expected.has_value() && header.max_timestamp_ms >= time) {
        expected = header.base_offset;
      }
      return {};
    }));
    const auto found = MUST(segment_->find_timestamp(time));
    ASSERT_EQ(found.has_value(), expected.has_value()) << time;
    if (found.has_value()) {
      EXPECT_EQ(found->offset, *expected) << time;
    }
  }
}

TEST_F(SegmentTest, changed_byte_is_corruption_and_not_data) {
  const auto file = MUST(files_.open(segment_->path(SegmentFile::kLog), io::OpenMode::kReadWrite));
  MUST(file->pwrite("?", 200));
  std::vector<StoredBatch> batches;
  const Result<bool> read =
      segment_->read(Offset(100), segment_->meta().next, 1 << 20, true, batches);
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().code(), ErrorCode::kCorruption);
  const SegmentMeta valid = MUST(scan_segment_file(files_, "d", Offset(100)));
  EXPECT_LE(valid.log_bytes, 200U);
}

TEST_F(SegmentTest, scan_of_a_torn_file_ends_at_the_last_valid_batch) {
  const SegmentMeta meta = segment_->meta();
  const auto file = MUST(files_.open(segment_->path(SegmentFile::kLog), io::OpenMode::kReadWrite));
  MUST(file->truncate(meta.log_bytes - 3));
  const SegmentMeta valid = MUST(scan_segment_file(files_, "d", Offset(100)));
  EXPECT_EQ(valid.next, bases_.back());
  MUST(file->pwrite(std::string(500, 'x'), valid.log_bytes));
  EXPECT_EQ(MUST(scan_segment_file(files_, "d", Offset(100))), valid);
}

TEST_F(SegmentTest, aborted_transactions_are_found_where_they_touch) {
  SegmentWriter writer = MUST(SegmentWriter::open(segment_, kInterval));
  writer.append_aborted({.producer = ProducerId(1),
                         .first_offset = Offset(110),
                         .last_offset = Offset(120),
                         .last_stable_offset = Offset(121)});
  MUST(writer.finish());
  EXPECT_EQ(bytes_of(SegmentFile::kTxnIndex).size(), kTxnEntryBytes);
  const auto touched = [&](std::int64_t from, std::int64_t until) {
    std::vector<AbortedRange> found;
    MUST(segment_->find_aborted(Offset(from), Offset(until), found));
    return found.size();
  };
  EXPECT_EQ(touched(100, 110), 0U);
  EXPECT_EQ(touched(100, 111), 1U);
  EXPECT_EQ(touched(120, 130), 1U);
  EXPECT_EQ(touched(121, 130), 0U);
}

TEST(SegmentName, is_kafkas) {
  EXPECT_EQ(segment_file_name(Offset(42), SegmentFile::kLog), "00000000000000000042.log");
  EXPECT_EQ(segment_file_name(Offset(0), SegmentFile::kTxnIndex), "00000000000000000000.txnindex");
}

}  // namespace
}  // namespace millrace::log
