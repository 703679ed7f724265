// Lines of a file descriptor as they come, with a limit on how long one waits: a producer that is
// typed into sends what it has while the next line is not there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string>

#include "base/result.h"

namespace millrace::cli {

/// Owned by one thread.
class LineInput {
 public:
  /// The longest line.
  static constexpr std::size_t kLineBytesMax = 64U << 20U;

  enum class Outcome : std::uint8_t {
    kLine,
    kNothingYet,  ///< The time is over, or somebody asked to stop.
    kEnd
  };

  /// The descriptor stays open and is somebody else's.
  LineInput(int descriptor, std::stop_token stop)
      : descriptor_(descriptor), stop_(std::move(stop)) {}

  /// Gives a line without its end (\n, \r\n or \r; the last one may have none). Waits at most
  /// `wait_ms`, -1: until there is one. kExhausted: the line is too long; kIo.
  Result<Outcome> next(std::string& line, std::int64_t wait_ms);

  /// Everything to the end. kExhausted beyond `bytes_max`.
  Result<std::string> rest(std::size_t bytes_max);

 private:
  /// Reads once. False at the end.
  Result<bool> fill();
  bool take_line(std::string& line);

  const int descriptor_;
  const std::stop_token stop_;
  std::string buffer_;
  std::size_t at_ = 0;       // Before it everything was given.
  std::size_t scanned_ = 0;  // Before it there is no end of line.
  bool end_ = false;
};

}  // namespace millrace::cli
