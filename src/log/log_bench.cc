// Appends with fsync beside the bare loop that does the same work on the disk and nothing else, in
// the same run: 1 KiB each, 64 outstanding.
#include "log/log.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/thread.h"
#include "io/bench_disk.h"
#include "io/real_files.h"
#include "record/batch.h"

namespace millrace::log {
namespace {

constexpr std::size_t kRecordBytes = 1024;
constexpr int kOutstanding = 64;

std::string one_batch() {
  record::BatchBuilder builder;
  const std::string value(kRecordBytes, 'v');
  builder.add({.timestamp_ms = 1'700'000'000'000, .value = value});
  return MUST(builder.finish());
}

// Groups of 64 × 1 KiB, one write and one fdatasync each.
void bare_group_commit(benchmark::State& state) {
  io::BareGroupCommit bare("log-bench", kOutstanding * kRecordBytes);
  for (auto _ : state) {
    bare.commit();
  }
  state.SetItemsProcessed(state.iterations() * kOutstanding);
}

// Short, so that many repetitions can alternate.
BENCHMARK(bare_group_commit)->UseRealTime()->MinTime(0.5);

// The log with its threads; the caller keeps 64 appends under way over 8 partitions.
void asynchronous_appends(benchmark::State& state) {
  io::BenchDirectory disk("log-bench");
  SystemClock clock;
  Metrics metrics;
  LogOptions options;
  options.directory = disk.path();
  options.min_free_bytes = 0;
  constexpr int kPartitions = 8;
  {
    const auto log = MUST(Log::open(disk.files(), clock, metrics, options));
    MUST(log->create_topic({.name = "bench", .partitions = kPartitions}));
    const std::string batch = one_batch();
    std::atomic<int> outstanding{0};
    std::atomic<int> failed{0};
    Wakeup wakeup;
    int partition = 0;
    for (auto _ : state) {
      while (outstanding.load(std::memory_order_acquire) >= kOutstanding) {
        wakeup.wait(1'000'000);
      }
      outstanding.fetch_add(1);
      Frame frame;
      frame.batches.push_back(
          {.to = {.topic = "bench", .partition = PartitionId(partition)}, .batch = batch});
      partition = (partition + 1) % kPartitions;
      log->append(std::move(frame), [&](const Result<AppendResult>& result) {
        failed += result.has_value() ? 0 : 1;
        if (outstanding.fetch_sub(1, std::memory_order_release) == kOutstanding) {
          wakeup.notify();
        }
      });
    }
    while (outstanding.load() > 0) {
      wakeup.wait(1'000'000);
    }
    if (failed.load() > 0) {
      state.SkipWithError("appends failed");
    }
    state.SetItemsProcessed(state.iterations());
    const std::uint64_t syncs =
        metrics.counter("millrace_log_syncs_total", "Groups of frames that were synced.").value();
    state.counters["appends_per_sync"] =
        static_cast<double>(state.iterations()) / static_cast<double>(syncs);
    MUST(log->close());
  }
}

BENCHMARK(asynchronous_appends)->UseRealTime()->MinTime(0.5);

// One append after another, each waited for: what one fsync and the way to it cost.
void blocking_appends(benchmark::State& state) {
  io::BenchDirectory disk("log-bench");
  SystemClock clock;
  Metrics metrics;
  LogOptions options;
  options.directory = disk.path();
  options.min_free_bytes = 0;
  {
    const auto log = MUST(Log::open(disk.files(), clock, metrics, options));
    MUST(log->create_topic({.name = "bench"}));
    const std::string batch = one_batch();
    for (auto _ : state) {
      Frame frame;
      frame.batches.push_back({.to = {.topic = "bench"}, .batch = batch});
      MUST(log->append_and_wait(std::move(frame)));
    }
    state.SetItemsProcessed(state.iterations());
  }
}

BENCHMARK(blocking_appends)->UseRealTime()->MinTime(0.5);

void drop_from_page_cache(const std::string& folder) {
  io::RealFiles files;
  for (const io::DirEntry& entry : MUST(files.list(folder))) {
    const int file = open((folder + "/" + entry.name).c_str(), O_RDONLY | O_CLOEXEC);
    MR_ASSERT(file >= 0 && posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) == 0, "{}", entry.name);
    close(file);
  }
}

// Opening a log whose WAL is full, with a cold cache, and of which nothing is in segments.
void recovery_of_a_full_wal(benchmark::State& state) {
  io::BenchDirectory disk("log-bench");
  SystemClock clock;
  Metrics metrics;
  LogOptions options;
  options.directory = disk.path();
  options.min_free_bytes = 0;
  options.threads = false;
  options.tail_cache_bytes = 1ULL << 40;  // No checkpoint: the WAL has to hold it all.
  options.wal_bytes_max = 1ULL << 30;
  options.checkpoint_interval_ms = 1LL << 40;
  {
    const auto log = MUST(Log::open(disk.files(), clock, metrics, options));
    MUST(log->create_topic({.name = "bench", .partitions = 8}));
    record::BatchBuilder builder;
    const std::string value(kRecordBytes, 'v');
    for (int i = 0; i < 16; ++i) {
      builder.add({.timestamp_ms = 1'700'000'000'000, .value = value});
    }
    const std::string batch = MUST(builder.finish());
    constexpr std::uint64_t kBytes = 250ULL << 20;
    for (std::uint64_t bytes = 0; bytes < kBytes; bytes += batch.size() * 8) {
      Frame frame;
      for (int p = 0; p < 8; ++p) {
        frame.batches.push_back(
            {.to = {.topic = "bench", .partition = PartitionId(p)}, .batch = batch});
      }
      MUST(log->append_and_wait(std::move(frame)));
    }
  }
  std::uint64_t frames = 0;
  for (auto _ : state) {
    state.PauseTiming();
    drop_from_page_cache(disk.path() + "/wal");
    state.ResumeTiming();
    const auto log = MUST(Log::open(disk.files(), clock, metrics, options));
    frames = log->recovery().frames_replayed;
    state.SetBytesProcessed(static_cast<std::int64_t>(log->recovery().bytes_replayed) *
                            state.iterations());
  }
  state.counters["frames"] = static_cast<double>(frames);
}

BENCHMARK(recovery_of_a_full_wal)->UseRealTime()->Iterations(1);

}  // namespace
}  // namespace millrace::log
