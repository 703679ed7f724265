#include "console/overview.h"

#include <algorithm>
#include <set>
#include <utility>

#include <unistd.h>

#include "connector/feed.h"
#include "console/json_out.h"
#include "data/type.h"
#include "exec/flow_program.h"
#include "flow/dead_letter.h"
#include "io/process_info.h"

namespace millrace::console {

namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;
// Readings closer than this to the last one are not remembered: they would say nothing.
constexpr std::int64_t kReadingNs = 200 * kNsPerMs;

std::string state_name(flow::FlowState state) {
  switch (state) {
    case flow::FlowState::kRunning:
      return "running";
    case flow::FlowState::kWaiting:
      return "waiting";
    case flow::FlowState::kFailed:
      return "failed";
  }
  return "running";
}

void add_sources(const flow::Runtime& runtime, Overview& view) {
  for (const auto& source : runtime.sources()) {
    view.sources.push_back({.name = source->name,
                            .connector = source->connector,
                            .topic = source->topic,
                            .fetched = source->fetched,
                            .published = source->published,
                            .failed = source->failed,
                            .caught_up = source->caught_up,
                            .ended = source->ended,
                            .problem = source->problem.get()});
  }
}

void add_flows(const flow::Runtime& runtime, Overview& view) {
  for (const auto& flow : runtime.flows()) {
    view.flows.push_back({.name = flow->name,
                          .target = flow->target,
                          .books = flow->books(),
                          .output = flow->output,
                          .epoch = flow->epoch,
                          .lag = flow->lag,
                          .state = state_name(flow->state),
                          .problem = flow->problem.get()});
  }
}

void add_tables(const flow::Runtime& runtime, Overview& view) {
  for (const auto& table : runtime.tables()) {
    view.tables.push_back({.name = table->name,
                           .topic = table->topic,
                           .applied = table->applied,
                           .lag = table->lag,
                           .problem = table->problem.get()});
  }
}

// What does not run is shown too, without counts.
void add_definitions(const plan::Pipeline& pipeline, Overview& view) {
  for (const auto& source : pipeline.sources) {
    const bool known = std::ranges::any_of(
        view.sources, [&](const SourceView& other) { return other.name == source->name; });
    if (!known) {
      view.sources.push_back(
          {.name = source->name, .connector = source->format, .topic = source->topic});
    }
  }
  for (const plan::Flow& flow : pipeline.flows) {
    auto found = std::ranges::find(view.flows, flow.name, &FlowView::name);
    if (found == view.flows.end()) {
      view.flows.push_back({.name = flow.name, .target = flow.target->name, .state = "stopped"});
      found = view.flows.end() - 1;
    }
    for (const auto& input : flow.inputs) {
      found->inputs.push_back(input->name);
    }
    found->guarantee = connector::to_string(flow.guarantee);
    found->guarantee_reason = flow.guarantee_reason;
  }
  for (const auto& table : pipeline.tables) {
    auto found = std::ranges::find(view.tables, table->name, &TableView::name);
    if (found == view.tables.end()) {
      view.tables.push_back({.name = table->name, .topic = table->topic});
      found = view.tables.end() - 1;
    }
    for (const data::Field& field : table->schema.fields) {
      found->columns.push_back(field.name);
    }
    for (const std::size_t column : table->key) {
      found->key.push_back(table->schema.fields[column].name);
    }
  }
}

std::string role_of(const log::TopicInfo& topic,
                    const std::set<std::string>& sources,
                    const std::set<std::string>& tables) {
  if (topic.internal) {
    return "internal";
  }
  if (topic.name.ends_with(flow::kDeadLetterSuffix)) {
    return "dead_letter";
  }
  if (sources.contains(topic.name)) {
    return "source";
  }
  return tables.contains(topic.name) ? "table" : "topic";
}

void add_topics(const log::Log& log, Overview& view) {
  std::set<std::string> sources;
  std::set<std::string> tables;
  for (const SourceView& source : view.sources) {
    sources.insert(source.topic);
  }
  for (const TableView& table : view.tables) {
    tables.insert(table.topic);
  }
  for (const log::TopicInfo& topic : log.topics()) {
    TopicView one{.name = topic.name,
                  .role = role_of(topic, sources, tables),
                  .partitions = topic.partitions};
    for (std::int32_t number = 0; number < topic.partitions; ++number) {
      if (const auto info = log.describe({topic.name, PartitionId(number)})) {
        one.start += info->log_start_offset.value();
        one.end += info->high_watermark.value();
        one.bytes += info->bytes;
      }
    }
    view.topics_bytes += one.bytes;
    if (one.role == "dead_letter") {
      view.dead_letters.emplace_back(
          one.name.substr(0, one.name.size() - flow::kDeadLetterSuffix.size()),
          one.end - one.start);
    }
    view.topics.push_back(std::move(one));
  }
}

std::uint64_t size_of(io::Files& files, const std::string& path) {
  const auto stat = files.stat(path);
  return stat ? stat->size : 0;
}

void add_machine(const Watched& watched, Overview& view) {
  view.pid = ::getpid();
  view.cpu_seconds = io::cpu_seconds();
  if (const auto resident = io::resident_bytes()) {
    view.memory_bytes = *resident;
  }
  if (watched.files != nullptr && !watched.data.empty()) {
    view.tables_bytes = size_of(*watched.files, watched.data + "/tables.db") +
                        size_of(*watched.files, watched.data + "/tables.db-wal");
    if (const auto free = watched.files->free_bytes(watched.data)) {
      view.free_bytes = *free;
    }
  }
}

void add_problems(const Watched& watched, Overview& view) {
  const auto note = [&](const std::string& where, const std::string& text) {
    if (!text.empty()) {
      view.problems.push_back({.where = where, .text = text});
    }
  };
  for (const SourceView& source : view.sources) {
    note("source " + source.name, source.problem);
  }
  for (const FlowView& flow : view.flows) {
    note("flow " + flow.name, flow.problem);
  }
  for (const TableView& table : view.tables) {
    note("table " + table.name, table.problem);
  }
  if (watched.log != nullptr && !watched.log->writable()) {
    view.writable = false;
    note("log", "appends are refused: the disk has less than min.free left, or failed");
  }
}

// What does not run yet has no counts: those of earlier runs are not known then.
std::map<std::string, double> counts_of(const Overview& view, bool running) {
  std::map<std::string, double> counts;
  for (const TopicView& topic : view.topics) {
    counts["o " + topic.name] = static_cast<double>(topic.end);
  }
  counts["cpu"] = view.cpu_seconds;
  if (!running) {
    return counts;
  }
  for (const SourceView& source : view.sources) {
    counts["s " + source.name] = static_cast<double>(source.published);
  }
  for (const FlowView& flow : view.flows) {
    counts["f " + flow.name] = static_cast<double>(flow.books.counts.read);
    counts["r " + flow.name] = static_cast<double>(flow.books.counts.rejected);
  }
  for (const TableView& table : view.tables) {
    counts["t " + table.name] = static_cast<double>(table.applied);
  }
  return counts;
}

void set_rates(const std::map<std::string, double>& rates, Overview& view) {
  const auto rate = [&](const std::string& name) {
    const auto found = rates.find(name);
    return found == rates.end() ? 0.0 : std::max(found->second, 0.0);
  };
  for (SourceView& source : view.sources) {
    source.rate = rate("s " + source.name);
  }
  for (FlowView& flow : view.flows) {
    flow.rate = rate("f " + flow.name);
    flow.rejected_rate = rate("r " + flow.name);
  }
  for (TableView& table : view.tables) {
    table.rate = rate("t " + table.name);
  }
  for (TopicView& topic : view.topics) {
    topic.rate = rate("o " + topic.name);
  }
  view.cpu_share = rate("cpu");
}

}  // namespace

