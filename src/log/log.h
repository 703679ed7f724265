// The log: one write-ahead log for all partitions, segments in Kafka's file format behind it.
//
// The unit of everything is the *frame*: any number of record batches for any partitions plus
// positions (how far a flow has read, a source's cursor). A frame is durable and visible as a whole
// or not at all, and one fsync serves all frames that wait for it. That is what makes an embedded
// epoch one commit: its output, its state changes, its dead letters and the position it has reached
// stand or fall together.
//
//     Frame frame;
//     frame.batches.push_back({.to = {"users", PartitionId(0)}, .batch = builder.finish()});
//     frame.positions.push_back({.name = "feed.users_api", .value = cursor});
//     log->append(std::move(frame), [](Result<AppendResult> result) { … });
//
// Threads. One log thread owns the tails of all partitions and the WAL: it assigns offsets, writes,
// syncs, publishes, answers. While it syncs, the next group gathers in a bounded queue. One
// background thread prepares WAL files, writes segments (checkpoints), applies retention and
// compaction. Readers touch neither: they copy pointers to published batches, or read segment
// files. With LogOptions::threads = false there are no threads: the caller calls step(), and
// everything runs in its thread, in an order that depends on nothing but the calls (simulation).
//
// Files, below LogOptions::directory (docs/format/wal.md, segments.md):
//     wal/00000001.wal …             frames; recycled
//     CHECKPOINT                     what is in the segments, positions, producers; renamed into
//     place topics/<topic>-<p>/%020d.log .index .timeindex .txnindex .snapshot      Kafka's
//
// Tested by log_test.cc and the tests beside each part; crash_test.cc compares it with a model on a
// disk whose power fails.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/uuid.h"
#include "data/block.h"
#include "log/kafka_error.h"
#include "log/topic_config.h"

namespace millrace {
class Clock;
class Metrics;
}  // namespace millrace

namespace millrace::io {
class Files;
}  // namespace millrace::io

namespace millrace::log {

struct TopicPartition {
  std::string topic = {};
  PartitionId partition{0};

  friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;
};

/// Who made a batch, and hence what is checked.
enum class BatchOrigin : std::uint8_t {
  kInternal,     ///< BatchBuilder made it: trusted; control batches are allowed.
  kClient,       ///< Bytes from outside: CRC, every record, timestamps, no control batch.
  kCoordinator,  ///< A transaction marker.
};

/// One batch (record/batch.h) for one partition: wire bytes, whose base offset and leader epoch the
/// log fills in.
struct PartitionAppend {
  TopicPartition to = {};
  std::string batch = {};
  BatchOrigin origin = BatchOrigin::kInternal;
  /// Instead of `batch`: bytes of the caller's, which stay until append() returns.
  std::string_view borrowed = {};

  [[nodiscard]] std::string_view bytes() const { return borrowed.empty() ? batch : borrowed; }
};

/// A named value that becomes durable with its frame: what a flow has read, a source's cursor. An
/// empty value removes the name. Names are "<kind>.<object>[.<more>]", at most 1 KiB; values at
/// most 1 MiB.
struct Position {
  std::string name = {};
  std::string value = {};

  friend bool operator==(const Position&, const Position&) = default;
};

enum class Atomicity : std::uint8_t {
  kAll,   ///< One refused batch refuses the frame: nothing of it is written.
  kEach,  ///< Refused batches are left out (a produce request); the rest is one frame.
};

/// What is committed at once.
struct Frame {
  std::vector<PartitionAppend> batches = {};
  std::vector<Position> positions = {};
  Atomicity atomicity = Atomicity::kAll;
};

/// The answer for one batch of a frame, in the same order.
struct BatchResult {
  KafkaError error = KafkaError::kNone;
  std::string message = {};  ///< Why it was refused, for people.
  Offset base_offset{-1};    ///< Of the first record; of the original for a duplicate.
  Offset last_offset{-1};
  std::int64_t log_append_time_ms = -1;  ///< -1 unless the topic uses LogAppendTime.
  Offset log_start_offset{-1};
  bool duplicate = false;  ///< A retry of a batch that is already there.
};

struct AppendResult {
  std::vector<BatchResult> batches = {};

