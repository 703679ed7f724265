// `millrace tap`: what goes through topics at this moment, in short lines at a bounded rate. It
// reads as any consumer does, without a group: nothing waits for it, and what it cannot show it
// passes over and counts.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/suggest.h"
#include "cli/commands.h"
#include "cli/kafka_session.h"
#include "cli/record_filter.h"
#include "cli/record_format.h"
#include "cli/tap_rate.h"
#include "cli/text_width.h"
#include "cli/topic_scan.h"
#include "config/option_table.h"

namespace millrace::cli {
namespace {

constexpr std::int64_t kTapPollMs = 200;
constexpr std::int64_t kNoteNs = 1'000'000'000;
// Further behind than this it goes to the end.
constexpr std::int64_t kBehindMax = 100'000;
constexpr std::size_t kWideColumns = 1'000;

/// What the flags say. Immutable by use.
struct TapPlan {
  KafkaTarget target = {};
  std::vector<std::string> patterns = {};
  double rate = 10;  ///< Lines a second; 0: all.
  std::int64_t records_max = -1;
  std::optional<std::int64_t> for_ms = {};
  bool json = false;
  std::size_t columns = kWideColumns;
};

Result<TapPlan> read_tap_flags(const World& world) {
  const Invocation& invocation = world.invocation;
  TapPlan plan{.patterns = invocation.words};
  plan.target.bootstrap =
      invocation.value("bootstrap-server").value_or(std::string(kDefaultBootstrap));
  plan.records_max = TRY(number_flag(world, "max", -1, 0));
  plan.json = world.json();
  if (const auto text = invocation.value("rate")) {
    const std::optional<double> rate = config::parse_double(*text);
    if (!rate || !(*rate >= 0) || *rate > 1e6) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("--rate is lines a second, 0 for all, found \"{}\"", *text));
    }
    plan.rate = *rate;
  }
  if (const auto text = invocation.value("for")) {
    plan.for_ms = config::parse_duration_ms(*text, "s");
    if (!plan.for_ms || *plan.for_ms < 0) {
      return Error(
          ErrorCode::kInvalidArgument,
          fmt::format(
              "--for is {}, found \"{}\"", config::describe(config::OptionType::kDuration), *text));
    }
  }
  if (stdout_is_terminal()) {
    plan.columns = std::max<std::size_t>(terminal_size().columns, 20);
  }
  return plan;
}

/// Shows what it may, and tells each second what it left out. Owned by one thread.
class TapView {
 public:
  TapView(World& world, const TapPlan& plan, RecordFilter filter)
      : world_(world),
        plan_(plan),
        filter_(std::move(filter)),
        rate_(plan.rate, world.clock.monotonic_ns()),
        noted_ns_(world.clock.monotonic_ns()) {}

  client::Take take(const client::FetchedRecord& fetched) {
    const ShownRecord record = show(fetched);
    ++seen_;
    if (!filter_.passes(record)) {
      return client::Take::kMore;
    }
    if (!rate_.allows(world_.clock.monotonic_ns())) {
      ++left_out_;
      return client::Take::kMore;
    }
    const bool wanted = world_.out.write(plan_.json ? json_line(record) : short_line(record));
    ++shown_;
    full_ = !wanted || shown_ == plan_.records_max;
    return full_ ? client::Take::kStop : client::Take::kMore;
  }

  void pass_over(std::int64_t records) { passed_over_ += records; }

  void note() {
    const std::int64_t now = world_.clock.monotonic_ns();
    if (now - noted_ns_ < kNoteNs || world_.quiet()) {
      return;
    }
    noted_ns_ = now;
    const std::int64_t hidden = left_out_ + passed_over_;
    if (hidden > told_) {
      say(fmt::format("… {} more, not shown", hidden - std::exchange(told_, hidden)));
    }
  }

  void summary() const {
    if (filter_.failed() > 0) {
      say(fmt::format("note: --where failed for {} records, which are left out; the first: {}",
                      filter_.failed(),
                      filter_.first_failure()));
    }
    if (!world_.quiet()) {
      say(fmt::format(
          "{} of {} records shown{}",
          shown_,
          seen_ + passed_over_,
          passed_over_ > 0 ? fmt::format(", {} passed over to keep up", passed_over_) : ""));
    }
  }

  [[nodiscard]] bool full() const { return full_ || plan_.records_max == 0; }

