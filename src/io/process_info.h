// What /proc says about this process and others.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"

namespace millrace::io {

/// Resident memory of this process (VmRSS).
Result<std::int64_t> resident_bytes();

/// User and system time of this process so far.
double cpu_seconds();

/// When a process started, in clock ticks since boot: a pid with another start time is another
/// process. kNotFound when there is no such process.
Result<std::int64_t> process_start_ticks(std::int64_t pid);

/// Lets this process have as many files and sockets open as the system allows it; gives that
/// number.
std::int64_t raise_open_files_limit();

struct PortHolder {
  std::int64_t pid = 0;  ///< 0: it belongs to another user.
  std::string command;   ///< The program and its arguments, cut to 200 bytes; may be empty.
};

/// Who listens on a TCP port of this machine; nothing when nobody does.
std::optional<PortHolder> find_port_holder(std::uint16_t port);

}  // namespace millrace::io