  /// No batch was refused.
  [[nodiscard]] bool ok() const;
  /// The first refusal as an Error with the partition's name (REQUIRES: !ok()).
  [[nodiscard]] Error to_error(const std::vector<TopicPartition>& partitions) const;
};

using AppendDone = std::function<void(Result<AppendResult>)>;

/// Takes what an asynchronous call gives; called exactly once. It must not wait, and must not call
/// the waiting functions of Log.
template <class T>
using Done = std::function<void(Result<T>)>;

/// What a reader may see.
enum class Isolation : std::uint8_t {
  kReadUncommitted,  ///< Up to the high watermark.
  kReadCommitted,    ///< Up to the last stable offset; aborted transactions are named.
};

struct AbortedTransaction {
  ProducerId producer{-1};
  Offset first_offset{-1};

  friend bool operator==(const AbortedTransaction&, const AbortedTransaction&) = default;
};

/// One stored batch, byte for byte as on the wire: a part of a Block. Immutable.
struct StoredBatch {
  data::BlockPtr block =
      {};  ///< Shared with the tail cache, or with the other batches of this read.
  std::string_view bytes = {};  ///< Lives as long as the block.
  Offset base_offset{-1};
  Offset last_offset{-1};  ///< Compaction keeps it even when the last record is gone.
};

struct ReadOptions {
  Isolation isolation = Isolation::kReadCommitted;
  std::size_t max_bytes = 1 << 20;
  /// The first batch is returned even if it is larger than max_bytes (KIP-74).
  bool at_least_one = true;
};

struct ReadResult {
  /// kNone, kOffsetOutOfRange, kUnknownTopicOrPartition.
  KafkaError error = KafkaError::kNone;
  std::vector<StoredBatch> batches = {};  ///< The first may begin below the offset asked for.
  Offset next_offset{0};                  ///< Where to read on; moves over compacted gaps.
  Offset high_watermark{0};
  Offset last_stable_offset{0};
  Offset log_start_offset{0};
  std::vector<AbortedTransaction> aborted =
      {};  ///< Overlapping what is returned; kReadCommitted only.
};

struct TimestampOffset {
  Offset offset{-1};
  std::int64_t timestamp_ms = -1;
};

struct TopicInfo {
  std::string name = {};
  Uuid id = {};
  std::int32_t partitions = 0;
  bool internal = false;  ///< Kept by the program itself: "__…".
  /// What was set of this topic, by name. The rest are the log's defaults, also when these change.
  ConfigMap settings = {};
  TopicConfig config = {};  ///< In effect.
};

struct PartitionInfo {
  Offset log_start_offset{0};
  Offset high_watermark{0};
  Offset last_stable_offset{0};
  std::uint64_t bytes = 0;  ///< Stored batches from the log start on.
  std::uint64_t segments = 0;
  Offset flushed_offset{0};  ///< Below it everything is in segment files.
  std::int64_t max_timestamp_ms = -1;
  std::optional<Offset> held_at = {};  ///< The lowest hold, if any.
  std::string held_by = {};            ///< Its name.
  std::uint64_t held_bytes = 0;        ///< About what is stored from held_at on.
  /// held_bytes is more than twice retention.bytes: whoever feeds this topic should stop until the
  /// holder has read on.
  bool hold_exceeded = false;
  /// The transaction that keeps the last stable offset back, if any, and since when.
  std::optional<AbortedTransaction> oldest_open_transaction = {};
  std::int64_t oldest_open_since_ms = -1;
};

/// A producer that has written to a partition, as long as that is remembered.
struct ProducerInfo {
  ProducerId id{-1};
  std::int16_t epoch = -1;
  std::int32_t last_sequence = -1;      ///< -1: of this epoch there is a marker only.
  std::int64_t last_timestamp_ms = -1;  ///< The largest of its last batch.
  std::int32_t coordinator_epoch = -1;  ///< Of its last marker; -1: none.
  Offset transaction_first{-1};         ///< Of its open transaction; -1: none.

