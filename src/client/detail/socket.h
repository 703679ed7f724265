// A TCP socket whose every wait has a deadline.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/result.h"
#include "client/deadline.h"
#include "config/option_table.h"
#include "data/block_slice.h"

namespace millrace::client {

/// Closed at the end. Owned by one thread.
class Socket {
 public:
  /// Tries every address of the host. kNotFound: no such host; kUnavailable; kTimeout; kCancelled.
  static Result<std::unique_ptr<Socket>> connect(const config::HostPort& address,
                                                 const Deadline& deadline);
  /// Takes the descriptor of a stream socket.
  explicit Socket(int descriptor);
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket();

  /// All of it. kUnavailable: the peer has gone; kTimeout; kCancelled; kIo.
  Result<void> write(std::span<const data::BlockSlice> slices, const Deadline& deadline);
  /// Exactly `size` bytes. Errors as write().
  Result<void> read(char* to, std::size_t size, const Deadline& deadline);
  /// Whether bytes, or the end, are there.
  [[nodiscard]] bool readable() const;

 private:
  int descriptor_;
};

}  // namespace millrace::client
