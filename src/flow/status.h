// What the parts of a running pipeline say of themselves: for the terminal, the page, /metrics, the
// books at the end of a run. Written by one thread each, read by any.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "exec/flow_program.h"

namespace millrace::flow {

/// A sentence that may change: why a part is unhealthy, empty = healthy. Thread-safe.
class Problem {
 public:
  void set(std::string text) {
    const MutexLock lock(mutex_);
    text_ = std::move(text);
  }

  [[nodiscard]] std::string get() const {
    const MutexLock lock(mutex_);
    return text_;
  }

 private:
  mutable Mutex mutex_;
  std::string text_ MR_GUARDED_BY(mutex_);
};

/// fetched = published + failed. Immutable by use.
struct SourceBooks {
  std::string name;
  std::uint64_t fetched = 0;
  std::uint64_t published = 0;
  std::uint64_t failed = 0;
};

/// read = accepted + filtered + late + duplicate + rejected. Immutable by use.
struct FlowBooks {
  std::string name;
  exec::FlowCounts counts;
};

/// {"sources":[…],"flows":[…]}: the last line of `run --output json`.
std::string books_to_json(const std::vector<SourceBooks>& sources,
                          const std::vector<FlowBooks>& flows);

/// One source. Thread-safe.
struct SourceStatus {
  std::string name;
  std::string connector;
  std::string topic;
  std::atomic<std::uint64_t> fetched{0};
  std::atomic<std::uint64_t> published{0};
  std::atomic<std::uint64_t> failed{0};
  std::atomic<bool> caught_up{false};        ///< Gave all that exists at the moment, at least once.
  std::atomic<bool> ended{false};            ///< Nothing more will come.
  std::atomic<std::int64_t> progress_ms{0};  ///< Monotonic time of the last poll that came back.
  Problem problem;

  [[nodiscard]] SourceBooks books() const { return {name, fetched, published, failed}; }
};

enum class FlowState : std::uint8_t {
  kRunning,
  kWaiting,
  kFailed
};

/// One flow. Thread-safe.
struct FlowStatus {
  std::string name;
  std::string target;
  std::atomic<std::uint64_t> read{0};
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> filtered{0};
  std::atomic<std::uint64_t> late{0};
  std::atomic<std::uint64_t> duplicate{0};
  std::atomic<std::uint64_t> rejected{0};
  std::atomic<std::uint64_t> output{0};
  std::atomic<std::int64_t> epoch{0};
  std::atomic<std::int64_t> lag{0};  ///< Records that are there and not yet read.
  std::atomic<std::int64_t> progress_ms{0};
  std::atomic<FlowState> state{FlowState::kRunning};
  Problem problem;

  void set(const exec::FlowCounts& counts);
  [[nodiscard]] FlowBooks books() const;
};

/// One table of tables.db. Thread-safe.
struct TableStatus {
  std::string name;
  std::string topic;
  std::atomic<std::uint64_t> applied{0};  ///< Records applied since the start of the process.
  std::atomic<std::int64_t> lag{0};
  std::atomic<std::int64_t> next{0};  ///< The next offsets of its partitions, summed.
  Problem problem;
};

}  // namespace millrace::flow
