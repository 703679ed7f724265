// `millrace consume`: records of topics on standard output, from any Kafka address.
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/kafka_session.h"
#include "cli/record_filter.h"
#include "cli/record_format.h"
#include "cli/record_place.h"
#include "cli/topic_scan.h"
#include "client/consumer.h"
#include "config/option_table.h"

namespace millrace::cli {
namespace {

constexpr std::int64_t kPollMs = 500;

/// What the flags say. Immutable by use.
struct ConsumePlan {
  KafkaTarget target = {};
  TopicScanOptions reader = {};
  RecordFormat format;
  std::int64_t records_max = -1;  ///< -1: all.
  std::string group = {};         ///< Empty: none.
};

Result<std::vector<std::int32_t>> read_partitions(const World& world) {
  std::vector<std::int32_t> partitions;
  for (const std::string& text : world.invocation.values("partition")) {
    const std::optional<std::int64_t> number = config::parse_int(text);
    if (!number || *number < 0 || *number > INT32_MAX) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("--partition is a number from 0 on, found \"{}\"", text));
    }
    partitions.push_back(static_cast<std::int32_t>(*number));
  }
  return partitions;
}

Result<RecordPlace> read_place(const World& world, std::string_view flag, RecordPlace fallback) {
  const std::optional<std::string> text = world.invocation.value(flag);
  if (!text) {
    return fallback;
  }
  return TRY_DOING(parse_place(*text, world.clock.wall_ms()), fmt::format("--{}", flag));
}

Result<TopicScanOptions> read_range(const World& world) {
  TopicScanOptions reader{.topics = world.invocation.words,
                          .follow = world.invocation.has("follow")};
  reader.partitions = TRY(read_partitions(world));
  reader.from = TRY(read_place(world, "from", {PlaceKind::kEarliest, 0}));
  if (world.invocation.has("until")) {
    reader.until = TRY(read_place(world, "until", {PlaceKind::kLatest, 0}));
  }
  reader.fetch.isolation =
      TRY(parse_isolation(world.invocation.value("isolation").value_or("read_committed")));
  reader.fetch.out_of_range = reader.from.kind == PlaceKind::kOffset
                                  ? client::OutOfRange::kFail
                                  : client::OutOfRange::kEarliest;
  return reader;
}

Result<ConsumePlan> read_consume_flags(const World& world) {
  const Invocation& invocation = world.invocation;
  RecordFormat format =
      TRY(RecordFormat::make(invocation.value("format").value_or("text"),
                             {.key = invocation.has("key"), .headers = invocation.has("headers")}));
  ConsumePlan plan{.format = std::move(format)};
  plan.reader = TRY(read_range(world));
  plan.target.bootstrap =
      invocation.value("bootstrap-server").value_or(std::string(kDefaultBootstrap));
  plan.records_max = TRY(number_flag(world, "max", -1, 0));
  plan.group = invocation.value("group").value_or("");
  if (!plan.group.empty()) {
    const bool placed = plan.reader.until || !plan.reader.partitions.empty() ||
                        (plan.reader.from.kind != PlaceKind::kEarliest &&
                         plan.reader.from.kind != PlaceKind::kLatest);
    if (placed) {
      return Error(ErrorCode::kInvalidArgument,
                   "a member of a group is given its partitions and begins where the group stands: "
                   "--group goes without --partition and --until, and --from is earliest or latest "
                   "(for what the group has not read yet)");
    }
  }
  return plan;
}

/// Prints what passes, until there are enough. Owned by one thread.
class RecordPrinter {
 public:
  RecordPrinter(World& world, const ConsumePlan& plan, RecordFilter filter)
      : world_(world), plan_(plan), filter_(std::move(filter)) {}

  client::Take take(const client::FetchedRecord& fetched) {
    const ShownRecord record = show(fetched);
    if (!filter_.passes(record)) {
      return client::Take::kMore;
    }
    text_.clear();
    plan_.format.append(record, text_);
    const bool wanted = world_.out.write(text_);
    ++printed_;
    full_ = !wanted || printed_ == plan_.records_max;
    return full_ ? client::Take::kStop : client::Take::kMore;
  }

