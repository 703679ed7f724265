#include "broker/detail/connection.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/log_line.h"
#include "broker/detail/connection_loop.h"
#include "broker/request_metrics.h"
#include "broker/services.h"

namespace millrace::broker {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr int kReadsInARow = 8;  // Then others have their turn.
constexpr std::size_t kSlicesPerWrite = 64;
constexpr std::int64_t kNsPerMiB = 1'000'000'000;

}  // namespace

/// Memory may have come free.
struct MemoryCall final : InboxItem {
  explicit MemoryCall(std::weak_ptr<Connection> who) : connection(std::move(who)) {}

  void arrive() override {
    if (const std::shared_ptr<Connection> waiting = connection.lock()) {
      waiting->on_memory();
    }
  }

  std::weak_ptr<Connection> connection;
};

Connection::Connection(ConnectionLoop& loop,
                       asio::ip::tcp::socket socket,
                       Peer peer,
                       std::unique_ptr<ConnectionTicket> ticket)
    : loop_(loop),
      socket_(std::move(socket)),
      reader_(loop.budget(), loop.limits().request_bytes_max),
      pipeline_(std::make_shared<Pipeline>(
          loop.services(), loop.inbox(), loop.budget(), std::move(peer), loop.limits().pipeline)),
      ticket_(std::move(ticket)) {
  pipeline_->set_owner(this);
}

Connection::~Connection() {
  pipeline_->close();
}

void Connection::start() {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.native_non_blocking(true, ignored);
  moved_ns_ = loop_.now_ns();
  arm_read();
}

bool Connection::may_read() const {
  return !closed_ && !ended_ && !winding_down_ && !waits_for_memory_ && pipeline_->wants_frames();
}

void Connection::arm_read() {
  if (reading_ || !may_read()) {
    return;
  }
  reading_ = true;
  socket_.async_wait(asio::socket_base::wait_read,
                     [self = shared_from_this()](const error_code& code) {
                       self->reading_ = false;
                       if (!code) {
                         self->on_readable();
                       }
                     });
}

void Connection::arm_write() {
  if (writing_ || closed_) {
    return;
  }
  writing_ = true;
  write_moved_ns_ = loop_.now_ns();
  socket_.async_wait(asio::socket_base::wait_write,
                     [self = shared_from_this()](const error_code& code) {
                       self->writing_ = false;
                       if (!code) {
                         self->flush();
                         self->arm_read();
                       }
                     });
}

void Connection::on_readable() {
  for (int round = 0; round < kReadsInARow; ++round) {
    const ReadOutcome outcome = read_some();
    if (outcome == ReadOutcome::kStop) {
      return;
    }
    if (outcome == ReadOutcome::kDrained) {
      break;
    }
  }
  arm_read();
}

Connection::ReadOutcome Connection::read_some() {
  if (!may_read()) {
    return ReadOutcome::kStop;
  }
  const std::span<char> room = reader_.room();
  const std::span<char> staging = loop_.staging();
  std::array<iovec, 2> parts{iovec{.iov_base = room.data(), .iov_len = room.size()},
                             iovec{.iov_base = staging.data(), .iov_len = staging.size()}};
  const bool has_room = !room.empty();
  const ssize_t received =
      ::readv(socket_.native_handle(), has_room ? parts.data() : &parts[1], has_room ? 2 : 1);
  if (received < 0) {
    if (errno == EINTR) {
      return ReadOutcome::kMore;
    }
    if (errno == EAGAIN) {
      return ReadOutcome::kDrained;
    }
    close();
    return ReadOutcome::kStop;
  }
  if (received == 0) {
    on_end();
    return ReadOutcome::kStop;
  }
  const auto count = static_cast<std::size_t>(received);
  const bool fresh = !reader_.in_frame();
  loop_.services().counts.bytes_in.add(count);
  moved_ns_ = loop_.now_ns();
  if (fresh) {
    frame_begun_ns_ = moved_ns_;
  }
  const std::size_t in_room = std::min(count, room.size());
  if (has_room) {
    reader_.filled(in_room, frames_);
  }
  FrameReader::Outcome outcome = FrameReader::Outcome::kOk;
  if (count > in_room) {
    outcome = reader_.feed({staging.data(), count - in_room}, frames_);
  }
  take_frames(outcome);
  if (closed_) {
    return ReadOutcome::kStop;
  }
  return count < room.size() + staging.size() ? ReadOutcome::kDrained : ReadOutcome::kMore;
}

void Connection::take_frames(FrameReader::Outcome outcome) {
  if (!frames_.empty()) {
    frame_begun_ns_ = moved_ns_;  // Of the one that follows.
  }
  for (RequestFrame& frame : frames_) {
    pipeline_->push(std::move(frame));
  }
  frames_.clear();
  if (outcome == FrameReader::Outcome::kBadSize) {
    loop_.services().counts.malformed.add();
    give_up("the size of a request makes no sense");
    return;
  }
  flush();
  if (!closed_ && outcome == FrameReader::Outcome::kNoMemory) {
    wait_for_memory();
  }
}

