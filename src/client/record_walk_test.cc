#include "client/detail/record_walk.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const TopicPartition kFrom{.topic = "t", .partition = PartitionId(3)};

std::string batch(std::int64_t base,
                  const std::vector<std::string>& values,
                  const record::BatchOptions& options = {}) {
  record::BatchBuilder builder(options);
  for (const std::string& value : values) {
    builder.add({.timestamp_ms = 1, .value = value});
  }
  return MUST(builder.finish(Offset(base)));
}

std::string transactional(std::int64_t base, const std::vector<std::string>& values, int producer) {
  return batch(base,
               values,
               {.producer_id = ProducerId(producer),
                .producer_epoch = 0,
                .base_sequence = 0,
                .transactional = true});
}

std::string marker(std::int64_t base, record::ControlType type, int producer) {
  std::string bytes = record::build_marker({.type = type}, ProducerId(producer), 0, 1);
  record::patch_base_offset(bytes.data(), Offset(base));
  return bytes;
}

struct Seen {
  std::vector<std::string> values;
  Walked walked;
};

Result<Seen> walk(std::string_view bytes,
                  std::int64_t position,
                  const std::vector<AbortedTransaction>& aborted = {},
                  const WalkOptions& options = {},
                  std::size_t most = 1'000) {
  Seen seen;
  seen.walked = TRY(walk_records(
      bytes, kFrom, Offset(position), aborted, options, [&](const FetchedRecord& record) {
        seen.values.push_back(
            fmt::format("{}={}", record.record.offset, record.record.value.value_or("~")));
        return seen.values.size() < most ? Take::kMore : Take::kStop;
      }));
  return seen;
}

TEST(RecordWalk, leaves_out_what_lies_before_the_position) {
  const Seen seen = MUST(walk(batch(10, {"a", "b", "c"}) + batch(13, {"d"}), 11));
  EXPECT_THAT(seen.values, ElementsAre("11=b", "12=c", "13=d"));
  EXPECT_EQ(seen.walked.position, Offset(14));
}

TEST(RecordWalk, stops_after_the_record_that_was_the_last_wanted) {
  const Seen seen = MUST(walk(batch(10, {"a", "b", "c"}), 10, {}, {}, 2));
  EXPECT_THAT(seen.values, ElementsAre("10=a", "11=b"));
  EXPECT_EQ(seen.walked.position, Offset(12));
  EXPECT_EQ(seen.walked.last, Take::kStop);
}

TEST(RecordWalk, leaves_a_batch_that_is_cut_off_for_the_next_answer) {
  const std::string second = batch(11, {"bbbbbbbbbbbbbbbb"});
  const std::string whole = batch(10, {"a"}) + second;
  for (std::size_t cut = 1; cut < second.size(); ++cut) {
    const Seen seen = MUST(walk(std::string_view(whole).substr(0, whole.size() - cut), 10));
    EXPECT_THAT(seen.values, ElementsAre("10=a"));
    EXPECT_EQ(seen.walked.position, Offset(11));
  }
}

TEST(RecordWalk, passes_over_the_gap_that_compaction_left_at_the_end_of_a_batch) {
  record::BatchBuilder builder;
  builder.add_at(1, {.timestamp_ms = 1, .value = "b"});
  const Seen seen = MUST(walk(MUST(builder.finish(Offset(10), 5)), 10));
  EXPECT_THAT(seen.values, ElementsAre("11=b"));
  EXPECT_EQ(seen.walked.position, Offset(16));
}

TEST(RecordWalk, leaves_out_control_records_and_with_read_committed_what_was_aborted) {
  const std::string bytes = transactional(0, {"a"}, 7) + transactional(1, {"b"}, 8) +
                            marker(2, record::ControlType::kAbort, 7) +
                            marker(3, record::ControlType::kCommit, 8) +
                            transactional(4, {"c"}, 7) + marker(5, record::ControlType::kCommit, 7);
  const std::vector<AbortedTransaction> aborted = {{.producer = ProducerId(7), .first = Offset(0)}};
  EXPECT_THAT(MUST(walk(bytes, 0, aborted)).values, ElementsAre("0=a", "1=b", "4=c"));
  const Seen seen = MUST(walk(bytes, 0, aborted, {.isolation = Isolation::kReadCommitted}));
  EXPECT_THAT(seen.values, ElementsAre("1=b", "4=c"));
  EXPECT_EQ(seen.walked.position, Offset(6));
}

TEST(RecordWalk, reads_every_codec) {
  using enum record::Compression;
  for (const record::Compression codec : {kNone, kGzip, kSnappy, kLz4, kZstd}) {
    const Seen seen = MUST(walk(batch(0, {"a", "b"}, {.compression = codec}), 0));
    EXPECT_THAT(seen.values, ElementsAre("0=a", "1=b")) << record::to_string(codec);
  }
}

TEST(RecordWalk, names_the_place_of_a_broken_batch) {
  std::string bytes = batch(10, {"a"}) + batch(11, {"b"});
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  const auto seen = walk(bytes, 10);
  ASSERT_FALSE(seen);
  EXPECT_EQ(seen.error().code(), ErrorCode::kCorruption);
  EXPECT_THAT(seen.error().message(), HasSubstr("t-3 at offset 11: "));
}

TEST(RecordWalk, refuses_a_bomb) {
  const std::string bytes =
      batch(0, {std::string(1'000'000, 'x')}, {.compression = record::Compression::kZstd});
  const auto seen = walk(bytes, 0, {}, {.decompressed_bytes_max = 100'000});
  ASSERT_FALSE(seen);
  EXPECT_EQ(seen.error().code(), ErrorCode::kExhausted);
}

TEST(RecordWalk, refuses_formats_of_before_2017) {
  std::string bytes = batch(0, {"a"});
  bytes[16] = 1;
  const auto seen = walk(bytes, 0);
  ASSERT_FALSE(seen);
  EXPECT_EQ(seen.error().code(), ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace millrace::client
