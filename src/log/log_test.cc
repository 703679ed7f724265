#include "log/log.h"

#include <atomic>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/thread.h"
#include "log/detail/test_log.h"

namespace millrace::log {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

using Values = std::vector<std::string>;

TEST(Log, appended_records_are_read_back_with_their_offsets) {
  TestLog test;
  MUST(test.open());
  MUST(test.log->create_topic({.name = "users"}));
  EXPECT_EQ(MUST(append_one(*test.log, tp("users"), batch_of({"a", "b"}))).base_offset, Offset(0));
  EXPECT_EQ(MUST(append_one(*test.log, tp("users"), batch_of({"c"}))).base_offset, Offset(2));
  EXPECT_EQ(MUST(read_values(*test.log, tp("users"))), (Values{"0:a", "1:b", "2:c"}));
  const PartitionInfo info = test.log->describe(tp("users")).value();
  EXPECT_EQ(info.high_watermark, Offset(3));
  EXPECT_EQ(info.last_stable_offset, Offset(3));
  EXPECT_EQ(info.log_start_offset, Offset(0));
}

TEST(Log, everything_is_there_after_a_clean_stop) {
  TestLog test;
  MUST(test.open());
  MUST(test.log->create_topic({.name = "users", .partitions = 3}));
  Frame frame = frame_of(tp("users", 1), batch_of({"a"}));
  frame.batches.push_back({.to = tp("users", 2), .batch = batch_of({"b", "c"})});
  frame.positions = {{.name = "flow.x", .value = "17"}, {.name = "feed.y", .value = "etag"}};
  MUST(test.log->append_and_wait(std::move(frame)));
  MUST(test.close());
  MUST(test.crash_and_open());
  EXPECT_TRUE(test.log->recovery().clean);
  EXPECT_EQ(test.log->recovery().frames_replayed, 0U);
  EXPECT_EQ(MUST(read_values(*test.log, tp("users", 1))), (Values{"0:a"}));
  EXPECT_EQ(MUST(read_values(*test.log, tp("users", 2))), (Values{"0:b", "1:c"}));
  EXPECT_EQ(test.log->position("flow.x"), "17");
  EXPECT_EQ(test.log->positions("feed.").size(), 1U);
  EXPECT_EQ(test.log->topic("users")->partitions, 3);
}

TEST(Log, everything_acknowledged_is_there_after_a_crash) {
  TestLog test;
  MUST(test.open());
  const Uuid id = MUST(test.log->create_topic({.name = "users"})).id;
  MUST(append_one(*test.log, tp("users"), batch_of({"a"})));
  MUST(test.log->flush());
  MUST(append_one(*test.log, tp("users"), batch_of({"b"})));
  Frame frame;
  frame.positions = {{.name = "p", .value = "1"}};
  MUST(test.log->append_and_wait(std::move(frame)));
  MUST(test.crash_and_open());
  EXPECT_FALSE(test.log->recovery().clean);
  EXPECT_EQ(test.log->topic("users")->id, id);
  EXPECT_EQ(MUST(read_values(*test.log, tp("users"))), (Values{"0:a", "1:b"}));
  EXPECT_EQ(test.log->position("p"), "1");
  EXPECT_EQ(MUST(append_one(*test.log, tp("users"), batch_of({"c"}))).base_offset, Offset(2));
}

TEST(Log, frame_with_one_refused_batch_is_refused_whole) {
  TestLog test;
  MUST(test.open());
  MUST(test.log->create_topic({.name = "a"}));
  Frame frame = frame_of(tp("a"), batch_of({"x"}));
  frame.batches.push_back({.to = tp("missing"), .batch = batch_of({"y"})});
  frame.positions = {{.name = "p", .value = "1"}};
  const Result<AppendResult> result = test.log->append_and_wait(std::move(frame));
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code(), ErrorCode::kNotFound);
  EXPECT_THAT(result.error().to_string(), HasSubstr("missing-0"));
  EXPECT_THAT(MUST(read_values(*test.log, tp("a"))), IsEmpty());
  EXPECT_FALSE(test.log->position("p").has_value());
}

