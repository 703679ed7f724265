// The log on a disk whose power fails: whatever was acknowledged is there afterwards, frames are
// there whole or not at all, offsets have no gaps, positions and producers agree with the batches.
//
// A run is made of lives. In each life random frames are appended, several at a time, with
// checkpoints, deletions, retention and changes of topics between them, until the power fails: at a
// random operation of the disk, or at a named fault point. Then the log is opened again and
// compared with a model, which knows of each frame only whether it was acknowledged.
//
// The check must be able to fail: with one kind of sync made a no-op, it has to find a loss.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/fault.h"
#include "base/log_line.h"
#include "base/random.h"
#include "base/test_seeds.h"
#include "log/detail/test_log.h"

namespace millrace::log {
namespace {

const std::vector<std::string>& fault_points() {
  static const std::vector<std::string> kPoints{
      "wal.write",
      "wal.sync",
      "wal.prepare",
      "wal.prepare.sync",
      "wal.activate",
      "segment.write",
      "segment.sync",
      "segment.roll",
      "dir.sync",
      "checkpoint.write",
      "checkpoint.rename",
      "checkpoint.published",
      "log.published",
      "topic.rename",
      "topic.remove",
      "log.remove",
      "recovery.cut"};  // Those of compaction: compaction_test.cc
  return kPoints;
}

enum class Fate : std::uint8_t {
  kUnknown,
  kThere,
  kGone
};

struct ModelBatch {
  TopicPartition to;
  std::vector<std::string> values = {};
  std::optional<Offset> offset = {};  ///< As acknowledged.
  std::string bytes = {};             ///< Of an idempotent producer, for a retry.
};

struct ModelFrame {
  Fate fate = Fate::kUnknown;
  std::vector<ModelBatch> batches = {};
  std::vector<Position> positions = {};
};

enum class Existence : std::uint8_t {
  kAbsent,
  kPresent,
  kUnknown
};

// What must hold, in the plainest form. Owned by one thread.
struct Model {
  std::vector<ModelFrame> frames;               // In the order of the calls.
  std::map<TopicPartition, Offset> deleted_to;  // Acknowledged.
  std::map<TopicPartition, Offset> maybe_deleted_to;
  std::map<std::string, Existence> topics;
  // Of a compacted topic: what was put for each key, in the order of the calls, and whether it was
  // acknowledged.
  std::map<std::string, std::vector<std::pair<std::string, Fate>>> puts;
};

// One run. check() and life() give what is wrong; empty: nothing.
class CrashRun {
 public:
  explicit CrashRun(std::uint64_t seed) : random_(seed), test_(seed) {}

  TestLog& test() { return test_; }

  std::string run(int lives) {
    for (int life = 0; life < lives; ++life) {
      std::string wrong = open(life);
      if (wrong.empty()) {
        wrong = check();
      }
      if (!wrong.empty()) {
        return fmt::format("life {}: {}", life, wrong);
      }
      live(life);
      disarm_faults();
      test_.crash();
    }
    return {};
  }

 private:
  static constexpr int kPartitions = 3;

  std::string open(int life) {
    // The power may fail while the log recovers, too.
    while (life > 0 && random_.one_in(3)) {
      test_.files.power_off_at(test_.files.operations() + 1 + random_.below(60));
      const Result<void> opened = test_.open();
      const bool survived = opened.has_value();
      test_.crash();
      if (!survived && opened.error().code() == ErrorCode::kCorruption) {
        return "open: " + opened.error().to_string();
      }
    }
    const Result<void> opened = test_.open();
    if (!opened) {
      return "open: " + opened.error().to_string();
    }
    TopicConfig config = TopicConfig::keep_for_ever();
    config.segment_bytes = 3'000;
    config.index_interval_bytes = 300;
    const Result<TopicInfo> topic =
        test_.log->ensure_topic({.name = "main", .partitions = kPartitions, .config = config});
    return topic.has_value() ? "" : "ensure_topic: " + topic.error().to_string();
  }

