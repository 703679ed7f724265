// A web server on one event loop: HTTP/1.1 and 1.0, keep-alive, pipelining one answer at a time,
// streams for server-sent events, on a TCP port or a unix socket.
//
//   Router router;
//   router.add("GET", "/api/tables/{name}", [](Request request, Responder responder) {
//     responder.send({.body = table_json(request.path_parameter("name"))});
//   });
//   const auto server = TRY(Server::listen(loop, {.address = "127.0.0.1:8080"},
//   std::move(router)));
//
// Everything a client may do is limited: how many connections, how long a header or a body may take
// (so that a slow client holds nothing for long), how large they are, how much waits for a reader
// that does not read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"
#include "http/router.h"

namespace millrace::io {
class EventLoop;
}  // namespace millrace::io

namespace millrace::http {

namespace detail {
class Core;
class Exchange;
class StreamState;
}  // namespace detail

struct ServerOptions {
  /// "127.0.0.1:8080", "[::1]:0" (0: a free port), or "unix:/path/control.sock".
  std::string address = {};
  std::size_t connections_max = 8'000;
  std::size_t header_bytes_max = 16U << 10U;
  std::int64_t header_timeout_ms = 10'000;  ///< From the connection to the end of the header.
  std::int64_t idle_timeout_ms = 60'000;    ///< From an answer to the end of the next header.
  std::int64_t body_timeout_ms = 30'000;
  std::int64_t write_timeout_ms = 30'000;  ///< Without any progress of one write.
  std::int64_t stop_grace_ms = 500;        ///< For answers under way when the server stops.
};

/// The open end of an answer that goes on. Copies speak of the same stream. Thread-safe.
class Stream {
 public:
  /// Queues bytes for the client. False when it is gone, or was dropped just now because more than
  /// the stream's limit would wait for it.
  bool push(std::string_view bytes) const;

  /// Ends the answer after what is queued.
  void close() const;

  /// False once the client is gone, was dropped, or close() was called.
  [[nodiscard]] bool is_open() const;

 private:
  friend class Responder;

  explicit Stream(std::shared_ptr<detail::StreamState> state) : state_(std::move(state)) {}

  // Shared by the copies and the connection.
  std::shared_ptr<detail::StreamState> state_;
};

struct StreamOptions {
  std::string content_type = "text/event-stream";
  HeaderList headers = {{"cache-control", "no-store"}};
  std::size_t queue_bytes_max = 256U << 10U;
};

/// Answers one request, from any thread, now or later. When the last copy goes without an answer
/// the client gets a 500. Thread-safe.
class Responder {
 public:
  explicit Responder(std::shared_ptr<detail::Exchange> exchange) : exchange_(std::move(exchange)) {}

  /// The first answer counts; further ones are dropped.
  void send(Response response) const;

  /// Begins an answer without an end. A HEAD request gets the header only, and a closed stream.
  [[nodiscard]] Stream start_stream(StreamOptions options = {}) const;

 private:
  // Shared by the copies; it knows whether there was an answer.
  std::shared_ptr<detail::Exchange> exchange_;
};

/// Owned by one thread, which is not the loop's, or the loop does not run any more.
class Server {
 public:
  /// Binds and listens. Errors: kConflict (the address is taken), kPermissionDenied,
  /// kInvalidArgument (no such address). A socket file that nobody listens on is replaced.
  static Result<std::unique_ptr<Server>> listen(io::EventLoop& loop,
                                                ServerOptions options,
                                                Router router);

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  /// Stops: no new connections, idle ones and streams are closed, answers under way have
  /// `stop_grace_ms`. No handler runs when it returns.
  ~Server();

  /// The port that was bound; 0 for a unix socket.
  [[nodiscard]] std::uint16_t port() const;

  [[nodiscard]] std::size_t connections() const;

 private:
  explicit Server(std::shared_ptr<detail::Core> core) : core_(std::move(core)) {}

  // Shared with the connections, which outlive the server by a moment.
  std::shared_ptr<detail::Core> core_;
};

}  // namespace millrace::http
