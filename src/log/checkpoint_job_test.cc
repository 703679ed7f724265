#include "log/detail/checkpoint_job.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "log/detail/test_log.h"

namespace millrace::log {
namespace {

TEST(CheckpointJob, partition_directories_are_kafkas) {
  EXPECT_EQ(partition_directory("data", tp("users", 3)), "data/topics/users-3");
}

TEST(CheckpointJob, flush_leaves_files_that_kafkas_tools_read) {
  TestLog test;
  MUST(test.open());
  TopicConfig config;
  config.segment_bytes = 1'500;
  MUST(test.log->create_topic({.name = "a", .config = config}));
  std::vector<std::string> batches;
  for (int i = 0; i < 12; ++i) {
    const record::BatchOptions options{
        .producer_id = ProducerId(4), .producer_epoch = 0, .base_sequence = i};
    MUST(append_one(*test.log, tp("a"), batch_of({std::string(300, 'x')}, 1000 + i, options)));
  }
  MUST(test.log->flush());
  std::vector<std::string> names;
  for (const io::DirEntry& entry : MUST(test.files.list("data/topics/a-0"))) {
    names.push_back(entry.name);
  }
  EXPECT_EQ(names,
            (std::vector<std::string>{"00000000000000000000.log",
                                      "00000000000000000000.timeindex",
                                      "00000000000000000004.log",
                                      "00000000000000000004.timeindex",
                                      "00000000000000000008.log",
                                      "00000000000000000012.snapshot"}));
  // The .log is the batches, back to back, with their offsets.
  Offset next(0);
  for (const std::int64_t base : {0, 4, 8}) {
    const SegmentMeta meta = MUST(scan_segment_file(test.files, "data/topics/a-0", Offset(base)));
    EXPECT_EQ(meta.base, next);
    next = meta.next;
  }
  EXPECT_EQ(next, Offset(12));
}

TEST(CheckpointJob, failed_write_or_sync_is_made_good_by_the_next_checkpoint) {
  for (std::uint64_t at = 1; at < 40; ++at) {
    TestLog test(at);
    MUST(test.open());
    MUST(test.log->create_topic({.name = "a", .partitions = 2}));
    std::vector<std::string> expected;
    for (int i = 0; i < 6; ++i) {
      MUST(append_one(*test.log, tp("a", 1), batch_of({std::to_string(i)})));
      expected.push_back(std::to_string(i) + ":" + std::to_string(i));
    }
    const std::uint64_t failing = test.files.operations() + at;
    test.files.fail_at(failing);
    test.log->flush().ignore_error("one operation fails in it");
    EXPECT_EQ(MUST(read_values(*test.log, tp("a", 1))), expected) << at;
    while (test.files.operations() <= failing) {
      test.log->flush().ignore_error("the operation may fail now");
    }
    MUST(test.log->flush());
    EXPECT_EQ(MUST(read_values(*test.log, tp("a", 1))), expected) << at;
    MUST(test.crash_and_open());
    EXPECT_EQ(MUST(read_values(*test.log, tp("a", 1))), expected) << at;
  }
}

}  // namespace
}  // namespace millrace::log
