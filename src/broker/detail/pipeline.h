// The requests of one connection, from whole frames to bytes that may leave, without a socket.
//
// Order. Answers leave in the order of the requests. A request is handled when the one before was
// answered, as Kafka does it, so that a client sees what it has done (a commit, then a fetch of the
// offsets). Only produce requests follow each other at once: they are ordered by the log itself,
// and share an fsync.
//
// Limits. Frames that wait and answers that have not left are counted: above their limits
// wants_frames() is false, and the connection is not read from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "broker/detail/budget.h"
#include "broker/detail/frame_reader.h"
#include "data/block_slice.h"

namespace millrace {
class Clock;
}  // namespace millrace

namespace millrace::broker {

struct Services;

/// Where a connection comes from and arrives. Immutable by use.
struct Peer {
  std::string client_host = {};
  std::string server_host = {};
  std::size_t listener = 0;
};

/// How one request ended.
struct Answer {
  enum class Kind : std::uint8_t {
    kSend,
    kSkip,  ///< No answer: acks=0.
    kClose,
  };

  Kind kind = Kind::kClose;
  std::vector<data::BlockSlice> bytes = {};  ///< With the size before it.
};

struct PipelineLimits {
  std::size_t in_flight_max = 64;             ///< Handled, and not answered or not sent.
  std::size_t waiting_max = 64;               ///< Frames that were read ahead.
  std::size_t waiting_bytes_max = 4U << 20U;  ///< Their bytes; one is always taken.
  std::size_t unsent_bytes_max = 1U << 20U;   ///< Of answers; above it nothing is handled.
};

/// Whose pipeline it is.
struct PipelineOwner {
  PipelineOwner() = default;
  PipelineOwner(const PipelineOwner&) = delete;
  PipelineOwner& operator=(const PipelineOwner&) = delete;
  virtual ~PipelineOwner() = default;

  /// Answers came, room came, or the pipeline broke. Not called within push() and sent().
  virtual void pipeline_changed() = 0;
};

/// Owned by one thread: that of the loop.
class Pipeline : public std::enable_shared_from_this<Pipeline> {
 public:
  Pipeline(Services& services,
           LoopInboxPtr inbox,
           Budget& budget,
           Peer peer,
           const PipelineLimits& limits);
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;
  ~Pipeline();

  /// Null: nobody is told. The owner outlives the pipeline, or calls close().
  void set_owner(PipelineOwner* owner) { owner_ = owner; }

  /// Takes a request, and handles it if it is its turn.
  void push(RequestFrame frame);

  [[nodiscard]] bool wants_frames() const;

  /// A request made no sense, or was answered by closing: nothing more is handled.
  [[nodiscard]] bool broken() const { return broken_; }

  /// Nothing is under way and nothing waits to be sent.
  [[nodiscard]] bool quiet() const {
    return in_flight_.empty() && waiting_.empty() && output_.empty();
  }

  /// Some request that is being handled is more than a long poll.
  [[nodiscard]] bool busy() const;

  [[nodiscard]] bool in_flight() const { return !in_flight_.empty(); }

  /// What is to be sent, in order. None is empty.
  [[nodiscard]] const std::deque<data::BlockSlice>& output() const { return output_; }

  [[nodiscard]] std::size_t unsent_bytes() const { return unsent_bytes_; }

  /// So many bytes of the output have left.
  void sent(std::size_t bytes);

  /// The connection is gone: long polls are told, answers that come later are dropped.
  void close();

  /// For the dispatcher: the answer to request number `sequence`.
  void take(std::uint64_t sequence, Answer answer);
  void set_on_gone(std::uint64_t sequence, std::function<void()> gone);
  void set_hold(std::uint64_t sequence);

  [[nodiscard]] Services& services() { return services_; }

  [[nodiscard]] const Peer& peer() const { return peer_; }

  [[nodiscard]] const LoopInboxPtr& inbox() const { return inbox_; }

 private:
  struct InFlight {
    bool done = false;
    bool follows_at_once = false;  // The next one of its kind need not wait for it.
    Answer answer;
    Reservation memory;
    std::function<void()> gone;
  };

  [[nodiscard]] bool may_handle() const;
  void handle_waiting();
  void handle(RequestFrame frame);
  void move_output();
  [[nodiscard]] InFlight* find(std::uint64_t sequence);

  Services& services_;
  LoopInboxPtr inbox_;
  Budget& budget_;
  const Peer peer_;
  const PipelineLimits limits_;
  PipelineOwner* owner_ = nullptr;
  std::deque<RequestFrame> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::deque<InFlight> in_flight_;
  std::uint64_t first_sequence_ = 0;  // Of in_flight_.
  std::deque<data::BlockSlice> output_;
  std::size_t unsent_bytes_ = 0;
  bool handling_ = false;
  bool broken_ = false;
  bool closed_ = false;
};

}  // namespace millrace::broker
