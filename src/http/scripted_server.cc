#include "http/scripted_server.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <deque>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/assert.h"

namespace millrace::http {
namespace {

constexpr int kTickMs = 10;

bool wait_readable(int socket, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    pollfd watched{.fd = socket, .events = POLLIN, .revents = 0};
    if (::poll(&watched, 1, kTickMs) > 0) {
      return true;
    }
  }
  return false;
}

void pause_ms(std::int64_t ms, const std::stop_token& stop) {
  Wakeup never;
  never.wait(ms * 1'000'000, stop);
}

std::size_t body_length(std::string_view head) {
  constexpr std::string_view kName = "\r\ncontent-length: ";
  std::string small(head);
  std::ranges::transform(small, small.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  const std::size_t at = small.find(kName);
  std::size_t length = 0;
  if (at != std::string::npos) {
    std::from_chars(small.data() + at + kName.size(), small.data() + small.size(), length);
  }
  return length;
}

bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// Header and body of one request; empty when the client went.
std::string read_request(int socket, std::string& buffer, const std::stop_token& stop) {
  while (true) {
    const std::size_t end = buffer.find("\r\n\r\n");
    if (end != std::string::npos) {
      const std::size_t whole = end + 4 + body_length(std::string_view(buffer).substr(0, end + 2));
      if (buffer.size() >= whole) {
        std::string request = buffer.substr(0, whole);
        buffer.erase(0, whole);
        return request;
      }
    }
    std::array<char, 16384> chunk{};
    if (!wait_readable(socket, stop)) {
      return {};
    }
    const ssize_t got = ::recv(socket, chunk.data(), chunk.size(), 0);
    if (got <= 0) {
      return {};
    }
    buffer.append(chunk.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

std::string scripted_answer(int status, std::string_view headers, std::string_view body) {
  return fmt::format(
      "HTTP/1.1 {} Scripted\r\nContent-Length: {}\r\n{}\r\n{}", status, body.size(), headers, body);
}

ScriptedServer::ScriptedServer(std::vector<ScriptedStep> steps) : steps_(std::move(steps)) {
  MR_ASSERT(!steps_.empty());
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t length = sizeof address;
  MR_ASSERT(::bind(listener_, generic, length) == 0);
  MR_ASSERT(::listen(listener_, 64) == 0);
  MR_ASSERT(::getsockname(listener_, generic, &length) == 0);
  port_ = ntohs(address.sin_port);
  thread_ = Thread("scripted", [this](const std::stop_token& stop) { serve(stop); });
}

ScriptedServer::~ScriptedServer() {
  thread_.request_stop();
  thread_.join();
  ::close(listener_);
}

std::string ScriptedServer::url(std::string_view path) const {
  return fmt::format("http://127.0.0.1:{}{}", port_, path);
}

std::vector<std::string> ScriptedServer::requests() {
  const MutexLock lock(mutex_);
  return requests_;
}

int ScriptedServer::connections() {
  const MutexLock lock(mutex_);
  return connections_;
}

void ScriptedServer::serve(const std::stop_token& stop) {
  std::deque<Thread> threads;
  while (wait_readable(listener_, stop)) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) {
      continue;
    }
    {
      const MutexLock lock(mutex_);
      ++connections_;
    }
    threads.emplace_back("scripted", [this, socket](const std::stop_token& own) {
      serve_connection(socket, own);
      ::close(socket);
    });
  }
  for (Thread& thread : threads) {
    thread.request_stop();
  }
}

void ScriptedServer::serve_connection(int socket, const std::stop_token& stop) {
  std::string buffer;
  while (true) {
    std::string request = read_request(socket, buffer, stop);
    if (request.empty() || !perform(socket, next_step(std::move(request)), stop)) {
      return;
    }
  }
}

ScriptedStep ScriptedServer::next_step(std::string request) {
  const MutexLock lock(mutex_);
  requests_.push_back(std::move(request));
  return steps_[std::min(requests_.size(), steps_.size()) - 1];
}

// False when the connection is over.
bool ScriptedServer::perform(int socket, const ScriptedStep& step, const std::stop_token& stop) {
  if (step.delay_ms > 0) {
    pause_ms(step.delay_ms, stop);
  }
  if (!send_all(socket, step.bytes)) {
    return false;
  }
  switch (step.then) {
    case ScriptedStep::Then::kKeepAlive:
      return true;
    case ScriptedStep::Then::kClose:
      return false;
    case ScriptedStep::Then::kReset: {
      const linger at_once{.l_onoff = 1, .l_linger = 0};
      ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
      return false;
    }
    case ScriptedStep::Then::kHang:
      pause_ms(60'000, stop);
      return false;
    case ScriptedStep::Then::kDrip:
      while (!stop.stop_requested() && send_all(socket, "x")) {
        pause_ms(20, stop);
      }
      return false;
  }
  return false;
}

}  // namespace millrace::http
