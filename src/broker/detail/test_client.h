// For tests: a client that blocks, and can say anything.
#pragma once

#include <cerrno>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"
#include "wire/api_key.h"
#include "wire/generated/headers.h"
#include "wire/reader.h"
#include "wire/writer.h"

namespace millrace::broker {

/// Owned by one thread.
class TestClient {
 public:
  explicit TestClient(std::uint16_t port, int receive_buffer = 0) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receive_buffer > 0) {
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    timeval patience{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }

  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;

  ~TestClient() { ::close(fd_); }

  [[nodiscard]] int fd() const { return fd_; }

  [[nodiscard]] bool connected() const { return connected_; }

  /// False when the other side is gone.
  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        return false;
      }
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  void end_writing() const { ::shutdown(fd_, SHUT_WR); }

  /// Exactly so many bytes; nothing when the connection ended or was silent for 10 s.
  [[nodiscard]] std::optional<std::string> receive(std::size_t count) const {
    std::string bytes(count, '\0');
    std::size_t got = 0;
    while (got < count) {
      const ssize_t received = ::recv(fd_, bytes.data() + got, count - got, 0);
      if (received <= 0) {
        return {};
      }
      got += static_cast<std::size_t>(received);
    }
    return bytes;
  }

  /// The next answer without its size.
  [[nodiscard]] std::optional<std::string> receive_frame() const {
    const std::optional<std::string> size = receive(4);
    return size ? receive(static_cast<std::size_t>(load_be<std::int32_t>(size->data())))
                : std::nullopt;
  }

  /// Whether the broker ended the connection (within 10 s), whatever it sent before.
  [[nodiscard]] bool is_closed() const {
    char byte = 0;
    while (true) {
      const ssize_t received = ::recv(fd_, &byte, 1, 0);
      if (received == 0 || (received < 0 && errno == ECONNRESET)) {
        return true;
      }
      if (received < 0) {
        return false;
      }
    }
  }

  /// A whole request.
  template <class Request>
  static std::string request(const Request& body,
                             std::int16_t version,
                             std::int32_t correlation = 1) {
    wire::Writer writer;
    writer.be<std::int32_t>(0);
    const wire::RequestHeader header{.request_api_key = static_cast<std::int16_t>(Request::kKey),
                                     .request_api_version = version,
                                     .correlation_id = correlation,
                                     .client_id = "test"};
    MUST(header.encode(writer, wire::request_header_version(Request::kKey, version)));
    MUST(body.encode(writer, version));
    writer.patch_be32(0, static_cast<std::int32_t>(writer.size() - 4));
    return writer.finish_string();
  }

  /// Reads an answer and checks whose it is.
  template <class Response>
  [[nodiscard]] std::optional<Response> answer(std::int16_t version, std::int32_t correlation = 1) {
    std::optional<std::string> frame = receive_frame();
    if (!frame) {
      return {};
    }
    wire::Reader reader{data::BlockSlice::copy(*frame)};
    const wire::ResponseHeader header = MUST(wire::ResponseHeader::decode(
        reader, wire::response_header_version(Response::kKey, version)));
    EXPECT_EQ(header.correlation_id, correlation);
    Response response = MUST(Response::decode(reader, version));
    EXPECT_EQ(reader.remaining(), 0U);
    return response;
  }

 private:
  int fd_ = -1;
  bool connected_ = false;
};

}  // namespace millrace::broker