TEST(Log, request_for_each_leaves_out_what_is_refused) {
  TestLog test;
  MUST(test.open());
  MUST(test.log->create_topic({.name = "a"}));
  Frame frame = frame_of(tp("missing"), batch_of({"x"}));
  frame.batches.push_back({.to = tp("a"), .batch = batch_of({"y"})});
  frame.atomicity = Atomicity::kEach;
  AppendResult got;
  test.log->append(std::move(frame),
                   [&](Result<AppendResult> result) { got = MUST(std::move(result)); });
  while (test.log->step()) {
  }
  ASSERT_EQ(got.batches.size(), 2U);
  EXPECT_EQ(got.batches[0].error, KafkaError::kUnknownTopicOrPartition);
  EXPECT_EQ(got.batches[1].error, KafkaError::kNone);
  EXPECT_EQ(MUST(read_values(*test.log, tp("a"))), (Values{"0:y"}));
}

TEST(Log, reading_outside_the_range_says_so) {
  TestLog test;
  MUST(test.open());
  MUST(test.log->create_topic({.name = "a"}));
  MUST(append_one(*test.log, tp("a"), batch_of({"x", "y"})));
  EXPECT_EQ(MUST(test.log->read(tp("a"), Offset(3))).error, KafkaError::kOffsetOutOfRange);
  EXPECT_EQ(MUST(test.log->read(tp("a"), Offset(-1))).error, KafkaError::kOffsetOutOfRange);
  EXPECT_EQ(MUST(test.log->read(tp("b"), Offset(0))).error, KafkaError::kUnknownTopicOrPartition);
  const ReadResult at_end = MUST(test.log->read(tp("a"), Offset(2)));
  EXPECT_EQ(at_end.error, KafkaError::kNone);
  EXPECT_TRUE(at_end.batches.empty());
  // In the middle of a batch the whole of it is returned.
  const ReadResult middle = MUST(test.log->read(tp("a"), Offset(1)));
  ASSERT_EQ(middle.batches.size(), 1U);
  EXPECT_EQ(middle.batches[0].base_offset, Offset(0));
}

TEST(Log, recent_batches_are_read_without_a_copy) {
  TestLog test;
  MUST(test.open());
  MUST(test.log->create_topic({.name = "a"}));
  MUST(append_one(*test.log, tp("a"), batch_of({"x"})));
  const ReadResult first = MUST(test.log->read(tp("a"), Offset(0)));
  const ReadResult second = MUST(test.log->read(tp("a"), Offset(0)));
  EXPECT_EQ(first.batches.at(0).bytes.data(), second.batches.at(0).bytes.data());
}

TEST(Log, much_more_than_cache_and_wal_is_read_back_from_segments) {
  TestLog test;
  MUST(test.open());
  TopicConfig config;
  config.segment_bytes = 20'000;
  config.index_interval_bytes = 500;
  MUST(test.log->create_topic({.name = "a", .config = config}));
  Values expected;
  for (int i = 0; i < 500; ++i) {
    const std::string value = std::to_string(i) + std::string(700, 'x');
    MUST(append_one(*test.log, tp("a"), batch_of({value})));
    expected.push_back(std::to_string(i) + ":" + value);
  }
  EXPECT_EQ(MUST(read_values(*test.log, tp("a"))), expected);
  MUST(test.log->flush());
  EXPECT_GT(test.log->describe(tp("a"))->segments, 15U);
  EXPECT_EQ(MUST(read_values(*test.log, tp("a"))), expected);
  MUST(test.crash_and_open());
  EXPECT_EQ(MUST(read_values(*test.log, tp("a"))), expected);
  for (const int at : {0, 1, 99, 250, 499}) {
    const ReadResult read = MUST(test.log->read(tp("a"), Offset(at), {.max_bytes = 1}));
    ASSERT_EQ(read.batches.size(), 1U);
    EXPECT_EQ(read.batches[0].base_offset, Offset(at));
  }
}

