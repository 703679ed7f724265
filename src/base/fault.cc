// Fault points are passed in the middle of the append path, so a pass that strikes nothing may not
// lock: the points live in a fixed open-addressing table whose slots are filled by compare and
// swap and never emptied. Only while something is armed does a pass take the mutex.
#include "base/fault.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cstdlib>
#include <vector>

#include <unistd.h>

#include "base/assert.h"
#include "base/hash.h"
#include "base/mutex.h"

namespace millrace {
namespace {

constexpr std::size_t kSlots = 4096;  // a power of two, far above the number of points

struct Point {
  explicit Point(std::string_view point) : name(point) {}

  const std::string name;
  std::atomic<std::uint64_t> passes{0};
};

struct Armed {
  std::string point;
  std::uint64_t passes_left;
  FaultAction action;
  std::function<void()> call;
};

struct Table {
  std::array<std::atomic<Point*>, kSlots> points{};
  std::atomic<std::size_t> armed_count{0};
  Mutex mutex;
  std::vector<Armed> armed MR_GUARDED_BY(mutex);
  std::atomic<bool> mutated{false};
  std::vector<std::string> mutations MR_GUARDED_BY(mutex);
};

// Lives for ever: a point may be passed while the process ends.
Table& table() {
  static Table& the_table = *new Table;
  return the_table;
}

Point& find_point(std::string_view name) {
  auto& points = table().points;
  std::size_t slot = xxh64(name) % kSlots;
  for (std::size_t step = 0; step < kSlots; ++step, slot = (slot + 1) % kSlots) {
    Point* point = points[slot].load(std::memory_order_acquire);
    if (point == nullptr) {
      auto made = std::make_unique<Point>(name);
      if (points[slot].compare_exchange_strong(point, made.get())) {
        return *made.release();
      }
    }
    if (point->name == name) {
      return *point;
    }
  }
  MR_ASSERT(false, "more than {} fault points", kSlots);
  std::abort();
}

enum class Strike : std::uint8_t {
  kNothing,
  kError
};

Strike pass(std::string_view point) {
  find_point(point).passes.fetch_add(1, std::memory_order_relaxed);
  Table& faults = table();
  if (faults.armed_count.load(std::memory_order_acquire) == 0) [[likely]] {
    return Strike::kNothing;
  }
  std::vector<Armed> striking;
  {
    const MutexLock lock(faults.mutex);
    std::erase_if(faults.armed, [&](Armed& armed) {
      if (armed.point != point || --armed.passes_left > 0) {
        return false;
      }
      striking.push_back(std::move(armed));
      return true;
    });
    faults.armed_count.store(faults.armed.size(), std::memory_order_release);
  }
  Strike strike = Strike::kNothing;
  for (const Armed& armed : striking) {
    switch (armed.action) {
      case FaultAction::kKill:
        _exit(137);
      case FaultAction::kError:
        strike = Strike::kError;
        break;
      case FaultAction::kCall:
        armed.call();
        break;
    }
  }
  return strike;
}

Result<void> arm_from_text(std::string_view text) {
  const std::size_t first = text.find(':');
  const std::size_t second = text.find(':', first == std::string_view::npos ? first : first + 1);
  if (first == 0 || second == std::string_view::npos) {
    return Error(ErrorCode::kInvalidArgument,
                 "MILLRACE_FAULT wants point:pass:kill|error, not " + std::string(text));
  }
  const std::string_view count = text.substr(first + 1, second - first - 1);
  const std::string_view action = text.substr(second + 1);
  std::uint64_t pass = 0;
  const auto parsed = std::from_chars(count.data(), count.data() + count.size(), pass);
  if (parsed.ec != std::errc{} || parsed.ptr != count.data() + count.size() || pass == 0) {
    return Error(ErrorCode::kInvalidArgument,
                 "the pass in MILLRACE_FAULT is a number from 1, not " + std::string(count));
  }
  if (action != "kill" && action != "error") {
    return Error(ErrorCode::kInvalidArgument,
                 "the action in MILLRACE_FAULT is kill or error, not " + std::string(action));
  }
  arm_fault(
      text.substr(0, first), pass, action == "kill" ? FaultAction::kKill : FaultAction::kError);
  return {};
}

}  // namespace

void arm_fault(std::string_view point,
               std::uint64_t pass,
               FaultAction action,
               std::function<void()> call) {
  MR_ASSERT(pass > 0 && (action == FaultAction::kCall) == static_cast<bool>(call));
  Table& faults = table();
  const MutexLock lock(faults.mutex);
  faults.armed.push_back({.point = std::string(point),
                          .passes_left = pass,
                          .action = action,
                          .call = std::move(call)});
  faults.armed_count.store(faults.armed.size(), std::memory_order_release);
}

void disarm_faults() {
  Table& faults = table();
  const MutexLock lock(faults.mutex);
  faults.armed.clear();
  faults.mutations.clear();
  faults.mutated.store(false, std::memory_order_release);
  faults.armed_count.store(0, std::memory_order_release);
}

void arm_mutation(std::string_view name) {
  Table& faults = table();
  const MutexLock lock(faults.mutex);
  faults.mutations.emplace_back(name);
  faults.mutated.store(true, std::memory_order_release);
}

bool is_mutated(std::string_view name) {
  Table& faults = table();
  if (!faults.mutated.load(std::memory_order_acquire)) [[likely]] {
    return false;
  }
  const MutexLock lock(faults.mutex);
  return std::ranges::find(faults.mutations, name) != faults.mutations.end();
}

Result<void> arm_faults_from_environment() {
  const char* text = std::getenv("MILLRACE_FAULT");
  std::string_view rest = text == nullptr ? "" : text;
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    TRY(arm_from_text(rest.substr(0, comma)));
    rest = comma == std::string_view::npos ? "" : rest.substr(comma + 1);
  }
  return {};
}

std::map<std::string, std::uint64_t> fault_passes() {
  std::map<std::string, std::uint64_t> passes;
  for (const auto& slot : table().points) {
    if (const Point* point = slot.load(std::memory_order_acquire); point != nullptr) {
      passes.emplace(point->name, point->passes.load(std::memory_order_relaxed));
    }
  }
  return passes;
}

namespace detail {

void pass_fault(std::string_view point) {
  const Strike strike = pass(point);
  MR_ASSERT(strike != Strike::kError, "fault point {} cannot return an error", point);
}

}  // namespace detail

Result<void> fault_error(std::string_view point) {
  if (pass(point) == Strike::kError) [[unlikely]] {
    return Error(ErrorCode::kIo, "injected fault at " + std::string(point));
  }
  return {};
}

}  // namespace millrace
