#include "broker/detail/acceptor.h"

#include <utility>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <fcntl.h>
#include <fmt/format.h>

#include "base/log_line.h"
#include "broker/broker_settings.h"
#include "broker/request_metrics.h"
#include "io/event_loop.h"

namespace millrace::broker {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::int64_t kAcceptRetryNs = 100'000'000;
constexpr int kBacklog = 4'096;

ErrorCode code_of(const error_code& code) {
  if (code == asio::error::address_in_use) {
    return ErrorCode::kConflict;
  }
  if (code == asio::error::access_denied) {
    return ErrorCode::kPermissionDenied;
  }
  return ErrorCode::kIo;
}

// IPv4 in IPv6 is shown as what it is.
std::string host_text(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

}  // namespace

struct ConnectionCounts::Ticket final : ConnectionTicket {
  Ticket(std::shared_ptr<ConnectionCounts> of, std::string from)
      : counts(std::move(of)), host(std::move(from)) {}

  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;

  ~Ticket() override { counts->leave(host); }

  // Shared with the others: connections may outlive the acceptor by a moment.
  std::shared_ptr<ConnectionCounts> counts;
  std::string host;
};

std::unique_ptr<ConnectionTicket> ConnectionCounts::admit(const std::string& host) {
  const std::shared_ptr<const BrokerValues> values = settings_.values();
  const auto all_max = all_max_ > 0 ? all_max_ : static_cast<std::size_t>(values->connections_max);
  const auto each_max = static_cast<std::size_t>(values->connections_per_ip_max);
  {
    const MutexLock lock(mutex_);
    const auto found = by_host_.find(host);
    if (all_ >= all_max || (found == by_host_.end() ? 0 : found->second) >= each_max) {
      return nullptr;
    }
    std::size_t& of_host = by_host_[host];
    ++of_host;
    ++all_;
  }
  shown_.add(1);
  return std::make_unique<Ticket>(shared_from_this(), host);
}

void ConnectionCounts::leave(const std::string& host) {
  shown_.add(-1);
  const MutexLock lock(mutex_);
  --all_;
  const auto found = by_host_.find(host);
  if (--found->second == 0) {
    by_host_.erase(found);
  }
}

std::size_t ConnectionCounts::count() const {
  const MutexLock lock(mutex_);
  return all_;
}

struct Acceptor::Listener {
  Listener(io::EventLoop& loop, std::size_t index)
      : number(index), acceptor(loop.context()), retry(loop) {}

  std::size_t number;
  asio::ip::tcp::acceptor acceptor;
  io::Timer retry;
};

Acceptor::Acceptor(std::vector<std::unique_ptr<ConnectionLoop>>& loops,
                   std::shared_ptr<ConnectionCounts> counts,
                   RequestMetrics& metrics)
    : loops_(loops), counts_(std::move(counts)), metrics_(metrics) {}

Acceptor::~Acceptor() = default;

Result<std::uint16_t> Acceptor::bind(const config::HostPort& address) {
  error_code code;
  const std::string host = address.host == "localhost" ? "127.0.0.1" : address.host;
  const asio::ip::address number =
      asio::ip::make_address(host.empty() ? std::string("0.0.0.0") : host, code);
  if (code) {
    return Error(
        ErrorCode::kInvalidArgument,
        fmt::format("an address to listen on is a number such as 127.0.0.1, not {}", host));
  }
  auto listener = std::make_unique<Listener>(loops_.front()->loop(), listeners_.size());
  asio::ip::tcp::acceptor& acceptor = listener->acceptor;
  const asio::ip::tcp::endpoint endpoint(number, address.port);
  acceptor.open(endpoint.protocol(), code);
  if (!code) {
    ::fcntl(acceptor.native_handle(), F_SETFD, FD_CLOEXEC);
    acceptor.set_option(asio::socket_base::reuse_address(true), code);
  }
  if (!code && number.is_v6() && number.is_unspecified()) {
    acceptor.set_option(asio::ip::v6_only(false), code);
  }
  if (!code) {
    acceptor.bind(endpoint, code);
  }
  if (!code) {
    acceptor.listen(kBacklog, code);
  }
  if (code) {
    return Error(
        code_of(code),
        fmt::format("cannot listen on {}: {}", config::to_string(address), code.message()));
  }
  const std::uint16_t port = acceptor.local_endpoint(code).port();
  listeners_.push_back(std::move(listener));
  return port;
}

void Acceptor::start() {
  for (const std::unique_ptr<Listener>& listener : listeners_) {
    loops_.front()->loop().post([this, which = listener.get()] { accept(*which); });
  }
}

void Acceptor::stop() {
  Wakeup stopped;
  loops_.front()->loop().post([this, &stopped] {
    stopping_ = true;
    for (const std::unique_ptr<Listener>& listener : listeners_) {
      error_code ignored;
      listener->retry.cancel();
      listener->acceptor.close(ignored);
    }
    stopped.notify();
  });
  stopped.wait(-1);
}

void Acceptor::accept(Listener& listener) {
  if (stopping_) {
    return;
  }
  ConnectionLoop& loop = *loops_[next_loop_++ % loops_.size()];
  listener.acceptor.async_accept(
      loop.loop().context(),
      [this, &listener, &loop](const error_code& code, asio::ip::tcp::socket socket) {
        if (stopping_ || code == asio::error::operation_aborted) {
          return;
        }
        if (code) {
          // Too many open files, most likely: until some may be closed.
          MR_LOG(warning, "a connection could not be accepted", {"reason", code.message()});
          listener.retry.start(kAcceptRetryNs, [this, &listener] { accept(listener); });
          return;
        }
        take(listener, loop, std::move(socket));
        accept(listener);
      });
}

void Acceptor::take(Listener& listener, ConnectionLoop& loop, asio::ip::tcp::socket socket) {
  ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
  error_code gone;
  const asio::ip::tcp::endpoint client = socket.remote_endpoint(gone);
  const asio::ip::tcp::endpoint server = gone ? client : socket.local_endpoint(gone);
  if (gone) {
    return;
  }
  Peer peer{.client_host = host_text(client.address()),
            .server_host = host_text(server.address()),
            .listener = listener.number};
  std::unique_ptr<ConnectionTicket> ticket = counts_->admit(peer.client_host);
  if (ticket == nullptr) {
    metrics_.refused.add();
    MR_LOG(warning,
           "a Kafka client is turned away: there are too many connections",
           {"client", peer.client_host});
    return;
  }
  metrics_.accepted.add();
  loop.adopt(std::move(socket), std::move(peer), std::move(ticket));
}

}  // namespace millrace::broker
