#include "broker/detail/pipeline.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "broker/detail/dispatch.h"

namespace millrace::broker {

Pipeline::Pipeline(
    Services& services, LoopInboxPtr inbox, Budget& budget, Peer peer, const PipelineLimits& limits)
    : services_(services),
      inbox_(std::move(inbox)),
      budget_(budget),
      peer_(std::move(peer)),
      limits_(limits) {}

Pipeline::~Pipeline() {
  close();
}

void Pipeline::push(RequestFrame frame) {
  if (broken_ || closed_) {
    return;
  }
  waiting_bytes_ += frame.bytes->size();
  waiting_.push_back(std::move(frame));
  handle_waiting();
}

bool Pipeline::wants_frames() const {
  return !broken_ && !closed_ && unsent_bytes_ <= limits_.unsent_bytes_max &&
         waiting_.size() < limits_.waiting_max && waiting_bytes_ < limits_.waiting_bytes_max;
}

bool Pipeline::busy() const {
  return std::ranges::any_of(in_flight_,
                             [](const InFlight& one) { return one.done || one.gone == nullptr; });
}

bool Pipeline::may_handle() const {
  if (waiting_.empty() || broken_ || closed_ || unsent_bytes_ > limits_.unsent_bytes_max) {
    return false;
  }
  if (in_flight_.empty()) {
    return true;
  }
  return in_flight_.size() < limits_.in_flight_max &&
         follows_at_once(waiting_.front().bytes->view()) &&
         std::ranges::all_of(
             in_flight_, [](const InFlight& one) { return one.done || one.follows_at_once; });
}

void Pipeline::handle_waiting() {
  if (handling_) {
    return;  // An answer came while its request is being handled: the loop below goes on.
  }
  handling_ = true;
  while (may_handle()) {
    RequestFrame frame = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_bytes_ -= frame.bytes->size();
    handle(std::move(frame));
    move_output();
  }
  handling_ = false;
}

void Pipeline::handle(RequestFrame frame) {
  const std::uint64_t sequence = first_sequence_ + in_flight_.size();
  InFlight& one = in_flight_.emplace_back();
  one.memory = std::move(frame.memory);
  one.follows_at_once = follows_at_once(frame.bytes->view());
  if (!dispatch(*this, sequence, std::move(frame.bytes))) {
    broken_ = true;
  }
}

void Pipeline::take(std::uint64_t sequence, Answer answer) {
  InFlight* const one = find(sequence);
  if (one == nullptr || one->done || closed_) {
    return;
  }
  one->done = true;
  one->gone = nullptr;
  one->answer = std::move(answer);
  one->memory.end();
  if (handling_) {
    return;
  }
  move_output();
  handle_waiting();
  if (owner_ != nullptr) {
    owner_->pipeline_changed();
  }
}

void Pipeline::move_output() {
  while (!in_flight_.empty() && in_flight_.front().done && !broken_) {
    Answer answer = std::move(in_flight_.front().answer);
    in_flight_.pop_front();
    ++first_sequence_;
    if (answer.kind == Answer::Kind::kClose) {
      broken_ = true;
      return;
    }
    for (data::BlockSlice& slice : answer.bytes) {
      if (!slice.empty()) {
        unsent_bytes_ += slice.size();
        budget_.take(slice.size());
        output_.push_back(std::move(slice));
      }
    }
  }
}

void Pipeline::sent(std::size_t bytes) {
  unsent_bytes_ -= bytes;
  budget_.give_back(bytes);
  while (bytes > 0) {
    const std::size_t size = output_.front().size();
    if (bytes < size) {
      data::BlockSlice rest = output_.front().part(bytes, size - bytes);
      output_.front() = std::move(rest);
      break;
    }
    bytes -= size;
    output_.pop_front();
  }
  handle_waiting();
}

void Pipeline::close() {
  if (std::exchange(closed_, true)) {
    return;
  }
  owner_ = nullptr;
  budget_.give_back(std::exchange(unsent_bytes_, 0));
  output_.clear();
  waiting_.clear();
  std::deque<InFlight> gone;
  gone.swap(in_flight_);
  for (InFlight& one : gone) {
    if (one.gone) {
      one.gone();
    }
  }
}

Pipeline::InFlight* Pipeline::find(std::uint64_t sequence) {
  if (sequence < first_sequence_ || sequence - first_sequence_ >= in_flight_.size()) {
    return nullptr;
  }
  return &in_flight_[sequence - first_sequence_];
}

void Pipeline::set_on_gone(std::uint64_t sequence, std::function<void()> gone) {
  if (InFlight* const one = find(sequence); one != nullptr && !one->done) {
    one->gone = std::move(gone);
  }
}

void Pipeline::set_hold(std::uint64_t sequence) {
  if (InFlight* const one = find(sequence)) {
    one->follows_at_once = false;
  }
}

}  // namespace millrace::broker
