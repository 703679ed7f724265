#include "http/detail/session.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/status.hpp>
#include <fmt/format.h>

#include "base/ascii.h"

namespace millrace::http::detail {
namespace {

namespace beast = boost::beast;

constexpr std::size_t kDiscardedMax = 1U << 20U;
constexpr std::int64_t kLingerMs = 1'000;

std::chrono::milliseconds after_ms(std::int64_t ms) {
  return std::chrono::milliseconds(ms);
}

// A handler's text must not end a header line.
void append_header(std::string& out, std::string_view name, std::string_view value) {
  const auto append_clean = [&out](std::string_view text) {
    for (const char c : text) {
      out.push_back(c == '\r' || c == '\n' || c == '\0' ? ' ' : c);
    }
  };
  append_clean(name);
  out.append(": ");
  append_clean(value);
  out.append("\r\n");
}

std::string status_line(int status) {
  const auto known = beast::http::int_to_status(static_cast<unsigned>(status));
  const beast::string_view reason = beast::http::obsolete_reason(known);
  return fmt::format("HTTP/1.1 {} {}\r\n", status, std::string_view(reason.data(), reason.size()));
}

bool has_no_body(int status) {
  return status == 204 || status == 304;
}

std::string_view view_of(beast::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

bool StreamState::push(std::string_view bytes) {
  const MutexLock lock(mutex_);
  if (closed_) {
    return false;
  }
  if (waiting_.size() + bytes.size() > limit_) {
    closed_ = true;
    dropped_ = true;
    waiting_.clear();
    woken_ = false;  // A wake-up may wait for the write that is stuck; this one does not.
  } else {
    waiting_.append(bytes);
  }
  wake();
  return !closed_;
}

void StreamState::close() {
  const MutexLock lock(mutex_);
  if (!closed_) {
    closed_ = true;
    wake();
  }
}

void StreamState::abandon() {
  const MutexLock lock(mutex_);
  closed_ = true;
  waiting_.clear();
}

bool StreamState::is_open() {
  const MutexLock lock(mutex_);
  return !closed_;
}

bool StreamState::is_dropped() {
  const MutexLock lock(mutex_);
  return dropped_;
}

void StreamState::wake() {
  if (woken_) {
    return;
  }
  woken_ = door_->post([weak = session_] {
    if (const std::shared_ptr<Session> session = weak.lock()) {
      session->flush_stream();
    }
  });
}

StreamState::Taken StreamState::take() {
  const MutexLock lock(mutex_);
  woken_ = false;
  Taken taken{.bytes = std::move(waiting_), .last = closed_};
  waiting_.clear();
  return taken;
}

Exchange::~Exchange() {
  if (!answered_) {
    send(error_response(500, "the request was given up without an answer"));
  }
}

void Exchange::send(Response response) {
  if (answered_.exchange(true)) {
    return;
  }
  door_->post([weak = session_, response = std::move(response)] {
    if (const std::shared_ptr<Session> session = weak.lock()) {
      session->respond(response);
    }
  });
}

std::shared_ptr<StreamState> Exchange::start_stream(StreamOptions options) {
  const auto stream = std::make_shared<StreamState>(door_, session_, options.queue_bytes_max);
  if (answered_.exchange(true)) {
    stream->abandon();
    return stream;
  }
  const bool posted = door_->post([weak = session_, stream, options = std::move(options)] {
    const std::shared_ptr<Session> session = weak.lock();
    if (session == nullptr) {
      stream->abandon();
      return;
    }
    session->begin_stream(stream, options);
  });
  if (!posted) {
    stream->abandon();
  }
  return stream;
}

Session::Session(std::shared_ptr<Core> core, Socket socket, std::string peer)
    : core_(std::move(core)),
      socket_(std::move(socket)),
      peer_(std::move(peer)),
      buffer_(core_->options().header_bytes_max + (64U << 10U)) {}

Session::~Session() {
  if (stream_ != nullptr) {
    stream_->abandon();
  }
  core_->forget(this);
}

void Session::read_header() {
  state_ = State::kReadingHeader;
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(core_->options().header_bytes_max));
  parser_->body_limit(boost::none);  // Set once the route is known.
  const ServerOptions& options = core_->options();
  socket_.expires_after(
      after_ms(first_request_ ? options.header_timeout_ms : options.idle_timeout_ms));
  beast::http::async_read_header(
      socket_, buffer_, *parser_, [self = shared_from_this()](Code code, std::size_t) {
        self->on_header(code);
      });
}

void Session::on_header(Code code) {
  if (state_ == State::kClosed) {
    return;
  }
  if (code) {
    on_bad_header(code);
    return;
  }
  const auto& message = parser_->get();
  first_request_ = false;
  head_only_ = message.method() == beast::http::verb::head;
  keep_alive_ = parser_->keep_alive() && !core_->stopping();
  chunked_ = message.version() >= 11;
  if (message.version() >= 11 && message.find(beast::http::field::host) == message.end()) {
    refuse(400, "a request of HTTP/1.1 needs a Host header");
    return;
  }
  const std::string_view target = view_of(message.target());
  if (!target.starts_with('/')) {
    refuse(400, "the request's target does not begin with /");
    return;
  }
  match_ =
      core_->router().match(view_of(message.method_string()), target.substr(0, target.find('?')));
  if (match_.found == Router::Found::kNoPath) {
    refuse(404,
           fmt::format("nothing is at {}",
                       target.substr(0, std::min<std::size_t>(target.find('?'), 200))));
    return;
  }
  if (match_.found == Router::Found::kNoMethod) {
    refuse(405, "this path does not take that method", {{"allow", match_.allow}});
    return;
  }
  accept_body();
}

void Session::on_bad_header(Code code) {
  using beast::http::error;
  if (code == error::header_limit || code == error::buffer_overflow) {
    keep_alive_ = false;
    refuse(431, "the header of the request is too large");
  } else if (code == error::end_of_stream ||
             code.category() == boost::asio::error::get_misc_category() ||
             code.category() == boost::system::system_category() || code == beast::error::timeout ||
             code == error::partial_message) {
    close();
  } else {
    refuse(400, "this is not HTTP: " + code.message());
  }
}

void Session::accept_body() {
  const std::size_t limit = match_.route->options.body_bytes_max;
  const auto length = parser_->content_length();
  if (length && *length > limit) {
    refuse(413, fmt::format("the body is larger than {} bytes", limit));
    return;
  }
  parser_->body_limit(limit);
  const auto& message = parser_->get();
  const auto expect = message.find(beast::http::field::expect);
  if (expect == message.end() || parser_->is_done()) {
    read_body();
    return;
  }
  if (ascii_lower(view_of(expect->value())) != "100-continue") {
    refuse(417, "only 100-continue can be expected");
    return;
  }
  out_ = "HTTP/1.1 100 Continue\r\n\r\n";
  socket_.expires_after(after_ms(core_->options().write_timeout_ms));
  boost::asio::async_write(
      socket_, boost::asio::buffer(out_), [self = shared_from_this()](Code code, std::size_t) {
        if (code) {
          self->close();
        } else {
          self->read_body();
        }
      });
}

void Session::read_body() {
  state_ = State::kReadingBody;
  if (parser_->is_done()) {
    dispatch();
    return;
  }
  socket_.expires_after(after_ms(core_->options().body_timeout_ms));
  beast::http::async_read(
      socket_, buffer_, *parser_, [self = shared_from_this()](Code code, std::size_t) {
        self->on_body(code);
      });
}

void Session::on_body(Code code) {
  if (state_ == State::kClosed) {
    return;
  }
  if (!code) {
    dispatch();
  } else if (code == beast::http::error::body_limit) {
    refuse(413,
           fmt::format("the body is larger than {} bytes", match_.route->options.body_bytes_max));
  } else if (code.category() == make_error_code(beast::http::error::bad_chunk).category() &&
             code != beast::http::error::partial_message) {
    refuse(400, "the body of the request is not HTTP: " + code.message());
  } else {
    close();
  }
}

Request Session::take_request() {
  auto& message = parser_->get();
  Request request;
  const std::string_view method = view_of(message.method_string());
  request.method = method == "HEAD" ? "GET" : std::string(method);
  request.target = std::string(view_of(message.target()));
  const std::string_view target = request.target;
  const std::size_t mark = std::min(target.find('?'), target.size());
  request.path = percent_decode(target.substr(0, mark));
  request.query = parse_query(target.substr(std::min(mark + 1, target.size())));
  for (const auto& field : message) {
    request.headers.emplace_back(ascii_lower(view_of(field.name_string())), view_of(field.value()));
  }
  request.body = std::move(message.body());
  request.path_parameters = std::move(match_.parameters);
  request.peer = peer_;
  return request;
}

void Session::dispatch() {
  state_ = State::kAnswering;
  socket_.expires_never();
  until_answered_ = shared_from_this();
  const Handler& handler = match_.route->handler;
  handler(take_request(), Responder(std::make_shared<Exchange>(core_->door(), weak_from_this())));
}

// Answers what has no handler, and closes: what follows on the connection cannot be trusted to be
// a request.
void Session::refuse(int status, std::string_view message, HeaderList headers) {
  const bool whole = parser_ && parser_->is_header_done() && parser_->is_done();
  linger_ = !whole;
  keep_alive_ = keep_alive_ && whole;
  state_ = State::kAnswering;
  Response response = error_response(status, message);
  response.headers = std::move(headers);
  respond(response);
}

void Session::respond(const Response& response) {
  if (state_ != State::kAnswering) {
    return;
  }
  const std::shared_ptr<Session> self = std::move(until_answered_);
  out_ = status_line(response.status);
  if (!has_no_body(response.status)) {
    if (!response.content_type.empty()) {
      append_header(out_, "Content-Type", response.content_type);
    }
    append_header(out_, "Content-Length", std::to_string(response.body.size()));
  }
  for (const auto& [name, value] : response.headers) {
    append_header(out_, name, value);
  }
  keep_alive_ = keep_alive_ && !core_->stopping();
  append_header(out_, "Connection", keep_alive_ ? "keep-alive" : "close");
  out_.append("\r\n");
  if (!head_only_ && !has_no_body(response.status)) {
    out_.append(response.body);
  }
  state_ = State::kWriting;
  write_out();
}

void Session::begin_stream(const std::shared_ptr<StreamState>& stream,
                           const StreamOptions& options) {
  if (state_ != State::kAnswering) {
    stream->abandon();
    return;
  }
  const std::shared_ptr<Session> self = std::move(until_answered_);
  out_ = status_line(200);
  append_header(out_, "Content-Type", options.content_type);
  if (chunked_) {
    append_header(out_, "Transfer-Encoding", "chunked");
  }
  for (const auto& [name, value] : options.headers) {
    append_header(out_, name, value);
  }
  append_header(out_, "Connection", "close");
  out_.append("\r\n");
  keep_alive_ = false;
  if (head_only_) {
    stream->abandon();
    state_ = State::kWriting;
    write_out();
    return;
  }
  stream_ = stream;
  state_ = State::kStreaming;
  watch_for_end();
  write_out();
}

void Session::flush_stream() {
  if (state_ == State::kStreaming && stream_->is_dropped()) {
    close();
    return;
  }
  if (state_ != State::kStreaming || !out_.empty() || stream_ending_) {
    return;  // Whatever waits goes when the write that is under way ends.
  }
  const StreamState::Taken taken = stream_->take();
  if (!taken.bytes.empty()) {
    out_ = chunked_ ? fmt::format("{:x}\r\n{}\r\n", taken.bytes.size(), taken.bytes) : taken.bytes;
  }
  if (taken.last) {
    stream_ending_ = true;
    out_.append(chunked_ ? "0\r\n\r\n" : "");
    if (out_.empty()) {
      close();
      return;
    }
  }
  if (!out_.empty()) {
    write_out();
  }
}

void Session::write_out() {
  socket_.expires_after(after_ms(core_->options().write_timeout_ms));
  boost::asio::async_write(
      socket_, boost::asio::buffer(out_), [self = shared_from_this()](Code code, std::size_t) {
        self->on_written(code);
      });
}

void Session::on_written(Code code) {
  if (state_ == State::kClosed) {
    return;
  }
  if (code) {
    close();
    return;
  }
  out_.clear();
  if (out_.capacity() > (64U << 10U)) {
    out_.shrink_to_fit();
  }
  if (state_ == State::kStreaming) {
    if (stream_ending_) {
      close();
    } else {
      flush_stream();
    }
    return;
  }
  if (keep_alive_ && !core_->stopping()) {
    read_header();
  } else if (linger_) {
    linger();
  } else {
    close();
  }
}

// A client of a stream has nothing more to say: whatever comes is its end.
void Session::watch_for_end() {
  socket_.expires_never();
  buffer_.clear();
  socket_.async_read_some(buffer_.prepare(1),
                          [self = shared_from_this()](Code, std::size_t) { self->close(); });
}

// Closing while bytes of the client are unread would reset the connection and take the answer with
// it; so they are read and dropped, for a moment.
void Session::linger() {
  Code ignored;
  socket_.socket().shutdown(Socket::shutdown_send, ignored);
  buffer_.clear();
  socket_.expires_after(after_ms(kLingerMs));
  socket_.async_read_some(buffer_.prepare(16U << 10U),
                          [self = shared_from_this()](Code code, std::size_t count) {
                            self->discarded_ += count;
                            if (code || self->discarded_ > kDiscardedMax) {
                              self->close();
                            } else {
                              self->linger();
                            }
                          });
}

void Session::wind_down() {
  keep_alive_ = false;
  if (state_ == State::kReadingHeader) {
    close();
  } else if (state_ == State::kStreaming) {
    stream_->close();
  }
}

void Session::kill() {
  close();
}

void Session::close() {
  if (state_ == State::kClosed) {
    return;
  }
  state_ = State::kClosed;
  const std::shared_ptr<Session> self = std::move(until_answered_);
  if (stream_ != nullptr) {
    stream_->abandon();
  }
  Code ignored;
  socket_.socket().shutdown(Socket::shutdown_both, ignored);
  socket_.close();
}

}  // namespace millrace::http::detail
