// What the benchmarks of flows have in common: a log on a real disk, filled with bids or users; the
// CPU time of the process, because a rate per CPU-second is what can be compared.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/random.h"
#include "base/result.h"
#include "io/process_info.h"
#include "io/real_files.h"
#include "log/log.h"
#include "record/batch.h"

namespace millrace::flow {

/// A bid of Nexmark, about 250 bytes.
inline std::string make_bid(Random& random) {
  return fmt::format(
      R"({{"auction":{},"bidder":{},"price":{},"channel":"channel-{}",)"
      R"("url":"https://www.nexmark.com/{:08x}/item.htm?query=1","dateTime":{},"extra":"{:0>60}"}})",
      random.below(100'000),
      random.below(1'000'000),
      random.below(10'000'000),
      random.below(10'000),
      random.below(1U << 31U),
      1'700'000'000'000 + random.below(1U << 30U),
      random.below(1U << 31U));
}

/// The record of 12 keys, about 450 bytes.
inline std::string make_user(Random& random) {
  const std::uint64_t number = random.below(1'000'000'000);
  return fmt::format(
      R"({{"id":"{:08x}-{:04x}-4000-8000-{:012x}","first_name":"Ann","last_name":"Name{}",)"
      R"("gender":"{}","address":"{} Station Street, Springfield {}, Kent, United Kingdom",)"
      R"("post_code":"{}","email":"ann.name{}@example.com","username":"silvercat{}",)"
      R"("dob":"1977-09-21T22:46:48.426Z","registered_date":"2007-03-23T13:45:41.211Z",)"
      R"("phone":"({:03}) {:03}-{:04}","picture":)"
      R"("https://randomuser.me/api/portraits/med/women/{}.jpg"}})",
      random.below(1ULL << 32U),
      random.below(1U << 16U),
      random.below(1ULL << 48U),
      number,
      random.one_in(2) ? "male" : "female",
      random.below(10'000),
      random.below(100'000),
      random.below(100'000),
      number,
      random.below(1'000),
      random.below(1'000),
      random.below(1'000),
      random.below(10'000),
      random.below(100));
}

using MakeRecord = std::string (*)(Random&);

inline std::vector<std::string> make_records(MakeRecord make, std::size_t count) {
  Random random(1);
  std::vector<std::string> records(count);
  std::ranges::generate(records, [&] { return make(random); });
  return records;
}

/// An open log below MILLRACE_BENCH_DIR (else the current folder), removed at the end. Owned by one
/// thread.
class BenchLog {
 public:
  BenchLog() {
    const char* chosen = std::getenv("MILLRACE_BENCH_DIR");
    directory_ = fmt::format(
        "{}/millrace-flow-bench-{}", chosen == nullptr ? "." : chosen, static_cast<int>(getpid()));
    MUST(io::remove_all(files_, directory_));
    MUST(io::make_dirs(files_, directory_));
    log::LogOptions options;
    options.directory = directory_ + "/log";
    options.min_free_bytes = 0;
    log_ = MUST(log::Log::open(files_, clock_, metrics_, options));
  }

  BenchLog(const BenchLog&) = delete;
  BenchLog& operator=(const BenchLog&) = delete;

  ~BenchLog() {
    MUST(log_->close());
    log_.reset();
    MUST(io::remove_all(files_, directory_));
  }

  /// Appends the records, so many a batch.
  void fill(const std::string& topic,
            const std::vector<std::string>& records,
            std::size_t records_per_batch) {
    MUST(log_->ensure_topic({.name = topic}));
    for (std::size_t at = 0; at < records.size(); at += records_per_batch) {
      record::BatchBuilder builder;
      const std::size_t end = std::min(records.size(), at + records_per_batch);
      for (std::size_t index = at; index < end; ++index) {
        builder.add({.timestamp_ms = 1'700'000'000'000, .value = records[index]});
      }
      log::Frame frame;
      frame.batches.push_back({.to = {.topic = topic}, .batch = MUST(builder.finish())});
      const bool last = end == records.size();
      if (last || at % (records_per_batch * 64) == 0) {
        MUST(log_->append_and_wait(std::move(frame)));
      } else {
        log_->append(std::move(frame),
                     [](Result<log::AppendResult> done) { MUST(std::move(done)); });
      }
    }
  }

  log::Log& log() { return *log_; }

  const SystemClock& clock() { return clock_; }

  io::RealFiles& files() { return files_; }

  [[nodiscard]] std::string path(const std::string& name) const { return directory_ + "/" + name; }

 private:
  io::RealFiles files_;
  SystemClock clock_;
  Metrics metrics_;
  std::string directory_;
  std::unique_ptr<log::Log> log_;
};

/// The CPU time of all threads of the process, from its making on. Owned by one thread.
class CpuTime {
 public:
  [[nodiscard]] double seconds() const { return io::cpu_seconds() - begin_; }

 private:
  double begin_ = io::cpu_seconds();
};

/// Items a second of the wall and of the CPU, bytes an item. For benchmarks of one iteration.
inline void report(benchmark::State& state,
                   const std::vector<std::string>& records,
                   double cpu_seconds) {
  std::size_t bytes = 0;
  for (const std::string& record : records) {
    bytes += record.size();
  }
  const auto items = static_cast<double>(records.size());
  state.SetItemsProcessed(static_cast<std::int64_t>(records.size()));
  state.counters["per_cpu_second"] = items / cpu_seconds;
  state.counters["bytes_per_item"] = static_cast<double>(bytes) / items;
}

}  // namespace millrace::flow
