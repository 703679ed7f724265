#include "broker/broker.h"

#include <algorithm>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/thread.h"
#include "broker/broker_settings.h"
#include "broker/detail/acceptor.h"
#include "broker/detail/budget.h"
#include "broker/detail/connection_loop.h"
#include "broker/detail/group_service.h"
#include "broker/dynamic_configs.h"
#include "broker/fetch_sessions.h"
#include "broker/identity.h"
#include "broker/producer_ids.h"
#include "broker/request_metrics.h"
#include "broker/services.h"
#include "io/process_info.h"
#include "log/log.h"

namespace millrace::broker {
namespace {

constexpr std::size_t kMemoryDefault = 256U << 20U;
constexpr std::int64_t kStopGraceNs = 500'000'000;
constexpr std::int64_t kNsPerMs = 1'000'000;

}  // namespace

/// Everything of a running broker, in the order in which it is made.
struct Broker::Rep {
  Rep(log::Log& the_log, const Clock& the_clock, Metrics& the_metrics, BrokerOptions given)
      : log(the_log),
        options(std::move(given)),
        counts(the_metrics),
        budget(options.memory_max_bytes > 0 ? options.memory_max_bytes : kMemoryDefault),
        producers(the_log),
        clock(the_clock),
        metrics(the_metrics) {}

  Result<void> make();
  Result<void> listen();
  [[nodiscard]] ConnectionLimits limits() const;