  void plan_failure() {
    if (random_.one_in(2)) {
      test_.files.power_off_at(test_.files.operations() + 1 + random_.below(400));
      return;
    }
    if (random_.one_in(4)) {
      return;  // Only the end of the life.
    }
    const std::string& point = fault_points().at(random_.below(fault_points().size()));
    arm_fault(point, 1 + random_.below(12), FaultAction::kCall, [this] {
      test_.files.power_off_at(test_.files.operations() + 1);
    });
  }

  void live(int life) {
    plan_failure();
    if (random_.one_in(3)) {
      test_.files.fail_at(test_.files.operations() + 1 + random_.below(200));
    }
    const std::uint64_t rounds = 5 + random_.below(40);
    for (std::uint64_t round = 0; round < rounds; ++round) {
      const std::uint64_t frames = 1 + random_.below(6);
      for (std::uint64_t i = 0; i < frames; ++i) {
        append(life);
        put(life);
      }
      const std::uint64_t steps = 1 + random_.below(12);
      for (std::uint64_t i = 0; i < steps; ++i) {
        test_.log->step();
      }
      act();
    }
    if (random_.one_in(8)) {
      const Result<void> closed = test_.log->close();
      closed.ignore_error("the power may have failed");
    }
  }

  ModelBatch make_batch(std::size_t frame, std::size_t index, int life) {
    ModelBatch batch{.to = tp("main", static_cast<std::int32_t>(random_.below(kPartitions)))};
    const std::uint64_t count = 1 + random_.below(4);
    const std::size_t size = random_.one_in(40) ? 20'000 : random_.below(400);
    for (std::uint64_t i = 0; i < count; ++i) {
      batch.values.push_back(fmt::format("{}.{}.{}.{}", life, frame, index, i) +
                             std::string(size, '.'));
    }
    return batch;
  }

  void append(int life) {
    const std::size_t number = model_.frames.size();
    ModelFrame& model = model_.frames.emplace_back();
    Frame frame;
    const std::uint64_t batches = random_.below(4);
    for (std::size_t i = 0; i < batches; ++i) {
      ModelBatch batch = make_batch(number, i, life);
      record::BatchOptions options;
      // Each idempotent producer sends one batch, sequence 0: retries are found by it.
      if (random_.one_in(3)) {
        options = {.producer_id = ProducerId(static_cast<std::int64_t>(number * 4 + i)),
                   .producer_epoch = 0,
                   .base_sequence = 0};
      }
      std::string bytes = batch_of(batch.values, test_.clock.wall_ms(), options);
      if (options.base_sequence == 0) {
        batch.bytes = bytes;
      }
      frame.batches.push_back({.to = batch.to, .batch = std::move(bytes)});
      model.batches.push_back(std::move(batch));
    }
    if (batches == 0 || random_.one_in(2)) {
      model.positions.push_back({.name = "p" + std::to_string(random_.below(3)),
                                 .value = random_.one_in(10) ? "" : std::to_string(number)});
      frame.positions = model.positions;
    }
    test_.log->append(std::move(frame), [this, number](const Result<AppendResult>& result) {
      ModelFrame& answered = model_.frames[number];
      if (!result.has_value()) {
        const bool refused = result.error().code() == ErrorCode::kExhausted;
        answered.fate = refused ? Fate::kGone : Fate::kUnknown;
        return;
      }
      if (!result->ok()) {
        answered.fate = Fate::kGone;
        return;
      }
      answered.fate = Fate::kThere;
      for (std::size_t i = 0; i < answered.batches.size(); ++i) {
        answered.batches[i].offset = result->batches[i].base_offset;
      }
    });
  }

  void put(int life) {
    const std::string key = "k" + std::to_string(random_.below(5));
    auto& puts = model_.puts[key];
    const std::size_t number = puts.size();
    const std::string value =
        fmt::format("{}.{}", life, number) + std::string(random_.below(300), '.');
    puts.emplace_back(value, Fate::kUnknown);
    test_.log->append(frame_of(tp("keys"), keyed_batch({{key, value}}, test_.clock.wall_ms())),
                      [this, key, number](const Result<AppendResult>& result) {
                        if (result.has_value() && result->ok()) {
                          model_.puts[key][number].second = Fate::kThere;
                        }
                      });
  }

