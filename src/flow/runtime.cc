#include "flow/runtime.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/log_line.h"
#include "base/random.h"
#include "config/option_table.h"
#include "plan/definitions.h"

namespace millrace::flow {

namespace {

constexpr std::string_view kSaltPosition = "instance.salt";
// Loops turn at least this often, so that /livez can tell a stuck one from an idle one.
constexpr std::int64_t kHeartbeatNs = 500'000'000;
// After a stop was asked: what is in flight gets this long.
constexpr std::int64_t kDrainNs = 2'000'000'000;
// A bounded run has an end to reach: its materialized views wait no longer than this.
constexpr std::int64_t kBoundedRefreshMs = 50;

std::int64_t wait_ns(const StepResult& step, const Clock& clock) {
  if (!step.due_ns) {
    return kHeartbeatNs;
  }
  return std::clamp<std::int64_t>(*step.due_ns - clock.monotonic_ns(), 0, kHeartbeatNs);
}

/// Steps until nothing is in flight, at most kDrainNs.
template <class Machine, class Step>
void drain(Machine& machine, Wakeup& wakeup, const Clock& clock, const Step& step) {
  const std::int64_t until = clock.monotonic_ns() + kDrainNs;
  while (!machine.idle() && clock.monotonic_ns() < until) {
    if (!step()) {
      wakeup.wait(10'000'000);
    }
  }
}

}  // namespace

struct Runtime::FeedWorker {
  SourceStatus* status = nullptr;
  Wakeup wakeup;
  std::unique_ptr<FeedDriver> driver;
  std::atomic<std::int64_t> heartbeat_ms{0};
  std::atomic<bool> finished{false};
  Thread thread;

  void run(const std::stop_token& stop, const Clock& clock) {
    while (!stop.stop_requested()) {
      heartbeat_ms = clock.monotonic_ns() / 1'000'000;
      const StepResult step = driver->step(stop);
      if (step.finished) {
        break;
      }
      if (!step.progressed) {
        wakeup.wait(wait_ns(step, clock), stop);
      }
    }
    drain(*driver, wakeup, clock, [&] { return driver->step(stop).progressed; });
    heartbeat_ms = -1;
    finished = true;
  }
};

struct Runtime::FlowWorker {
  Wakeup wakeup;
  std::vector<std::unique_ptr<FlowMachine>> flows;
  std::atomic<std::int64_t> heartbeat_ms{0};
  std::atomic<bool> unhealthy{false};
  Thread thread;

  void run(const std::stop_token& stop, const Clock& clock) {
    while (!stop.stop_requested()) {
      heartbeat_ms = clock.monotonic_ns() / 1'000'000;
      StepResult all;
      bool any_unhealthy = false;
      for (const auto& flow : flows) {
        const StepResult step = flow->step(stop);
        all.progressed = all.progressed || step.progressed;
        any_unhealthy = any_unhealthy || flow->unhealthy();
        if (step.due_ns) {
          all.due_ns = std::min(*step.due_ns, all.due_ns.value_or(*step.due_ns));
        }
      }
      unhealthy = any_unhealthy;
      if (!all.progressed) {
        wakeup.wait(wait_ns(all, clock), stop);
      }
    }
    for (const auto& flow : flows) {
      drain(*flow, wakeup, clock, [&] { return flow->take_answer(); });
    }
  }
};

struct Runtime::TableWorker {
  Wakeup wakeup;
  std::unique_ptr<TableWriter> writer;
  std::atomic<std::int64_t> heartbeat_ms{0};
  Thread thread;

