#include "client/detail/socket.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

namespace millrace::client {
namespace {

// A stop token is looked at so often.
constexpr std::int64_t kStopTickMs = 100;
constexpr std::size_t kSlicesPerWrite = 256;

std::string text_of(int error) {
  return std::generic_category().message(error);
}

// Until the socket can be read or written (or has failed, which the next call tells).
Result<void> wait_for(int descriptor, short events, const Deadline& deadline) {
  while (true) {
    if (deadline.stop().stop_requested()) {
      return Error(ErrorCode::kCancelled, "stopped");
    }
    const std::int64_t left = deadline.left_ms();
    pollfd watched{.fd = descriptor, .events = events, .revents = 0};
    const int ready = ::poll(&watched, 1, static_cast<int>(std::min(left, kStopTickMs)));
    if (ready > 0) {
      return {};
    }
    if (ready < 0 && errno != EINTR) {
      return Error(ErrorCode::kIo, "poll: " + text_of(errno));
    }
    if (left == 0) {
      return Error(ErrorCode::kTimeout, "no answer in time");
    }
  }
}

Error broken(int error) {
  if (error == ECONNRESET || error == EPIPE || error == ENOTCONN) {
    return {ErrorCode::kUnavailable, "the broker closed the connection"};
  }
  return {ErrorCode::kUnavailable, text_of(error)};
}

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

Result<Addresses> resolve(const config::HostPort& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error =
      ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (error != 0) {
    return Error(
        ErrorCode::kNotFound,
        fmt::format("no address for host \"{}\": {}", address.host, ::gai_strerror(error)));
  }
  return Addresses(found);
}

Result<std::unique_ptr<Socket>> connect_one(const addrinfo& to, const Deadline& deadline) {
  const int descriptor =
      ::socket(to.ai_family, to.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, to.ai_protocol);
  if (descriptor < 0) {
    return Error(ErrorCode::kIo, "socket: " + text_of(errno));
  }
  auto socket = std::make_unique<Socket>(descriptor);
  if (::connect(descriptor, to.ai_addr, to.ai_addrlen) != 0) {
    if (errno != EINPROGRESS) {
      return Error(ErrorCode::kUnavailable, text_of(errno));
    }
    TRY(wait_for(descriptor, POLLOUT, deadline));
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) {
      return Error(ErrorCode::kUnavailable, text_of(error == 0 ? errno : error));
    }
  }
  return socket;
}

}  // namespace

Result<std::unique_ptr<Socket>> Socket::connect(const config::HostPort& address,
                                                const Deadline& deadline) {
  const Addresses found = TRY(resolve(address));
  std::string why;
  ErrorCode code = ErrorCode::kUnavailable;
  for (const addrinfo* each = found.get(); each != nullptr; each = each->ai_next) {
    Result<std::unique_ptr<Socket>> socket = connect_one(*each, deadline);
    if (socket || socket.error().code() == ErrorCode::kCancelled) {
      return socket;
    }
    const std::string& message = socket.error().message();
    if (why.find(message) == std::string::npos) {
      why += (why.empty() ? "" : ", ") + message;
    }
    code = socket.error().code();
  }
  return Error(code, why);
}

Socket::Socket(int descriptor) : descriptor_(descriptor) {
  const int flags = ::fcntl(descriptor_, F_GETFL, 0);
  ::fcntl(descriptor_, F_SETFL, flags | O_NONBLOCK);
  const int on = 1;
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Socket::~Socket() {
  ::close(descriptor_);
}

Result<void> Socket::write(std::span<const data::BlockSlice> slices, const Deadline& deadline) {
  std::size_t first = 0;
  std::size_t skip = 0;  // Bytes of the first that are gone already.
  while (first < slices.size()) {
    std::array<iovec, kSlicesPerWrite> pieces{};
    std::size_t count = 0;
    for (std::size_t i = first; i < slices.size() && count < pieces.size(); ++i) {
      const std::string_view bytes = slices[i].view().substr(i == first ? skip : 0);
      pieces[count++] = {.iov_base = const_cast<char*>(bytes.data()), .iov_len = bytes.size()};
    }
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = count;
    const ssize_t sent = ::sendmsg(descriptor_, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) {
      continue;
    }
    if (sent < 0 && errno == EAGAIN) {
      TRY(wait_for(descriptor_, POLLOUT, deadline));
      continue;
    }
    if (sent < 0) {
      return broken(errno);
    }
    skip += static_cast<std::size_t>(sent);
    while (first < slices.size() && skip >= slices[first].size()) {
      skip -= slices[first].size();
      ++first;
    }
  }
  return {};
}

Result<void> Socket::read(char* to, std::size_t size, const Deadline& deadline) {
  std::size_t got = 0;
  while (got < size) {
    const ssize_t received = ::recv(descriptor_, to + got, size - got, 0);
    if (received > 0) {
      got += static_cast<std::size_t>(received);
    } else if (received == 0) {
      return Error(
          ErrorCode::kUnavailable,
          got == 0
              ? "the broker closed the connection"
              : fmt::format("the broker closed the connection after {} of {} bytes", got, size));
    } else if (errno == EAGAIN) {
      TRY(wait_for(descriptor_, POLLIN, deadline));
    } else if (errno != EINTR) {
      return broken(errno);
    }
  }
  return {};
}

bool Socket::readable() const {
  pollfd watched{.fd = descriptor_, .events = POLLIN, .revents = 0};
  return ::poll(&watched, 1, 0) > 0;
}

}  // namespace millrace::client