TEST(Log, batch_larger_than_a_wal_file_gets_a_file_of_its_own) {
  TestLog test;
  MUST(test.open());
  MUST(test.log->create_topic({.name = "a"}));
  const std::string large(60'000, 'L');
  MUST(append_one(*test.log, tp("a"), batch_of({"small"})));
  MUST(append_one(*test.log, tp("a"), batch_of({large})));
  MUST(append_one(*test.log, tp("a"), batch_of({"after"})));
  MUST(test.crash_and_open());
  EXPECT_EQ(MUST(read_values(*test.log, tp("a"))), (Values{"0:small", "1:" + large, "2:after"}));
}

TEST(Log, topics_are_created_changed_and_deleted) {
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

TEST(Log, retry_of_a_producer_gets_the_first_offset_also_after_a_crash) {
  TestLog test;
  MUST(test.open());
  MUST(test.log->create_topic({.name = "a"}));
  const auto batch = [](std::int32_t sequence) {
    return batch_of({"v" + std::to_string(sequence)},
                    1'700'000'000'000,
                    {.producer_id = ProducerId(9), .producer_epoch = 0, .base_sequence = sequence});
  };
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(MUST(append_one(*test.log, tp("a"), batch(i), BatchOrigin::kClient)).base_offset,
              Offset(i));
  }
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 5; ++i) {
      const BatchResult again =
          MUST(append_one(*test.log, tp("a"), batch(i), BatchOrigin::kClient));
      EXPECT_TRUE(again.duplicate);
      EXPECT_EQ(again.base_offset, Offset(i));
    }
    EXPECT_FALSE(append_one(*test.log, tp("a"), batch(7), BatchOrigin::kClient).has_value());
    if (round == 1) {
      MUST(test.log->flush());
    }
    MUST(test.crash_and_open());
  }
  EXPECT_EQ(MUST(append_one(*test.log, tp("a"), batch(5), BatchOrigin::kClient)).base_offset,
            Offset(5));
}

std::string transactional(std::int64_t producer, std::int32_t sequence, const std::string& value) {
  return batch_of({value},
                  1'700'000'000'000,
                  {.producer_id = ProducerId(producer),
                   .producer_epoch = 0,
                   .base_sequence = sequence,
                   .transactional = true});
}

std::string marker(std::int64_t producer, record::ControlType type) {
  return record::build_marker({.type = type}, ProducerId(producer), 0, 1'700'000'000'000);
}

TEST(Log, last_stable_offset_waits_for_the_oldest_transaction) {
  TestLog test;
  MUST(test.open());
  MUST(test.log->create_topic({.name = "a"}));
  for (int round = 0; round < 2; ++round) {
    const Offset start = test.log->describe(tp("a"))->high_watermark;
    MUST(append_one(*test.log, tp("a"), transactional(1, round, "one")));
    MUST(append_one(*test.log, tp("a"), transactional(2, round, "two")));
    MUST(append_one(*test.log, tp("a"), batch_of({"plain"})));
    EXPECT_EQ(test.log->describe(tp("a"))->last_stable_offset, start);
    EXPECT_EQ(test.log->describe(tp("a"))->oldest_open_transaction->producer, ProducerId(1));
    MUST(append_one(
        *test.log, tp("a"), marker(2, record::ControlType::kAbort), BatchOrigin::kCoordinator));
    EXPECT_EQ(test.log->describe(tp("a"))->last_stable_offset, start);
    if (round == 0) {
      MUST(test.log->flush());
    }
    MUST(test.crash_and_open());
    EXPECT_EQ(test.log->describe(tp("a"))->last_stable_offset, start);
    MUST(append_one(
        *test.log, tp("a"), marker(1, record::ControlType::kCommit), BatchOrigin::kCoordinator));
    EXPECT_EQ(test.log->describe(tp("a"))->last_stable_offset, start + 5);
    for (int again = 0; again < 2; ++again) {
      const ReadResult read = MUST(test.log->read(tp("a"), start));
      ASSERT_EQ(read.aborted.size(), 1U);
      EXPECT_EQ(read.aborted[0].producer, ProducerId(2));
      EXPECT_EQ(read.aborted[0].first_offset, start + 1);
      const ReadResult behind = MUST(test.log->read(tp("a"), start + 4));
      EXPECT_THAT(behind.aborted, IsEmpty());
      MUST(test.log->flush());
      MUST(test.crash_and_open());
    }
  }
}

