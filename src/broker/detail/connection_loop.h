// One event loop and its connections.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/thread.h"
#include "broker/detail/budget.h"
#include "broker/detail/connection.h"
#include "broker/detail/loop_inbox.h"
#include "io/event_loop.h"

namespace millrace::broker {

struct Services;

/// Owned by one thread, except where it says otherwise.
class ConnectionLoop {
 public:
  ConnectionLoop(Services& services, Budget& budget, const ConnectionLimits& limits);
  ConnectionLoop(const ConnectionLoop&) = delete;
  ConnectionLoop& operator=(const ConnectionLoop&) = delete;
  /// REQUIRES: it was not started, or stop() was called
  ~ConnectionLoop();

  // From any thread.
  void start(const std::string& name) { loop_->start(name); }

  [[nodiscard]] io::EventLoop& loop() { return *loop_; }

  [[nodiscard]] const LoopInboxPtr& inbox() const { return inbox_; }

  /// Takes a connection over from another thread.
  void adopt(boost::asio::ip::tcp::socket socket,
             Peer peer,
             std::unique_ptr<ConnectionTicket> ticket);

  /// No new connections and requests; those without an answer under way are closed.
  void begin_stop();
  /// Waits until the others have ended, so long, and closes them. REQUIRES: begin_stop()
  void stop(std::int64_t grace_ns);
  /// Ends the thread: nothing runs on the loop any more. REQUIRES: it was not started, or stop()
  void join();

  // On the loop.
  void forget(const Connection* connection);

  [[nodiscard]] std::span<char> staging() { return staging_; }

  [[nodiscard]] Services& services() { return services_; }

  [[nodiscard]] Budget& budget() { return budget_; }

  [[nodiscard]] const ConnectionLimits& limits() const { return limits_; }

  [[nodiscard]] std::int64_t now_ns() const;

 private:
  void check_times();
  void each(void (Connection::*call)());

  Services& services_;
  Budget& budget_;
  const ConnectionLimits limits_;
  std::unique_ptr<io::EventLoop> loop_;  // Null after join().
  // Shared with answers that are under way.
  LoopInboxPtr inbox_;
  std::vector<char> staging_;
  std::unique_ptr<io::Timer> timer_;
  bool timer_runs_ = false;
  bool stopping_ = false;
  Wakeup stopped_;
  // Shared with the waits for its socket.
  std::unordered_map<const Connection*, std::shared_ptr<Connection>> connections_;
};

}  // namespace millrace::broker
