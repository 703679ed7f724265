// For tests: handlers over a log on a simulated disk, without sockets and threads: what happens,
// happens in ask() and settle().
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "broker/api_table.h"
#include "broker/broker_settings.h"
#include "broker/call.h"
#include "broker/detail/budget.h"
#include "broker/detail/loop_inbox.h"
#include "broker/dynamic_configs.h"
#include "broker/fetch_sessions.h"
#include "broker/group_coordinator.h"
#include "broker/identity.h"
#include "broker/producer_ids.h"
#include "broker/request_metrics.h"
#include "broker/services.h"
#include "io/event_loop.h"
#include "io/sim_files.h"
#include "log/log.h"
#include "record/batch.h"

namespace millrace::broker {

/// Owned by one thread.
class TestBroker {
 public:
  explicit TestBroker(ConfigTexts given = {}, std::size_t budget_bytes = 64U << 20U)
      : budget(budget_bytes), counts(metrics) {
    files = std::make_unique<io::SimFiles>(1);
    open(std::move(given));
  }

  TestBroker(const TestBroker&) = delete;
  TestBroker& operator=(const TestBroker&) = delete;

  ~TestBroker() { inbox->close(); }

  /// The machine loses its power; then the broker starts with these settings.
  void restart(ConfigTexts given = {}) {
    settle();
    inbox->close();
    services.reset();
    groups.reset();
    producers.reset();
    log.reset();
    files->crash();
    open(std::move(given));
  }

  /// Lets everything happen that needs no time.
  void settle() {
    while (true) {
      const bool logged = log->step();
      if (loop.run_ready() == 0 && !logged) {
        return;
      }
    }
  }

  /// Time passes.
  void pass(std::int64_t ms) {
    settle();
    clock.advance_us(ms * 1000);
    groups->tick();
    settle();
  }

  [[nodiscard]] RequestInfo info(wire::ApiKey key, std::int16_t version) const {
    return {.key = key,
            .version = version,
            .client_id = "test",
            .client_host = "127.0.0.1",
            .server_host = "127.0.0.1",
            .loop = inbox};
  }

  /// What an answer is, once it is there.
  template <class Response>
  using Later = std::shared_ptr<std::optional<Response>>;

  /// Begins a request, and does nothing more.
  template <class Request, class Response>
  Later<Response> begin(Handler<Request, Response> handler, std::int16_t version, Request request) {
    auto later = std::make_shared<std::optional<Response>>();
    handler(
        *services,
        info(Request::kKey, version),
        std::move(request),
        reply_to<Response>([later](Response response) { later->emplace(std::move(response)); }));
    return later;
  }

  /// The answer, which must come without time passing. It is encoded and decoded again in this
  /// version, as the client would see it.
  template <class Request, class Response>
  Response ask(Handler<Request, Response> handler, std::int16_t version, Request request) {
    const Later<Response> later = begin(handler, version, std::move(request));
    settle();
    return sent(later, version);
  }

  /// An answer that is there, encoded and decoded again. REQUIRES: it is there
  template <class Response>
  static Response sent(const Later<Response>& later, std::int16_t version) {
    MR_ASSERT(later->has_value(), "{} v{} was not answered", Response::kName, version);
    wire::Writer writer;
    MUST((*later)->encode(writer, version));
    wire::Reader reader{data::BlockSlice::copy(writer.finish_string())};
    return MUST(Response::decode(reader, version));
  }

  log::TopicInfo make_topic(const std::string& name,
                            std::int32_t partitions = 1,
                            const std::optional<log::TopicConfig>& config = {}) {
    return MUST(log->create_topic({.name = name, .partitions = partitions, .config = config}));
  }

  void append(const std::string& topic,
              const std::vector<std::string>& values,
              std::int32_t partition = 0,
              std::int64_t timestamp_ms = 1'700'000'000'000) {
    record::BatchBuilder builder;
    for (const std::string& value : values) {
      builder.add({.timestamp_ms = timestamp_ms, .key = "k", .value = value});
    }
    log::Frame frame;
    frame.batches.push_back({.to = {.topic = topic, .partition = PartitionId(partition)},
                             .batch = MUST(builder.finish())});
    MUST(log->append_and_wait(std::move(frame)));
  }

  /// What the log has written so far.
  [[nodiscard]] std::uint64_t frames() {
    return metrics.counter("millrace_log_frames_total", "").value();
  }

  ManualClock clock;
  Metrics metrics;
  std::unique_ptr<io::SimFiles> files;
  std::unique_ptr<log::Log> log;
  io::EventLoop loop;
  LoopInboxPtr inbox;
  Budget budget;
  RequestMetrics counts;
  std::unique_ptr<BrokerSettings> settings;
  std::unique_ptr<FetchSessions> sessions;
  std::unique_ptr<ProducerIds> producers;
  std::unique_ptr<GroupCoordinator> groups;
  Identity identity;
  std::optional<Services> services;

 private:
  void open(ConfigTexts given) {
    log = MUST(
        log::Log::open(*files,
                       clock,
                       metrics,
                       {.directory = "data", .threads = false, .min_free_bytes = 0, .seed = 1}));
    settings = MUST(BrokerSettings::parse(std::move(given)));
    MUST(settings->set_dynamic(MUST(load_dynamic_configs(*log, *settings))));
    MUST(log->set_topic_defaults(settings->values()->topic_defaults));
    sessions = std::make_unique<FetchSessions>(
        static_cast<std::size_t>(settings->values()->fetch_sessions_max), clock, metrics);
    producers = std::make_unique<ProducerIds>(*log);
    groups = std::make_unique<GroupCoordinator>(
        *log,
        clock,
        GroupCoordinator::Options{
            .config = {},
            .executor = [this](const std::function<void()>& task) { loop.post(task); },
            .wake_at = [](std::int64_t) {},
            .seed = 1});
    MUST(groups->load());
    identity = {.cluster_id = "test-cluster",
                .node_id = 1,
                .listeners = {{.address = {.host = "127.0.0.1", .port = 9092}}}};
    inbox = std::make_shared<LoopInbox>(loop, clock);
    services.emplace(Services{.log = *log,
                              .clock = clock,
                              .metrics = metrics,
                              .settings = *settings,
                              .sessions = *sessions,
                              .groups = *groups,
                              .identity = identity,
                              .producers = *producers,
                              .budget = budget,
                              .counts = counts});
    settle();
  }
};

/// A batch of records with these values, and keys if they are given.
inline std::string batch_of(const std::vector<std::string>& values,
                            const record::BatchOptions& options = {},
                            bool keys = true) {
  record::BatchBuilder builder(options);
  for (const std::string& value : values) {
    record::Record record{.timestamp_ms = 1'700'000'000'000, .value = value};
    if (keys) {
      record.key = "k";
    }
    builder.add(record);
  }
  return MUST(builder.finish());
}

/// The values of the records in an answer.
inline std::vector<std::string> values_of(const wire::Records& records) {
  std::vector<std::string> values;
  const data::BlockSlice all = records.joined();
  std::string_view rest = all.view();
  while (!rest.empty()) {
    const std::size_t size = record::batch_size(rest);
    record::RecordReader reader = MUST(record::RecordReader::open(rest.substr(0, size)));
    record::RecordView record;
    while (MUST(reader.next(record))) {
      values.emplace_back(record.value.value_or("~"));
    }
    rest.remove_prefix(size);
  }
  return values;
}

}  // namespace millrace::broker
