// The answer of one append, on its way from the log's thread to the step machine that waits for it.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "base/thread.h"
#include "log/log.h"

namespace millrace::flow {

/// One append. Owned by one thread, but for what the log's thread writes into it.
class AppendTicket {
 public:
  enum class State : std::uint8_t {
    kWaiting,
    kDurable,
    kRefused
  };

  /// Appends the frame; `wakeup`, which outlives the append, is notified when there is an answer.
  AppendTicket(log::Log& log, log::Frame frame, Wakeup& wakeup)
      : answer_(std::make_shared<Answer>()) {
    log.append(std::move(frame), [answer = answer_, &wakeup](Result<log::AppendResult> result) {
      if (result && result->ok()) {
        answer->state.store(State::kDurable, std::memory_order_release);
      } else {
        answer->error = result ? refusal(*result) : result.error().to_string();
        answer->state.store(State::kRefused, std::memory_order_release);
      }
      wakeup.notify();
    });
  }

  [[nodiscard]] State state() const { return answer_->state.load(std::memory_order_acquire); }

  /// Why it was refused. REQUIRES: state() is kRefused
  [[nodiscard]] const std::string& error() const { return answer_->error; }

 private:
  struct Answer {
    std::atomic<State> state{State::kWaiting};
    std::string error;
  };

  static std::string refusal(const log::AppendResult& result) {
    for (const log::BatchResult& batch : result.batches) {
      if (batch.error != log::KafkaError::kNone && !batch.message.empty()) {
        return batch.message;
      }
    }
    return "a batch was refused";
  }

  // Shared with the log's thread, which may answer after the machine is gone.
  std::shared_ptr<Answer> answer_;
};

}  // namespace millrace::flow
