#include "log/detail/compaction.h"

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/fault.h"
#include "base/random.h"
#include "log/detail/test_log.h"

namespace millrace::log {
namespace {

using Latest = std::map<std::string, std::string>;

TopicConfig compacted_config() {
  TopicConfig config = TopicConfig::compacted();
  config.segment_bytes = 2'000;
  config.index_interval_bytes = 200;
  config.min_cleanable_dirty_ratio = 0.1;
  config.delete_retention_ms = 60'000;
  return config;
}

// Without a cache: what is read comes from the segments.
LogOptions uncached() {
  LogOptions options = small_options();
  options.tail_cache_bytes = 0;
  return options;
}

struct Walk {
  Latest latest;  ///< What a reader from the start ends with; tombstones removed.
  std::size_t records = 0;
  std::size_t tombstones = 0;
  Offset end{0};
};

Walk walk(Log& log, const TopicPartition& from) {
  Walk walk;
  Offset at(0);
  Offset before(-1);
  while (true) {
    const ReadResult read = MUST(log.read(from, at, {.max_bytes = 3'000}));
    EXPECT_EQ(read.error, KafkaError::kNone);
    for (const StoredBatch& stored : read.batches) {
      MUST(record::check_batch_and_records(stored.bytes));
      record::RecordReader reader = MUST(record::RecordReader::open(stored.bytes));
      record::RecordView record;
      while (MUST(reader.next(record))) {
        EXPECT_GT(record.offset, before);
        before = record.offset;
        ++walk.records;
        const std::string key(record.key.value_or(""));
        if (record.value.has_value()) {
          walk.latest[key] = *record.value;
        } else {
          ++walk.tombstones;
          walk.latest.erase(key);
        }
      }
    }
    if (read.next_offset <= at) {
      break;
    }
    at = read.next_offset;
  }
  walk.end = at;
  return walk;
}

TEST(KeyMap, finds_the_last_offset_of_each_key_and_stops_when_full) {
  KeyMap map(1 << 10);
  std::size_t put = 0;
  while (map.put("key" + std::to_string(put), Offset(static_cast<std::int64_t>(put)))) {
    ++put;
  }
  EXPECT_GT(put, 10U);
  EXPECT_EQ(map.size(), put);
  EXPECT_TRUE(map.put("key3", Offset(1000)));
  EXPECT_TRUE(map.put("key3", Offset(5)));
  EXPECT_EQ(map.find("key3"), Offset(1000));
  EXPECT_EQ(map.find("key4"), Offset(4));
  EXPECT_EQ(map.find("other"), Offset(-1));
}

TEST(Compaction, marker_reads_back_and_refuses_other_bytes) {
  CompactionMarker marker{.replaced = {Offset(1), Offset(7)},
                          .made = {.base = Offset(1), .next = Offset(20), .log_bytes = 99}};
  const std::string bytes = encode_marker(marker);
  const CompactionMarker read = MUST(decode_marker(bytes));
  EXPECT_EQ(read.replaced, marker.replaced);
  EXPECT_EQ(read.made, marker.made);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(decode_marker(changed).has_value()) << i;
    EXPECT_FALSE(decode_marker(bytes.substr(0, i)).has_value()) << i;
  }
}

TEST(Compaction, keeps_the_last_value_of_each_key_and_every_offset) {
  TestLog test(1, uncached());
  MUST(test.open());
  MUST(test.log->create_topic({.name = "t", .config = compacted_config()}));
  Latest expected;
  Random random(3);
  for (int i = 0; i < 400; ++i) {
    std::vector<std::pair<std::string, std::string>> records;
    for (std::uint64_t j = 0; j < 1 + random.below(3); ++j) {
      const std::string key = "k" + std::to_string(random.below(20));
      const std::string value =
          random.one_in(8) ? "" : std::to_string(i) + std::string(random.below(100), 'v');
      records.emplace_back(key, value);
      if (value.empty()) {
        expected.erase(key);
      } else {
        expected[key] = value;
      }
    }
    MUST(append_one(*test.log, tp("t"), keyed_batch(records, test.clock.wall_ms())));
    if (i % 100 == 99) {
      MUST(test.log->flush());
      MUST(test.log->housekeep());
      EXPECT_EQ(walk(*test.log, tp("t")).latest, expected) << i;
    }
  }
  const Walk after = walk(*test.log, tp("t"));
  EXPECT_EQ(after.latest, expected);
  EXPECT_LT(after.records, 200U);
  EXPECT_EQ(after.end, test.log->describe(tp("t"))->high_watermark);
  MUST(test.crash_and_open());
  EXPECT_EQ(walk(*test.log, tp("t")).latest, expected);
  MUST(test.close());
  MUST(test.open());
  EXPECT_EQ(walk(*test.log, tp("t")).latest, expected);
}

TEST(Compaction, tombstones_stay_until_their_horizon_has_passed) {
  TestLog test(1, uncached());
  MUST(test.open());
  MUST(test.log->create_topic({.name = "t", .config = compacted_config()}));
  const std::string filler(500, 'f');
  const auto fill = [&](const std::string& name) {
    for (int i = 0; i < 10; ++i) {
      MUST(append_one(*test.log, tp("t"), keyed_batch({{name + std::to_string(i), filler}})));
    }
    MUST(test.log->flush());
  };
  MUST(append_one(*test.log, tp("t"), keyed_batch({{"a", "1"}})));
  MUST(append_one(*test.log, tp("t"), keyed_batch({{"a", ""}})));
  fill("x");
  MUST(test.log->housekeep());
  EXPECT_EQ(walk(*test.log, tp("t")).tombstones, 1U);
  test.clock.advance_us(30'000'000);
  fill("y");
  MUST(test.log->housekeep());
  EXPECT_EQ(walk(*test.log, tp("t")).tombstones, 1U);
  test.clock.advance_us(31'000'000);
  fill("z");
  MUST(test.log->housekeep());
  EXPECT_EQ(walk(*test.log, tp("t")).tombstones, 0U);
}

TEST(Compaction, last_batch_of_a_producer_stays_as_an_empty_one) {
  TestLog test(1, uncached());
  MUST(test.open());
  MUST(test.log->create_topic({.name = "t", .config = compacted_config()}));
  record::BatchBuilder builder(
      {.producer_id = ProducerId(5), .producer_epoch = 0, .base_sequence = 0});
  builder.add({.timestamp_ms = 1'700'000'000'000, .key = "a", .value = "1"});
  MUST(append_one(*test.log, tp("t"), MUST(builder.finish())));
  for (int i = 0; i < 10; ++i) {
    MUST(append_one(*test.log, tp("t"), keyed_batch({{"a", std::string(500, 'x')}})));
  }
  MUST(test.log->flush());
  MUST(test.log->housekeep());
  const ReadResult read = MUST(test.log->read(tp("t"), Offset(0)));
  const record::BatchHeader header = MUST(record::parse_header(read.batches.at(0).bytes));
  EXPECT_EQ(header.producer_id, ProducerId(5));
  EXPECT_EQ(header.record_count, 0);
  EXPECT_EQ(header.last_sequence(), 0);
}

TEST(Compaction, records_of_aborted_transactions_go_and_committed_ones_stay) {
  TestLog test(1, uncached());
  MUST(test.open());
  MUST(test.log->create_topic({.name = "t", .config = compacted_config()}));
  const auto transactional = [&](std::int64_t producer, const std::string& key) {
    record::BatchBuilder builder({.producer_id = ProducerId(producer),
                                  .producer_epoch = 0,
                                  .base_sequence = 0,
                                  .transactional = true});
    builder.add({.timestamp_ms = 1'700'000'000'000, .key = key, .value = "t"});
    MUST(append_one(*test.log, tp("t"), MUST(builder.finish())));
  };
  const auto end = [&](std::int64_t producer, record::ControlType type) {
    MUST(append_one(*test.log,
                    tp("t"),
                    record::build_marker({.type = type}, ProducerId(producer), 0, 1),
                    BatchOrigin::kCoordinator));
  };
  MUST(append_one(*test.log, tp("t"), keyed_batch({{"a", "before"}})));
  transactional(1, "a");
  transactional(2, "b");
  end(1, record::ControlType::kAbort);
  end(2, record::ControlType::kCommit);
  for (int i = 0; i < 10; ++i) {
    const std::string key = "x" + std::to_string(i);
    MUST(append_one(*test.log, tp("t"), keyed_batch({{key, std::string(500, 'x')}})));
  }
  MUST(test.log->flush());
  MUST(test.log->housekeep());
  const ReadResult read =
      MUST(test.log->read(tp("t"), Offset(0), {.isolation = Isolation::kReadUncommitted}));
  Latest found;
  for (const StoredBatch& stored : read.batches) {
    record::RecordReader reader = MUST(record::RecordReader::open(stored.bytes));
    record::RecordView record;
    while (!reader.header().control() && MUST(reader.next(record))) {
      found[std::string(*record.key)] = record.value->substr(0, 6);
    }
  }
  EXPECT_EQ(found["a"], "before");
  EXPECT_EQ(found["b"], "t");
}

TEST(Compaction, what_is_held_is_not_compacted) {
  TestLog test(1, uncached());
  MUST(test.open());
  MUST(test.log->create_topic({.name = "t", .config = compacted_config()}));
  for (int i = 0; i < 40; ++i) {
    MUST(append_one(*test.log, tp("t"), keyed_batch({{"a", std::string(300, 'x')}})));
  }
  MUST(test.log->flush());
  test.log->hold("flow", tp("t"), Offset(0));
  MUST(test.log->housekeep());
  EXPECT_EQ(walk(*test.log, tp("t")).records, 40U);
  test.log->release_hold("flow", tp("t"));
  MUST(test.log->housekeep());
  EXPECT_LT(walk(*test.log, tp("t")).records, 10U);
}

TEST(Compaction, power_may_fail_at_any_operation_of_it) {
  for (std::uint64_t at = 1; at < 100; ++at) {
    TestLog test(at, uncached());
    MUST(test.open());
    MUST(test.log->create_topic({.name = "t", .config = compacted_config()}));
    Latest expected;
    for (int i = 0; i < 30; ++i) {
      const std::string key = "k" + std::to_string(i % 4);
      expected[key] = std::to_string(i) + std::string(250, 'v');
      MUST(append_one(*test.log, tp("t"), keyed_batch({{key, expected[key]}})));
    }
    MUST(test.log->flush());
    test.files.power_off_at(test.files.operations() + at);
    test.log->housekeep().ignore_error("the power fails in it");
    MUST(test.crash_and_open());
    EXPECT_EQ(walk(*test.log, tp("t")).latest, expected) << at;
    MUST(test.log->housekeep());
    EXPECT_EQ(walk(*test.log, tp("t")).latest, expected) << at;
    MUST(test.crash_and_open());
    EXPECT_EQ(walk(*test.log, tp("t")).latest, expected) << at;
  }
  for (const char* point : {"compaction.sync",
                            "compaction.marker",
                            "compaction.swap",
                            "compaction.rename",
                            "compaction.remove"}) {
    EXPECT_GT(fault_passes()[point], 0U) << point;
  }
}

}  // namespace
}  // namespace millrace::log