  friend bool operator==(const ProducerInfo&, const ProducerInfo&) = default;
};

struct NewTopic {
  std::string name = {};
  std::int32_t partitions = 1;
  /// How a topic of the program itself is kept. Set of it are what differs from Kafka's defaults,
  /// its cleanup.policy and, when that is for ever, its retention: no default of the log's can
  /// change these.
  std::optional<TopicConfig> config = {};
  ConfigMap settings = {};  ///< By name; these count before `config`.
};

/// Makes a topic's new settings from those it has; an Error refuses the change. It runs on the
/// log's thread: what it has captured must live until then, and it must not wait.
using ConfigChange = std::function<Result<ConfigMap>(const ConfigMap& current)>;

struct EnsuredTopic {
  NewTopic topic = {};
};

struct DeletedTopic {
  std::string name = {};
};

struct GrownTopic {
  std::string name = {};
  std::int32_t partitions = 0;  ///< In all.
};

struct AlteredTopic {
  std::string name = {};
  ConfigChange change = {};
};

/// As create_topic(), ensure_topic(), delete_topic(), create_partitions(), alter_config_async().
using TopicChange = std::variant<NewTopic, EnsuredTopic, DeletedTopic, GrownTopic, AlteredTopic>;

/// For each change the topic as it is afterwards (a deleted one as it was), or why it was refused.
using TopicOutcomes = std::vector<Result<TopicInfo>>;

struct LogOptions {
  std::string directory = {};
  bool threads = true;  ///< false: the caller calls step().
  std::uint64_t wal_first_file_bytes = 4ULL << 20;
  std::uint64_t wal_file_bytes = 32ULL << 20;
  std::uint64_t wal_bytes_max = 256ULL << 20;
  std::uint64_t tail_cache_bytes = 64ULL << 20;  ///< Recent batches kept in memory.
  std::uint64_t group_bytes_max = 8ULL << 20;    ///< Written by one write and one fsync.
  std::size_t queue_frames_max = 4096;
  std::uint64_t queue_bytes_max = 64ULL << 20;  ///< Beyond it append() refuses.
  std::uint64_t frame_bytes_max = 128ULL << 20;
  std::int64_t checkpoint_interval_ms = 60'000;
  std::int64_t housekeeping_interval_ms = 300'000;  ///< Retention and compaction.
  std::int64_t producer_expiration_ms = 86'400'000;
  std::uint64_t min_free_bytes = 1ULL << 30;  ///< min.free; 0: not watched.
  std::int64_t min_free_interval_ms = 1'000;
  std::uint64_t compaction_memory_bytes = 16ULL << 20;
  std::int32_t partitions_max = 100'000;
  std::uint64_t seed = 0;  ///< Topic ids and salts; 0: from the system.
};

/// What the log did at its start; for `millrace doctor` and the first log line.
struct RecoveryReport {
  bool clean = true;
  std::uint64_t frames_replayed = 0;
  std::uint64_t bytes_replayed = 0;
  std::uint64_t segments_cut = 0;
  std::int64_t duration_us = 0;
};

struct LogState;

/// Something that ends when it goes out of scope: a subscription or a hold. Must end before the
/// Log. Owned by one thread.
class Registration {
 public:
  Registration() = default;
  Registration(std::shared_ptr<LogState> log, std::uint64_t id);
  Registration(Registration&& other) noexcept;
  Registration& operator=(Registration&& other) noexcept;
  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;
  ~Registration();

  void end();

