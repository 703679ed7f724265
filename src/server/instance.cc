#include "server/instance.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/log_line.h"
#include "broker/log_settings.h"
#include "server/builtin_connectors.h"
#include "server/detail/listeners.h"

namespace millrace::server {

namespace {

// What VERSION says; it grows when an older program could not read the directory any more.
constexpr int kDataFormat = 1;
constexpr std::uint64_t kVersionBytesMax = 64;
// Shares of memory.max (DESIGN §5).
constexpr std::int64_t kTailCacheShare = 8;
constexpr std::int64_t kTailCacheMax = 64 << 20;
constexpr std::int64_t kTailCacheMin = 4 << 20;

Error add_remedy(Error error) {
  if (error.code() != ErrorCode::kConflict) {
    return error;
  }
  return {ErrorCode::kConflict,
          "the data directory is in use: " + error.message() +
              "; stop that process, or choose another directory with --data"};
}

}  // namespace

std::string_view program_version() {
  return "0.1.0";
}

bool Health::ok() const {
  return std::ranges::all_of(checks, &Check::ok);
}

Instance::Instance(io::Files& files, Clock& clock, InstanceOptions options)
    : files_(files),
      clock_(clock),
      options_(std::move(options)),
      observer_(clock, std::string(program_version())) {}

Instance::~Instance() {
  stopping_ = true;
  close_listeners();
}

Result<std::unique_ptr<Instance>> Instance::take(io::Files& files,
                                                 Clock& clock,
                                                 InstanceOptions options) {
  std::unique_ptr<Instance> instance(new Instance(files, clock, std::move(options)));
  TRY(instance->take_directory());
  TRY(instance->check_version());
  instance->pipeline_expected_ = true;
  instance->taken_ns_ = clock.monotonic_ns();
  return instance;
}

Result<std::unique_ptr<Instance>> Instance::open(io::Files& files,
                                                 Clock& clock,
                                                 InstanceOptions options) {
  std::unique_ptr<Instance> instance = TRY(take(files, clock, std::move(options)));
  instance->pipeline_expected_ = false;
  TRY(instance->recover());
  return instance;
}

Result<void> Instance::recover() {
  MR_ASSERT(log_ == nullptr, "recover() is called once");
  TRY(open_log());
  log_ready_.store(true, std::memory_order_release);
  return {};
}

std::string Instance::starting() const {
  const double seconds = static_cast<double>(clock_.monotonic_ns() - taken_ns_) / 1e9;
  if (!log_ready()) {
    return fmt::format("starting: the log is being recovered, for {:.1f} s", seconds);
  }
  if (pipeline_expected_ && started_ == nullptr) {
    return fmt::format("starting: the pipeline is being opened, for {:.1f} s", seconds);
  }
  return {};
}

Result<void> Instance::take_directory() {
  const std::string& data = options_.data;
  if (!TRY(io::exists(files_, data))) {
    if (!options_.create) {
      return Error(ErrorCode::kNotFound,
                   "there is no data directory " + data + ": nothing has run here yet");
    }
    TRY_DOING(io::make_dirs(files_, data), "make the data directory " + data);
  }
  auto lock = files_.lock(data + "/LOCK");
  if (!lock) {
    return add_remedy(std::move(lock).error());
  }
  lock_ = *std::move(lock);
  return {};
}

Result<void> Instance::check_version() {
  const std::string path = options_.data + "/VERSION";
  if (!TRY(io::exists(files_, path))) {
    return io::write_atomically(files_, path, std::to_string(kDataFormat) + "\n");
  }
  const std::string text = TRY(io::read_all(files_, path, kVersionBytesMax));
  int found = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), found);
  if (parsed.ec != std::errc{} || found < 1) {
    return Error(ErrorCode::kCorruption, path + " holds no version: " + text);
  }
  if (found > kDataFormat) {
    return Error(ErrorCode::kUnsupported,
                 "the data directory was written by a newer program: its format is " +
                     std::to_string(found) + ", this program (" + std::string(program_version()) +
                     ") reads up to " + std::to_string(kDataFormat) + "; use the newer program");
  }
  return {};
}