  [[nodiscard]] bool full() const { return full_ || plan_.records_max == 0; }

  [[nodiscard]] std::int64_t printed() const { return printed_; }

  void tell_failures() const {
    if (filter_.failed() > 0) {
      say(fmt::format("note: --where failed for {} records, which are left out; the first: {}",
                      filter_.failed(),
                      filter_.first_failure()));
    }
  }

 private:
  World& world_;
  const ConsumePlan& plan_;
  RecordFilter filter_;
  std::string text_;
  std::int64_t printed_ = 0;
  bool full_ = false;
};

Result<void> read_topics(World& world,
                         KafkaSession& session,
                         const ConsumePlan& plan,
                         RecordPrinter& printer) {
  TopicScan reader = TRY(TopicScan::open(session.cluster(), plan.reader));
  while (!reader.done() && !printer.full() && !session.stopped()) {
    TRY(reader.poll(
        kPollMs, [&printer](const client::FetchedRecord& record) { return printer.take(record); }));
    TRY(world.out.flush());
  }
  return {};
}

Result<void> read_as_member(World& world,
                            KafkaSession& session,
                            const ConsumePlan& plan,
                            RecordPrinter& printer) {
  client::Consumer consumer = TRY(client::Consumer::join(
      session.cluster(),
      {.group = plan.group,
       .topics = plan.reader.topics,
       .start = plan.reader.from.kind == PlaceKind::kLatest ? client::OutOfRange::kLatest
                                                            : client::OutOfRange::kEarliest,
       .fetch = plan.reader.fetch}));
  const auto at_end = [&] {
    return std::ranges::all_of(consumer.progress(), [&](const auto& entry) {
      return entry.second.at_end(plan.reader.fetch.isolation);
    });
  };
  bool ended = false;
  while (!ended && !printer.full() && !session.stopped()) {
    const std::size_t count = TRY(consumer.poll(
        kPollMs, [&printer](const client::FetchedRecord& record) { return printer.take(record); }));
    TRY(world.out.flush());
    ended = !plan.reader.follow && count == 0 && at_end();
  }
  return consumer.leave();
}

// A member of a group commits and leaves also after Ctrl-C.
StopEnds stop_ends(const ConsumePlan& plan) {
  return plan.group.empty() ? StopEnds::kWaits : StopEnds::kInput;
}

Result<ExitCode> consume(World& world, const ConsumePlan& plan, RecordFilter filter) {
  const std::unique_ptr<KafkaSession> session =
      TRY(KafkaSession::open(plan.target, world.clock, stop_ends(plan)));
  RecordPrinter printer(world, plan, std::move(filter));
  Result<void> done = plan.group.empty() ? read_topics(world, *session, plan, printer)
                                         : read_as_member(world, *session, plan, printer);
  printer.tell_failures();
  if (!done && !session->stopped()) {
    return std::move(done).error();
  }
  done.ignore_error("somebody asked for the end");
  return session->interrupted() ? ExitCode::kInterrupted : ExitCode::kOk;
}

}  // namespace

std::optional<RecordFilter> read_where(World& world, ExitCode& code) {
  const std::string condition = world.invocation.value("where").value_or("");
  if (condition.empty()) {
    return RecordFilter();
  }
  Diagnostics diagnostics;
  RecordFilter filter = RecordFilter::parse(condition, world.clock.wall_us(), diagnostics);
  if (diagnostics.has_errors()) {
    say(format_diagnostics(diagnostics, {{"--where", condition}}));
    code = ExitCode::kUsage;
    return std::nullopt;
  }
  return filter;
}

ExitCode run_consume(World& world) {
  const Result<ConsumePlan> plan = read_consume_flags(world);
  if (!plan) {
    return usage_error(world.invocation.command, plan.error().to_string());
  }
  ExitCode code = ExitCode::kOk;
  std::optional<RecordFilter> filter = read_where(world, code);
  if (!filter) {
    return code;
  }
  const Result<ExitCode> done = consume(world, *plan, *std::move(filter));
  return done ? *done : fail(done.error());
}

}  // namespace millrace::cli
