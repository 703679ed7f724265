// `millrace run`: read and bind the project, open the data directory, open the listeners, print the
// guarantees, start the pipeline, show it, end it.
#include <algorithm>
#include <atomic>
#include <deque>
#include <limits>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/fault.h"
#include "base/log_line.h"
#include "base/mutex.h"
#include "base/thread.h"
#include "cli/commands.h"
#include "cli/json_answers.h"
#include "cli/live_view.h"
#include "config/option_table.h"
#include "connector/feed.h"
#include "flow/runtime.h"
#include "flow/status.h"
#include "io/signals.h"
#include "server/commands.h"
#include "server/instance.h"

namespace millrace::cli {
namespace {

constexpr std::int64_t kTickNs = 20'000'000;
constexpr std::int64_t kRedrawNs = 200'000'000;
constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::size_t kLogLinesKept = 200;

/// When a run ends by itself.
struct Bounds {
  std::optional<std::int64_t> for_ms = {};
  bool until_caught_up = false;
  std::uint64_t records = 0;

  [[nodiscard]] bool any() const { return for_ms || until_caught_up || records > 0; }

  [[nodiscard]] bool drains() const { return until_caught_up || records > 0; }
};

Result<Bounds> read_bounds(const World& world) {
  Bounds bounds;
  if (const auto text = world.invocation.value("for")) {
    bounds.for_ms = config::parse_duration_ms(*text, "s");
    if (!bounds.for_ms || *bounds.for_ms < 0) {
      return Error(
          ErrorCode::kInvalidArgument,
          fmt::format(
              "--for is {}, found \"{}\"", config::describe(config::OptionType::kDuration), *text));
    }
  }
  bounds.until_caught_up = world.invocation.has("until-caught-up");
  if (world.invocation.has("records")) {
    bounds.records = static_cast<std::uint64_t>(TRY(number_flag(world, "records", 0, 1)));
  }
  return bounds;
}

Result<std::vector<std::string>> read_refresh(const World& world, const plan::Pipeline& pipeline) {
  std::vector<std::string> tables;
  if (world.invocation.has("full-refresh-all")) {
    for (const auto& table : pipeline.tables) {
      tables.push_back(table->name);
    }
  }
  for (const std::string& list : world.invocation.values("full-refresh")) {
    for (std::size_t at = 0; at <= list.size();) {
      const std::size_t end = std::min(list.find(',', at), list.size());
      const std::string name = list.substr(at, end - at);
      const bool known = std::any_of(pipeline.tables.begin(),
                                     pipeline.tables.end(),
                                     [&](const auto& table) { return table->name == name; });
      if (!known) {
        return Error(ErrorCode::kInvalidArgument,
                     fmt::format("--full-refresh: there is no table \"{}\"", name));
      }
      tables.push_back(name);
      at = end + 1;
    }
  }
  return tables;
}

/// How Ctrl-C and its kind reach the run. Thread-safe.
class Stop {
 public:
  explicit Stop(Screen& screen)
      : signals_([this, &screen](int signal, int count) {
          if (count > 1) {
            screen.restore();
            exit_now(static_cast<int>(ExitCode::kInterrupted));
          }
          signal_ = signal;
          wakeup_.notify();
        }) {}

  void request() {
    requested_ = true;
    wakeup_.notify();
  }

  [[nodiscard]] bool asked() const { return requested_ || signal_ != 0; }

  /// 0: none came.
  [[nodiscard]] int signal() const { return signal_; }

  void wait(std::int64_t ns) { wakeup_.wait(ns); }

 private:
  std::atomic<int> signal_{0};
  std::atomic<bool> requested_{false};
  Wakeup wakeup_;
  io::StopSignals signals_;  // Last: it calls the others.
};

/// Log lines while a page covers the terminal: the last are shown on it. Thread-safe.
class LogTail {
 public:
  LogTail() = default;
  LogTail(const LogTail&) = delete;
  LogTail& operator=(const LogTail&) = delete;

  ~LogTail() { end(); }

  void begin() {
    active_ = true;
    capture_log([this](LogLevel level, std::string_view line) {
      if (level >= LogLevel::kWarning) {
        const MutexLock lock(mutex_);
        lines_.emplace_back(line);
        if (lines_.size() > kLogLinesKept) {
          lines_.pop_front();
        }
      }
    });
  }

  void end() {
    if (std::exchange(active_, false)) {
      capture_log({});
    }
  }

  [[nodiscard]] std::vector<std::string> lines() const {
    const MutexLock lock(mutex_);
    return {lines_.begin(), lines_.end()};
  }

