// A data directory that is open, and everything that runs on it: LOCK, VERSION, the log, the
// pipeline, control.sock and the web listener. One process at a time has one.
//
//   auto instance = TRY(Instance::take(files, clock, {.data = project.data_path(), …}));
//   TRY(instance->listen());                          // control.sock, HTTP: they say "starting"
//   TRY(instance->recover());                         // the log
//   TRY(instance->listen());                          // Kafka
//   TRY(instance->start_pipeline(project, std::move(pipeline), {.until_caught_up = true}));
//   while (!stopped && !instance->runtime()->drained()) { … instance->observe() … }
//   TRY(instance->stop());
//
// A command that only looks (sql, topics, dead-letters) goes through control.h, which talks to the
// process that has the directory, or opens an Instance itself.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/mutex.h"
#include "base/result.h"
#include "config/settings.h"
#include "console/overview.h"
#include "flow/runtime.h"
#include "io/files.h"
#include "log/log.h"
#include "plan/pipeline.h"
#include "project/project.h"

namespace millrace::broker {
class Broker;
}  // namespace millrace::broker

namespace millrace::server {

namespace detail {
class Listeners;
}  // namespace detail

/// "0.1.0"
std::string_view program_version();

struct InstanceOptions {
  std::string data = {};     ///< The data directory, absolute.
  std::string project = {};  ///< The project's folder, absolute; empty: none.
  config::Settings settings = {};
  /// false: a directory that is not there is kNotFound, and nothing is made.
  bool create = true;
};

/// Why it does not live, if it does not: for /livez. Immutable by use.
struct Health {
  struct Check {
    std::string name = {};
    bool ok = true;
    std::string text = {};  ///< "moved 0.2 s ago", "has not moved for 12.0 s"
  };

  std::vector<Check> checks = {};

  [[nodiscard]] bool ok() const;
};

/// Thread-safe, but for take(), open(), recover(), listen(), start_pipeline() and stop(), which
/// belong to one thread.
class Instance {
 public:
  /// Takes the directory: LOCK (kConflict names the pid of its holder), VERSION (kUnsupported for a
  /// newer program's directory). The log is not open yet: recover() follows, and a pipeline; until
  /// both are there the instance is starting. The references outlive the instance.
  static Result<std::unique_ptr<Instance>> take(io::Files& files,
                                                Clock& clock,
                                                InstanceOptions options);
  /// take() and recover(), for who starts no pipeline.
  static Result<std::unique_ptr<Instance>> open(io::Files& files,
                                                Clock& clock,
                                                InstanceOptions options);
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;
  /// Stops without a checkpoint when stop() was not called.
  ~Instance();

  /// Opens the log and recovers what a crash left; what asks meanwhile is told to wait.
  Result<void> recover();

  /// Opens control.sock and, unless settings.http is nothing, the web listener. Gives what to tell
  /// the user: "http://127.0.0.1:8080/", "kafka    127.0.0.1:9092". kConflict for a
  /// taken port names its holder and the flag. The Kafka listener needs the log: called before
  /// recover(), it is called once more after it.
  Result<std::vector<std::string>> listen();

  /// The project's relations become known to SQL; nothing is started.
  void set_pipeline(plan::Pipeline pipeline);

  /// Starts feeds, flows and tables.db. `options` as the command line has them: tables_path and
  /// folder are filled in here when they are empty, workers and max_rejected come from the
  /// settings. REQUIRES: no pipeline was started
  Result<void> start_pipeline(const project::Project& project,
                              plan::Pipeline pipeline,
                              flow::RuntimeOptions options);

  /// Readiness false, listeners closed, feeds and flows ended, a checkpoint of the log, LOCK
  /// released. Nothing that was acknowledged is lost.
  Result<void> stop();

  /// What `POST /stop` on control.sock calls: set by the run loop before listen(); it must not
  /// wait.
  void on_stop_request(std::function<void()> callback);
  /// Calls it.
  void request_stop();

  /// REQUIRES: log_ready()
  [[nodiscard]] log::Log& log() { return *log_; }

  /// False until the log is recovered.
  [[nodiscard]] bool log_ready() const { return log_ready_.load(std::memory_order_acquire); }

  /// What the start is busy with: "the log is being recovered, for 1.2 s"; empty = it is over.
  [[nodiscard]] std::string starting() const;

  [[nodiscard]] Metrics& metrics() { return metrics_; }

  [[nodiscard]] io::Files& files() { return files_; }

  [[nodiscard]] Clock& clock() { return clock_; }

  [[nodiscard]] const InstanceOptions& options() const { return options_; }

  /// <data>/tables.db
  [[nodiscard]] std::string tables_path() const;

  /// Null when no pipeline was set.
  [[nodiscard]] std::shared_ptr<const plan::Pipeline> pipeline() const;

  /// Null when nothing was started. Lives until the instance is destroyed; stopped by stop().
  [[nodiscard]] flow::Runtime* runtime() const;

  /// Null when no Kafka listener is open. Lives until stop().
  [[nodiscard]] broker::Broker* broker() const;

  /// The port of the web listener; 0 when there is none.
  [[nodiscard]] std::uint16_t http_port() const;

  /// Everything that the terminal and the page show.
  console::Overview observe();

  /// Remembers what the rates of later looks need, when nobody looks now.
  void note_rates();

  /// A loop of the process says that it moves; for live().
  void note_progress(const std::string& loop);

  /// Progress of every loop: the log, feeds, flows, tables.
  Health live();
  /// Live, the start over, the pipeline without failure, the disk writable, not stopping.
  Health ready();
  /// The start is over: for /startupz.
  Health startup();

  /// Prometheus's text.
  std::string metrics_text();

 private:
  Instance(io::Files& files, Clock& clock, InstanceOptions options);

  Result<void> take_directory();
  Result<void> check_version();
  Result<void> open_log();
  void close_listeners();

  io::Files& files_;
  Clock& clock_;
  const InstanceOptions options_;
  Metrics metrics_;
  console::Observer observer_;
  std::unique_ptr<io::FileLock> lock_;
  std::unique_ptr<log::Log> log_;
  std::atomic<bool> log_ready_{false};
  std::atomic<bool> pipeline_expected_{false};
  std::int64_t taken_ns_ = 0;
  mutable Mutex mutex_;
  std::map<std::string, std::int64_t> progress_ns_ MR_GUARDED_BY(mutex_);
  // Shared with the queries that are running when it is set.
  std::shared_ptr<const plan::Pipeline> pipeline_ MR_GUARDED_BY(mutex_);
  std::function<void()> on_stop_ MR_GUARDED_BY(mutex_);
  std::unique_ptr<flow::Runtime> runtime_;
  std::atomic<flow::Runtime*> started_{nullptr};
  std::atomic<bool> stopping_{false};
  std::atomic<broker::Broker*> broker_{nullptr};
  std::unique_ptr<detail::Listeners> listeners_;
};

}  // namespace millrace::server
