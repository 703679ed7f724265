#include "http/server.h"

#include <utility>

#include <boost/asio/ip/address.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log_line.h"
#include "config/option_table.h"
#include "http/detail/core.h"
#include "http/detail/session.h"

namespace millrace::http {
namespace detail {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::string_view kUnixPrefix = "unix:";
constexpr std::int64_t kAcceptRetryNs = 100'000'000;
constexpr int kBacklog = 1'024;

ErrorCode code_of(const error_code& code) {
  if (code == asio::error::address_in_use) {
    return ErrorCode::kConflict;
  }
  if (code == asio::error::access_denied) {
    return ErrorCode::kPermissionDenied;
  }
  return ErrorCode::kIo;
}

Error listen_error(const std::string& address, const error_code& code) {
  return Error(code_of(code), fmt::format("cannot listen on {}: {}", address, code.message()));
}

// Children of this process do not keep our connections open.
template <class Socket>
void close_on_exec(Socket& socket) {
  ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
}

template <class Endpoint>
std::string peer_text(const Endpoint& /*unix*/) {
  return "local";
}

template <>
std::string peer_text(const asio::ip::tcp::endpoint& endpoint) {
  return config::to_string({.host = endpoint.address().to_string(), .port = endpoint.port()});
}

}  // namespace

Core::Core(io::EventLoop& loop, ServerOptions options, Router router)
    : loop_(loop),
      options_(std::move(options)),
      router_(std::move(router)),
      door_(std::make_shared<LoopDoor>(loop)),
      tcp_(loop.context()),
      unix_(loop.context()),
      timer_(loop) {}

Core::~Core() = default;

Result<void> Core::bind() {
  if (options_.address.starts_with(kUnixPrefix)) {
    return bind_unix(options_.address.substr(kUnixPrefix.size()));
  }
  return bind_tcp();
}

Result<void> Core::bind_tcp() {
  const std::optional<config::HostPort> parsed = config::parse_host_port(options_.address);
  if (!parsed) {
    return Error(ErrorCode::kInvalidArgument,
                 "an address to listen on is host:port, not " + options_.address);
  }
  error_code code;
  const std::string host = parsed->host == "localhost" ? "127.0.0.1" : parsed->host;
  const asio::ip::address address = asio::ip::make_address(host, code);
  if (code) {
    return Error(
        ErrorCode::kInvalidArgument,
        fmt::format("an address to listen on is a number such as 127.0.0.1, not {}", host));
  }
  const asio::ip::tcp::endpoint endpoint(address, parsed->port);
  tcp_.open(endpoint.protocol(), code);
  if (!code) {
    close_on_exec(tcp_);
    tcp_.set_option(asio::socket_base::reuse_address(true), code);
  }
  if (!code) {
    tcp_.bind(endpoint, code);
  }
  if (!code) {
    tcp_.listen(kBacklog, code);
  }
  if (code) {
    return listen_error(options_.address, code);
  }
  port_ = tcp_.local_endpoint(code).port();
  return {};
}

Result<void> Core::bind_unix(const std::string& path) {
  sockaddr_un limits;
  if (path.empty() || path.size() >= sizeof limits.sun_path) {
    return Error(
        ErrorCode::kInvalidArgument,
        fmt::format(
            "the path of a socket has 1 to {} bytes: {}", sizeof limits.sun_path - 1, path));
  }
  const asio::local::stream_protocol::endpoint endpoint(path);
  error_code code;
  asio::local::stream_protocol::socket probe(loop_.context());
  probe.connect(endpoint, code);
  if (!code) {
    return listen_error(path, asio::error::address_in_use);
  }
  if (code == asio::error::connection_refused) {
    ::unlink(path.c_str());  // Its process is gone.
  }
  code.clear();
  unix_.open(endpoint.protocol(), code);
  if (!code) {
    close_on_exec(unix_);
    const mode_t before = ::umask(0177);  // For its owner only, from the first moment.
    unix_.bind(endpoint, code);
    ::umask(before);
  }
  if (!code) {
    unix_.listen(kBacklog, code);
  }
  if (code) {
    return listen_error(path, code);
  }
  unix_path_ = path;
  return {};
}

void Core::start() {
  if (tcp_.is_open()) {
    accept(tcp_);
  } else if (unix_.is_open()) {
    accept(unix_);
  }
}

template <class Acceptor>
void Core::accept(Acceptor& acceptor) {
  using AcceptedSocket = typename Acceptor::protocol_type::socket;
  acceptor.async_accept(
      [self = shared_from_this(), &acceptor](error_code code, AcceptedSocket socket) {
        if (self->stopping_ || code == asio::error::operation_aborted) {
          return;
        }
        if (code) {
          MR_LOG(warning, "a connection could not be accepted", {"reason", code.message()});
          self->retry_accept();
          return;
        }
        error_code ignored;
        const std::string peer = peer_text(socket.remote_endpoint(ignored));
        self->adopt(GenericSocket(std::move(socket)), peer);
        self->accept(acceptor);
      });
}

// Too many open files, most likely: the next attempt waits until some may be closed.
void Core::retry_accept() {
  timer_.start(kAcceptRetryNs, [this] { start(); });
}

void Core::adopt(GenericSocket socket, std::string peer) {
  close_on_exec(socket);
  if (connections_ >= options_.connections_max) {
    return;  // Closed as it goes out of scope.
  }
  error_code ignored;
  if (tcp_.is_open()) {
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  }
  ++connections_;
  const auto session =
      std::make_shared<Session>(shared_from_this(), std::move(socket), std::move(peer));
  sessions_.emplace(session.get(), session);
  session->start();
}

void Core::forget(const Session* session) {
  if (sessions_.erase(session) > 0) {
    --connections_;
  }
  if (stopping_ && sessions_.empty()) {
    stopped.notify();
  }
}

void Core::stop() {
  stopping_ = true;
  error_code ignored;
  tcp_.close(ignored);
  unix_.close(ignored);
  if (!unix_path_.empty()) {
    ::unlink(unix_path_.c_str());
  }
  if (sessions_.empty()) {
    timer_.cancel();
    stopped.notify();
    return;
  }
  timer_.start(options_.stop_grace_ms * 1'000'000, [this] { kill_all(); });
  const auto all = sessions_;
  for (const auto& [key, weak] : all) {
    if (const std::shared_ptr<Session> session = weak.lock()) {
      session->wind_down();
    }
  }
}

void Core::kill_all() {
  const auto all = sessions_;
  for (const auto& [key, weak] : all) {
    if (const std::shared_ptr<Session> session = weak.lock()) {
      session->kill();
    }
  }
  stopped.notify();
}

}  // namespace detail

bool Stream::push(std::string_view bytes) const {
  return state_->push(bytes);
}

void Stream::close() const {
  state_->close();
}

bool Stream::is_open() const {
  return state_->is_open();
}

void Responder::send(Response response) const {
  exchange_->send(std::move(response));
}

Stream Responder::start_stream(StreamOptions options) const {
  return Stream(exchange_->start_stream(std::move(options)));
}

Result<std::unique_ptr<Server>> Server::listen(io::EventLoop& loop,
                                               ServerOptions options,
                                               Router router) {
  auto core = std::make_shared<detail::Core>(loop, std::move(options), std::move(router));
  TRY(core->bind());
  core->door()->post([core] { core->start(); });
  return std::unique_ptr<Server>(new Server(std::move(core)));
}

Server::~Server() {
  constexpr std::int64_t kMarginNs = 400'000'000;
  core_->door()->post([core = core_] { core->stop(); });
  core_->stopped.wait(core_->options().stop_grace_ms * 1'000'000 + kMarginNs);
  core_->door()->close();
}

std::uint16_t Server::port() const {
  return core_->port();
}

std::size_t Server::connections() const {
  return core_->connections();
}

}  // namespace millrace::http