 private:
  std::shared_ptr<LogState> log_;  // Shared with the Log, which may be closed first.
  std::uint64_t id_ = 0;
};

/// The log of one data directory. Thread-safe, but for step(), flush() and close(), which belong to
/// the thread that opened it.
class Log {
 public:
  /// Opens the directory, or makes it; recovers what a crash left. kCorruption when something that
  /// was acknowledged is not there; kUnsupported for a newer format.
  static Result<std::unique_ptr<Log>> open(io::Files& files,
                                           Clock& clock,
                                           Metrics& metrics,
                                           const LogOptions& options);
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  /// Stops without a checkpoint, as a crash would: call close() for a clean stop.
  ~Log();

  /// Commits the frame. `done` is called exactly once: on this thread, at once, when the frame is
  /// refused before it is queued (kExhausted: the queue is full, try later; kInvalidArgument: a
  /// limit), else on the log's thread after the fsync, in the order of the calls. It must not wait
  /// and must not call the waiting functions of Log.
  /// Errors: kExhausted; kIo: nothing of the frame is visible, and it may or may not be there after
  /// a restart. Refusals by Kafka's rules are in AppendResult.
  void append(Frame frame, AppendDone done);

  /// Appends and waits. For tests, tools and threads that may wait. A refused batch is an Error.
  Result<AppendResult> append_and_wait(Frame frame);

  /// Whole stored batches from `offset` on, none beyond the high watermark or the last stable
  /// offset. Outside the range it says so in ReadResult::error. Error: I/O, kCorruption.
  Result<ReadResult> read(const TopicPartition& from,
                          Offset offset,
                          const ReadOptions& options = {});

  /// The value of a position; nothing when there is none.
  [[nodiscard]] std::optional<std::string> position(std::string_view name) const;
  /// All positions whose names begin with `prefix`, by name.
  [[nodiscard]] std::vector<Position> positions(std::string_view prefix) const;

  // Topics. Each call is there twice. The plain form waits for the log thread and its fsync: for
  // start-up, tools and tests. The form with `done` returns at once, for threads that must not
  // wait: `done` is called on the log's thread, after the fsync, in the order of the calls (also
  // among append()s), or on this thread, at once, with kCancelled when the log is closed. Answer
  // from it by posting to your own loop. Calls are few, so their queue has no limit: who calls
  // limits.

  /// kAlreadyExists, kInvalidArgument (name, count, config), kExhausted (partitions_max).
  Result<TopicInfo> create_topic(const NewTopic& topic);
  void create_topic_async(NewTopic topic, Done<TopicInfo> done);
  /// The topic as it is, or made as given. Its configuration is not changed when it exists.
  Result<TopicInfo> ensure_topic(const NewTopic& topic);
  void ensure_topic_async(NewTopic topic, Done<TopicInfo> done);
  /// kNotFound. The files are removed in the background.
  Result<void> delete_topic(const std::string& name);
  void delete_topic_async(std::string name, Done<void> done);
  /// kNotFound, kInvalidArgument when `total` is not more than there are.
  Result<void> create_partitions(const std::string& name, std::int32_t total);
  void create_partitions_async(std::string name, std::int32_t total, Done<void> done);
  /// In the place of what was set before, as NewTopic::config. kNotFound, kInvalidArgument (a
  /// value).
  Result<void> alter_config(const std::string& name, const TopicConfig& config);
  /// Reads, changes and writes in one step, so that two who change different settings at the same
  /// time both have their way. Gives the topic as it is afterwards; the change's own Error as well.
  void alter_config_async(std::string name, ConfigChange change, Done<TopicInfo> done);
  /// Many changes with one frame and one fsync. Each is checked after those before it and refused
  /// for itself; what is not refused is durable and visible together.
  void change_topics_async(std::vector<TopicChange> changes, Done<TopicOutcomes> done);
  /// What counts for every topic where nothing was set of it, from now on; Kafka's defaults before.
  /// Not durable. A topic that cannot be with them stays as it is.
  Result<void> set_topic_defaults(const TopicConfig& defaults);
  void set_topic_defaults_async(TopicConfig defaults, Done<void> done);
  /// Everything below `before` may go; -1 = the high watermark. Gives the log start offset.
  /// kNotFound; kInvalidArgument when it is above the high watermark.
  Result<Offset> delete_records(const TopicPartition& partition, Offset before);
  void delete_records_async(TopicPartition partition, Offset before, Done<Offset> done);
  /// Of several partitions, with one frame; each is refused for itself.
  void delete_records_async(std::vector<std::pair<TopicPartition, Offset>> before,
                            Done<std::vector<Result<Offset>>> done);
  /// Removes what is at or above `to` (rounded down to a batch); gives the new end. For repairs:
  /// consumers may have seen what goes.
  Result<Offset> truncate(const TopicPartition& partition, Offset to);
  void truncate_async(TopicPartition partition, Offset to, Done<Offset> done);
  /// Producer ids that nobody has had; the first of `count`.
  Result<ProducerId> allocate_producer_ids(std::int32_t count);
  void allocate_producer_ids_async(std::int32_t count, Done<ProducerId> done);