TEST(Log, client_batches_are_checked) {
  TestLog test;
  MUST(test.open());
  TopicConfig config;
  config.max_message_bytes = 1000;
  MUST(test.log->create_topic({.name = "a", .config = config}));
  MUST(test.log->create_topic({.name = "c", .config = TopicConfig::compacted()}));
  const auto error_of = [&](const std::string& topic, std::string batch) {
    KafkaError error = KafkaError::kNone;
    Frame frame = frame_of(tp(topic), std::move(batch), BatchOrigin::kClient);
    test.log->append(std::move(frame), [&](Result<AppendResult> result) {
      error = MUST(std::move(result)).batches.at(0).error;
    });
    while (test.log->step()) {
    }
    return error;
  };
  std::string broken = batch_of({"x"});
  broken.back() = 'y';
  EXPECT_EQ(error_of("a", broken), KafkaError::kCorruptMessage);
  EXPECT_EQ(error_of("a", batch_of({std::string(2000, 'x')})), KafkaError::kMessageTooLarge);
  EXPECT_EQ(error_of("a", batch_of({"x"}, 1'900'000'000'000)), KafkaError::kInvalidTimestamp);
  EXPECT_EQ(error_of("a", marker(1, record::ControlType::kAbort)), KafkaError::kInvalidRecord);
  EXPECT_EQ(error_of("a", batch_of({"x"}) + batch_of({"y"})), KafkaError::kCorruptMessage);
  EXPECT_EQ(error_of("c", batch_of({"x"})), KafkaError::kInvalidRecord);
  EXPECT_EQ(error_of("c", keyed_batch({{"k", "v"}})), KafkaError::kNone);
  EXPECT_EQ(error_of("a", batch_of({"x"})), KafkaError::kNone);
}

TEST(Log, topic_can_choose_codec_and_time) {
  TestLog test;
  MUST(test.open());
  TopicConfig config;
  config.compression = TopicCompression::kZstd;
  config.log_append_time = true;
  MUST(test.log->create_topic({.name = "a", .config = config}));
  const BatchResult result = MUST(append_one(*test.log, tp("a"), batch_of({"x", "y"})));
  EXPECT_EQ(result.log_append_time_ms, test.clock.wall_ms());
  const ReadResult read = MUST(test.log->read(tp("a"), Offset(0)));
  const record::BatchHeader header =
      MUST(record::check_batch_and_records(read.batches.at(0).bytes));
  EXPECT_EQ(header.compression(), record::Compression::kZstd);
  EXPECT_TRUE(header.log_append_time());
  EXPECT_EQ(header.max_timestamp_ms, test.clock.wall_ms());
}

TEST(Log, offsets_are_found_by_timestamp) {
  TestLog test;
  MUST(test.open());
  TopicConfig config;
  config.segment_bytes = 2'000;
  config.index_interval_bytes = 200;
  MUST(test.log->create_topic({.name = "a", .config = config}));
  for (int i = 0; i < 100; ++i) {
    MUST(append_one(*test.log, tp("a"), batch_of({"x", "y"}, 1'000'000 + i * 10)));
    if (i == 60) {
      MUST(test.log->flush());
    }
  }
  for (int round = 0; round < 2; ++round) {
    for (const int i : {0, 1, 30, 59, 60, 61, 99}) {
      EXPECT_EQ(MUST(test.log->offset_for_timestamp(tp("a"), 1'000'000 + i * 10))->offset,
                Offset(2 * i));
      EXPECT_EQ(MUST(test.log->offset_for_timestamp(tp("a"), 1'000'000 + i * 10 - 5))->offset,
                Offset(2 * i));
    }
    EXPECT_FALSE(MUST(test.log->offset_for_timestamp(tp("a"), 1'000'991)).has_value());
    EXPECT_EQ(MUST(test.log->offset_of_max_timestamp(tp("a")))->timestamp_ms, 1'000'990);
    MUST(test.log->flush());
  }
}

