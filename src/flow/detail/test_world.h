// What the tests of flows have in common: a project of given texts, bound; a log and tables.db on a
// simulated disk; every machine stepped in one thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/random.h"
#include "connector/registry.h"
#include "connector/sequence_feed.h"
#include "flow/feed_driver.h"
#include "flow/flow_runner.h"
#include "flow/table_writer.h"
#include "flow/view_runner.h"
#include "io/sim_files.h"
#include "log/log.h"
#include "plan/pipeline.h"
#include "project/project.h"

namespace millrace::flow {

using FileTexts = std::vector<std::pair<std::string, std::string>>;

inline const config::OptionTable& no_options() {
  static const config::OptionTable kTable{.subject = "rows source", .options = {}};
  return kTable;
}

/// A connector `rows` without options, whose feeds the tests make themselves.
inline const connector::ConnectorRegistry& test_connectors() {
  static const connector::ConnectorInfo kRows{.name = "rows",
                                              .description = "Rows that a test makes.",
                                              .options = &no_options(),
                                              .guarantee = [](const config::OptionValues&) {
                                                return connector::SequenceFeed::promise();
                                              }};
  static const connector::ConnectorRegistry kRegistry({&kRows});
  return kRegistry;
}

/// Reads and binds a project of these files. The project must outlive the pipeline's statements,
/// hence both.
struct TestProject {
  project::Project project;
  Diagnostics diagnostics;
  plan::Pipeline pipeline;

  explicit TestProject(const FileTexts& texts) {
    io::SimFiles files(1);
    for (const auto& [path, text] : texts) {
      MUST(io::make_dirs(files, io::parent_path("/p/" + path)));
      MUST(io::write_atomically(files, "/p/" + path, text));
    }
    project::ProjectOptions options;
    options.start = "/p";
    project = project::read_project(files, options, diagnostics);
    pipeline = plan::bind_project(project, test_connectors(), diagnostics);
  }

  [[nodiscard]] std::string errors() const {
    return diagnostics.has_errors() ? format_diagnostics(diagnostics, project.texts)
                                    : std::string();
  }
};

/// A running pipeline on a disk that can lose its power. Owned by one thread.
class TestWorld {
 public:
  TestWorld(const plan::Pipeline& pipeline,
            std::uint64_t seed,
            std::uint64_t rows,
            connector::MakeRow make_row)
      : files(seed),
        pipeline_(pipeline),
        rows_(rows),
        make_row_(std::move(make_row)),
        random_(seed) {}

  io::SimFiles files;
  ManualClock clock;
  Metrics metrics;
  std::unique_ptr<log::Log> log;
  /// Of the materialized views.
  ViewRunnerOptions view_options{.salt = {.high = 1, .low = 2}, .interval_ms = 20};

  Result<void> open() {
    log::LogOptions options;
    options.directory = "data";
    options.threads = false;
    options.wal_first_file_bytes = 64 << 10;
    options.wal_file_bytes = 64 << 10;
    options.wal_bytes_max = 512 << 10;
    options.min_free_bytes = 0;
    options.seed = random_.next() | 1U;  // Another in each life: topic ids must differ.
    TRY(io::make_dirs(files, "data"));
    log = TRY(log::Log::open(files, clock, metrics, options));
    source_ = std::make_unique<SourceStatus>();
    feed_ = std::make_unique<FeedDriver>(
        std::make_unique<connector::SequenceFeed>(
            connector::SequenceOptions{.rows_per_second = 0, .rows_max = rows_}, clock, make_row_),
        *log,
        clock,
        *source_,
        wakeup_,
        FeedDriverOptions{.source = pipeline_.sources[0]->name,
                          .topic = pipeline_.sources[0]->topic,
                          .records_max = 0,
                          .one_round = true});
    TRY(feed_->open());
    for (const plan::Flow& flow : pipeline_.flows) {
      statuses_.push_back(std::make_unique<FlowStatus>());
      FlowRunnerOptions flow_options;
      flow_options.salt = {.high = 1, .low = 2};
      flow_options.epoch_bytes_max = 2000;
      flow_options.max_rejected = 1.0;
      if (flow.recomputed) {
        flows_.push_back(std::make_unique<ViewRunner>(
            flow, *log, clock, *statuses_.back(), wakeup_, view_options));
      } else {
        flows_.push_back(std::make_unique<FlowRunner>(
            flow, *log, clock, *statuses_.back(), wakeup_, flow_options));
      }
      TRY(flows_.back()->open());
    }
    return open_tables();
  }

