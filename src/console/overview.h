// The state of a running pipeline as one value: what the page, `GET /api/millrace/overview` and the
// terminal show. Counts are read from the statuses of the runtime and from the log; rates are made
// from two readings.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "broker/broker.h"
#include "flow/runtime.h"
#include "flow/status.h"
#include "io/files.h"
#include "log/log.h"
#include "plan/pipeline.h"

namespace millrace::console {

class JsonOut;

/// What is looked at. `pipeline` and `runtime` are null when nothing runs, `broker` when no Kafka
/// listener is open. Borrowed.
struct Watched {
  log::Log* log = nullptr;
  io::Files* files = nullptr;
  const plan::Pipeline* pipeline = nullptr;
  const flow::Runtime* runtime = nullptr;
  const broker::Broker* broker = nullptr;
  std::string project = {};
  std::string data = {};  ///< The data directory.
};

struct SourceView {
  std::string name = {};
  std::string connector = {};
  std::string topic = {};
  std::uint64_t fetched = 0;
  std::uint64_t published = 0;
  std::uint64_t failed = 0;
  double rate = 0;  ///< Published records a second.
  bool caught_up = false;
  bool ended = false;
  std::string problem = {};
};

struct FlowView {
  std::string name = {};
  std::string target = {};
  std::vector<std::string> inputs = {};  ///< Names of sources and tables.
  std::string guarantee = {};
  std::string guarantee_reason = {};
  flow::FlowBooks books = {};
  std::uint64_t output = 0;
  std::int64_t epoch = 0;
  std::int64_t lag = 0;
  double rate = 0;           ///< Records read a second.
  double rejected_rate = 0;  ///< Rejected records a second.
  std::string state = {};    ///< "running", "waiting", "failed"
  std::string problem = {};
};

struct TableView {
  std::string name = {};
  std::string topic = {};
  std::vector<std::string> columns = {};
  std::vector<std::string> key = {};
  std::uint64_t applied = 0;
  std::int64_t lag = 0;
  double rate = 0;  ///< Records applied a second.
  std::string problem = {};
};

struct TopicView {
  std::string name = {};
  std::string role = {};  ///< "source", "table", "dead_letter", "internal", "topic"
  std::int32_t partitions = 0;
  std::int64_t start = 0;  ///< Sum of the log start offsets.
  std::int64_t end = 0;    ///< Sum of the high watermarks.
  std::uint64_t bytes = 0;
  double rate = 0;  ///< Offsets a second.
};

struct ProblemView {
  std::string where = {};  ///< "source users_api", "flow created_users", "log"
  std::string text = {};
};

/// Immutable by use.
struct Overview {
  std::string project = {};
  std::string version = {};
  std::int64_t pid = 0;
  std::int64_t time_ms = 0;
  std::int64_t uptime_ms = 0;
  std::int64_t memory_bytes = 0;
  double cpu_seconds = 0;
  double cpu_share = 0;  ///< Of one core, between the last two readings.
  std::uint64_t topics_bytes = 0;
  std::uint64_t tables_bytes = 0;  ///< tables.db and its WAL.
  std::uint64_t free_bytes = 0;
  bool writable = true;
  std::vector<SourceView> sources = {};
  std::vector<FlowView> flows = {};
  std::vector<TableView> tables = {};
  std::vector<TopicView> topics = {};
  broker::BrokerSummary kafka = {};  ///< Without addresses: there is no Kafka listener.
  std::vector<ProblemView> problems = {};
  std::vector<std::pair<std::string, std::int64_t>> dead_letters = {};  ///< flow or source → kept
};

/// Readings of one process, in order. Thread-safe.
class Observer {
 public:
  /// Rates are over about this long.
  static constexpr std::int64_t kRateWindowNs = 3'000'000'000;

  Observer(const Clock& clock, std::string version);

  /// Reads everything. A reading is remembered for the rates of later ones; readings closer than
  /// 200 ms to the last remembered one are not.
  Overview observe(const Watched& watched);

 private:
  struct Reading {
    std::int64_t at_ns = 0;
    std::map<std::string, double> counts;
  };

  /// Gives the change of `counts` a second since the oldest reading in the window.
  std::map<std::string, double> rates(std::map<std::string, double> counts);

  const Clock& clock_;
  const std::string version_;
  const std::int64_t started_ns_;
  Mutex mutex_;
  std::deque<Reading> readings_ MR_GUARDED_BY(mutex_);
};

/// A group without its partitions, into an object that is open.
void write_group_fields(const broker::GroupSummary& group, JsonOut& out);

/// What `GET /api/millrace/overview` answers.
std::string overview_to_json(const Overview& overview);

}  // namespace millrace::console
