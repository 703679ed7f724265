// The share of rejected records among the last ones that were read.
#pragma once

#include <cstdint>
#include <deque>
#include <utility>

namespace millrace::flow {

/// Owned by one thread.
class RejectedShare {
 public:
  /// Over how many records the share is judged.
  static constexpr std::uint64_t kWindow = 1000;

  /// Adds the records of one epoch.
  void note(std::uint64_t read, std::uint64_t rejected) {
    recent_.emplace_back(read, rejected);
    read_ += read;
    rejected_ += rejected;
    while (recent_.size() > 1 && read_ - recent_.front().first >= kWindow) {
      read_ -= recent_.front().first;
      rejected_ -= recent_.front().second;
      recent_.pop_front();
    }
  }

  [[nodiscard]] bool exceeds(double share) const {
    return static_cast<double>(rejected_) > share * static_cast<double>(read_);
  }

  [[nodiscard]] std::uint64_t read() const { return read_; }

  [[nodiscard]] std::uint64_t rejected() const { return rejected_; }

 private:
  std::deque<std::pair<std::uint64_t, std::uint64_t>> recent_;  // (read, rejected) of epochs.
  std::uint64_t read_ = 0;
  std::uint64_t rejected_ = 0;
};

}  // namespace millrace::flow
