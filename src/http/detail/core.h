// What the connections of one server share, and the door through which other threads reach them.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include "base/mutex.h"
#include "base/thread.h"
#include "http/server.h"
#include "io/event_loop.h"

namespace millrace::http::detail {

class Session;

/// Posts to the loop as long as the server lives. Thread-safe.
class LoopDoor {
 public:
  explicit LoopDoor(io::EventLoop& loop) : loop_(&loop) {}

  /// False when the server is gone; the task is dropped then.
  bool post(std::function<void()> task) {
    const MutexLock lock(mutex_);
    if (loop_ == nullptr) {
      return false;
    }
    loop_->post(std::move(task));
    return true;
  }

  void close() {
    const MutexLock lock(mutex_);
    loop_ = nullptr;
  }

 private:
  Mutex mutex_;
  io::EventLoop* loop_ MR_GUARDED_BY(mutex_);
};

/// Owned by the loop's thread, except where it says otherwise.
class Core : public std::enable_shared_from_this<Core> {
 public:
  Core(io::EventLoop& loop, ServerOptions options, Router router);
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;
  ~Core();

  /// Before the loop knows of it.
  Result<void> bind();

  /// Begins to accept.
  void start();

  /// Stops; `stopped` is notified when the last connection is gone or the grace is over.
  void stop();

  [[nodiscard]] const ServerOptions& options() const { return options_; }

  [[nodiscard]] const Router& router() const { return router_; }

  [[nodiscard]] bool stopping() const { return stopping_; }

  [[nodiscard]] const std::shared_ptr<LoopDoor>& door() const { return door_; }

  [[nodiscard]] io::EventLoop& loop() { return loop_; }

  /// A connection has ended.
  void forget(const Session* session);

  // From any thread.
  [[nodiscard]] std::uint16_t port() const { return port_; }

  [[nodiscard]] std::size_t connections() const { return connections_; }

  Wakeup stopped;

 private:
  using GenericSocket = boost::asio::generic::stream_protocol::socket;

  Result<void> bind_tcp();
  Result<void> bind_unix(const std::string& path);
  template <class Acceptor>
  void accept(Acceptor& acceptor);
  void adopt(GenericSocket socket, std::string peer);
  void retry_accept();
  void kill_all();

  io::EventLoop& loop_;
  const ServerOptions options_;
  const Router router_;
  // Shared with responders and streams, which may outlive the server.
  std::shared_ptr<LoopDoor> door_;
  boost::asio::ip::tcp::acceptor tcp_;
  boost::asio::local::stream_protocol::acceptor unix_;
  io::Timer timer_;
  std::string unix_path_;
  std::unordered_map<const Session*, std::weak_ptr<Session>> sessions_;
  std::atomic<std::size_t> connections_ = 0;
  std::uint16_t port_ = 0;
  bool stopping_ = false;
};

}  // namespace millrace::http::detail
