// One request on its way through the broker: what came with it, and the one place where its answer
// goes. Each Kafka API is one handler in a file of its own:
//
//     void handle_join_group(Services& services, const RequestInfo& info,
//                            wire::JoinGroupRequest request, Reply<wire::JoinGroupResponse> reply);
//
// and one line in api_table.cc. A handler runs on the event loop of the request's connection and
// must not wait: what takes long (an fsync, a rebalance, a long poll) keeps the Reply and answers
// later, from any thread. Answers leave a connection in the order of its requests, whatever the
// order in which they were made; the next request of a connection is handled when the one before
// was answered (but for produce requests, which follow each other without waiting).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "wire/api_key.h"

namespace millrace::broker {

class LoopInbox;

/// What a request came with, besides its body. Immutable by use.
struct RequestInfo {
  wire::ApiKey key{};
  std::int16_t version = 0;
  std::string client_id = {};    ///< Empty for none.
  std::string client_host = {};  ///< "127.0.0.1", as DescribeGroups shows it (with a slash before).
  /// The address of ours that the client reached, for listeners on any address.
  std::string server_host = {};
  /// Index of the listener in BrokerOptions::listeners: its advertised name is what the client can
  /// use.
  std::size_t listener = 0;
  /// The loop that handles the request: for timers, and to come back to it.
  std::shared_ptr<LoopInbox> loop = {};
};

/// Where the answer to one request goes. Copies speak of the same answer: the first one counts,
/// further ones are dropped. When the last copy goes without an answer, the connection is closed
/// (that is how an acks=0 error is told). Thread-safe, but for the calls that say otherwise.
template <class Response>
class Reply {
 public:
  struct Sink {
    Sink() = default;
    Sink(const Sink&) = delete;
    Sink& operator=(const Sink&) = delete;
    virtual ~Sink() = default;

    /// Takes the answer; called once at most, from any thread; it must not wait.
    virtual void answer(Response response) = 0;
    /// There is no answer, and the connection stays (acks=0).
    virtual void skip() = 0;

    // NOLINTNEXTLINE(performance-unnecessary-value-param): those who override it keep it.
    virtual void on_gone(std::function<void()> /*gone*/) {}

    virtual void hold() {}
  };

  explicit Reply(std::shared_ptr<Sink> sink) : sink_(std::move(sink)) {}

  void send(Response response) const { sink_->answer(std::move(response)); }

  void skip() const { sink_->skip(); }

  /// Calls `gone` on the loop when the connection ends before the answer: what only this client
  /// waits for (a long poll) need not go on. REQUIRES: called by the handler, before it returns
  void on_gone(std::function<void()> gone) const { sink_->on_gone(std::move(gone)); }

  /// The next request waits for this answer, whatever it is. REQUIRES: called by the handler,
  /// before it returns
  void hold() const { sink_->hold(); }

 private:
  // Shared by the copies: a reply may wait in two places at once (a timer, the log).
  std::shared_ptr<Sink> sink_;
};

/// A Reply that calls a function: for tests, and for handlers that gather several answers.
template <class Response>
Reply<Response> reply_to(std::function<void(Response)> take) {
  struct Function final : Reply<Response>::Sink {
    explicit Function(std::function<void(Response)> function) : take(std::move(function)) {}

    void answer(Response response) override {
      std::function<void(Response)> once;
      {
        const std::lock_guard lock(mutex);
        once = std::exchange(take, nullptr);
      }
      if (once) {
        once(std::move(response));
      }
    }

    void skip() override {}

    std::mutex mutex;
    std::function<void(Response)> take;
  };

  return Reply<Response>(std::make_shared<Function>(std::move(take)));
}

}  // namespace millrace::broker