void Connection::wait_for_memory() {
  waits_for_memory_ = true;
  loop_.budget().wait(loop_.inbox(), std::make_shared<MemoryCall>(weak_from_this()));
  try_resume();  // It may have come free just now.
}

void Connection::on_memory() {
  if (!closed_ && waits_for_memory_ && !try_resume()) {
    loop_.budget().wait(loop_.inbox(), std::make_shared<MemoryCall>(weak_from_this()));
    try_resume();
  }
}

bool Connection::try_resume() {
  const FrameReader::Outcome outcome = reader_.resume(frames_);
  if (outcome == FrameReader::Outcome::kNoMemory && frames_.empty()) {
    return false;
  }
  waits_for_memory_ = false;
  moved_ns_ = loop_.now_ns();
  frame_begun_ns_ = moved_ns_;
  take_frames(outcome);
  arm_read();
  return true;
}

void Connection::on_end() {
  ended_ = true;
  ended_ns_ = loop_.now_ns();
  close_if_over();
}

void Connection::flush() {
  while (!closed_ && !pipeline_->output().empty()) {
    if (!write_some()) {
      return;
    }
  }
  close_if_over();
}

bool Connection::write_some() {
  std::array<iovec, kSlicesPerWrite> parts{};
  std::size_t used = 0;
  for (const data::BlockSlice& slice : pipeline_->output()) {
    if (used == parts.size()) {
      break;
    }
    // sendmsg reads only, whatever the type says.
    parts[used++] = {.iov_base = const_cast<char*>(slice.view().data()), .iov_len = slice.size()};
  }
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = used;
  const ssize_t sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL);
  if (sent < 0) {
    if (errno == EINTR) {
      return true;
    }
    if (errno == EAGAIN) {
      arm_write();
    } else {
      close();
    }
    return false;
  }
  moved_ns_ = loop_.now_ns();
  write_moved_ns_ = moved_ns_;
  loop_.services().counts.bytes_out.add(static_cast<std::uint64_t>(sent));
  pipeline_->sent(static_cast<std::size_t>(sent));
  return true;
}

void Connection::close_if_over() {
  if (closed_ || !pipeline_->output().empty()) {
    return;
  }
  if (pipeline_->broken() || (ended_ && pipeline_->quiet()) ||
      (winding_down_ && !pipeline_->busy())) {
    close();
  }
}

void Connection::pipeline_changed() {
  if (!std::exchange(changed_, true)) {
    loop_.inbox()->finish_with(shared_from_this());
  }
}

void Connection::arrive() {
  changed_ = false;
  flush();
  arm_read();
}

void Connection::check_times(std::int64_t now_ns) {
  const ConnectionLimits& limits = loop_.limits();
  if (!pipeline_->output().empty()) {
    if (now_ns - write_moved_ns_ > limits.write_ns) {
      give_up("the client does not take its answers");
    }
    return;
  }
  if (ended_) {
    if (now_ns - ended_ns_ > limits.half_closed_ns) {
      close();
    }
    return;
  }
  if (!reading_) {
    frame_begun_ns_ = now_ns;  // It is we who keep it waiting.
    check_unread_end(now_ns);
  } else if (reader_.in_frame()) {
    const auto extra = static_cast<std::int64_t>(reader_.frame_bytes() >> 20U) * kNsPerMiB;
    const bool pressed = loop_.budget().somebody_waits() && reader_.frame_bytes() > 0 &&
                         now_ns - moved_ns_ > limits.frame_pressed_ns;
    if (pressed || now_ns - frame_begun_ns_ > limits.frame_ns + extra) {
      give_up("a request that had begun did not arrive in time");
    }
    return;
  }
  if (!pipeline_->in_flight() && now_ns - moved_ns_ > limits.idle_ns) {
    loop_.services().counts.timed_out.add();
    close();
  }
}

// The end of a client is seen by reading. Where reading is paused it is asked for, or a client that
// is gone would be kept as long as its long poll.
void Connection::check_unread_end(std::int64_t now_ns) {
  pollfd what{.fd = socket_.native_handle(), .events = POLLRDHUP, .revents = 0};
  if (::poll(&what, 1, 0) <= 0 || pipeline_->busy()) {
    ended_ns_ = 0;
    return;
  }
  if (ended_ns_ == 0) {
    ended_ns_ = now_ns;
  }
  if ((what.revents & (POLLERR | POLLHUP)) != 0 ||
      now_ns - ended_ns_ > loop_.limits().half_closed_ns) {
    close();
  }
}

void Connection::give_up(const char* reason) {
  MR_LOG(info,
         "a Kafka client is disconnected",
         {"client", pipeline_->peer().client_host},
         {"reason", reason});
  loop_.services().counts.timed_out.add();
  close();
}

void Connection::wind_down() {
  winding_down_ = true;
  close_if_over();
}

void Connection::close() {
  if (std::exchange(closed_, true)) {
    return;
  }
  const std::shared_ptr<Connection> self = shared_from_this();
  pipeline_->close();
  error_code ignored;
  socket_.shutdown(asio::socket_base::shutdown_both, ignored);
  socket_.close(ignored);
  ticket_.reset();
  loop_.forget(this);
}

}  // namespace millrace::broker
