// Things that happen at a time unless something else happens first: session timeouts, the end of a
// rebalance, the expiry of offsets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

namespace millrace::broker {

/// Names one deadline; 0 names none.
using DeadlineId = std::uint64_t;

/// Times are monotonic nanoseconds. Owned by one thread.
class Deadlines {
 public:
  using Task = std::function<void()>;

  /// Calls `task` in the first run_due() at or after `at_ns`.
  DeadlineId add(std::int64_t at_ns, Task task);

  /// Moves it. Without effect on one that was run or cancelled.
  void move(DeadlineId id, std::int64_t at_ns);

  /// Drops it, and sets `id` to 0.
  void cancel(DeadlineId& id);

  /// Runs what is due, earliest first, also what these add with a time that is due.
  void run_due(std::int64_t now_ns);

  /// The earliest one.
  [[nodiscard]] std::optional<std::int64_t> next_ns() const;

  [[nodiscard]] std::size_t size() const { return tasks_.size(); }

 private:
  using Key = std::pair<std::int64_t, DeadlineId>;

  std::map<Key, Task> tasks_;
  std::unordered_map<DeadlineId, std::int64_t> times_;
  DeadlineId last_ = 0;
};

}  // namespace millrace::broker
