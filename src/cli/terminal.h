// Standard output and standard error: data on the one, everything else on the other.
#pragma once

#include <atomic>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace millrace::cli {

struct TerminalSize {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

bool stdout_is_terminal();
bool stderr_is_terminal();
bool stdin_is_terminal();
/// Of the terminal on standard error; 80 × 24 when there is none.
TerminalSize terminal_size();

/// Data for standard output, buffered. Owned by one thread.
class Output {
 public:
  Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() = default;

  /// False once the reader has gone (`| head`), or a write failed: no more is wanted.
  bool write(std::string_view text);
  /// Writes what is buffered. An Error unless all of it was written or the reader has gone.
  Result<void> flush();

 private:
  std::string buffer_;
  bool closed_ = false;
  int failure_ = 0;  // errno
};

/// Messages on standard error. Thread-safe.
void say(std::string_view text);

/// The screen while a pipeline runs on a terminal: an own page that goes again, with what was there
/// before. restore() may be called from any thread.
class Screen {
 public:
  Screen() = default;
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  ~Screen() { restore(); }

  void open();
  /// Draws a page: lines that end in "\n", already cut to the terminal's size.
  void draw(std::string_view page) const;
  void restore();

 private:
  std::atomic<bool> open_{false};
};

/// The folder of the process, absolute.
std::string current_folder();
/// `path` as seen from the current folder; without "." and a "/" at the end.
std::string absolute_path(std::string_view path);

/// Bytes of memory of the machine; 0: not known.
std::int64_t machine_memory_bytes();

/// All of standard input. kExhausted beyond the limit.
Result<std::string> read_stdin(std::size_t bytes_max);

/// Ends the process at once, as a second Ctrl-C wishes.
[[noreturn]] void exit_now(int code);

/// From here on a reader that goes away is an error of a write, not the end of the process.
void ignore_broken_pipes();

/// Few arenas of malloc(): each keeps what its threads have freed. REQUIRES: no other thread runs
void limit_arenas();

}  // namespace millrace::cli