Observer::Observer(const Clock& clock, std::string version)
    : clock_(clock), version_(std::move(version)), started_ns_(clock.monotonic_ns()) {}

Overview Observer::observe(const Watched& watched) {
  Overview view;
  view.project = watched.project;
  view.version = version_;
  view.time_ms = clock_.wall_ms();
  view.uptime_ms = (clock_.monotonic_ns() - started_ns_) / kNsPerMs;
  if (watched.runtime != nullptr) {
    add_sources(*watched.runtime, view);
    add_flows(*watched.runtime, view);
    add_tables(*watched.runtime, view);
  }
  if (watched.pipeline != nullptr) {
    add_definitions(*watched.pipeline, view);
  }
  if (watched.log != nullptr) {
    add_topics(*watched.log, view);
  }
  if (watched.broker != nullptr) {
    view.kafka = watched.broker->summary();
  }
  add_machine(watched, view);
  add_problems(watched, view);
  set_rates(rates(counts_of(view, watched.runtime != nullptr)), view);
  return view;
}

std::map<std::string, double> Observer::rates(std::map<std::string, double> counts) {
  const std::int64_t now = clock_.monotonic_ns();
  std::map<std::string, double> result;
  const MutexLock lock(mutex_);
  // The youngest reading that is as old as the window stays, so that there is always one to
  // compare with.
  while (readings_.size() > 1 && readings_[1].at_ns <= now - kRateWindowNs) {
    readings_.pop_front();
  }
  // What came into being within the window is compared with the first reading that has it.
  for (const auto& [name, count] : counts) {
    const auto first = std::ranges::find_if(
        readings_, [&](const Reading& reading) { return reading.counts.contains(name); });
    if (first != readings_.end() && now > first->at_ns) {
      const double seconds = static_cast<double>(now - first->at_ns) / 1e9;
      result[name] = (count - first->counts.at(name)) / seconds;
    }
  }
  if (readings_.empty() || now - readings_.back().at_ns >= kReadingNs) {
    readings_.push_back({.at_ns = now, .counts = std::move(counts)});
  }
  return result;
}