Result<void> Instance::open_log() {
  log::LogOptions options;
  options.directory = options_.data;
  const config::Settings& settings = options_.settings;
  if (settings.memory_max_bytes > 0) {
    options.tail_cache_bytes = static_cast<std::uint64_t>(
        std::clamp(settings.memory_max_bytes / kTailCacheShare, kTailCacheMin, kTailCacheMax));
  }
  options.min_free_bytes =
      static_cast<std::uint64_t>(std::max<std::int64_t>(settings.min_free_bytes, 0));
  TRY(broker::apply_log_settings(settings.broker, options));
  log_ = TRY_DOING(log::Log::open(files_, clock_, metrics_, options),
                   "open the log in " + options_.data);
  TRY(broker::apply_topic_defaults(settings.broker, *log_));
  const log::RecoveryReport& report = log_->recovery();
  MR_LOG(info,
         "log opened",
         {"directory", options_.data},
         {"clean", report.clean},
         {"frames_replayed", report.frames_replayed},
         {"ms", report.duration_us / 1000});
  return {};
}

Result<std::vector<std::string>> Instance::listen() {
  std::vector<std::string> messages;
  if (listeners_ == nullptr) {
    listeners_ = TRY(detail::Listeners::open(*this, messages));
  }
  if (log_ready()) {
    TRY(listeners_->open_log_listeners(messages));
    broker_ = listeners_->kafka();
  }
  return messages;
}

void Instance::set_pipeline(plan::Pipeline pipeline) {
  MR_ASSERT(runtime_ == nullptr, "a pipeline runs, which speaks of the one that was set");
  auto shared = std::make_shared<const plan::Pipeline>(std::move(pipeline));
  const MutexLock lock(mutex_);
  pipeline_ = std::move(shared);
}

Result<void> Instance::start_pipeline(const project::Project& project,
                                      plan::Pipeline pipeline,
                                      flow::RuntimeOptions options) {
  set_pipeline(std::move(pipeline));
  if (options.tables_path.empty()) {
    options.tables_path = tables_path();
  }
  if (options.folder.empty()) {
    options.folder = project.root;
  }
  const config::Settings& settings = options_.settings;
  if (settings.workers > 0) {
    options.flow_workers = static_cast<std::size_t>(settings.workers);
  }
  options.max_rejected = settings.max_rejected;
  if (settings.memory_max_bytes > 0) {
    options.memory_bytes_max = static_cast<std::uint64_t>(settings.memory_max_bytes);
  }
  runtime_ = TRY(flow::Runtime::start(
      *this->pipeline(), builtin_connectors(), files_, *log_, clock_, std::move(options)));
  started_ = runtime_.get();
  return {};
}

void Instance::close_listeners() {
  listeners_.reset();
  broker_ = nullptr;
}

Result<void> Instance::stop() {
  stopping_ = true;
  close_listeners();
  if (runtime_) {
    runtime_->stop();
  }
  if (log_) {
    TRY_DOING(log_->close(), "close the log");
  }
  lock_.reset();
  return {};
}

void Instance::on_stop_request(std::function<void()> callback) {
  const MutexLock lock(mutex_);
  on_stop_ = std::move(callback);
}

void Instance::request_stop() {
  std::function<void()> callback;
  {
    const MutexLock lock(mutex_);
    callback = on_stop_;
  }
  if (callback) {
    callback();
  }
}

std::string Instance::tables_path() const {
  return options_.data + "/tables.db";
}

std::shared_ptr<const plan::Pipeline> Instance::pipeline() const {
  const MutexLock lock(mutex_);
  return pipeline_;
}

flow::Runtime* Instance::runtime() const {
  return started_;
}

broker::Broker* Instance::broker() const {
  return broker_;
}

std::uint16_t Instance::http_port() const {
  return listeners_ ? listeners_->http_port() : std::uint16_t{0};
}

console::Overview Instance::observe() {
  const std::shared_ptr<const plan::Pipeline> pipeline = this->pipeline();
  return observer_.observe({.log = log_ready() ? log_.get() : nullptr,
                            .files = &files_,
                            .pipeline = pipeline.get(),
                            .runtime = runtime(),
                            .broker = broker(),
                            .project = pipeline ? pipeline->name : std::string(),
                            .data = options_.data});
}

void Instance::note_rates() {
  observer_.observe({.log = log_ready() ? log_.get() : nullptr, .runtime = runtime()});
}

void Instance::note_progress(const std::string& loop) {
  const MutexLock lock(mutex_);
  progress_ns_[loop] = clock_.monotonic_ns();
}

}  // namespace millrace::server
