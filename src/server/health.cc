// Health and metrics: what probes and Prometheus ask.
#include <algorithm>

#include <fmt/format.h>

#include "broker/broker.h"
#include "io/process_info.h"
#include "server/instance.h"

namespace millrace::server {

namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;
// A loop turns at least each half second; SQLite waits up to 5 s for a foreign reader's lock.
constexpr std::int64_t kStuckMs = 15'000;
// A feed may wait for an answer of the outside: its own limits end before this.
constexpr std::int64_t kFeedStuckMs = 120'000;

Health::Check check_beat(const std::string& name, std::int64_t since_ms, std::int64_t limit_ms) {
  const double seconds = static_cast<double>(std::max<std::int64_t>(since_ms, 0)) / 1000.0;
  if (since_ms > limit_ms) {
    return {.name = name,
            .ok = false,
            .text = fmt::format("the loop has not moved for {:.1f} s", seconds)};
  }
  return {.name = name, .ok = true, .text = fmt::format("moved {:.1f} s ago", seconds)};
}

Health::Check check_work(const std::string& name, std::int64_t busy_ms) {
  if (busy_ms > kStuckMs) {
    return {
        .name = name,
        .ok = false,
        .text = fmt::format("has been at one write or sync for {:.1f} s: the disk does not answer",
                            static_cast<double>(busy_ms) / 1000.0)};
  }
  return {.name = name, .ok = true, .text = busy_ms == 0 ? "waits for work" : "works"};
}

// Counters go up only, and only this file raises these.
void raise(Counter& counter, std::uint64_t value) {
  const std::uint64_t before = counter.value();
  if (value > before) {
    counter.add(value - before);
  }
}

void put_sources(const console::Overview& view, Metrics& metrics) {
  for (const console::SourceView& source : view.sources) {
    const Labels labels{{"source", source.name}};
    raise(metrics.counter("millrace_source_fetched_records_total",
                          "Records and failures that a source gave.",
                          labels),
          source.fetched);
    raise(metrics.counter("millrace_source_published_records_total",
                          "Records of a source that are in its topic.",
                          labels),
          source.published);
    raise(metrics.counter("millrace_source_failed_records_total",
                          "What a source gave and could not be published.",
                          labels),
          source.failed);
    metrics.gauge("millrace_source_healthy", "1 while a source has no problem.", labels)
        .set(source.problem.empty() ? 1 : 0);
  }
}

void put_flows(const console::Overview& view, Metrics& metrics) {
  for (const console::FlowView& flow : view.flows) {
    const auto count = [&](std::string_view what, std::uint64_t value) {
      raise(metrics.counter("millrace_flow_input_records_total",
                            "Input records of a flow by outcome: read is the sum of the others.",
                            {{"flow", flow.name}, {"outcome", std::string(what)}}),
            value);
    };
    const exec::FlowCounts& counts = flow.books.counts;
    count("read", counts.read);
    count("accepted", counts.accepted);
    count("filtered", counts.filtered);
    count("late", counts.late);
    count("duplicate", counts.duplicate);
    count("rejected", counts.rejected);
    const Labels labels{{"flow", flow.name}};
    raise(metrics.counter("millrace_flow_output_rows_total", "Rows that a flow wrote.", labels),
          flow.output);
    metrics.gauge("millrace_flow_lag_records", "Records that a flow has not read yet.", labels)
        .set(flow.lag);
    metrics.gauge("millrace_flow_epoch", "The last epoch that a flow finished.", labels)
        .set(flow.epoch);
    metrics.gauge("millrace_flow_healthy", "1 while a flow has no problem.", labels)
        .set(flow.problem.empty() ? 1 : 0);
  }
}

void put_stores(const console::Overview& view, Metrics& metrics) {
  for (const console::TableView& table : view.tables) {
    const Labels labels{{"table", table.name}};
    raise(metrics.counter("millrace_table_applied_records_total",
                          "Records applied to a table of tables.db since the start.",
                          labels),
          table.applied);
    metrics
        .gauge("millrace_table_lag_records",
               "Records of a table's topic that are not in tables.db yet.",
               labels)
        .set(table.lag);
  }
  metrics.gauge("millrace_tables_file_bytes", "Size of tables.db with its write-ahead log.")
      .set(static_cast<std::int64_t>(view.tables_bytes));
  metrics.gauge("millrace_disk_free_bytes", "What the disk of the data directory has left.")
      .set(static_cast<std::int64_t>(view.free_bytes));
  metrics.gauge("millrace_log_writable", "1 while the log takes appends.")
      .set(view.writable ? 1 : 0);
}

// Topics and groups come and go, and their values with them: so these are metrics of one answer.
std::string passing_metrics(const console::Overview& view) {
  Metrics metrics;
  for (const console::TopicView& topic : view.topics) {
    const Labels labels{{"topic", topic.name}};
    metrics.gauge("millrace_topic_stored_bytes", "Stored batches of a topic's partitions.", labels)
        .set(static_cast<std::int64_t>(topic.bytes));
    metrics.gauge("millrace_topic_offsets", "End offsets of a topic's partitions, summed.", labels)
        .set(topic.end);
  }
  for (const broker::GroupSummary& group : view.kafka.groups) {
    const Labels labels{{"group", group.name}};
    metrics
        .gauge("millrace_group_lag_records",
               "Records after the committed offsets of a consumer group.",
               labels)
        .set(group.lag);
    metrics.gauge("millrace_group_members", "Members of a consumer group.", labels)
        .set(static_cast<std::int64_t>(group.members));
  }
  return metrics.to_prometheus();
}

}  // namespace