 private:
  bool active_ = false;
  mutable Mutex mutex_;
  std::deque<std::string> lines_ MR_GUARDED_BY(mutex_);
};

/// Shows a running pipeline: a page on a terminal, else one line a second. Owned by one thread.
class Display {
 public:
  Display(World& world, server::Instance& instance, Screen& screen, std::string url)
      : world_(world), instance_(instance), screen_(screen), url_(std::move(url)) {
    live_ = stderr_is_terminal() && !world.quiet();
    const auto environment = config::process_environment();
    const auto no_color = environment.find("NO_COLOR");
    color_ = !world.invocation.has("no-color") &&
             (no_color == environment.end() || no_color->second.empty());
    if (const auto term = environment.find("TERM");
        term == environment.end() || term->second == "dumb") {
      live_ = false;
    }
    if (live_) {
      tail_.begin();
      screen_.open();
    }
  }

  void update(std::int64_t now_ns) {
    if (world_.quiet() || now_ns < next_ns_) {
      return;
    }
    next_ns_ = now_ns + (live_ ? kRedrawNs : kSecondNs);
    if (!live_) {
      say(render_progress_line(instance_.observe()));
      return;
    }
    LivePage page{.overview = instance_.observe(),
                  .url = url_,
                  .log = tail_.lines(),
                  .size = terminal_size(),
                  .color = color_};
    if (now_ns >= next_rows_ns_) {
      next_rows_ns_ = now_ns + kSecondNs;
      read_rows(page.overview);
    }
    page.rows = rows_;
    screen_.draw(render_live_page(page));
  }

  /// When there is something new to show: never, where nobody looks.
  [[nodiscard]] std::int64_t due_ns() const {
    return world_.quiet() ? std::numeric_limits<std::int64_t>::max() : next_ns_;
  }

  void end() {
    if (live_) {
      screen_.restore();
      tail_.end();
      for (const std::string& line : tail_.lines()) {
        say(line);
      }
    } else if (!world_.quiet()) {
      say(render_progress_line(instance_.observe()));
    }
  }

 private:
  static constexpr std::int64_t kRowsShown = 3;

  void read_rows(const console::Overview& overview) {
    rows_.clear();
    for (const console::TableView& table : overview.tables) {
      const Result<std::string> body = server::table_rows_json(instance_, table.name, kRowsShown);
      if (!body) {
        continue;  // Not there yet.
      }
      Result<SqlReply> reply = parse_sql_reply(*body, table.name);
      if (reply) {
        rows_.emplace_back(table.name, std::move(reply->table));
      }
    }
  }

