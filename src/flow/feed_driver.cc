#include "flow/feed_driver.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/fault.h"
#include "base/log_line.h"
#include "flow/dead_letter.h"

namespace millrace::flow {

namespace {

// A feed that gives nothing and asks for no pause is not asked again at once.
constexpr std::int64_t kEmptyPollPauseNs = 5'000'000;
// How often a feed looks whether the readers of its topic keep up.
constexpr std::int64_t kLookNs = 100'000'000;

log::TopicConfig source_config() {
  log::TopicConfig config;
  config.max_message_bytes = static_cast<std::int64_t>(kRecordBytesMax + (1U << 20U));
  config.timestamp_after_max_ms = log::TopicConfig::kForEver;
  return config;
}

}  // namespace

FeedDriver::FeedDriver(std::unique_ptr<connector::Feed> feed,
                       log::Log& log,
                       const Clock& clock,
                       SourceStatus& status,
                       Wakeup& wakeup,
                       FeedDriverOptions options)
    : feed_(std::move(feed)),
      log_(log),
      clock_(clock),
      status_(status),
      wakeup_(wakeup),
      options_(std::move(options)),
      random_(0x9E3779B97F4A7C15ULL) {}

Result<void> FeedDriver::open() {
  TRY(log_.ensure_topic({.name = options_.topic, .partitions = 1, .config = source_config()}));
  if (const auto text = log_.position(FeedPosition::name_of(options_.source))) {
    position_ = TRY_DOING(FeedPosition::decode(*text), "open source " + options_.source);
  }
  status_.fetched = position_.fetched;
  status_.published = position_.published;
  status_.failed = position_.failed;
  status_.ended = position_.ended;
  return {};
}

bool FeedDriver::reached_end() const {
  return position_.ended || (options_.one_round && caught_up_) ||
         (options_.records_max != 0 && published_this_run_ >= options_.records_max);
}

StepResult FeedDriver::step(const std::stop_token& stop) {
  if (in_flight_) {
    return take_answer();
  }
  const std::int64_t now = clock_.monotonic_ns();
  if (now < not_before_ns_) {
    return {.due_ns = not_before_ns_};
  }
  if (!poll_) {
    if (reached_end() || stop.stop_requested()) {
      return {.finished = true};
    }
    if (must_pause(now)) {
      return {.due_ns = next_look_ns_};
    }
    connector::Credit credit;
    if (options_.records_max != 0) {
      credit.records = static_cast<std::size_t>(
          std::min<std::uint64_t>(credit.records, options_.records_max - published_this_run_));
    }
    take_poll(feed_->poll(position_.cursor, credit, stop));
    if (!poll_) {
      return {.progressed = false, .finished = reached_end(), .due_ns = not_before_ns_};
    }
  }
  if (auto appended = append(); !appended) {
    status_.problem.set("cannot be written to the log: " + appended.error().to_string());
    not_before_ns_ = now + backoff_.next_ms(random_) * 1'000'000;
    return {.due_ns = not_before_ns_};
  }
  return {.progressed = true};
}

// Retention keeps what a flow has not read; so that the disk does not fill, the source waits when
// that is twice what the topic may keep.
bool FeedDriver::must_pause(std::int64_t now_ns) {
  if (now_ns < next_look_ns_) {
    return paused_;
  }
  next_look_ns_ = now_ns + kLookNs;
  const auto info = log_.describe({options_.topic, PartitionId(0)});
  const bool pause = info.has_value() && info->hold_exceeded;
  if (pause) {
    status_.problem.set(
        "stopped: topic " + options_.topic + " keeps " + std::to_string(info->held_bytes) +
        " bytes that " + info->held_by +
        " has not read yet, more than twice its retention.bytes; goes on by itself "
        "when they are read (millrace.retention.hold=false: they are lost instead)");
  } else if (paused_) {
    status_.problem.set({});
  }
  if (pause && !paused_) {
    MR_LOG(warning,
           "source stops: the readers of its topic are too far behind",
           {"source", options_.source},
           {"reader", info->held_by},
           {"bytes", info->held_bytes});
  } else if (paused_ && !pause) {
    MR_LOG(info, "source goes on", {"source", options_.source});
  }
  paused_ = pause;
  return paused_;
}

// Keeps a poll only when there is something to make durable.
void FeedDriver::take_poll(connector::FeedPoll poll) {
  const std::int64_t now = clock_.monotonic_ns();
  status_.progress_ms = now / 1'000'000;
  status_.problem.set(poll.problem);
  not_before_ns_ = now + poll.wait_ms * 1'000'000;
  if (poll.caught_up) {
    caught_up_ = true;
    status_.caught_up = true;
  }
  const bool moved = !poll.next_cursor.empty() && poll.next_cursor != position_.cursor;
  if (poll.fetched() == 0 && !moved && !poll.ended) {
    not_before_ns_ = std::max(not_before_ns_, now + kEmptyPollPauseNs);
    return;
  }
  poll_ = std::move(poll);
  move_oversized_to_failures();
}

void FeedDriver::move_oversized_to_failures() {
  auto& records = poll_->records;
  const auto fits = [](const connector::FeedRecord& record) {
    return record.value.size() <= kRecordBytesMax;
  };
  const auto first = std::ranges::stable_partition(records, fits).begin();
  for (auto record = first; record != records.end(); ++record) {
    poll_->failures.push_back({.error_class = "RECORD_TOO_LARGE",
                               .reason = "the record is larger than " +
                                         std::to_string(kRecordBytesMax) +
                                         " bytes: " + std::to_string(record->value.size()),
                               .bytes = record->value.substr(0, connector::kFailureBytesMax),
                               .headers = std::move(record->headers)});
  }
  records.erase(first, records.end());
}

Result<log::Frame> FeedDriver::build_frame(const FeedPosition& next) const {
  log::Frame frame;
  BatchCutter batches(frame, options_.topic, PartitionId(0));
  std::vector<record::HeaderView> headers;
  for (const connector::FeedRecord& record : poll_->records) {
    headers.clear();
    for (const auto& [name, value] : record.headers) {
      headers.push_back({.key = name, .value = value});
    }
    const std::optional<std::string_view> key =
        record.key ? std::optional<std::string_view>(*record.key) : std::nullopt;
    TRY(batches.add({.timestamp_ms = record.timestamp_ms,
                     .key = key,
                     .value = record.value,
                     .headers = headers}));
  }
  TRY(batches.finish());
  BatchCutter letters(frame, dead_letter_topic(options_.source), PartitionId(0));
  for (const connector::FeedFailure& failure : poll_->failures) {
    TRY(add_dead_letter(letters,
                        {.key = std::nullopt,
                         .value = failure.bytes,
                         .timestamp_ms = clock_.wall_ms(),
                         .reason = failure.reason,
                         .error_class = failure.error_class,
                         .headers = failure.headers}));
  }
  TRY(letters.finish());
  frame.positions.push_back(
      {.name = FeedPosition::name_of(options_.source), .value = next.encode()});
  return frame;
}

Result<void> FeedDriver::append() {
  if (!poll_->failures.empty() && !dead_letters_ready_) {
    TRY(log_.ensure_topic({.name = dead_letter_topic(options_.source),
                           .partitions = 1,
                           .config = dead_letter_config()}));
    dead_letters_ready_ = true;
  }
  next_ = position_;
  if (!poll_->next_cursor.empty()) {
    next_.cursor = poll_->next_cursor;
  }
  next_.fetched += poll_->fetched();
  next_.published += poll_->records.size();
  next_.failed += poll_->failures.size();
  next_.ended = poll_->ended;
  log::Frame frame = TRY(build_frame(next_));
  MR_FAULT("feed.append");
  in_flight_.emplace(log_, std::move(frame), wakeup_);
  return {};
}

StepResult FeedDriver::take_answer() {
  if (in_flight_->state() == AppendTicket::State::kWaiting) {
    return {};
  }
  const AppendTicket answer = *std::exchange(in_flight_, std::nullopt);
  if (answer.state() == AppendTicket::State::kRefused) {
    status_.problem.set("cannot be written to the log, trying again: " + answer.error());
    not_before_ns_ = clock_.monotonic_ns() + backoff_.next_ms(random_) * 1'000'000;
    return {.due_ns = not_before_ns_};
  }
  MR_FAULT("feed.appended");
  backoff_.reset();
  published_this_run_ += poll_->records.size();
  status_.problem.set(poll_->problem);
  poll_.reset();
  position_ = next_;
  status_.fetched = position_.fetched;
  status_.published = position_.published;
  status_.failed = position_.failed;
  status_.ended = position_.ended;
  return {.progressed = true, .finished = reached_end()};
}

}  // namespace millrace::flow