namespace {

void write_sources(const Overview& view, JsonOut& out) {
  out.key("sources").begin_array();
  for (const SourceView& source : view.sources) {
    out.begin_object()
        .field("name", source.name)
        .field("connector", source.connector)
        .field("topic", source.topic)
        .field("fetched", source.fetched)
        .field("published", source.published)
        .field("failed", source.failed)
        .field("rate", source.rate)
        .field("caught_up", source.caught_up)
        .field("ended", source.ended)
        .field("problem", source.problem)
        .end_object();
  }
  out.end_array();
}

void write_list(std::string_view name, const std::vector<std::string>& items, JsonOut& out) {
  out.key(name).begin_array();
  for (const std::string& item : items) {
    out.value(item);
  }
  out.end_array();
}

void write_flows(const Overview& view, JsonOut& out) {
  out.key("flows").begin_array();
  for (const FlowView& flow : view.flows) {
    const exec::FlowCounts& counts = flow.books.counts;
    out.begin_object().field("name", flow.name).field("target", flow.target);
    write_list("inputs", flow.inputs, out);
    out.field("guarantee", flow.guarantee)
        .field("guarantee_reason", flow.guarantee_reason)
        .field("read", counts.read)
        .field("accepted", counts.accepted)
        .field("filtered", counts.filtered)
        .field("late", counts.late)
        .field("duplicate", counts.duplicate)
        .field("rejected", counts.rejected)
        .field("output", flow.output)
        .field("epoch", flow.epoch)
        .field("lag", flow.lag)
        .field("rate", flow.rate)
        .field("rejected_rate", flow.rejected_rate)
        .field("state", flow.state)
        .field("problem", flow.problem)
        .end_object();
  }
  out.end_array();
}

void write_tables(const Overview& view, JsonOut& out) {
  out.key("tables").begin_array();
  for (const TableView& table : view.tables) {
    out.begin_object().field("name", table.name).field("topic", table.topic);
    write_list("columns", table.columns, out);
    write_list("key", table.key, out);
    out.field("applied", table.applied)
        .field("lag", table.lag)
        .field("rate", table.rate)
        .field("problem", table.problem)
        .end_object();
  }
  out.end_array();
}

void write_topics(const Overview& view, JsonOut& out) {
  out.key("topics").begin_array();
  for (const TopicView& topic : view.topics) {
    out.begin_object()
        .field("name", topic.name)
        .field("role", topic.role)
        .field("partitions", topic.partitions)
        .field("start", topic.start)
        .field("end", topic.end)
        .field("bytes", topic.bytes)
        .field("rate", topic.rate)
        .end_object();
  }
  out.end_array();
  out.key("dead_letters").begin_array();
  for (const auto& [name, count] : view.dead_letters) {
    out.begin_object().field("name", name).field("count", count).end_object();
  }
  out.end_array();
}

void write_kafka(const Overview& view, JsonOut& out) {
  out.key("kafka").begin_object();
  write_list("addresses", view.kafka.addresses, out);
  out.field("connections", static_cast<std::uint64_t>(view.kafka.connections));
  out.key("groups").begin_array();
  for (const broker::GroupSummary& group : view.kafka.groups) {
    out.begin_object();
    write_group_fields(group, out);
    out.end_object();
  }
  out.end_array().end_object();
}

}  // namespace

void write_group_fields(const broker::GroupSummary& group, JsonOut& out) {
  out.field("name", group.name)
      .field("state", group.state)
      .field("protocol_type", group.protocol_type)
      .field("members", static_cast<std::uint64_t>(group.members))
      .field("partitions", static_cast<std::uint64_t>(group.offsets.size()))
      .field("lag", group.lag);
}

std::string overview_to_json(const Overview& view) {
  JsonOut out;
  out.begin_object()
      .field("project", view.project)
      .field("version", view.version)
      .field("pid", view.pid)
      .field("time_ms", view.time_ms)
      .field("uptime_ms", view.uptime_ms)
      .field("memory_bytes", view.memory_bytes)
      .field("cpu_share", view.cpu_share)
      .field("topics_bytes", view.topics_bytes)
      .field("tables_bytes", view.tables_bytes)
      .field("free_bytes", view.free_bytes)
      .field("writable", view.writable);
  write_sources(view, out);
  write_flows(view, out);
  write_tables(view, out);
  write_topics(view, out);
  write_kafka(view, out);
  out.key("problems").begin_array();
  for (const ProblemView& problem : view.problems) {
    out.begin_object().field("where", problem.where).field("text", problem.text).end_object();
  }
  return out.end_array().end_object().take();
}

}  // namespace millrace::console
