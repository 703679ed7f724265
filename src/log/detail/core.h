// The heart of the log as a state machine: takes frames, gives them offsets, writes and syncs them
// as a group, publishes them, answers. Everything here happens on the log thread, or, in
// simulation, on the only one.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/random.h"
#include "base/result.h"
#include "io/files.h"
#include "log/detail/background.h"
#include "log/detail/checkpoint.h"
#include "log/detail/checkpoint_job.h"
#include "log/detail/compaction.h"
#include "log/detail/metadata.h"
#include "log/detail/shared.h"
#include "log/detail/wal.h"
#include "log/log.h"

namespace millrace::log {

/// Owned by one thread.
class LogCore {
 public:
  LogCore(Shared& shared, Metrics& metrics);

  /// Brings back what the disk holds. Call it once, first.
  Result<RecoveryReport> recover();

  /// Takes in what has come, commits one group, looks after what is due. True when it did
  /// something.
  bool step();

  /// Nanoseconds until something is due without a request.
  [[nodiscard]] std::int64_t idle_ns() const;

  // Commands (each a group of its own).
  Result<TopicInfo> create_topic(const NewTopic& topic);
  Result<TopicInfo> ensure_topic(const NewTopic& topic);
  Result<void> delete_topic(const std::string& name);
  Result<void> create_partitions(const std::string& name, std::int32_t total);
  Result<TopicInfo> alter_config(const std::string& name, const ConfigChange& change);
  TopicOutcomes change_topics(const std::vector<TopicChange>& changes);
  void set_topic_defaults(const TopicConfig& defaults);
  Result<Offset> delete_records(const TopicPartition& partition, Offset before);
  std::vector<Result<Offset>> delete_records(
      const std::vector<std::pair<TopicPartition, Offset>>& before);
  Result<Offset> truncate(const TopicPartition& name, Offset to);
  Result<ProducerId> allocate_producer_ids(std::int32_t count);
  Result<std::vector<ProducerInfo>> producers(const TopicPartition& name) const;
  /// A checkpoint, waited for. `clean`: nothing will come after it.
  Result<void> flush(bool clean);
  Result<void> housekeep();
  /// The same, waited for, until nothing more is to be done.
  Result<void> housekeep_now();
  /// Refuses what is still queued.
  void refuse_all(std::string_view why);

 private:
  /// To put back what a frame changed, when it does not become durable.
  struct Undo {
    PartitionPtr partition = {};
    Offset next{0};
    ProducerId producer{-1};
    std::optional<ProducerEntry> entry = {};
  };

  struct Staged {
    PendingFramePtr frame = {};
    WalPlace place = {};
    data::BlockPtr block = {};  ///< Where its bytes are,
    std::size_t at = 0;         ///< and where in it.
    bool written = false;       ///< It has bytes in the WAL.
    bool answered = false;      ///< Before its sync.
    std::vector<Undo> undo = {};
    std::vector<std::pair<Partition*, AbortedRange>> aborted = {};
  };

  enum class StageOutcome : std::uint8_t {
    kStaged,
    kNoRoom,
    kFailed
  };

  /// What small frames of a group share: one allocation, and one piece to write.
  struct Filling {
    data::BlockPtr block = {};
    char* bytes = nullptr;
    std::size_t used = 0;
  };

  /// How far a group has come.
  struct Growing {
    std::uint64_t bytes = 0;
    bool did = false;
  };

  // core.cc: groups
  bool run_queue();
  bool stage_queue(Growing& growing);
  StageOutcome stage(PendingFramePtr& frame);
  void stage_batch(Staged& staged, std::size_t index, char* bytes);
  void refuse_rest(Staged& staged);
  void encode_again(PendingFrame& frame);
  char* move_to_block(Staged& staged);
  void begin_block(std::size_t bytes);
  Result<void> commit_group();
  void publish(Staged& staged, std::vector<Partition*>& touched);
  void publish_all();
  void answer(Staged& staged);
  void answer_all(std::vector<Staged>& group);
  void fail_all(const Error& error);
  void refuse_for_room(const PendingFrame& frame);
  static void undo(Staged& staged);
  void trim_cache();
  void empty_cache();
  void wal_failed(const Error& error);

  // core.cc: what is due
  bool tick();
  void look_at_disk(std::int64_t now_ns);
  void prepare_wal_file();
  void remove_in_background(std::vector<std::string> paths);
  void drain_background();

  // core_checkpoint.cc
  CheckpointPlanPtr plan_checkpoint(bool clean, bool snapshots);
  void begin_checkpoint(bool clean, bool snapshots);
  void end_checkpoint(const CheckpointPlanPtr& plan,
                      std::uint64_t bytes,
                      const Result<void>& outcome);
  Result<void> checkpoint_now(bool clean, bool snapshots);