  void run(const std::stop_token& stop, const Clock& clock) {
    while (!stop.stop_requested()) {
      heartbeat_ms = clock.monotonic_ns() / 1'000'000;
      const StepResult step = writer->step();
      if (!step.progressed) {
        wakeup.wait(wait_ns(step, clock), stop);
      }
    }
    // What the flows have committed until now is made visible, so that a stopped pipeline shows
    // all.
    const std::int64_t until = clock.monotonic_ns() + kDrainNs;
    while (writer->step().progressed && clock.monotonic_ns() < until) {
    }
  }
};

Runtime::Runtime(const plan::Pipeline& pipeline,
                 const connector::ConnectorRegistry& connectors,
                 io::Files& files,
                 log::Log& log,
                 const Clock& clock,
                 RuntimeOptions options)
    : pipeline_(pipeline),
      connectors_(connectors),
      files_(files),
      log_(log),
      clock_(clock),
      options_(std::move(options)) {}

Runtime::~Runtime() {
  stop();
}

Result<std::unique_ptr<Runtime>> Runtime::start(const plan::Pipeline& pipeline,
                                                const connector::ConnectorRegistry& connectors,
                                                io::Files& files,
                                                log::Log& log,
                                                const Clock& clock,
                                                RuntimeOptions options) {
  std::unique_ptr<Runtime> runtime(
      new Runtime(pipeline, connectors, files, log, clock, std::move(options)));
  TRY(runtime->open());
  runtime->launch();
  return runtime;
}

Result<void> Runtime::open() {
  TRY(refresh());
  TRY(open_salt());
  for (const auto& source : pipeline_.sources) {
    TRY_DOING(open_feed(*source), "open source " + source->name);
  }
  TRY(open_flows());
  source_books_before_ = source_books();
  flow_books_before_ = flow_books();
  return open_tables();
}

// Forgets what the flows of these tables did: the topic is made anew, the flow starts at the
// beginning, tables.db follows the new topic by its id.
Result<void> Runtime::refresh() {
  for (const std::string& name : options_.full_refresh) {
    const auto relation = pipeline_.find(name);
    if (!relation) {
      return Error(ErrorCode::kNotFound, "--full-refresh: there is no table " + name);
    }
    log::Frame frame;
    for (const plan::Flow& flow : pipeline_.flows) {
      if (flow.target->name == relation->name) {
        frame.positions.push_back({.name = FlowPosition::name_of(flow.name), .value = ""});
      }
    }
    if (log_.topic(relation->topic)) {
      TRY_DOING(log_.delete_topic(relation->topic), "refresh " + name);
    }
    TRY_DOING(log_.append_and_wait(std::move(frame)), "refresh " + name);
  }
  return {};
}

Result<void> Runtime::open_salt() {
  std::optional<std::string> hex = log_.position(kSaltPosition);
  if (!hex) {
    std::uint8_t bytes[16];
    secure_random(bytes);
    hex = to_hex({reinterpret_cast<const char*>(bytes), sizeof bytes});
    log::Frame frame;
    frame.positions.push_back({.name = std::string(kSaltPosition), .value = *hex});
    TRY(log_.append_and_wait(std::move(frame)));
  }
  const std::optional<std::string> bytes = from_hex(*hex);
  if (!bytes || bytes->size() != 16) {
    return Error(ErrorCode::kCorruption, "the instance's salt cannot be read: " + *hex);
  }
  salt_ = {.high = load_be<std::uint64_t>(bytes->data()),
           .low = load_be<std::uint64_t>(bytes->data() + 8)};
  return {};
}

Result<void> Runtime::open_feed(const plan::Relation& source) {
  const connector::ConnectorInfo* connector = connectors_.find(source.format);
  if (connector == nullptr || connector->make_feed == nullptr) {
    // A topic of this instance that others fill.
    TRY(log_.ensure_topic({.name = source.topic, .partitions = 1, .config = {}}));
    return {};
  }
  Diagnostics diagnostics;
  const config::OptionValues values =
      config::parse_options(*connector->options, plan::option_entries(source), diagnostics);
  if (diagnostics.has_errors()) {
    return Error(ErrorCode::kInvalidArgument, diagnostics.all().front().message);
  }
  auto feed = TRY(connector->make_feed(values,
                                       {.clock = clock_,
                                        .files = files_,
                                        .source = source.name,
                                        .folder = options_.folder,
                                        .seed = siphash128(salt_, source.name).low}));
  auto status = std::make_unique<SourceStatus>();
  status->name = source.name;
  status->connector = connector->name;
  status->topic = source.topic;
  auto worker = std::make_unique<FeedWorker>();
  worker->status = status.get();
  worker->driver =
      std::make_unique<FeedDriver>(std::move(feed),
                                   log_,
                                   clock_,
                                   *status,
                                   worker->wakeup,
                                   FeedDriverOptions{.source = source.name,
                                                     .topic = source.topic,
                                                     .records_max = options_.records_max,
                                                     .one_round = options_.until_caught_up});
  TRY(worker->driver->open());
  sources_.push_back(std::move(status));
  feed_workers_.push_back(std::move(worker));
  return {};
}

Result<void> Runtime::open_flows() {
  const std::size_t workers = std::clamp<std::size_t>(
      options_.flow_workers, 1, std::max<std::size_t>(pipeline_.flows.size(), 1));
  for (std::size_t worker = 0; worker < workers; ++worker) {
    flow_workers_.push_back(std::make_unique<FlowWorker>());
  }
  for (const plan::Flow& flow : pipeline_.flows) {
    if (flow.recomputed) {
      TRY(open_view(flow));
      continue;
    }
    auto status = std::make_unique<FlowStatus>();
    status->name = flow.name;
    status->target = flow.target->name;
    FlowWorker& worker = *flow_workers_[(flows_.size() - views_.size()) % workers];
    auto runner = std::make_unique<FlowRunner>(
        flow,
        log_,
        clock_,
        *status,
        worker.wakeup,
        FlowRunnerOptions{
            .salt = salt_, .time_zone = options_.time_zone, .max_rejected = options_.max_rejected});
    TRY(runner->open());
    flows_.push_back(std::move(status));
    worker.flows.push_back(std::move(runner));
  }
  return {};
}

// Flows are in the order of need, so that a view on a view is computed after it.
Result<void> Runtime::open_view(const plan::Flow& flow) {
  if (!view_worker_) {
    view_worker_ = std::make_unique<FlowWorker>();
  }
  FlowWorker& worker = *view_worker_;
  auto status = std::make_unique<FlowStatus>();
  status->name = flow.name;
  status->target = flow.target->name;
  const bool bounded = options_.until_caught_up || options_.records_max != 0;
  ViewRunnerOptions options{
      .salt = salt_,
      .time_zone = options_.time_zone,
      .interval_ms = bounded ? std::min(flow.refresh_interval_ms, kBoundedRefreshMs)
                             : flow.refresh_interval_ms,
      .max_rejected = options_.max_rejected,
      .content_bytes_max = options_.memory_bytes_max / 8,
      .query_bytes_max = options_.memory_bytes_max / 4,
      .alive = [&worker, this] {
        worker.heartbeat_ms = clock_.monotonic_ns() / 1'000'000;
      }};
  options.frame_bytes_max = std::min(options.frame_bytes_max, options_.memory_bytes_max / 8);
  auto runner =
      std::make_unique<ViewRunner>(flow, log_, clock_, *status, worker.wakeup, std::move(options));
  TRY(runner->open());
  views_.push_back({.runner = runner.get(), .status = status.get()});
  flows_.push_back(std::move(status));
  worker.flows.push_back(std::move(runner));
  return {};
}

Result<void> Runtime::open_tables() {
  table_worker_ = std::make_unique<TableWorker>();
  std::vector<TableWriter::Table> tables;
  for (const auto& relation : pipeline_.tables) {
    auto status = std::make_unique<TableStatus>();
    status->name = relation->name;
    status->topic = relation->topic;
    tables.push_back({.relation = relation, .status = status.get()});
    tables_.push_back(std::move(status));
  }
  sqlite::Database database = TRY(sqlite::Database::open(options_.tables_path, {}));
  table_worker_->writer = std::make_unique<TableWriter>(
      std::move(database), log_, clock_, table_worker_->wakeup, std::move(tables));
  return table_worker_->writer->open();
}

void Runtime::launch() {
  table_worker_->thread =
      Thread("tables", [this](const std::stop_token& stop) { table_worker_->run(stop, clock_); });
  for (std::size_t index = 0; index < flow_workers_.size(); ++index) {
    FlowWorker& worker = *flow_workers_[index];
    worker.thread = Thread("flow-" + std::to_string(index),
                           [&](const std::stop_token& stop) { worker.run(stop, clock_); });
  }
  if (view_worker_) {
    view_worker_->thread =
        Thread("views", [this](const std::stop_token& stop) { view_worker_->run(stop, clock_); });
  }
  for (const auto& worker : feed_workers_) {
    worker->thread =
        Thread("feed-" + worker->status->name,
               [&feed = *worker, this](const std::stop_token& stop) { feed.run(stop, clock_); });
  }
}

void Runtime::stop() {
  for (const auto& worker : feed_workers_) {
    worker->thread.request_stop();
    worker->wakeup.notify();
  }
  for (const auto& worker : feed_workers_) {
    worker->thread.join();
  }
  for (const auto& worker : flow_workers_) {
    worker->thread.request_stop();
    worker->wakeup.notify();
  }
  for (const auto& worker : flow_workers_) {
    worker->thread.join();
  }
  if (view_worker_) {
    view_worker_->thread.request_stop();
    view_worker_->wakeup.notify();
    view_worker_->thread.join();
  }
  if (table_worker_) {
    table_worker_->thread.request_stop();
    table_worker_->wakeup.notify();
    table_worker_->thread.join();
  }
}

// Positions and output of a flow are one frame, so what the log says is consistent: when every flow
// stands at the end of its inputs, and no epoch was committed while this was looked at, nothing is
// under way. The books of a flow follow its frame: they must have come as far, since who waited for
// this reads them next.
bool Runtime::flows_quiet() const {
  for (std::size_t index = 0; index < flows_.size(); ++index) {
    const plan::Flow& flow = pipeline_.flows[index];
    if (flow.recomputed) {
      continue;
    }
    FlowPosition position;
    if (const auto text = log_.position(FlowPosition::name_of(flow.name))) {
      auto decoded = FlowPosition::decode(*text);
      if (!decoded) {
        return false;
      }
      position = *std::move(decoded);
    }
    if (flows_[index]->epoch != position.epoch.value()) {
      return false;
    }
    for (const auto& input : flow.inputs) {
      const auto topic = log_.topic(input->topic);
      for (std::int32_t number = 0; topic && number < topic->partitions; ++number) {
        const auto info = log_.describe({input->topic, PartitionId(number)});
        const std::int64_t next = position.next[input->topic][number];
        if (info && next < info->last_stable_offset.value() &&
            info->log_start_offset < info->last_stable_offset) {
          return false;
        }
      }
    }
  }
  return std::ranges::all_of(views_, [](const View& view) { return view.runner->settled(); });
}

bool Runtime::tables_quiet() const {
  return std::ranges::all_of(tables_, [&](const auto& table) {
    const auto topic = log_.topic(table->topic);
    std::int64_t end = 0;
    for (std::int32_t number = 0; topic && number < topic->partitions; ++number) {
      if (const auto info = log_.describe({table->topic, PartitionId(number)})) {
        end += info->last_stable_offset.value();
      }
    }
    return table->next >= end;
  });
}

bool Runtime::drained() const {
  const bool sources_done = std::ranges::all_of(
      feed_workers_, [](const auto& worker) { return worker->finished.load(); });
  if (!sources_done) {
    return false;
  }
  const auto epochs = [&] {
    std::int64_t sum = 0;
    for (const auto& flow : flows_) {
      sum += flow->epoch;
    }
    return sum;
  };
  const std::int64_t before = epochs();
  return flows_quiet() && tables_quiet() && flows_quiet() && epochs() == before;
}

std::string Runtime::lasting_failure() const {
  for (const auto& flow : flows_) {
    if (flow->state == FlowState::kFailed) {
      return "flow " + flow->name + ": " + flow->problem.get();
    }
  }
  for (const auto& worker : flow_workers_) {
    if (worker->unhealthy) {
      for (const auto& flow : flows_) {
        if (const std::string problem = flow->problem.get(); !problem.empty()) {
          return "flow " + flow->name + ": " + problem;
        }
      }
    }
  }
  return {};
}

std::string Runtime::failure() const {
  std::string failure = lasting_failure();
  for (const View& view : views_) {
    if (failure.empty() && view.runner->unhealthy()) {
      failure = "flow " + view.status->name + ": " + view.status->problem.get();
    }
  }
  return failure;
}

std::string Runtime::barren() const {
  for (std::size_t index = 0; index < sources_.size(); ++index) {
    if (std::string why = barren_source(*sources_[index], source_books_before_[index]);
        !why.empty()) {
      return why;
    }
  }
  for (std::size_t index = 0; index < flows_.size(); ++index) {
    if (pipeline_.flows[index].recomputed) {
      continue;  // The answer of a query may well be no rows.
    }
    if (std::string why =
            barren_flow(pipeline_.flows[index], *flows_[index], flow_books_before_[index]);
        !why.empty()) {
      return why;
    }
  }
  return {};
}

std::string Runtime::barren_source(const SourceStatus& source, const SourceBooks& before) const {
  const SourceBooks books = source.books();
  if (books.published > before.published) {
    return {};
  }
  const std::string what = "source " + source.name + " published nothing";
  const std::string problem = source.problem.get();
  const std::string because = problem.empty() ? "" : ": " + problem;
  if (books.failed > before.failed) {
    return fmt::format("{}, {} failed{}", what, books.failed - before.failed, because);
  }
  if (!problem.empty()) {
    return what + because;
  }
  if (options_.records_max > 0) {
    return fmt::format("{} of the {} records it was to{}",
                       what,
                       options_.records_max,
                       source.ended ? ": it came to its end before this run" : "");
  }
  if (!source.caught_up && !source.ended) {
    return what + ": it had not answered when the run ended";
  }
  return {};
}

std::string Runtime::barren_flow(const plan::Flow& flow,
                                 const FlowStatus& status,
                                 const FlowBooks& before) {
  const exec::FlowCounts all = status.books().counts;
  const exec::FlowCounts& then = before.counts;
  const bool empty = all.read > 0 && all.accepted == 0;
  const bool only_rejected = all.accepted == then.accepted && all.rejected > then.rejected;
  const auto option = flow.target->properties.find("millrace.allow_empty");
  const bool may_be_empty =
      option != flow.target->properties.end() && plan::to_lower(option->second) == "true";
  if (only_rejected) {
    return fmt::format(
        "flow {} read {} records and wrote none of them, {} were rejected: see "
        "dead-letters show {}",
        flow.name,
        all.read - then.read,
        all.rejected - then.rejected,
        flow.name);
  }
  if (empty && !may_be_empty) {
    return fmt::format(
        "flow {} read {} records and its table {} is empty: {} were filtered out; "
        "where that is meant to be, say TBLPROPERTIES ('millrace.allow_empty' = "
        "'true')",
        flow.name,
        all.read,
        flow.target->name,
        all.filtered);
  }
  return {};
}

std::vector<SourceBooks> Runtime::source_books() const {
  std::vector<SourceBooks> books;
  books.reserve(sources_.size());
  for (const auto& source : sources_) {
    books.push_back(source->books());
  }
  return books;
}

std::vector<FlowBooks> Runtime::flow_books() const {
  std::vector<FlowBooks> books;
  books.reserve(flows_.size());
  for (const auto& flow : flows_) {
    books.push_back(flow->books());
  }
  return books;
}

std::vector<std::pair<std::string, std::int64_t>> Runtime::heartbeats() const {
  std::vector<std::pair<std::string, std::int64_t>> beats;
  for (const auto& worker : feed_workers_) {
    if (!worker->finished) {
      beats.emplace_back("feed " + worker->status->name, worker->heartbeat_ms);
    }
  }
  for (std::size_t index = 0; index < flow_workers_.size(); ++index) {
    beats.emplace_back("flow worker " + std::to_string(index), flow_workers_[index]->heartbeat_ms);
  }
  if (view_worker_) {
    beats.emplace_back("views", view_worker_->heartbeat_ms);
  }
  beats.emplace_back("tables", table_worker_->heartbeat_ms);
  return beats;
}

}  // namespace millrace::flow
