#include "log/detail/shared.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "io/sim_files.h"

namespace millrace::log {
namespace {

class SharedTest : public testing::Test {
 protected:
  TopicPtr topic(const std::string& name, std::uint8_t id, std::int32_t partitions) {
    auto made = std::make_shared<Topic>();
    made->info.name = name;
    made->info.id.bytes[0] = id;
    for (std::int32_t i = 0; i < partitions; ++i) {
      made->partitions.push_back(std::make_shared<Partition>(files_,
                                                             "d",
                                                             TopicPartition{name, PartitionId(i)},
                                                             made->info.id,
                                                             std::make_shared<TopicConfig>()));
    }
    return made;
  }

  io::SimFiles files_{1};
};

TEST_F(SharedTest, catalog_finds_topics_by_name_and_id) {
  Catalog catalog;
  catalog.put(topic("a", 1, 2));
  catalog.put(topic("b", 2, 3));
  EXPECT_EQ(catalog.partition_count(), 5);
  EXPECT_EQ(catalog.find("a")->info.name, "a");
  EXPECT_NE(catalog.partition({.topic = "b", .partition = PartitionId(2)}), nullptr);
  EXPECT_EQ(catalog.partition({.topic = "b", .partition = PartitionId(3)}), nullptr);
  EXPECT_EQ(catalog.partition({.topic = "b", .partition = PartitionId(-1)}), nullptr);
  const Uuid id = catalog.find("a")->info.id;
  catalog.put(topic("a", 3, 1));
  EXPECT_EQ(catalog.find(id), nullptr);
  EXPECT_EQ(catalog.partition_count(), 4);
  catalog.remove("b");
  EXPECT_EQ(catalog.partition_count(), 1);
  EXPECT_EQ(catalog.all().size(), 1U);
}

TEST_F(SharedTest, positions_with_a_prefix_come_by_name) {
  Positions positions;
  positions.apply("flow.b", "2");
  positions.apply("flow.a", "1");
  positions.apply("feed.a", "3");
  positions.apply("flow.a", "4");
  const std::vector<Position> found = positions.with_prefix("flow.");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0], (Position{.name = "flow.a", .value = "4"}));
  positions.apply("flow.a", "");
  EXPECT_FALSE(positions.get("flow.a").has_value());
}

TEST_F(SharedTest, lowest_hold_counts) {
  Holds holds;
  const TopicPartition partition{.topic = "a"};
  holds.set("x", partition, Offset(5));
  holds.set("y", partition, Offset(3));
  EXPECT_EQ(holds.lowest(partition), Offset(3));
  EXPECT_EQ(holds.lowest_holder(partition), "y");
  holds.set("y", partition, Offset(9));
  EXPECT_EQ(holds.lowest(partition), Offset(5));
  holds.release("x", partition);
  holds.release("y", partition);
  EXPECT_FALSE(holds.lowest(partition).has_value());
  EXPECT_EQ(holds.lowest_holder(partition), "");
}

TEST_F(SharedTest, spare_frame_is_given_again_empty_and_a_large_one_is_not_kept) {
  SpareFrames spare;
  std::vector<PendingFramePtr> frames;
  for (const std::size_t bytes : {100U, 12'000U, 100'000U}) {
    frames.push_back(spare.take());
    PendingFrame& frame = *frames.back();
    frame.set_frame(std::string(bytes, 'x'));
    frame.batches.resize(2);
    frame.positions.resize(1);
    frame.result.batches.resize(2);
    frame.atomicity = Atomicity::kEach;
    frame.sync = false;
    EXPECT_EQ(frame.size(), bytes);
    EXPECT_EQ(frame.view(), std::string(bytes, 'x'));
    EXPECT_EQ(frame.block != nullptr, bytes > (16U << 10U));
  }
  const PendingFrame* const small = frames[0].get();
  spare.put(frames);
  EXPECT_TRUE(frames.empty());
  bool found = false;
  for (int i = 0; i < 3; ++i) {
    const PendingFramePtr frame = spare.take();
    EXPECT_EQ(frame->size(), 0U);
    EXPECT_TRUE(frame->batches.empty() && frame->positions.empty());
    EXPECT_TRUE(frame->result.batches.empty() && frame->done == nullptr);
    EXPECT_TRUE(frame->atomicity == Atomicity::kAll && frame->sync);
    EXPECT_LT(frame->bytes.capacity(), 12'000U);
    found = found || frame.get() == small;
  }
  EXPECT_TRUE(found);
}

TEST_F(SharedTest, inbox_is_full_by_frames_and_by_bytes) {
  Inbox inbox(2, 100);
  const auto frame = [](std::size_t bytes) {
    auto made = std::make_unique<PendingFrame>();
    made->set_frame(std::string(bytes, 'x'));
    return made;
  };
  PendingFramePtr large = frame(500);
  EXPECT_TRUE(inbox.push(large));  // Alone it may be larger than the limit.
  PendingFramePtr small = frame(1);
  EXPECT_FALSE(inbox.push(small));
  EXPECT_NE(small, nullptr);
  RequestQueue taken;
  inbox.take(taken);
  EXPECT_TRUE(inbox.push(small));
  PendingFramePtr second = frame(1);
  EXPECT_TRUE(inbox.push(second));
  PendingFramePtr third = frame(1);
  EXPECT_FALSE(inbox.push(third));
  inbox.close();
  inbox.take(taken);
  EXPECT_FALSE(inbox.push(third));
  EXPECT_EQ(taken.size(), 3U);
}

TEST_F(SharedTest, gathering_takes_as_many_as_are_expected_and_waits_for_nobody_else) {
  Inbox inbox(100, 1'000);
  const auto push = [&inbox](int count) {
    for (int i = 0; i < count; ++i) {
      PendingFramePtr frame = std::make_unique<PendingFrame>();
      EXPECT_TRUE(inbox.push(frame));
    }
  };
  RequestQueue taken;
  push(1);
  EXPECT_FALSE(Gathering(0, 0).take(inbox, taken));
  EXPECT_FALSE(Gathering(2, 2).take(inbox, taken));
  EXPECT_EQ(taken.size(), 0U);
  push(19);
  Gathering all(20, 0);
  EXPECT_TRUE(all.take(inbox, taken));
  EXPECT_EQ(taken.size(), 20U);
  EXPECT_FALSE(all.take(inbox, taken));
  push(3);
  Gathering more(50, 20);  // The others do not come: it gives up, with those who did.
  EXPECT_TRUE(more.take(inbox, taken));
  EXPECT_EQ(taken.size(), 23U);
  EXPECT_FALSE(more.take(inbox, taken));
}

}  // namespace
}  // namespace millrace::log
