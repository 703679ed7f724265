// Assertions: for what cannot happen. Bytes from a peer, a user or a disk are checked and give an
// Error (result.h), never an assertion.
#pragma once

#include <source_location>
#include <string>
#include <string_view>

#include <fmt/core.h>

namespace millrace::detail {

/// Prints the condition, the message and a backtrace, then aborts.
[[noreturn]] void assertion_failed(std::string_view condition,
                                   std::string_view message,
                                   std::source_location where = std::source_location::current());

}  // namespace millrace::detail

/// Always on: `MR_ASSERT(offset >= base_, "offset {} before base {}", offset, base_);`
#define MR_ASSERT(condition, ...)                                                      \
  do {                                                                                 \
    if (!(condition)) [[unlikely]] {                                                   \
      ::millrace::detail::assertion_failed(#condition, ::fmt::format("" __VA_ARGS__)); \
    }                                                                                  \
  } while (false)

/// For inner loops where the cost of MR_ASSERT was measured: on in test builds only.
#ifdef MR_CHECK_ERRORS
#define MR_DCHECK(condition) MR_ASSERT(condition)
#else
#define MR_DCHECK(condition) \
  do {                       \
  } while (false)
#endif