  // core_topics.cc
  /// Commits a frame of the core's own and publishes it.
  Result<void> commit_own(PendingFramePtr frame);
  Result<void> commit_topics(const std::vector<TopicRecord>& records);
  Result<TopicInfo> change_topic(TopicChange change);
  Result<void> commit_offset(EntryKind kind, const PartitionPtr& partition, Offset offset);
  Result<Offset> find_log_start(const TopicPartition& name, Offset before) const;
  void apply_topic(const std::string& name, const std::optional<TopicInfo>& info);
  PartitionPtr make_partition(const TopicInfo& topic,
                              std::int32_t index,
                              const std::shared_ptr<const TopicConfig>& config) const;
  void drop_partitions(const Topic& topic);
  Result<void> apply_truncate(const PartitionPtr& partition, Offset end);
  Result<void> rebuild_producers(Partition& partition);

  // core_recovery.cc
  Result<void> restore_checkpoint(Checkpoint checkpoint);
  Result<void> check_files();
  Result<void> check_partition_files(Partition& partition);
  Result<void> check_segment(const SegmentPtr& segment, std::int64_t index_interval_bytes);
  Result<void> replay_frame(const WalFrame& frame);
  Result<void> replay_entry(const WalFrame& frame, const Entry& entry);
  Result<void> replay_batch(const WalFrame& frame, const Entry& entry);
  Result<void> replay_metadata(std::string_view batch);
  void doubt_missing(const Partition& partition, const Segment& segment);
  Result<void> check_doubts();
  void forget_below_start(Partition& partition);

  // housekeeping.cc
  void expire_producers();
  Result<void> apply_retention();
  Result<void> apply_retention_to(const PartitionPtr& partition);
  void begin_compactions();
  CompactionPlanPtr plan_compaction(const PartitionPtr& partition) const;
  void end_compaction(const CompactionPlanPtr& plan, const Result<void>& outcome);
  std::optional<Offset> retention_offset(const PartitionPtr& partition) const;
  void drop_segments(const PartitionPtr& partition);
  Result<void> move_log_start(const PartitionPtr& partition, Offset offset);

  Shared& shared_;
  io::Files& files_;
  Clock& clock_;
  const LogOptions& options_;
  Random random_;
  std::unique_ptr<Wal> wal_;
  RequestQueue queue_;
  std::vector<Staged> group_;
  Filling filling_;
  std::size_t answered_count_ = 0;                ///< Since the last group began.
  std::array<std::size_t, 2> last_groups_{1, 1};  ///< How many frames were answered together.
  std::vector<PendingFramePtr> answered_;         // To be spare frames.
  std::vector<Staged> unsynced_;  ///< Written, answered or not, waiting for the next sync.
  std::int64_t unsynced_since_ns_ = 0;
  std::int64_t flush_within_ms_ = 0;
  std::int64_t next_producer_id_ = 0;
  TopicConfig topic_defaults_;

  struct Cached {
    PartitionPtr partition = {};
    Offset base{0};
    std::uint64_t bytes = 0;
  };

  std::deque<Cached> cache_;
  std::uint64_t cache_bytes_ = 0;
  std::uint64_t unflushed_bytes_ = 0;

  bool blocked_ = false;  ///< No WAL file has room.
  bool wal_broken_ = false;
  bool disk_full_ = false;
  bool preparing_ = false;
  bool checkpointing_ = false;
  bool clean_on_disk_ = false;  ///< The CHECKPOINT says that nothing came after it.
  bool unclean_ = false;        ///< Recovery found something to do.
  bool files_checked_ = false;
  bool truncated_ = false;  ///< Recovery replayed a truncation.

  /// Files that are not as CHECKPOINT says: a loss, unless the frames behind it explain it.
  struct Doubt {
    PartitionPtr partition = {};
    Offset next{0};  ///< It does not matter when the log starts here or later.
    std::string what = {};
  };

  std::vector<Doubt> doubts_;
  std::vector<std::string> compaction_markers_;
  std::optional<std::string> checkpoint_error_;  ///< Of the last one, if it failed.
  std::optional<std::string> prepare_error_;     ///< Of the last WAL file, if it failed.
  RecoveryReport report_;

  std::int64_t last_append_ns_ = 0;
  std::int64_t next_checkpoint_ns_ = 0;
  std::int64_t next_housekeeping_ns_ = 0;
  std::int64_t next_disk_look_ns_ = 0;
  std::int64_t next_prepare_ns_ = 0;
  std::int64_t prepare_ahead_ns_ = 0;

  Counter& frames_total_;
  Counter& bytes_total_;
  Counter& syncs_total_;
  Counter& checkpoints_total_;
  Counter& failures_total_;
  Histogram& sync_time_;
  Gauge& wal_bytes_;
  Gauge& cache_gauge_;
};

}  // namespace millrace::log
