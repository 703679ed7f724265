// One connection of the server, as a state machine:
//
//   reading a header ─▶ reading a body ─▶ answering ─▶ reading the next header
//                                     └─▶ streaming ─▶ closed
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "base/mutex.h"
#include "http/detail/core.h"

namespace millrace::http::detail {

/// What a stream's writers and its connection share. Thread-safe.
class StreamState {
 public:
  StreamState(std::shared_ptr<LoopDoor> door, std::weak_ptr<Session> session, std::size_t limit)
      : door_(std::move(door)), session_(std::move(session)), limit_(limit) {}

  bool push(std::string_view bytes);
  void close();
  /// The client is gone.
  void abandon();
  [[nodiscard]] bool is_open();
  /// The reader was too slow.
  [[nodiscard]] bool is_dropped();

  /// For the connection: what waits, and what is to follow.
  struct Taken {
    std::string bytes;
    bool last = false;  ///< Nothing follows.
  };

  Taken take();

 private:
  void wake() MR_REQUIRES(mutex_);

  // Shared with the server's core.
  const std::shared_ptr<LoopDoor> door_;
  const std::weak_ptr<Session> session_;
  const std::size_t limit_;
  Mutex mutex_;
  std::string waiting_ MR_GUARDED_BY(mutex_);
  bool woken_ MR_GUARDED_BY(mutex_) = false;
  bool closed_ MR_GUARDED_BY(mutex_) = false;
  bool dropped_ MR_GUARDED_BY(mutex_) = false;
};

/// One request and whether it was answered. Thread-safe.
class Exchange {
 public:
  Exchange(std::shared_ptr<LoopDoor> door, std::weak_ptr<Session> session)
      : door_(std::move(door)), session_(std::move(session)) {}

  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  /// Answers 500 when nobody did.
  ~Exchange();

  void send(Response response);
  std::shared_ptr<StreamState> start_stream(StreamOptions options);

 private:
  const std::shared_ptr<LoopDoor> door_;  // Shared with the server's core.
  const std::weak_ptr<Session> session_;
  std::atomic<bool> answered_ = false;
};

/// Owned by the loop's thread.
class Session : public std::enable_shared_from_this<Session> {
 public:
  using Socket = boost::asio::generic::stream_protocol::socket;

  Session(std::shared_ptr<Core> core, Socket socket, std::string peer);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  void start() { read_header(); }

  void respond(const Response& response);
  void begin_stream(const std::shared_ptr<StreamState>& stream, const StreamOptions& options);
  /// There is something to write for the stream.
  void flush_stream();

  /// The server stops: closes what is idle, marks the rest to be closed after its answer.
  void wind_down();
  void kill();

 private:
  using Code = boost::system::error_code;
  using StringBody = boost::beast::http::string_body;

  enum class State : std::uint8_t {
    kReadingHeader,
    kReadingBody,
    kAnswering,
    kWriting,
    kStreaming,
    kClosed,
  };

  void read_header();
  void on_header(Code code);
  void on_bad_header(Code code);
  void accept_body();
  void read_body();
  void on_body(Code code);
  void dispatch();
  Request take_request();
  void refuse(int status, std::string_view message, HeaderList headers = {});
  void write_out();
  void on_written(Code code);
  void watch_for_end();
  void linger();
  void close();

  // Shared with the other connections and the server.
  std::shared_ptr<Core> core_;
  boost::beast::basic_stream<boost::asio::generic::stream_protocol> socket_;
  const std::string peer_;
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<StringBody>> parser_;
  Router::Match match_;
  State state_ = State::kReadingHeader;
  bool first_request_ = true;
  bool head_only_ = false;
  bool keep_alive_ = false;
  bool chunked_ = false;
  bool linger_ = false;  // Bytes of the client were not read: close gently.
  bool stream_ending_ = false;
  std::string out_;
  std::size_t discarded_ = 0;
  // Shared with the stream's writers.
  std::shared_ptr<StreamState> stream_;
  // Keeps itself while a handler has the request: nothing of the loop does then.
  std::shared_ptr<Session> until_answered_;
};

}  // namespace millrace::http::detail
