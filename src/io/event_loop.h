// A thread that waits for sockets, timers and posted functions: one Boost.Asio io_context. Loops
// own connections; they never block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;  // NOLINT(readability-identifier-naming): Boost's name.
}  // namespace boost::asio

namespace millrace::io {

/// post() and stop() are thread-safe; the rest is owned by one thread.
class EventLoop {
 public:
  EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  /// Stops and joins.
  ~EventLoop();

  /// Runs it in a thread of its own, which has this name, until stop(). REQUIRES: not running
  void start(const std::string& name);

  /// Runs it in the caller's thread until stop(). REQUIRES: not running
  void run();

  /// Runs what is ready and returns how many functions that were: for tests and simulation.
  /// REQUIRES: not running
  std::size_t run_ready();

  /// Calls it in the loop's thread, in the order of posting. After stop() it is dropped.
  void post(std::function<void()> task);

  /// Ends run() after the function that is running; what is posted and not run is dropped with the
  /// loop.
  void stop();

  /// Whether the caller is the loop's thread.
  [[nodiscard]] bool is_current() const;

  /// For http and connectors, which bring Asio's headers.
  [[nodiscard]] boost::asio::io_context& context();

 private:
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

/// Calls a function later, in the loop's thread. Owned by the loop's thread.
class Timer {
 public:
  explicit Timer(EventLoop& loop);
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  /// Cancels.
  ~Timer();

  /// Once, after so many nanoseconds; a start before that replaces it.
  void start(std::int64_t after_ns, std::function<void()> task);

  /// The function is not called any more when this returns.
  void cancel();

 private:
  struct Rep;
  // Shared by the timer and the wait that may still be under way in the loop.
  std::shared_ptr<Rep> rep_;
};

}  // namespace millrace::io
