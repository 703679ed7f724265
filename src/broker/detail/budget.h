// The memory that requests and answers under way may take, all connections together.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "broker/detail/loop_inbox.h"

namespace millrace::broker {

/// Thread-safe.
class Budget {
 public:
  explicit Budget(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// Takes so much if there is room. The first one always has room, or what is larger than the
  /// budget could never pass.
  bool try_take(std::size_t bytes);

  /// Takes it in any case: an answer that is made must leave.
  void take(std::size_t bytes) { used_.fetch_add(bytes); }

  /// Gives it back, and calls those who wait.
  void give_back(std::size_t bytes);

  /// `item` arrives on its loop when something is given back. What was given back before this call
  /// wakes nobody: try once more after it.
  void wait(LoopInboxPtr inbox, std::shared_ptr<InboxItem> item);

  [[nodiscard]] std::size_t used() const { return used_.load(); }

  /// What is free; 0 when more is taken than there is.
  [[nodiscard]] std::size_t free() const;

  [[nodiscard]] bool somebody_waits() const { return waiting_count_.load() > 0; }

 private:
  struct Waiting {
    LoopInboxPtr inbox;
    std::shared_ptr<InboxItem> item;
  };

  const std::size_t bytes_max_;
  std::atomic<std::size_t> used_{0};
  std::atomic<std::size_t> waiting_count_{0};
  Mutex mutex_;
  std::vector<Waiting> waiting_ MR_GUARDED_BY(mutex_);
};

/// Bytes of a budget, given back when it goes. Owned by one thread.
class Reservation {
 public:
  Reservation() = default;

  /// Takes what the caller has already taken from the budget.
  Reservation(Budget& budget, std::size_t bytes) : budget_(&budget), bytes_(bytes) {}

  Reservation(Reservation&& other) noexcept
      : budget_(std::exchange(other.budget_, nullptr)), bytes_(other.bytes_) {}

  Reservation& operator=(Reservation&& other) noexcept {
    if (this != &other) {
      end();
      budget_ = std::exchange(other.budget_, nullptr);
      bytes_ = other.bytes_;
    }
    return *this;
  }

  Reservation(const Reservation&) = delete;
  Reservation& operator=(const Reservation&) = delete;

  ~Reservation() { end(); }

  void end() {
    if (Budget* const budget = std::exchange(budget_, nullptr)) {
      budget->give_back(bytes_);
    }
  }

 private:
  Budget* budget_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace millrace::broker
