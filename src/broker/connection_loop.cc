#include "broker/detail/connection_loop.h"

#include <utility>

#include "base/clock.h"
#include "broker/services.h"

namespace millrace::broker {
namespace {

constexpr std::size_t kStagingBytes = 64U << 10U;
constexpr std::int64_t kCheckNs = 250'000'000;

}  // namespace

ConnectionLoop::ConnectionLoop(Services& services, Budget& budget, const ConnectionLimits& limits)
    : services_(services),
      budget_(budget),
      limits_(limits),
      loop_(std::make_unique<io::EventLoop>()),
      inbox_(std::make_shared<LoopInbox>(*loop_, services.clock)),
      staging_(kStagingBytes),
      timer_(std::make_unique<io::Timer>(*loop_)) {}

ConnectionLoop::~ConnectionLoop() {
  join();
}

void ConnectionLoop::join() {
  if (loop_ == nullptr) {
    return;
  }
  inbox_->close();
  timer_.reset();
  loop_.reset();
}

std::int64_t ConnectionLoop::now_ns() const {
  return services_.clock.monotonic_ns();
}

void ConnectionLoop::adopt(boost::asio::ip::tcp::socket socket,
                           Peer peer,
                           std::unique_ptr<ConnectionTicket> ticket) {
  const auto connection =
      std::make_shared<Connection>(*this, std::move(socket), std::move(peer), std::move(ticket));
  loop_->post([this, connection] {
    if (stopping_) {
      return;  // Closed as it goes.
    }
    connections_.emplace(connection.get(), connection);
    connection->start();
    if (!std::exchange(timer_runs_, true)) {
      timer_->start(kCheckNs, [this] { check_times(); });
    }
  });
}

void ConnectionLoop::each(void (Connection::*call)()) {
  const auto all = connections_;  // They may go meanwhile.
  for (const auto& [key, connection] : all) {
    (connection.get()->*call)();
  }
}

void ConnectionLoop::check_times() {
  const std::int64_t now = now_ns();
  std::vector<std::shared_ptr<Connection>> all;
  all.reserve(connections_.size());
  for (const auto& [key, connection] : connections_) {
    all.push_back(connection);
  }
  for (const std::shared_ptr<Connection>& connection : all) {
    connection->check_times(now);
  }
  timer_runs_ = !connections_.empty();
  if (timer_runs_) {
    timer_->start(kCheckNs, [this] { check_times(); });
  }
}

void ConnectionLoop::forget(const Connection* connection) {
  connections_.erase(connection);
  if (stopping_ && connections_.empty()) {
    stopped_.notify();
  }
}

void ConnectionLoop::begin_stop() {
  loop_->post([this] {
    stopping_ = true;
    each(&Connection::wind_down);
    if (connections_.empty()) {
      stopped_.notify();
    }
  });
}

void ConnectionLoop::stop(std::int64_t grace_ns) {
  stopped_.wait(grace_ns);
  Wakeup closed;
  loop_->post([this, &closed] {
    each(&Connection::close);
    timer_.reset();
    inbox_->end_timers();
    closed.notify();
  });
  closed.wait(-1);
}

}  // namespace millrace::broker