  log::Log& log;
  BrokerOptions options;
  RequestMetrics counts;
  Budget budget;
  ProducerIds producers;
  const Clock& clock;
  Metrics& metrics;
  Identity identity;
  std::unique_ptr<BrokerSettings> settings;
  std::unique_ptr<FetchSessions> sessions;
  std::unique_ptr<GroupService> groups;
  std::unique_ptr<Services> services;
  // Shared with the tickets of connections.
  std::shared_ptr<ConnectionCounts> connections;
  std::vector<std::unique_ptr<ConnectionLoop>> loops;
  std::unique_ptr<Acceptor> acceptor;
};

namespace {

/// Listeners as Kafka writes them; none where no address is given.
std::string listener_text(const std::vector<ListenerOptions>& listeners, bool advertised) {
  std::string text;
  for (const ListenerOptions& listener : listeners) {
    const config::HostPort& address = advertised ? listener.advertised : listener.address;
    if (!address.host.empty()) {
      text += fmt::format(
          "{}{}://{}:{}", text.empty() ? "" : ",", listener.name, address.host, address.port);
    }
  }
  return text;
}

/// What the user gave, and what was given in other words: clients are told of it.
ConfigTexts all_settings(const BrokerOptions& options, std::size_t loops) {
  ConfigTexts given(options.settings.begin(), options.settings.end());
  const auto add = [&](const char* name, const std::string& text) {
    if (!text.empty()) {
      given.try_emplace(name, text);
    }
  };
  add("listeners", listener_text(options.listeners, /*advertised=*/false));
  add("advertised.listeners", listener_text(options.listeners, /*advertised=*/true));
  add("log.dirs", options.log_dir);
  add("num.network.threads", std::to_string(loops));
  return given;
}

}  // namespace

Result<void> Broker::Rep::make() {
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  const std::size_t count = options.loops > 0 ? options.loops : cores;
  settings = TRY(BrokerSettings::parse(all_settings(options, count)));
  TRY(settings->set_dynamic(TRY(load_dynamic_configs(log, *settings))));
  const std::shared_ptr<const BrokerValues> values = settings->values();
  TRY(log.set_topic_defaults(values->topic_defaults));
  sessions = std::make_unique<FetchSessions>(
      static_cast<std::size_t>(values->fetch_sessions_max), clock, metrics);
  groups = std::make_unique<GroupService>(log, clock, *settings);
  TRY(groups->load());
  connections =
      std::make_shared<ConnectionCounts>(*settings, options.connections_max, counts.connections);
  identity.node_id = values->node_id;
  identity.log_dir = options.log_dir;
  identity.usable_bytes = options.usable_bytes;
  const std::optional<std::string> named = settings->text("cluster.id");
  identity.cluster_id = named ? *named : TRY(load_cluster_id(log));
  services = std::make_unique<Services>(Services{.log = log,
                                                 .clock = clock,
                                                 .metrics = metrics,
                                                 .settings = *settings,
                                                 .sessions = *sessions,
                                                 .groups = groups->coordinator(),
                                                 .identity = identity,
                                                 .producers = producers,
                                                 .budget = budget,
                                                 .counts = counts});
  for (std::size_t i = 0; i < count; ++i) {
    loops.push_back(std::make_unique<ConnectionLoop>(*services, budget, limits()));
  }
  acceptor = std::make_unique<Acceptor>(loops, connections, counts);
  return {};
}

ConnectionLimits Broker::Rep::limits() const {
  const std::shared_ptr<const BrokerValues> values = settings->values();
  ConnectionLimits limits;
  limits.request_bytes_max = static_cast<std::size_t>(values->request_bytes_max);
  limits.idle_ns = values->idle_ms * kNsPerMs;
  limits.frame_ns = options.request_timeout_ms * kNsPerMs;
  limits.write_ns = options.answer_timeout_ms * kNsPerMs;
  return limits;
}

// Kafka's listeners and advertised.listeners, if given, are about the listeners of the options.
Result<void> Broker::Rep::listen() {
  if (const auto found = settings->given().find("listeners"); found != settings->given().end()) {
    options.listeners = TRY(parse_listeners(found->second));
  }
  if (options.listeners.empty()) {
    return Error(ErrorCode::kInvalidArgument, "the broker has no address to listen on");
  }
  const auto advertised = settings->given().find("advertised.listeners");
  if (advertised != settings->given().end() && !advertised->second.empty()) {
    TRY(apply_advertised(advertised->second, options.listeners));
  }
  for (ListenerOptions& listener : options.listeners) {
    listener.address.port = TRY(acceptor->bind(listener.address));
  }
  identity.listeners = options.listeners;
  return {};
}

Broker::Broker(std::unique_ptr<Rep> rep) : rep_(std::move(rep)) {}

Result<std::unique_ptr<Broker>> Broker::start(log::Log& log,
                                              const Clock& clock,
                                              Metrics& metrics,
                                              BrokerOptions options) {
  io::raise_open_files_limit();
  auto rep = std::make_unique<Rep>(log, clock, metrics, std::move(options));
  TRY(rep->make());
  TRY(rep->listen());
  for (std::size_t i = 0; i < rep->loops.size(); ++i) {
    rep->loops[i]->start(fmt::format("mr-kafka-{}", i));
  }
  rep->groups->start(rep->loops.front()->inbox());
  rep->acceptor->start();
  return std::unique_ptr<Broker>(new Broker(std::move(rep)));
}

Broker::~Broker() {
  rep_->acceptor->stop();
  for (const std::unique_ptr<ConnectionLoop>& loop : rep_->loops) {
    loop->begin_stop();
  }
  const std::int64_t end_ns = rep_->clock.monotonic_ns() + kStopGraceNs;
  for (const std::unique_ptr<ConnectionLoop>& loop : rep_->loops) {
    loop->stop(std::max<std::int64_t>(end_ns - rep_->clock.monotonic_ns(), 0));
  }
  rep_->acceptor.reset();  // Before the loop that its sockets are on.
  for (const std::unique_ptr<ConnectionLoop>& loop : rep_->loops) {
    loop->join();
  }
  // The log answers in order: after this nothing of ours is under way there. The answer itself is
  // of no interest.
  const Result<log::AppendResult> last = rep_->log.append_and_wait({});
  if (!last) {
    last.error().ignore_error("the log may be closed");
  }
}

std::vector<std::string> Broker::addresses() const {
  std::vector<std::string> addresses;
  for (const ListenerOptions& listener : rep_->identity.listeners) {
    addresses.push_back(config::to_string(listener.address));
  }
  return addresses;
}

BrokerSummary Broker::summary() const {
  BrokerSummary summary{.addresses = addresses()};
  summary.connections = rep_->connections->count();
  for (GroupOverview& group : rep_->groups->coordinator().overview()) {
    GroupSummary one = {.name = std::move(group.name),
                        .state = std::move(group.state),
                        .protocol_type = std::move(group.protocol_type),
                        .members = group.members};
    for (GroupLag& partition : group.lags) {
      one.offsets.push_back({.topic = std::move(partition.topic),
                             .partition = partition.partition,
                             .committed = partition.committed.value(),
                             .end = partition.end.value()});
      one.lag += one.offsets.back().lag();
    }
    summary.groups.push_back(std::move(one));
  }
  return summary;
}

Result<void> Broker::commit_offsets(const std::map<std::string, std::vector<GroupOffset>>& groups) {
  const std::int64_t now_ms = rep_->clock.wall_ms();
  Mutex mutex;
  Wakeup done;
  std::size_t waiting = groups.size();
  std::string refused;
  for (const auto& [name, offsets] : groups) {
    CommitRequest request{.group = name};
    for (const GroupOffset& offset : offsets) {
      request.offsets.push_back(
          {.topic = offset.topic,
           .partition = offset.partition,
           .committed = {.offset = Offset(offset.committed), .commit_ms = now_ms}});
    }
    const auto take = [&, group = &name](const CommitAnswer& answer) {
      const auto failed =
          std::ranges::find_if(answer.partitions, [](Code code) { return code != Code::kNone; });
      const Code code =
          answer.error == Code::kNone && failed != answer.partitions.end() ? *failed : answer.error;
      const MutexLock lock(mutex);
      if (code != Code::kNone) {
        refused = fmt::format("offsets of group {} are refused: {}", *group, to_string(code));
      }
      if (--waiting == 0) {
        done.notify();
      }
    };
    rep_->groups->coordinator().commit_offsets(std::move(request), take);
  }
  if (!groups.empty()) {
    done.wait(-1);
  }
  const MutexLock lock(mutex);
  return refused.empty() ? Result<void>() : Error(ErrorCode::kUnavailable, refused);
}

}  // namespace millrace::broker