  // The last value of each key is the last that was acknowledged, or one of unknown fate behind it.
  std::string check_keys() {
    const Result<std::vector<std::pair<std::string, std::string>>> read = read_keyed();
    if (!read) {
      return "keys: " + read.error().to_string();
    }
    std::map<std::string, std::string> latest;
    for (const auto& [key, value] : *read) {
      latest[key] = value;
    }
    for (auto& [key, puts] : model_.puts) {
      bool explained = false;
      bool acknowledged = false;
      for (auto put = puts.rbegin(); put != puts.rend() && !explained && !acknowledged; ++put) {
        explained = latest[key] == put->first;
        acknowledged = put->second == Fate::kThere;
      }
      if (!explained && (acknowledged || !latest[key].empty())) {
        return fmt::format("key {} has the value '{}'", key, latest[key].substr(0, 10));
      }
    }
    return {};
  }

  Result<std::vector<std::pair<std::string, std::string>>> read_keyed() {
    std::vector<std::pair<std::string, std::string>> all;
    Offset at(0);
    while (true) {
      const ReadResult read = TRY(test_.log->read(tp("keys"), at, {.max_bytes = 2'000}));
      for (const StoredBatch& batch : read.batches) {
        record::RecordReader reader = TRY(record::RecordReader::open(batch.bytes));
        record::RecordView record;
        while (TRY(reader.next(record))) {
          all.emplace_back(record.key.value_or(""), record.value.value_or(""));
        }
      }
      if (read.next_offset <= at) {
        return all;
      }
      at = read.next_offset;
    }
  }

  void act() {
    test_.clock.advance_us(static_cast<std::int64_t>(random_.below(2'000'000)));
    if (random_.one_in(4)) {
      test_.log->flush().ignore_error("the power may have failed");
    }
    if (random_.one_in(6)) {
      test_.log->housekeep().ignore_error("the power may have failed");
    }
    if (random_.one_in(15)) {
      delete_some();
    }
    if (random_.one_in(10)) {
      change_topics();
    }
  }

  void delete_some() {
    const TopicPartition partition =
        tp("main", static_cast<std::int32_t>(random_.below(kPartitions)));
    const PartitionInfo info = test_.log->describe(partition).value();
    const Offset to =
        info.log_start_offset + random_.between(0, info.high_watermark - info.log_start_offset);
    model_.maybe_deleted_to[partition] = std::max(model_.maybe_deleted_to[partition], to);
    const Result<Offset> deleted = test_.log->delete_records(partition, to);
    if (deleted.has_value()) {
      model_.deleted_to[partition] = std::max(model_.deleted_to[partition], to);
    }
  }

  void change_topics() {
    const std::string name = "t" + std::to_string(random_.below(3));
    const bool there = test_.log->topic(name).has_value();
    model_.topics[name] = Existence::kUnknown;
    if (there) {
      if (test_.log->delete_topic(name).has_value()) {
        model_.topics[name] = Existence::kAbsent;
      }
      return;
    }
    if (test_.log->create_topic({.name = name, .partitions = 2}).has_value()) {
      model_.topics[name] = Existence::kPresent;
      append_one(*test_.log, tp(name, 1), batch_of({name + std::string(500, 't')}))
          .ignore_error("the power may have failed");
    }
  }

  // --- comparing

  using Content = std::map<TopicPartition, std::vector<std::pair<Offset, std::string>>>;

  std::string read_all(Content& content) {
    for (int i = 0; i < kPartitions; ++i) {
      const TopicPartition partition = tp("main", i);
      const PartitionInfo info = test_.log->describe(partition).value();
      const Offset start = info.log_start_offset;
      if (start < model_.deleted_to[partition] || start > model_.maybe_deleted_to[partition]) {
        return fmt::format("partition {}: log starts at {}", i, start);
      }
      const Result<std::vector<std::string>> values =
          read_values(*test_.log, partition, start, 1 + random_.below(5'000));
      if (!values) {
        return fmt::format("partition {}: {}", i, values.error().to_string());
      }
      Offset next = start;
      for (const std::string& text : *values) {
        const std::size_t colon = text.find(':');
        const Offset offset(std::stoll(text.substr(0, colon)));
        if (offset != next) {
          return fmt::format("partition {}: offset {} follows {}", i, offset, next);
        }
        content[partition].emplace_back(offset, text.substr(colon + 1));
        ++next;
      }
      if (next != info.high_watermark) {
        return fmt::format(
            "partition {}: ends at {}, high watermark {}", i, next, info.high_watermark);
      }
    }
    return {};
  }

  std::string check() {
    Content content;
    std::string wrong = read_all(content);
    if (!wrong.empty()) {
      return wrong;
    }
    std::map<std::string, std::pair<TopicPartition, Offset>> where;
    for (const auto& [partition, records] : content) {
      for (const auto& [offset, value] : records) {
        if (!where.emplace(value, std::pair(partition, offset)).second) {
          return "twice there: " + value.substr(0, 20);
        }
      }
    }
    std::map<TopicPartition, Offset> last;
    std::set<std::string> known;
    for (std::size_t i = 0; i < model_.frames.size(); ++i) {
      wrong = check_frame(model_.frames[i], where, last, known);
      if (!wrong.empty()) {
        return fmt::format("frame {}: {}", i, wrong);
      }
    }
    for (const auto& [value, place] : where) {
      if (!known.contains(value)) {
        return "nobody appended " + value.substr(0, 20);
      }
    }
    wrong = check_keys();
    if (!wrong.empty()) {
      return wrong;
    }
    wrong = check_positions();
    return wrong.empty() ? check_topics_and_retries() : wrong;
  }

  std::string check_frame(ModelFrame& frame,
                          const std::map<std::string, std::pair<TopicPartition, Offset>>& where,
                          std::map<TopicPartition, Offset>& last,
                          std::set<std::string>& known) {
    int there = 0;
    int missing = 0;
    for (ModelBatch& batch : frame.batches) {
      const Offset start = test_.log->describe(batch.to)->log_start_offset;
      if (batch.offset.has_value() &&
          *batch.offset + static_cast<std::int64_t>(batch.values.size()) <= start) {
        continue;  // Deleted since.
      }
      for (std::size_t i = 0; i < batch.values.size(); ++i) {
        const auto found = where.find(batch.values[i]);
        if (found == where.end()) {
          const bool deleted =
              batch.offset.has_value() && *batch.offset + static_cast<std::int64_t>(i) < start;
          // A frame of unknown fate may have been there, and deleted.
          const bool maybe_deleted = frame.fate == Fate::kUnknown && start > Offset(0);
          missing += deleted || maybe_deleted ? 0 : 1;
          continue;
        }
        ++there;
        known.insert(batch.values[i]);
        const auto [partition, offset] = found->second;
        if (partition != batch.to) {
          return "in another partition";
        }
        const auto before = last.find(partition);
        if (before != last.end() && before->second >= offset) {
          return "out of order";
        }
        last[partition] = offset;
        const Offset base = offset + -static_cast<std::int64_t>(i);
        if (batch.offset.has_value() && *batch.offset != base) {
          return fmt::format("at {}, acknowledged at {}", base, *batch.offset);
        }
        if (frame.fate != Fate::kGone) {
          batch.offset = base;
        }
      }
    }
    if (frame.fate == Fate::kThere && missing > 0) {
      return "acknowledged, and not there";
    }
    if (frame.fate == Fate::kGone && there > 0) {
      return "refused, and there";
    }
    if (there > 0 && missing > 0) {
      return "only a part of it is there";
    }
    if (frame.fate == Fate::kUnknown && !frame.batches.empty() && (there > 0 || missing > 0)) {
      frame.fate = there > 0 ? Fate::kThere : Fate::kGone;
    }
    return {};
  }

  // The value of each position is that of the last frame that is there, among those that set it. A
  // frame of unknown fate without batches may or may not be there.
  std::string check_positions() {
    for (int i = 0; i < 3; ++i) {
      const std::string name = "p" + std::to_string(i);
      const std::string value = test_.log->position(name).value_or("");
      bool explained = false;
      for (auto frame = model_.frames.rbegin(); frame != model_.frames.rend(); ++frame) {
        if (frame->fate == Fate::kGone || frame->positions.empty() ||
            frame->positions[0].name != name) {
          continue;
        }
        if (frame->positions[0].value == value) {
          explained = true;
          break;
        }
        if (frame->fate == Fate::kThere) {
          return fmt::format("position {} is '{}', frame {} set it to '{}'",
                             name,
                             value,
                             model_.frames.rend() - frame - 1,
                             frame->positions[0].value);
        }
        frame->fate = Fate::kGone;
      }
      if (!explained && !value.empty()) {
        return fmt::format("nobody set position {} to {}", name, value);
      }
    }
    for (ModelFrame& frame : model_.frames) {
      if (frame.fate == Fate::kUnknown) {
        frame.fate = frame.batches.empty() ? Fate::kThere : frame.fate;
      }
    }
    return {};
  }

  std::string check_topics_and_retries() {
    for (auto& [name, existence] : model_.topics) {
      const bool there = test_.log->topic(name).has_value();
      if (existence != Existence::kUnknown && there != (existence == Existence::kPresent)) {
        return "topic " + name + (there ? " is there again" : " is gone");
      }
      existence = there ? Existence::kPresent : Existence::kAbsent;
    }
    std::size_t tried = 0;
    for (auto frame = model_.frames.rbegin(); frame != model_.frames.rend() && tried < 5; ++frame) {
      for (const ModelBatch& batch : frame->batches) {
        if (frame->fate != Fate::kThere || batch.bytes.empty() || !batch.offset.has_value()) {
          continue;
        }
        ++tried;
        const Result<BatchResult> again = append_one(*test_.log, batch.to, batch.bytes);
        if (!again) {
          return "retry: " + again.error().to_string();
        }
        if (!again->duplicate || again->base_offset != *batch.offset) {
          return fmt::format("retry got offset {}, not {}", again->base_offset, *batch.offset);
        }
      }
    }
    return {};
  }

  Random random_;
  TestLog test_;
  Model model_;
};

void quiet() {
  capture_log([](LogLevel, std::string_view) {});
}

void run_seeds(std::uint64_t first, std::uint64_t count) {
  quiet();
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    SCOPED_TRACE(seed);
    CrashRun run(seed);
    ASSERT_EQ(run.run(4), "");
  }
  capture_log({});
}

TEST(Crash, loses_nothing_that_was_acknowledged) {
  run_seeds(1, 150);
}

TEST(Crash, every_named_point_is_reached) {
  run_seeds(5'000, 60);
  const std::map<std::string, std::uint64_t> passes = fault_passes();
  for (const std::string& point : fault_points()) {
    const auto found = passes.find(point);
    EXPECT_TRUE(found != passes.end() && found->second > 0) << point;
  }
}

TEST(CrashSlow, loses_nothing_in_thousands_of_runs) {
  const TestSeeds seeds = test_seeds({.first = 10'000, .count = 5'000});
  run_seeds(seeds.first, seeds.count);
}

// True when some seed finds that a sync is missing.
bool finds_loss(io::SimFiles::SyncKind kind, const std::string& path_part, std::uint64_t seeds) {
  quiet();
  bool found = false;
  for (std::uint64_t seed = 1; seed <= seeds && !found; ++seed) {
    CrashRun run(seed);
    run.test().files.disable_sync(kind, path_part);
    found = !run.run(4).empty();
  }
  capture_log({});
  return found;
}

TEST(Crash, check_finds_a_missing_sync_of_the_wal) {
  EXPECT_TRUE(finds_loss(io::SimFiles::SyncKind::kFile, "wal/", 100));
}

TEST(Crash, check_finds_a_missing_sync_of_segments) {
  EXPECT_TRUE(finds_loss(io::SimFiles::SyncKind::kFile, "topics/", 100));
}

TEST(Crash, check_finds_a_missing_sync_of_the_checkpoint) {
  EXPECT_TRUE(finds_loss(io::SimFiles::SyncKind::kFile, "CHECKPOINT", 100));
}

TEST(Crash, check_finds_a_missing_sync_of_the_data_folder) {
  EXPECT_TRUE(finds_loss(io::SimFiles::SyncKind::kDirectory, "data", 100));
}

TEST(Crash, check_finds_a_missing_sync_of_the_topics_folder) {
  EXPECT_TRUE(finds_loss(io::SimFiles::SyncKind::kDirectory, "topics", 200));
}

}  // namespace
}  // namespace millrace::log