TEST(Log, deleted_records_are_out_of_range_and_their_segments_go) {
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

TEST(Log, retention_removes_old_segments_but_not_what_is_held) {
  TestLog test;
  MUST(test.open());
  TopicConfig config;
  config.segment_bytes = 1'024;
  config.retention_ms = 10'000;
  MUST(test.log->create_topic({.name = "a", .config = config}));
  for (int i = 0; i < 50; ++i) {
    MUST(append_one(*test.log, tp("a"), batch_of({std::string(200, 'x')}, test.clock.wall_ms())));
    test.clock.advance_us(1'000'000);
  }
  MUST(test.log->flush());
  test.log->hold("flow", tp("a"), Offset(10));
  MUST(test.log->housekeep());
  const PartitionInfo held = test.log->describe(tp("a")).value();
  EXPECT_GT(held.log_start_offset, Offset(0));
  EXPECT_LE(held.log_start_offset, Offset(10));
  EXPECT_EQ(held.held_at, Offset(10));
  test.log->release_hold("flow", tp("a"));
  MUST(test.log->housekeep());
  EXPECT_GT(test.log->describe(tp("a"))->log_start_offset, Offset(30));
  EXPECT_LT(test.log->describe(tp("a"))->log_start_offset, Offset(41));
  config.retention_ms = -1;
  config.retention_bytes = 600;
  MUST(test.log->alter_config("a", config));
  MUST(test.log->housekeep());
  EXPECT_LE(test.log->describe(tp("a"))->segments, 2U);
  MUST(test.crash_and_open());
  EXPECT_EQ(test.log->describe(tp("a"))->high_watermark, Offset(50));
}

TEST(Log, truncation_takes_the_end_away_for_ever) {
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

TEST(Log, queue_that_is_full_refuses_at_once) {
  LogOptions options = small_options();
  options.queue_frames_max = 3;
  TestLog test(1, options);
  MUST(test.open());
  MUST(test.log->create_topic({.name = "a"}));
  int done = 0;
  int refused = 0;
  for (int i = 0; i < 5; ++i) {
    test.log->append(frame_of(tp("a"), batch_of({"x"})), [&](const Result<AppendResult>& result) {
      if (result.has_value()) {
        ++done;
      } else {
        EXPECT_EQ(result.error().code(), ErrorCode::kExhausted);
        ++refused;
      }
    });
  }
  EXPECT_EQ(refused, 2);
  EXPECT_EQ(done, 0);
  while (test.log->step()) {
  }
  EXPECT_EQ(done, 3);
}

TEST(Log, subscribers_are_woken_once_a_group) {
  TestLog test;
  MUST(test.open());
  MUST(test.log->create_topic({.name = "a", .partitions = 2}));
  int woken = 0;
  {
    const Registration registration = test.log->subscribe(tp("a", 1), [&] { ++woken; });
    for (int i = 0; i < 5; ++i) {
      test.log->append(frame_of(tp("a", 1), batch_of({"x"})),
                       [](const Result<AppendResult>& result) { EXPECT_TRUE(result.has_value()); });
    }
    while (test.log->step()) {
    }
    EXPECT_EQ(woken, 1);
    MUST(append_one(*test.log, tp("a", 0), batch_of({"x"})));
    EXPECT_EQ(woken, 1);
  }
  MUST(append_one(*test.log, tp("a", 1), batch_of({"x"})));
  EXPECT_EQ(woken, 1);
}

TEST(Log, producer_ids_are_never_given_twice) {
  TestLog test;
  MUST(test.open());
  EXPECT_EQ(MUST(test.log->allocate_producer_ids(10)), ProducerId(0));
  MUST(test.crash_and_open());
  EXPECT_EQ(MUST(test.log->allocate_producer_ids(1)), ProducerId(10));
  MUST(test.close());
  MUST(test.open());
  EXPECT_EQ(MUST(test.log->allocate_producer_ids(1)), ProducerId(11));
}

TEST(Log, interval_durability_answers_before_the_sync_and_shows_after_it) {
  TestLog test;
  MUST(test.open());
  TopicConfig config;
  config.durability = Durability::kInterval;
  config.flush_ms = 50;
  MUST(test.log->create_topic({.name = "a", .config = config}));
  MUST(append_one(*test.log, tp("a"), batch_of({"x"})));
  EXPECT_EQ(test.log->describe(tp("a"))->high_watermark, Offset(0));
  test.clock.advance_us(51'000);
  test.log->step();
  EXPECT_EQ(test.log->describe(tp("a"))->high_watermark, Offset(1));
  EXPECT_EQ(MUST(read_values(*test.log, tp("a"))), (Values{"0:x"}));
}

TEST(Log, too_little_free_space_refuses_appends_and_heals_without_a_restart) {
  LogOptions options = small_options();
  options.min_free_bytes = 1 << 20;
  TestLog test(1, options);
  MUST(test.open());
  MUST(test.log->create_topic({.name = "a"}));
  MUST(append_one(*test.log, tp("a"), batch_of({"x"})));
  test.files.set_capacity(1 << 20);
  test.clock.advance_us(2'000'000);
  test.log->step();
  EXPECT_FALSE(test.log->writable());
  const Result<BatchResult> refused = append_one(*test.log, tp("a"), batch_of({"y"}));
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().to_string(), HasSubstr("KAFKA_STORAGE_ERROR"));
  EXPECT_EQ(MUST(read_values(*test.log, tp("a"))), (Values{"0:x"}));
  MUST(test.log->delete_records(tp("a"), Offset(1)));
  test.files.set_capacity(100 << 20);
  test.clock.advance_us(2'000'000);
  test.log->step();
  EXPECT_TRUE(test.log->writable());
  MUST(append_one(*test.log, tp("a"), batch_of({"y"})));
}

TEST(Log, closed_log_refuses_and_can_be_closed_again) {
  TestLog test;
  MUST(test.open());
  MUST(test.log->create_topic({.name = "a"}));
  MUST(test.log->close());
  MUST(test.log->close());
  EXPECT_EQ(append_one(*test.log, tp("a"), batch_of({"x"})).error().code(), ErrorCode::kCancelled);
  EXPECT_EQ(test.log->create_topic({.name = "b"}).error().code(), ErrorCode::kCancelled);
}

TEST(Log, threads_of_its_own_serve_many_callers) {
  LogOptions options = small_options();
  options.threads = true;
  TestLog test(1, options);
  MUST(test.open());
  MUST(test.log->create_topic({.name = "a", .partitions = 4}));
  constexpr int kThreads = 4;
  constexpr int kEach = 200;
  std::atomic<int> failed{0};
  {
    std::vector<Thread> threads(kThreads);
    for (int t = 0; t < kThreads; ++t) {
      threads[static_cast<std::size_t>(t)] = Thread("writer", [&, t](const std::stop_token&) {
        for (int i = 0; i < kEach; ++i) {
          const auto done = append_one(*test.log, tp("a", t), batch_of({std::to_string(i)}));
          failed += done.has_value() && done->base_offset == Offset(i) ? 0 : 1;
        }
      });
    }
  }
  EXPECT_EQ(failed.load(), 0);
  for (int t = 0; t < kThreads; ++t) {
    EXPECT_EQ(MUST(read_values(*test.log, tp("a", t))).size(), static_cast<std::size_t>(kEach));
  }
  MUST(test.close());
  MUST(test.open());
  EXPECT_TRUE(test.log->recovery().clean);
  EXPECT_EQ(MUST(read_values(*test.log, tp("a", 2))).size(), static_cast<std::size_t>(kEach));
}

}  // namespace
}  // namespace millrace::log
