#include "base/log_line.h"

#include <algorithm>
#include <ctime>
#include <iterator>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "base/clock.h"
#include "base/json_text.h"
#include "base/mutex.h"

namespace millrace {
namespace {

// What the whole process shares. Lives for ever: lines may be written while the process ends.
struct LogState {
  LogState() {
    logger.set_level(spdlog::level::trace);
    logger.set_pattern("%v");
  }

  std::atomic<LogLevel> level{LogLevel::kInfo};
  std::atomic<bool> json{false};
  std::atomic<bool> color{false};
  std::atomic<std::uint64_t> errors{0};
  spdlog::logger logger{"millrace", std::make_shared<spdlog::sinks::stderr_sink_mt>()};
  Mutex mutex;
  // Shared by the writers that are inside the sink and the state.
  std::shared_ptr<const std::function<void(LogLevel, std::string_view)>> capture
      MR_GUARDED_BY(mutex);
};

LogState& state() {
  static LogState& the_state = *new LogState;
  return the_state;
}

std::string_view level_name(LogLevel level) {
  static constexpr std::string_view kNames[] = {"debug", "info", "warning", "error", "off"};
  return kNames[static_cast<std::size_t>(level)];
}

std::string_view level_color(LogLevel level) {
  static constexpr std::string_view kColors[] = {"\x1b[2m", "\x1b[32m", "\x1b[33m", "\x1b[31m", ""};
  return kColors[static_cast<std::size_t>(level)];
}

// The folder below src/: "log", "connect/http".
std::string_view module_of(std::string_view file) {
  if (const std::size_t src = file.rfind("src/"); src != std::string_view::npos) {
    file.remove_prefix(src + 4);
  }
  const std::size_t slash = file.rfind('/');
  return slash == std::string_view::npos ? std::string_view("main") : file.substr(0, slash);
}

std::string format_time(std::int64_t wall_us) {
  const std::int64_t us = ((wall_us % 1'000'000) + 1'000'000) % 1'000'000;
  const auto seconds = static_cast<std::time_t>((wall_us - us) / 1'000'000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
                     parts.tm_year + 1900,
                     parts.tm_mon + 1,
                     parts.tm_mday,
                     parts.tm_hour,
                     parts.tm_min,
                     parts.tm_sec,
                     us / 1000);
}

void append_logfmt_value(std::string& line, std::string_view value) {
  const auto plain = [](char c) {
    return c > ' ' && c != '"' && c != '=' && c != '\\' && c != 127;
  };
  if (!value.empty() && std::ranges::all_of(value, plain)) {
    line += value;
  } else {
    append_json_string(line, value);
  }
}

// What a line is made of, besides its fields.
struct LineHead {
  std::string time;
  LogLevel level;
  std::string_view module;
  std::string_view message;
};

std::string logfmt_line(const LineHead& head, std::span<const LogField> fields) {
  std::string line = fmt::format(
      "time={} level={} module={} msg=", head.time, level_name(head.level), head.module);
  append_json_string(line, head.message);
  for (const LogField& field : fields) {
    line += ' ';
    line += field.name;
    line += '=';
    append_logfmt_value(line, field.value);
  }
  return line;
}

// For people: no names for what everybody knows.
std::string color_line(const LineHead& head, std::span<const LogField> fields) {
  std::string line = fmt::format("\x1b[2m{}\x1b[0m {}{:<7}\x1b[0m {}: {}",
                                 head.time.substr(11, 12),
                                 level_color(head.level),
                                 level_name(head.level),
                                 head.module,
                                 head.message);
  for (const LogField& field : fields) {
    fmt::format_to(std::back_inserter(line), " \x1b[2m{}=\x1b[0m", field.name);
    append_logfmt_value(line, field.value);
  }
  return line;
}

std::string json_line(const LineHead& head, std::span<const LogField> fields) {
  std::string line = fmt::format(R"({{"time":"{}","level":"{}","module":"{}","msg":)",
                                 head.time,
                                 level_name(head.level),
                                 head.module);
  append_json_string(line, head.message);
  for (const LogField& field : fields) {
    line += ',';
    append_json_string(line, field.name);
    line += ':';
    // inf and nan are no numbers in JSON.
    if (field.is_number && field.value.find("nan") == std::string::npos &&
        field.value.find("inf") == std::string::npos) {
      line += field.value;
    } else {
      append_json_string(line, field.value);
    }
  }
  return line += '}';
}

// Whether a site may write now; races between threads cost or gain a line, which is no matter.
bool admit(detail::LogSite& site, std::int64_t second) {
  if (site.second.exchange(second, std::memory_order_relaxed) != second) {
    site.lines.store(0, std::memory_order_relaxed);
  }
  if (site.lines.fetch_add(1, std::memory_order_relaxed) < kLogLinesPerSecond) {
    return true;
  }
  site.held_back.fetch_add(1, std::memory_order_relaxed);
  return false;
}

void emit(LogLevel level, const std::string& line) {
  LogState& log = state();
  std::shared_ptr<const std::function<void(LogLevel, std::string_view)>> capture;
  {
    const MutexLock lock(log.mutex);
    capture = log.capture;
  }
  if (capture) {
    (*capture)(level, line);
  } else {
    log.logger.log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
  }
}

}  // namespace

void configure_logging(const LogOptions& options) {
  LogState& log = state();
  log.level = options.level;
  log.json = options.json;
  log.color = options.color;
}

void capture_log(std::function<void(LogLevel, std::string_view line)> sink) {
  LogState& log = state();
  const MutexLock lock(log.mutex);
  log.capture =
      sink
          ? std::make_shared<const std::function<void(LogLevel, std::string_view)>>(std::move(sink))
          : nullptr;
}

std::uint64_t logged_errors() {
  return state().errors;
}

namespace detail {

bool log_enabled(LogLevel level) {
  return level >= state().level.load(std::memory_order_relaxed);
}

void write_log_line(LogSite& site,
                    LogLevel level,
                    std::string_view message,
                    std::initializer_list<LogField> fields,
                    std::source_location where) {
  LogState& log = state();
  if (level == LogLevel::kError) {
    ++log.errors;
  }
  const std::int64_t now_us = SystemClock().wall_us();
  if (!admit(site, now_us / 1'000'000)) {
    return;
  }
  std::vector<LogField> all(fields);
  if (const std::uint64_t held = site.held_back.exchange(0); held > 0) {
    all.emplace_back("held_back", held);
  }
  const LineHead head{.time = format_time(now_us),
                      .level = level,
                      .module = module_of(where.file_name()),
                      .message = message};
  if (log.json) {
    emit(level, json_line(head, all));
  } else {
    emit(level, log.color ? color_line(head, all) : logfmt_line(head, all));
  }
}

}  // namespace detail
}  // namespace millrace