Health Instance::live() {
  const std::int64_t now_ns = clock_.monotonic_ns();
  Health health;
  if (log_ready() && !stopping_) {
    for (const auto& [name, busy_ms] : log_->busy_ms()) {
      health.checks.push_back(check_work(name, busy_ms));
    }
  }
  if (const flow::Runtime* runtime = this->runtime(); runtime != nullptr && !stopping_) {
    for (const auto& [name, beat_ms] : runtime->heartbeats()) {
      if (beat_ms < 0) {
        continue;  // It has ended.
      }
      // Before its first turn a loop has no time yet.
      const std::int64_t since_ms = beat_ms == 0 ? 0 : now_ns / kNsPerMs - beat_ms;
      const bool feed = name.starts_with("feed ");
      health.checks.push_back(check_beat(name, since_ms, feed ? kFeedStuckMs : kStuckMs));
    }
  }
  const MutexLock lock(mutex_);
  for (const auto& [name, beat_ns] : progress_ns_) {
    health.checks.push_back(check_beat(name, (now_ns - beat_ns) / kNsPerMs, kStuckMs));
  }
  return health;
}

Health Instance::ready() {
  Health health = live();
  health.checks.push_back(
      {.name = "process", .ok = !stopping_, .text = stopping_ ? "stopping" : "running"});
  if (const std::string starting = this->starting(); !starting.empty()) {
    health.checks.push_back({.name = "startup", .ok = false, .text = starting});
  }
  if (log_ready()) {
    const bool writable = log_->writable();
    health.checks.push_back(
        {.name = "log",
         .ok = writable,
         .text = writable ? "takes appends"
                          : "refuses appends: less than min.free is left, or the disk failed"});
  }
  if (const flow::Runtime* runtime = this->runtime()) {
    const std::string failure = runtime->failure();
    health.checks.push_back(
        {.name = "pipeline", .ok = failure.empty(), .text = failure.empty() ? "runs" : failure});
  }
  return health;
}

Health Instance::startup() {
  const std::string starting = this->starting();
  return {.checks = {{.name = "startup",
                      .ok = starting.empty(),
                      .text = starting.empty() ? "is over" : starting}}};
}

std::string Instance::metrics_text() {
  const console::Overview view = observe();
  put_sources(view, metrics_);
  put_flows(view, metrics_);
  put_stores(view, metrics_);
  metrics_.gauge("millrace_build_info", "The program's version.", {{"version", view.version}})
      .set(1);
  metrics_.gauge("process_resident_memory_bytes", "Resident memory of the process.")
      .set(view.memory_bytes);
  std::string text = metrics_.to_prometheus() + passing_metrics(view);
  text += fmt::format(
      "# HELP process_cpu_seconds_total User and system time of the process.\n"
      "# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total {:.3f}\n",
      view.cpu_seconds);
  return text;
}

}  // namespace millrace::server