  World& world_;
  server::Instance& instance_;
  Screen& screen_;
  const std::string url_;
  LogTail tail_;
  bool live_ = false;
  bool color_ = false;
  std::int64_t next_ns_ = 0;
  std::int64_t next_rows_ns_ = 0;
  std::vector<std::pair<std::string, TextTable>> rows_;
};

// Why a bounded run is no success; empty: it is one.
std::string find_failure(const flow::Runtime& runtime) {
  std::string failure = runtime.failure();
  return failure.empty() ? runtime.barren() : failure;
}

void print_guarantees(const World& world, const plan::Pipeline& pipeline) {
  if (world.quiet()) {
    return;
  }
  for (const plan::Flow& flow : pipeline.flows) {
    say(fmt::format("flow {} -> {}: {}{}{}",
                    flow.name,
                    flow.target->name,
                    connector::to_string(flow.guarantee),
                    flow.guarantee_reason.empty() ? "" : ", ",
                    flow.guarantee_reason));
  }
}

// Waits until the run is to end.
void watch(const World& world,
           const server::Instance& instance,
           const Bounds& bounds,
           Stop& stop,
           Display& display) {
  constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
  const std::int64_t start_ns = world.clock.monotonic_ns();
  const std::int64_t end_ns = bounds.for_ms ? start_ns + *bounds.for_ms * 1'000'000 : kNever;
  while (!stop.asked()) {
    const std::int64_t now_ns = world.clock.monotonic_ns();
    display.update(now_ns);
    if (now_ns >= end_ns) {
      return;
    }
    if (bounds.drains() &&
        (instance.runtime()->drained() || !instance.runtime()->lasting_failure().empty())) {
      return;
    }
    // Only the end of a bounded run has to be looked for.
    const std::int64_t due_ns = std::min(display.due_ns(), end_ns);
    const std::int64_t next_ns = bounds.drains() ? std::min(due_ns, now_ns + kTickNs) : due_ns;
    stop.wait(next_ns == kNever ? -1 : std::max<std::int64_t>(next_ns - now_ns, 0));
  }
}

ExitCode exit_code(const Bounds& bounds, const Stop& stop, const std::string& failure) {
  if (!failure.empty()) {
    return fail(ExitCode::kFailed, failure);
  }
  // SIGTERM is how a service is ended: that is no interruption.
  constexpr int kSigInt = 2;
  const bool interrupted = stop.signal() == kSigInt || (stop.signal() != 0 && bounds.any());
  return interrupted ? ExitCode::kInterrupted : ExitCode::kOk;
}

struct Start {
  Bounds bounds = {};
  std::vector<std::string> full_refresh = {};
};

Result<ExitCode> run_pipeline(World& world, LoadedProject loaded, Start start) {
  // 1. Ctrl-C.
  Screen screen;
  Stop stop(screen);

  // 2. The data directory: lock, version.
  server::InstanceOptions options{.data = loaded.project.data_path(),
                                  .project = loaded.project.root,
                                  .settings = loaded.project.settings};
  const std::unique_ptr<server::Instance> instance =
      TRY(server::Instance::take(world.files, world.clock, std::move(options)));
  instance->on_stop_request([&stop] { stop.request(); });

  // 3. control.sock and the listeners: they answer "starting".
  std::string url;
  const auto tell = [&](const std::vector<std::string>& notes) {
    for (const std::string& note : notes) {
      if (const std::size_t at = note.find("http://"); at != std::string::npos) {
        url = note.substr(at);
      }
      if (!world.quiet()) {
        say(note);
      }
    }
  };
  tell(TRY(instance->listen()));

  // 4. The log, the listener that needs it, and the promise.
  TRY(instance->recover());
  tell(TRY(instance->listen()));
  print_guarantees(world, loaded.pipeline);

  // 5. Feeds, flows, tables.db.
  flow::RuntimeOptions runtime_options;
  runtime_options.until_caught_up = start.bounds.until_caught_up;
  runtime_options.records_max = start.bounds.records;
  runtime_options.full_refresh = std::move(start.full_refresh);
  TRY(instance->start_pipeline(
      loaded.project, std::move(loaded.pipeline), std::move(runtime_options)));

  // 6. What people see, until it is over.
  Display display(world, *instance, screen, url);
  watch(world, *instance, start.bounds, stop, display);
  const std::string failure =
      start.bounds.any() ? find_failure(*instance->runtime()) : std::string();

  // 7. The end, in the other order, and the books.
  const Result<void> stopped = instance->stop();
  display.end();
  if (world.json()) {
    const flow::Runtime& runtime = *instance->runtime();
    world.out.write(flow::books_to_json(runtime.source_books(), runtime.flow_books()) + "\n");
  } else if (!world.quiet()) {
    world.out.write(render_summary(instance->observe()));
  }
  if (!stopped) {
    return fail(stopped.error());
  }
  return exit_code(start.bounds, stop, failure);
}

}  // namespace

ExitCode run_run(World& world) {
  if (const Result<void> armed = arm_faults_from_environment(); !armed) {
    return fail(ExitCode::kUsage, armed.error().message());
  }
  Start start;
  if (Result<Bounds> bounds = read_bounds(world); bounds) {
    start.bounds = *bounds;
  } else {
    return usage_error(world.invocation.command, bounds.error().message());
  }
  LoadedProject loaded = load_project(world, {.folder = world.invocation.word(0).value_or(".")});
  set_up_logging(world, loaded.project.settings, /*only_warnings=*/false);
  project::check_refresh({.full_refresh = world.invocation.values("full-refresh"),
                          .full_refresh_all = world.invocation.has("full-refresh-all")},
                         loaded.diagnostics);
  report(world, loaded);
  if (!loaded.ok()) {
    return ExitCode::kConfiguration;
  }
  if (Result<std::vector<std::string>> tables = read_refresh(world, loaded.pipeline); tables) {
    start.full_refresh = std::move(*tables);
  } else {
    return usage_error(world.invocation.command, tables.error().message());
  }
  const Result<ExitCode> code = run_pipeline(world, std::move(loaded), std::move(start));
  if (code) {
    return *code;
  }
  // A setting that only the attempt shows to be wrong, such as an address.
  return code.error().code() == ErrorCode::kInvalidArgument
             ? fail(ExitCode::kConfiguration, code.error().to_string())
             : fail(code.error());
}

}  // namespace millrace::cli
