// One line of log: time, level, module, a message that is static text, and fields. logfmt on a
// terminal, JSON otherwise.
//
//   MR_LOG(info, "segment rolled", {"partition", p}, {"bytes", size});
//
// Each call site is limited to kLogLinesPerSecond; what was held back is counted on the next line.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <source_location>
#include <string>
#include <string_view>
#include <type_traits>

#include <fmt/core.h>

namespace millrace {

enum class LogLevel : std::uint8_t {
  kDebug,
  kInfo,
  kWarning,
  kError,
  kOff
};

/// A named value of a log line. The value is made into text at once.
struct LogField {
  template <class T>
  LogField(std::string_view field, const T& from)
      : name(field), value(fmt::format("{}", from)), is_number(std::is_arithmetic_v<T>) {}

  std::string_view name;
  std::string value;
  bool is_number;  ///< JSON shows it without quotes.
};

inline constexpr int kLogLinesPerSecond = 20;

struct LogOptions {
  LogLevel level = LogLevel::kInfo;
  bool json = false;
  bool color = false;
};

/// Call once at start; before that, info and above go to stderr as logfmt.
void configure_logging(const LogOptions& options);

/// For tests: every line is given to the function instead of stderr; an empty function restores it.
void capture_log(std::function<void(LogLevel, std::string_view line)> sink);

/// How many error-level lines this process wrote: a test that did not expect one looks here.
std::uint64_t logged_errors();

namespace detail {

/// Counts the lines of one call site. Thread-safe.
struct LogSite {
  std::atomic<std::int64_t> second{0};
  std::atomic<int> lines{0};
  std::atomic<std::uint64_t> held_back{0};
};

bool log_enabled(LogLevel level);
void write_log_line(LogSite& site,
                    LogLevel level,
                    std::string_view message,
                    std::initializer_list<LogField> fields,
                    std::source_location where = std::source_location::current());

inline constexpr LogLevel log_level_debug = LogLevel::kDebug;      // NOLINT: named by MR_LOG
inline constexpr LogLevel log_level_info = LogLevel::kInfo;        // NOLINT
inline constexpr LogLevel log_level_warning = LogLevel::kWarning;  // NOLINT
inline constexpr LogLevel log_level_error = LogLevel::kError;      // NOLINT

}  // namespace detail
}  // namespace millrace

/// MR_LOG(debug|info|warning|error, "static text", {"name", value}...)
#define MR_LOG(level, message, ...)                                                    \
  do {                                                                                 \
    if (::millrace::detail::log_enabled(::millrace::detail::log_level_##level)) {      \
      static ::millrace::detail::LogSite mr_log_site;                                  \
      ::millrace::detail::write_log_line(                                              \
          mr_log_site, ::millrace::detail::log_level_##level, message, {__VA_ARGS__}); \
    }                                                                                  \
  } while (false)