  /// Those who write to the partition, by id. kNotFound.
  Result<std::vector<ProducerInfo>> producers(const TopicPartition& partition);
  void producers_async(TopicPartition partition, Done<std::vector<ProducerInfo>> done);

  [[nodiscard]] std::vector<TopicInfo> topics() const;
  [[nodiscard]] std::optional<TopicInfo> topic(std::string_view name) const;
  [[nodiscard]] std::optional<TopicInfo> topic(const Uuid& id) const;
  [[nodiscard]] std::optional<PartitionInfo> describe(const TopicPartition& name) const;

  /// The first record whose timestamp is at least this; nothing when there is none.
  Result<std::optional<TimestampOffset>> offset_for_timestamp(const TopicPartition& name,
                                                              std::int64_t timestamp_ms);
  /// The record with the largest timestamp (the first of several); nothing when there is none.
  Result<std::optional<TimestampOffset>> offset_of_max_timestamp(const TopicPartition& name);

  /// Calls `woken` after the high watermark or the last stable offset of the partition has moved,
  /// on the log's thread, once a group, and when the topic is deleted; it must not wait (set a
  /// flag, wake a loop). Empty when there is no such partition.
  [[nodiscard]] Registration subscribe(const TopicPartition& name, std::function<void()> woken);

  /// Keeps retention and compaction from removing what is at or above `offset`, as long as the
  /// topic has millrace.retention.hold; a hold of the same name and partition is replaced. Not
  /// durable: housekeeping begins one interval after open(), so that flows can take their holds.
  void hold(std::string_view name, const TopicPartition& partition, Offset offset);
  void release_hold(std::string_view name, const TopicPartition& partition);

  /// Puts everything that is acknowledged into segment files, complete for Kafka's tools. Waits.
  Result<void> flush();
  /// Applies retention and compaction, and waits for it.
  Result<void> housekeep();
  /// flush(), then stops: the next start has nothing to recover. Appends are refused from now on.
  Result<void> close();

  /// Does what is due: writes and answers one group, one slice of background work. True when
  /// something was done. REQUIRES: LogOptions::threads is false
  bool step();

  /// False while appends are refused because of min.free or a failed device.
  [[nodiscard]] bool writable() const;

  /// For each thread of the log its name and for how many milliseconds it has been at one piece of
  /// work (a group, a slice of a checkpoint); 0: it waits for work. A long time means a disk that
  /// does not answer.
  [[nodiscard]] std::vector<std::pair<std::string, std::int64_t>> busy_ms() const;
  [[nodiscard]] const RecoveryReport& recovery() const;

 private:
  explicit Log(std::shared_ptr<LogState> state);

  std::shared_ptr<LogState> state_;  // Shared with Registrations.
};

/// True for a name that Kafka accepts: 1 to 249 of [a-zA-Z0-9._-], not "." or "..".
bool valid_topic_name(std::string_view name);

}  // namespace millrace::log
