// An answer on its way: made by a handler on any thread, encoded and put into its place on the loop
// of its connection.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "base/result.h"
#include "broker/call.h"
#include "broker/detail/loop_inbox.h"
#include "broker/detail/pipeline.h"
#include "wire/api_key.h"
#include "wire/writer.h"

namespace millrace::broker {

/// Which answer it is. Immutable by use.
struct AnswerPlace {
  std::weak_ptr<Pipeline> pipeline = {};
  LoopInboxPtr inbox = {};
  std::uint64_t sequence = 0;
  wire::ApiKey key{};
  std::int16_t version = 0;
  std::int32_t correlation = 0;
  std::int64_t begun_ns = 0;
};

/// What does not depend on the type of the response. Thread-safe where Reply is.
class PendingBase : public InboxItem, public std::enable_shared_from_this<PendingBase> {
 public:
  explicit PendingBase(AnswerPlace place) : place_(std::move(place)) {}

  PendingBase(const PendingBase&) = delete;
  PendingBase& operator=(const PendingBase&) = delete;
  ~PendingBase() override;

  void arrive() override;

  /// From now on an answer on the loop's thread waits for its turn. Belongs to the loop.
  void handler_returned() { in_handler_ = false; }

 protected:
  [[nodiscard]] bool claim() { return !answered_.exchange(true); }

  void deliver(Answer::Kind kind);
  void set_on_gone(std::function<void()> gone);
  void set_hold();
  virtual Result<void> encode(wire::Writer& writer, std::int16_t version) = 0;

 private:
  [[nodiscard]] Answer make_answer(Pipeline& pipeline);

  const AnswerPlace place_;
  std::atomic<bool> answered_{false};
  Answer::Kind kind_ = Answer::Kind::kClose;                   // Set before it is posted.
  const std::thread::id thread_ = std::this_thread::get_id();  // The loop's.
  bool in_handler_ = true;                                     // The loop's.
};

template <class Response>
class PendingAnswer final : public Reply<Response>::Sink, public PendingBase {
 public:
  using PendingBase::PendingBase;

  void answer(Response response) override {
    if (claim()) {
      response_.emplace(std::move(response));
      deliver(Answer::Kind::kSend);
    }
  }

  void skip() override {
    if (claim()) {
      deliver(Answer::Kind::kSkip);
    }
  }

  void on_gone(std::function<void()> gone) override { set_on_gone(std::move(gone)); }

  void hold() override { set_hold(); }

 private:
  Result<void> encode(wire::Writer& writer, std::int16_t version) override {
    return response_->encode(writer, version);
  }

  std::optional<Response> response_;
};

}  // namespace millrace::broker
