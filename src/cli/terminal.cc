#include "cli/terminal.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <malloc.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace millrace::cli {
namespace {

constexpr std::size_t kBufferBytes = 64U << 10U;

// 0, or errno.
int write_all(int to, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(to, text.data(), text.size());
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return errno;
    }
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return 0;
}

}  // namespace

bool stdout_is_terminal() {
  return ::isatty(STDOUT_FILENO) == 1;
}

bool stderr_is_terminal() {
  return ::isatty(STDERR_FILENO) == 1;
}

bool stdin_is_terminal() {
  return ::isatty(STDIN_FILENO) == 1;
}

TerminalSize terminal_size() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) {
    return {};
  }
  return {.columns = size.ws_col, .rows = size.ws_row};
}

bool Output::write(std::string_view text) {
  if (closed_) {
    return false;
  }
  buffer_ += text;
  if (buffer_.size() >= kBufferBytes) {
    flush().ignore_error("told by the last flush");
  }
  return !closed_;
}

Result<void> Output::flush() {
  if (!closed_) {
    failure_ = write_all(STDOUT_FILENO, buffer_);
    closed_ = failure_ != 0;
  }
  buffer_.clear();
  if (failure_ != 0 && failure_ != EPIPE) {
    return Error(ErrorCode::kIo,
                 std::string("cannot write to standard output: ") + std::strerror(failure_));
  }
  return {};
}

void say(std::string_view text) {
  std::string line(text);
  if (!line.ends_with('\n')) {
    line += '\n';
  }
  static_cast<void>(write_all(STDERR_FILENO, line));
}

void Screen::open() {
  open_ = true;
  // The other page, no cursor.
  static_cast<void>(write_all(STDERR_FILENO, "\033[?1049h\033[?25l\033[2J"));
}

void Screen::draw(std::string_view page) const {
  if (!open_) {
    return;
  }
  std::string out = "\033[H";
  for (std::size_t at = 0; at < page.size();) {
    const std::size_t end = std::min(page.find('\n', at), page.size());
    out += page.substr(at, end - at);
    out += "\033[K";  // What a longer line has left.
    at = end + 1;
    if (at < page.size()) {
      out += "\r\n";
    }
  }
  out += "\033[J";
  static_cast<void>(write_all(STDERR_FILENO, out));
}

void Screen::restore() {
  if (open_.exchange(false)) {
    static_cast<void>(write_all(STDERR_FILENO, "\033[?25h\033[?1049l"));
  }
}

std::string current_folder() {
  std::array<char, 4096> path{};
  return ::getcwd(path.data(), path.size()) == nullptr ? "/" : std::string(path.data());
}

std::string absolute_path(std::string_view path) {
  std::string out = path.starts_with('/') ? std::string() : current_folder();
  while (!path.empty()) {
    const std::string_view part = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(part.size() + 1, path.size()));
    if (part == "..") {
      out.erase(std::min(out.rfind('/'), out.size()));
    } else if (!part.empty() && part != ".") {
      out += out.ends_with('/') ? "" : "/";
      out += part;
    }
  }
  return out.empty() ? "/" : out;
}

std::int64_t machine_memory_bytes() {
  const long pages = ::sysconf(_SC_PHYS_PAGES);
  const long page = ::sysconf(_SC_PAGESIZE);
  return pages > 0 && page > 0 ? std::int64_t{pages} * page : 0;
}

Result<std::string> read_stdin(std::size_t bytes_max) {
  std::string text;
  std::array<char, 16384> part{};
  while (true) {
    const ssize_t count = ::read(STDIN_FILENO, part.data(), part.size());
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return Error(ErrorCode::kIo,
                   std::string("cannot read standard input: ") + std::strerror(errno));
    }
    if (count == 0) {
      return text;
    }
    text.append(part.data(), static_cast<std::size_t>(count));
    if (text.size() > bytes_max) {
      return Error(ErrorCode::kExhausted, "standard input is longer than the limit");
    }
  }
}

void exit_now(int code) {
  ::_exit(code);
}

void ignore_broken_pipes() {
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
}

void limit_arenas() {
  // One for two cores: threads that run at the same time seldom meet there, and only the first
  // arena gives all its free memory back (malloc_trim).
  const long cores = ::sysconf(_SC_NPROCESSORS_ONLN);
  ::mallopt(M_ARENA_MAX, static_cast<int>(std::clamp(cores / 2, 1L, 8L)));
}

}  // namespace millrace::cli
