#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

#include <execinfo.h>
#include <unistd.h>

namespace millrace::detail {

void assertion_failed(std::string_view condition,
                      std::string_view message,
                      std::source_location where) {
  const std::string line = fmt::format("millrace: assertion failed at {}:{}: {}{}{}\n",
                                       where.file_name(),
                                       where.line(),
                                       condition,
                                       message.empty() ? "" : ": ",
                                       message);
  std::fputs(line.c_str(), stderr);
  std::fflush(stderr);
  void* frames[64];
  const int count = backtrace(frames, 64);
  backtrace_symbols_fd(frames, count, STDERR_FILENO);
  std::abort();
}

}  // namespace millrace::detail