 private:
  [[nodiscard]] std::string short_line(const ShownRecord& record) const {
    std::string text = fmt::format("{} {}-{}@{} ",
                                   rfc3339(record.timestamp_ms),
                                   record.topic,
                                   record.partition,
                                   record.offset);
    if (record.key) {
      append_shown(text, record.key->substr(0, kWideColumns));
      text += ' ';
    }
    append_shown(
        text,
        record.value ? std::optional(record.value->substr(0, 4 * kWideColumns)) : std::nullopt);
    return cut_to_width(printable(text), plan_.columns) + "\n";
  }

  static std::string json_line(const ShownRecord& record) {
    std::string text;
    static const Result<RecordFormat> kJson = RecordFormat::make("json");
    kJson->append(record, text);
    return text;
  }

  World& world_;
  const TapPlan& plan_;
  RecordFilter filter_;
  TapRate rate_;
  std::int64_t noted_ns_;
  std::int64_t seen_ = 0;
  std::int64_t shown_ = 0;
  std::int64_t left_out_ = 0;     // By the rate.
  std::int64_t passed_over_ = 0;  // Never fetched.
  std::int64_t told_ = 0;
  bool full_ = false;
};

Result<void> check_names(client::Cluster& cluster, const TapPlan& plan) {
  std::vector<std::string> names;
  for (const client::TopicInfo& topic : TRY(cluster.all_topics(cluster.deadline()))) {
    names.push_back(topic.name);
  }
  for (const std::string& pattern : plan.patterns) {
    const bool found = std::ranges::any_of(
        names, [&](const std::string& name) { return matches_glob(pattern, name); });
    const bool glob = pattern.find_first_of("*?") != std::string::npos;
    if (!found && !glob) {
      return Error(ErrorCode::kNotFound,
                   fmt::format("there is no topic {}{}", pattern, did_you_mean(pattern, names)));
    }
    if (!found) {
      say(fmt::format("note: no topic is called {} so far", pattern));
    }
  }
  return {};
}

Result<void> watch(World& world, KafkaSession& session, const TapPlan& plan, TapView& view) {
  TRY(check_names(session.cluster(), plan));
  TopicScanOptions options{.from = {PlaceKind::kLatest, 0}, .follow = true};
  options.include = [&plan](const std::string& name) {
    return std::ranges::any_of(
        plan.patterns, [&name](const std::string& pattern) { return matches_glob(pattern, name); });
  };
  options.fetch.out_of_range = client::OutOfRange::kLatest;
  TopicScan reader = TRY(TopicScan::open(session.cluster(), std::move(options)));
  const std::int64_t began = world.clock.monotonic_ns();
  while (!view.full() && !session.stopped()) {
    const std::int64_t spent_ms = (world.clock.monotonic_ns() - began) / 1'000'000;
    if (plan.for_ms && spent_ms >= *plan.for_ms) {
      break;
    }
    const std::int64_t wait_ms =
        plan.for_ms ? std::min(kTapPollMs, *plan.for_ms - spent_ms) : kTapPollMs;
    TRY(reader.poll(wait_ms,
                    [&view](const client::FetchedRecord& record) { return view.take(record); }));
    TRY(world.out.flush());
    const std::int64_t skipped = TRY(reader.skip_to_end(kBehindMax));
    view.pass_over(skipped);
    view.note();
  }
  return {};
}

Result<ExitCode> tap(World& world, const TapPlan& plan, RecordFilter filter) {
  const std::unique_ptr<KafkaSession> session = TRY(KafkaSession::open(plan.target, world.clock));
  TapView view(world, plan, std::move(filter));
  Result<void> done = watch(world, *session, plan, view);
  if (!done && !session->stopped()) {
    return std::move(done).error();
  }
  done.ignore_error("somebody asked for the end");
  TRY(world.out.flush());
  view.summary();
  return session->interrupted() ? ExitCode::kInterrupted : ExitCode::kOk;
}

}  // namespace

ExitCode run_tap(World& world) {
  const Result<TapPlan> plan = read_tap_flags(world);
  if (!plan) {
    return usage_error(world.invocation.command, plan.error().to_string());
  }
  ExitCode code = ExitCode::kOk;
  std::optional<RecordFilter> filter = read_where(world, code);
  if (!filter) {
    return code;
  }
  const Result<ExitCode> done = tap(world, *plan, *std::move(filter));
  return done ? *done : fail(done.error());
}

}  // namespace millrace::cli
