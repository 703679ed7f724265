#include "cli/line_input.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

namespace millrace::cli {
namespace {

constexpr std::size_t kReadBytes = 64U << 10U;
// How long a stop request may go unseen.
constexpr int kSliceMs = 100;

}  // namespace

Result<bool> LineInput::fill() {
  buffer_.erase(0, at_);
  scanned_ -= at_;
  at_ = 0;
  const std::size_t before = buffer_.size();
  buffer_.resize(before + kReadBytes);
  ssize_t count = 0;
  do {
    count = ::read(descriptor_, buffer_.data() + before, kReadBytes);
  } while (count < 0 && errno == EINTR);
  buffer_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  if (count < 0) {
    return Error(ErrorCode::kIo, fmt::format("cannot read the input: {}", std::strerror(errno)));
  }
  end_ = count == 0;
  return !end_;
}

bool LineInput::take_line(std::string& line) {
  const std::size_t end = buffer_.find_first_of("\r\n", scanned_);
  if (end == std::string::npos) {
    scanned_ = buffer_.size();
    if (end_ && at_ < buffer_.size()) {
      line.assign(buffer_, at_);
      at_ = scanned_;
      return true;
    }
    return false;
  }
  const bool carriage = buffer_[end] == '\r';
  if (carriage && end + 1 == buffer_.size() && !end_) {
    scanned_ = end;  // Its "\n" may come with the next bytes.
    return false;
  }
  line.assign(buffer_, at_, end - at_);
  at_ = end + (carriage && buffer_.compare(end + 1, 1, "\n") == 0 ? 2 : 1);
  scanned_ = at_;
  return true;
}

Result<LineInput::Outcome> LineInput::next(std::string& line, std::int64_t wait_ms) {
  while (!stop_.stop_requested()) {
    if (take_line(line)) {
      return Outcome::kLine;
    }
    if (end_) {
      return Outcome::kEnd;
    }
    if (buffer_.size() - at_ > kLineBytesMax) {
      return Error(ErrorCode::kExhausted,
                   fmt::format("a line of the input is longer than {} bytes", kLineBytesMax));
    }
    pollfd wanted{.fd = descriptor_, .events = POLLIN, .revents = 0};
    const int slice =
        wait_ms < 0 ? kSliceMs : static_cast<int>(std::min<std::int64_t>(wait_ms, kSliceMs));
    const int ready = ::poll(&wanted, 1, slice);
    if (ready < 0 && errno != EINTR) {
      return Error(ErrorCode::kIo, fmt::format("cannot wait for input: {}", std::strerror(errno)));
    }
    if (ready > 0) {
      TRY(fill());
    } else if (wait_ms >= 0) {
      wait_ms -= slice;
      if (wait_ms <= 0) {
        return Outcome::kNothingYet;
      }
    }
  }
  return Outcome::kNothingYet;
}

Result<std::string> LineInput::rest(std::size_t bytes_max) {
  std::string all = buffer_.substr(at_);
  buffer_.clear();
  at_ = 0;
  scanned_ = 0;
  while (!end_ && !stop_.stop_requested()) {
    pollfd wanted{.fd = descriptor_, .events = POLLIN, .revents = 0};
    if (::poll(&wanted, 1, kSliceMs) <= 0) {
      continue;
    }
    TRY(fill());
    all += buffer_;
    at_ = buffer_.size();
    scanned_ = at_;
    if (all.size() > bytes_max) {
      return Error(ErrorCode::kExhausted,
                   fmt::format("the input is longer than {} bytes", bytes_max));
    }
  }
  return all;
}

}  // namespace millrace::cli