  /// Runs one machine, chosen by the seed.
  void step() {
    clock.advance_us(500);
    const std::uint64_t machine = random_.below(flows_.size() + 3);
    if (machine == 0) {
      finished_ = feed_->step({}).finished || finished_;
    } else if (machine == 1) {
      tables_->step();
    } else if (machine == 2) {
      log->step();
    } else {
      flows_[machine - 3]->step({});
    }
  }

  [[nodiscard]] bool drained() {
    bool quiet = finished_ && feed_->idle();
    for (const auto& flow : flows_) {
      quiet = quiet && flow->caught_up();
    }
    return quiet && tables_->caught_up();
  }

  /// The process dies, and the disk loses what was not synced.
  void crash() {
    tables_.reset();
    flows_.clear();
    statuses_.clear();
    table_statuses_.clear();
    feed_.reset();
    log.reset();
    finished_ = false;
    files.crash();
  }

  [[nodiscard]] FlowStatus& flow(std::size_t index) { return *statuses_[index]; }

  [[nodiscard]] SourceStatus& source() { return *source_; }

  /// Key and value of every record of a topic, by offset.
  Result<std::vector<std::pair<std::string, std::string>>> records(const std::string& topic) {
    std::vector<std::pair<std::string, std::string>> all;
    Offset at(0);
    for (;;) {
      const log::ReadResult read = TRY(log->read({topic, PartitionId(0)}, at));
      if (read.error != log::KafkaError::kNone || read.next_offset == at) {
        return all;
      }
      for (const log::StoredBatch& batch : read.batches) {
        record::RecordReader reader = TRY(record::RecordReader::open(batch.bytes));
        record::RecordView record;
        while (TRY(reader.next(record))) {
          if (record.offset >= at) {
            all.emplace_back(record.key.value_or("<null>"), record.value.value_or("<null>"));
          }
        }
      }
      at = read.next_offset;
    }
  }

  /// The first column of the first row of a query over tables.db, read by a connection of its own.
  Result<std::int64_t> count(const std::string& sql) {
    sqlite::Database database = TRY(open_database());
    return database.query_int(sql);
  }

  /// The same of a text.
  Result<std::string> text(const std::string& sql) {
    sqlite::Database database = TRY(open_database());
    return database.query_text(sql);
  }

 private:
  Result<sqlite::Database> open_database() {
    sqlite::DatabaseOptions options;
    options.files = &files;
    return sqlite::Database::open("data/tables.db", options);
  }

  Result<void> open_tables() {
    std::vector<TableWriter::Table> tables;
    for (const auto& relation : pipeline_.tables) {
      table_statuses_.push_back(std::make_unique<TableStatus>());
      tables.push_back({.relation = relation, .status = table_statuses_.back().get()});
    }
    sqlite::Database database = TRY(open_database());
    tables_ =
        std::make_unique<TableWriter>(std::move(database), *log, clock, wakeup_, std::move(tables));
    return tables_->open();
  }

  const plan::Pipeline& pipeline_;
  const std::uint64_t rows_;
  const connector::MakeRow make_row_;
  Random random_;
  Wakeup wakeup_;
  std::unique_ptr<SourceStatus> source_;
  std::unique_ptr<FeedDriver> feed_;
  std::vector<std::unique_ptr<FlowStatus>> statuses_;
  std::vector<std::unique_ptr<FlowMachine>> flows_;
  std::vector<std::unique_ptr<TableStatus>> table_statuses_;
  std::unique_ptr<TableWriter> tables_;
  bool finished_ = false;
};

}  // namespace millrace::flow
