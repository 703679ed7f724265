#include "io/event_loop.h"

#include <chrono>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/thread.h"

namespace millrace::io {

struct EventLoop::Rep {
  boost::asio::io_context context{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{
      context.get_executor()};
  Thread thread;
};

EventLoop::EventLoop() : rep_(std::make_unique<Rep>()) {}

EventLoop::~EventLoop() {
  stop();
  rep_->thread.join();
}

void EventLoop::start(const std::string& name) {
  rep_->thread = Thread(name, [this](const std::stop_token&) { run(); });
}

void EventLoop::run() {
  rep_->context.run();
}

std::size_t EventLoop::run_ready() {
  return rep_->context.poll();
}

void EventLoop::post(std::function<void()> task) {
  boost::asio::post(rep_->context, std::move(task));
}

void EventLoop::stop() {
  rep_->context.stop();
}

bool EventLoop::is_current() const {
  return rep_->context.get_executor().running_in_this_thread();
}

boost::asio::io_context& EventLoop::context() {
  return rep_->context;
}

struct Timer::Rep {
  explicit Rep(boost::asio::io_context& context) : timer(context) {}

  boost::asio::steady_timer timer;
  std::function<void()> task;
  std::uint64_t round = 0;  // of starts and cancels: a wait of an earlier one means nothing
};

Timer::Timer(EventLoop& loop) : rep_(std::make_shared<Rep>(loop.context())) {}

// NOLINTNEXTLINE(bugprone-exception-escape): Asio declares that it throws; cancelling cannot fail.
Timer::~Timer() {
  cancel();
}

void Timer::start(std::int64_t after_ns, std::function<void()> task) {
  cancel();
  rep_->task = std::move(task);
  rep_->timer.expires_after(std::chrono::nanoseconds(after_ns));
  rep_->timer.async_wait([rep = rep_, round = rep_->round](const boost::system::error_code&) {
    if (rep->round == round) {
      ++rep->round;
      const std::function<void()> due = std::exchange(rep->task, nullptr);
      due();
    }
  });
}

void Timer::cancel() {
  ++rep_->round;
  rep_->task = nullptr;
  rep_->timer.cancel();
}

}  // namespace millrace::io
