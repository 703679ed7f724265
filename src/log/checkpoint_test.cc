#include "log/detail/checkpoint.h"

#include <string>

#include <gtest/gtest.h>

#include "io/sim_files.h"

namespace millrace::log {
namespace {

Checkpoint sample() {
  Checkpoint checkpoint;
  checkpoint.mark = {.sequence = 17, .file_id = 3, .at = 4711};
  checkpoint.clean = true;
  checkpoint.next_producer_id = 12;
  checkpoint.positions = {{"a", "1"}, {"b", std::string("\0x", 2)}};
  CheckpointTopic topic;
  topic.info.name = "users";
  topic.info.id.bytes[3] = 9;
  topic.info.settings = {{"cleanup.policy", "compact"}};
  topic.info.config = TopicConfig::compacted();
  topic.partitions.push_back(
      {.log_start = Offset(2),
       .next = Offset(50),
       .producers = "state",
       .segments = {{.base = Offset(0), .next = Offset(20), .log_bytes = 99, .sealed = true},
                    {.base = Offset(20), .next = Offset(50), .cleaned = true}}});
  topic.info.partitions = 1;
  checkpoint.topics.push_back(topic);
  return checkpoint;
}

TEST(Checkpoint, reads_back_what_was_written) {
  const Checkpoint written = sample();
  const Checkpoint read = MUST(decode_checkpoint(encode_checkpoint(written)));
  EXPECT_EQ(read.mark, written.mark);
  EXPECT_EQ(read.clean, written.clean);
  EXPECT_EQ(read.next_producer_id, written.next_producer_id);
  EXPECT_EQ(read.positions, written.positions);
  ASSERT_EQ(read.topics.size(), 1U);
  EXPECT_EQ(read.topics[0].info.name, "users");
  EXPECT_EQ(read.topics[0].info.id, written.topics[0].info.id);
  EXPECT_EQ(read.topics[0].info.config, written.topics[0].info.config);
  EXPECT_EQ(read.topics[0].partitions, written.topics[0].partitions);
}

TEST(Checkpoint, changed_or_cut_bytes_are_refused) {
  const std::string bytes = encode_checkpoint(sample());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i >= 20 && i < 24) {
      continue;  // Reserved.
    }
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(decode_checkpoint(changed).has_value()) << i;
    EXPECT_FALSE(decode_checkpoint(bytes.substr(0, i)).has_value()) << i;
  }
}

TEST(Checkpoint, newer_version_is_unsupported) {
  std::string bytes = encode_checkpoint(sample());
  bytes[4] = 2;
  EXPECT_EQ(decode_checkpoint(bytes).error().code(), ErrorCode::kUnsupported);
}

TEST(Checkpoint, stored_file_is_the_old_or_the_new_one) {
  for (std::uint64_t at = 1; at < 12; ++at) {
    io::SimFiles files(at);
    MUST(io::make_dirs(files, "d"));
    EXPECT_FALSE(MUST(load_checkpoint(files, "d")).has_value());
    Checkpoint checkpoint = sample();
    MUST(store_checkpoint(files, "d", checkpoint));
    checkpoint.mark.sequence = 18;
    files.power_off_at(files.operations() + at);
    store_checkpoint(files, "d", checkpoint).ignore_error("the power fails in it");
    files.crash();
    const std::uint64_t sequence = MUST(load_checkpoint(files, "d"))->mark.sequence;
    EXPECT_TRUE(sequence == 17 || sequence == 18) << sequence;
  }
}

}  // namespace
}  // namespace millrace::log
