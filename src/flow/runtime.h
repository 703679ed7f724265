// A pipeline at run time: a thread for each feed, workers for the flows, one thread for the
// materialized views, one for tables.db. Started, watched and stopped as a whole.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "base/thread.h"
#include "connector/registry.h"
#include "flow/feed_driver.h"
#include "flow/flow_runner.h"
#include "flow/status.h"
#include "flow/table_writer.h"
#include "flow/view_runner.h"
#include "io/files.h"
#include "log/log.h"
#include "plan/pipeline.h"

namespace millrace::flow {

struct RuntimeOptions {
  std::string tables_path;  ///< tables.db
  std::string folder;       ///< Of the project, for relative paths of sources.
  std::string time_zone = "UTC";
  bool until_caught_up = false;   ///< Ending sources end, polling sources make one round.
  std::uint64_t records_max = 0;  ///< Each source stops after so many; 0: no limit.
  std::size_t flow_workers = 1;
  double max_rejected = 0.5;
  /// What materialized views may hold: memory.max, of which each view's content takes an eighth at
  /// most, and the query of the one that is being computed a quarter.
  std::uint64_t memory_bytes_max = 1ULL << 30U;
  /// Tables whose flows begin again from the start: their topics are made anew.
  std::vector<std::string> full_refresh;
};

/// Thread-safe, but for start() and stop(), which belong to one thread.
class Runtime {
 public:
  /// Opens and starts everything. The references outlive it.
  static Result<std::unique_ptr<Runtime>> start(const plan::Pipeline& pipeline,
                                                const connector::ConnectorRegistry& connectors,
                                                io::Files& files,
                                                log::Log& log,
                                                const Clock& clock,
                                                RuntimeOptions options);
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;
  /// Stops first, if need be.
  ~Runtime();

  /// Feeds first, then what is in flight; nothing that was acknowledged is lost. Within a second
  /// unless the disk is slow.
  void stop();

  /// All sources are done and everything they gave went through all flows into tables.db.
  [[nodiscard]] bool drained() const;
  /// A flow that cannot go on, or rejects too much, or a materialized view that cannot be computed:
  /// what failed, in words; empty = nothing.
  [[nodiscard]] std::string failure() const;
  /// The same without materialized views, which further records may mend: a bounded run may end
  /// at once.
  [[nodiscard]] std::string lasting_failure() const;
  /// A source or a flow that was meant to produce in this run and produced nothing, in words; empty
  /// = there is none. A source that has nothing new, and said so, is none. A table that is still
  /// empty although its flow read records is one, unless TBLPROPERTIES ('millrace.allow_empty' =
  /// 'true'). For bounded runs, asked before stop().
  [[nodiscard]] std::string barren() const;

  [[nodiscard]] const std::vector<std::unique_ptr<SourceStatus>>& sources() const {
    return sources_;
  }

  [[nodiscard]] const std::vector<std::unique_ptr<FlowStatus>>& flows() const { return flows_; }

  [[nodiscard]] const std::vector<std::unique_ptr<TableStatus>>& tables() const { return tables_; }

  [[nodiscard]] std::vector<SourceBooks> source_books() const;
  [[nodiscard]] std::vector<FlowBooks> flow_books() const;

  /// When each loop of the process last moved, for /livez: name and monotonic milliseconds.
  [[nodiscard]] std::vector<std::pair<std::string, std::int64_t>> heartbeats() const;

 private:
  struct FeedWorker;
  struct FlowWorker;
  struct TableWorker;

  /// A materialized view that runs. Borrowed.
  struct View {
    const ViewRunner* runner = nullptr;
    const FlowStatus* status = nullptr;
  };

  Runtime(const plan::Pipeline& pipeline,
          const connector::ConnectorRegistry& connectors,
          io::Files& files,
          log::Log& log,
          const Clock& clock,
          RuntimeOptions options);

  Result<void> open();
  Result<void> refresh();
  Result<void> open_salt();
  Result<void> open_feed(const plan::Relation& source);
  Result<void> open_flows();
  Result<void> open_view(const plan::Flow& flow);
  Result<void> open_tables();
  void launch();
  [[nodiscard]] std::string barren_source(const SourceStatus& source,
                                          const SourceBooks& before) const;
  [[nodiscard]] static std::string barren_flow(const plan::Flow& flow,
                                               const FlowStatus& status,
                                               const FlowBooks& before);
  [[nodiscard]] bool flows_quiet() const;
  [[nodiscard]] bool tables_quiet() const;

  const plan::Pipeline& pipeline_;
  const connector::ConnectorRegistry& connectors_;
  io::Files& files_;
  log::Log& log_;
  const Clock& clock_;
  const RuntimeOptions options_;
  Hash128 salt_;
  std::vector<std::unique_ptr<SourceStatus>> sources_;
  std::vector<std::unique_ptr<FlowStatus>> flows_;
  std::vector<std::unique_ptr<TableStatus>> tables_;
  std::vector<std::unique_ptr<FeedWorker>> feed_workers_;
  std::vector<std::unique_ptr<FlowWorker>> flow_workers_;
  std::unique_ptr<FlowWorker> view_worker_;  // Null: there are no materialized views.
  std::vector<View> views_;
  std::unique_ptr<TableWorker> table_worker_;
  // The books as the start found them, in the order of sources_ and flows_.
  std::vector<SourceBooks> source_books_before_;
  std::vector<FlowBooks> flow_books_before_;
};

}  // namespace millrace::flow
