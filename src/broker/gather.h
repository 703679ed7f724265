// One answer that is made of several parts, each ready at its own time.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "base/mutex.h"
#include "broker/call.h"

namespace millrace::broker {

/// Sends the response when every part has said done(). Begins with one part: the handler itself,
/// and with what it has of the response already.
/// Copies speak of the same answer. Thread-safe.
template <class Response>
class Gather {
 public:
  explicit Gather(Reply<Response> reply, Response begun = {})
      : state_(std::make_shared<State>(std::move(reply), std::move(begun))) {}

  /// One part more to wait for.
  void expect() const {
    const MutexLock lock(state_->mutex);
    ++state_->open;
  }

  /// Changes the response, under a lock.
  template <class Change>
  void edit(const Change& change) const {
    const MutexLock lock(state_->mutex);
    change(state_->response);
  }

  /// A part is ready.
  void done() const {
    Response whole;
    {
      const MutexLock lock(state_->mutex);
      if (--state_->open > 0) {
        return;
      }
      whole = std::move(state_->response);
    }
    state_->reply.send(std::move(whole));
  }

 private:
  struct State {
    State(Reply<Response> to, Response begun) : reply(std::move(to)), response(std::move(begun)) {}

    Reply<Response> reply;
    Mutex mutex;
    Response response MR_GUARDED_BY(mutex);
    std::size_t open MR_GUARDED_BY(mutex) = 1;
  };

  // Shared by the parts that are under way.
  std::shared_ptr<State> state_;
};

}  // namespace millrace::broker
