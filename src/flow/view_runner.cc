#include "flow/view_runner.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/fault.h"
#include "base/log_line.h"
#include "expr/evaluate.h"

namespace millrace::flow {

namespace {

// What a record takes in a batch beside key and value, at most.
constexpr std::uint64_t kRecordOverheadBytes = 24;

// Trying the same again at once may help.
bool may_pass(ErrorCode code) {
  return code == ErrorCode::kIo || code == ErrorCode::kUnavailable || code == ErrorCode::kTimeout ||
         code == ErrorCode::kCancelled;
}

// "transformations/v.sql:3:12: [DIVIDE_BY_ZERO] …; use try_divide …"
std::string sentence_of(const Diagnostic& why) {
  std::string text;
  if (!why.where.file.empty()) {
    text = fmt::format("{}:{}:{}: ", why.where.file, why.where.line, why.where.column);
  }
  if (!why.error_class.empty() && !why.message.starts_with('[')) {
    text += "[" + why.error_class + "] ";
  }
  text += why.message;
  return why.help.empty() ? text : text + "; " + why.help;
}

}  // namespace

// Collects the difference of a result to the content, row by row. Tombstones come first in the
// frame: keys that differ as text may be equal in tables.db (0.0 and -0.0).
class ViewRunner::Difference {
 public:
  Difference(ViewRunner& view, Work& work)
      : view_(view), work_(work), time_ms_(work.after.time_us / 1000) {
    for (std::int32_t number = 0; number < view.target_partitions_; ++number) {
      rows_.emplace_back(changed_, view.flow_.target->topic, PartitionId(number));
      erased_.emplace_back(work.frame, view.flow_.target->topic, PartitionId(number));
    }
    view.content_->begin();
  }

  Result<void> put(const data::Batch& batch) {
    const plan::Relation& table = *view_.flow_.target;
    for (std::size_t index = 0; index < batch.selection.size(); ++index) {
      const std::size_t row = batch.selection[index];
      view_.encoder_->value_of(batch, row, value_);
      ViewContent::Put outcome = ViewContent::Put::kSame;
      if (plan::has_row_numbers(table)) {
        outcome = TRY(view_.content_->put_numbered(value_, key_));
      } else {
        key_ = view_.encoder_->key_of(batch, row).value_or("");
        outcome = TRY(view_.content_->put(key_, value_));
      }
      if (outcome == ViewContent::Put::kTwice) {
        return Error(ErrorCode::kConflict,
                     "[DUPLICATE_KEY] two rows of its query have the key " + key_ +
                         "; group by the columns of millrace.key, or leave it out");
      }
      if (outcome == ViewContent::Put::kChanged) {
        TRY(write(rows_, value_));
      }
    }
    return {};
  }

  Result<void> finish() {
    Result<void> erased;
    view_.content_->take_missing([&](std::string_view key) {
      if (erased) {
        key_ = key;
        erased = write(erased_, std::nullopt);
      }
    });
    TRY(std::move(erased));
    for (std::size_t number = 0; number < rows_.size(); ++number) {
      TRY(erased_[number].finish());
      TRY(rows_[number].finish());
    }
    std::ranges::move(changed_.batches, std::back_inserter(work_.frame.batches));
    return {};
  }

 private:
  Result<void> write(std::vector<BatchCutter>& partitions, std::optional<std::string_view> value) {
    const std::size_t bytes = key_.size() + (value ? value->size() : 0);
    if (bytes > kRecordBytesMax) {
      return Error(
          ErrorCode::kExhausted,
          fmt::format("[RECORD_TOO_LARGE] a row of its query has {} bytes, the limit is {}",
                      bytes,
                      kRecordBytesMax));
    }
    bytes_ += bytes + kRecordOverheadBytes;
    if (bytes_ > view_.options_.frame_bytes_max) {
      return Error(ErrorCode::kExhausted,
                   fmt::format("more than {} MiB of its rows change at once, which is the limit of "
                               "one commit; let its query give fewer rows, or make it a streaming "
                               "table where it only projects and filters",
                               view_.options_.frame_bytes_max >> 20U));
    }
    ++work_.after.counts.output;
    return partitions[view_.encoder_->partition_of(key_)].add(
        {.timestamp_ms = time_ms_, .key = key_, .value = value});
  }

  ViewRunner& view_;
  Work& work_;
  const std::int64_t time_ms_;
  log::Frame changed_;
  std::vector<BatchCutter> rows_;
  std::vector<BatchCutter> erased_;
  std::string key_;
  std::string value_;
  std::uint64_t bytes_ = 0;
};

ViewRunner::ViewRunner(const plan::Flow& flow,
                       log::Log& log,
                       const Clock& clock,
                       FlowStatus& status,
                       Wakeup& wakeup,
                       ViewRunnerOptions options)
    : flow_(flow),
      log_(log),
      clock_(clock),
      status_(status),
      wakeup_(wakeup),
      options_(std::move(options)),
      dead_letters_(dead_letter_topic(flow.name)),
      random_(0x8CB92BA72F3D8DD7ULL) {}

ViewRunner::~ViewRunner() {
  for (const auto& [topic, partitions] : input_ends()) {
    for (const auto& [number, end] : partitions) {
      log_.release_hold(FlowPosition::name_of(flow_.name), {topic, PartitionId(number)});
    }
  }
}

Result<void> ViewRunner::open() {
  if (const auto text = log_.position(FlowPosition::name_of(flow_.name))) {
    durable_ = TRY_DOING(FlowPosition::decode(*text), "open flow " + flow_.name);
  }
  status_.set(durable_.counts);
  status_.epoch = durable_.epoch.value();
  const plan::Relation& table = *flow_.target;
  const log::TopicInfo topic =
      TRY_DOING(log_.ensure_topic(
                    {.name = table.topic, .partitions = 1, .config = table_topic_config(table)}),
                "open flow " + flow_.name);
  target_partitions_ = topic.partitions;
  encoder_ = std::make_unique<RowEncoder>(table, topic.partitions);
  for (const auto& input : flow_.inputs) {
    TRY_DOING(open_input(input), "open flow " + flow_.name);
  }
  hold(durable_.next);
  return {};
}

Result<void> ViewRunner::open_input(const std::shared_ptr<const plan::Relation>& relation) {
  log::NewTopic wanted{.name = relation->topic, .partitions = 1};
  if (relation->kind != plan::RelationKind::kSource) {
    wanted.config = table_topic_config(*relation);
  }
  const log::TopicInfo topic = TRY(log_.ensure_topic(wanted));
  Input input{.relation = relation};
  for (std::int32_t number = 0; number < topic.partitions; ++number) {
    input.subscriptions.push_back(log_.subscribe({relation->topic, PartitionId(number)},
                                                 [&wakeup = wakeup_] { wakeup.notify(); }));
  }
  if (relation->kind == plan::RelationKind::kSource && relation->decoded) {
    plan::Scan scan{.relation = relation};
    for (std::size_t column = 0; column < relation->schema.fields.size(); ++column) {
      scan.columns.push_back(column);
    }
    input.decoder = TRY(ScanDecoder::make(scan, 0));
    TRY(log_.ensure_topic(
        {.name = dead_letters_, .partitions = 1, .config = dead_letter_config()}));
  }
  inputs_.push_back(std::move(input));
  return {};
}

TopicOffsets ViewRunner::input_ends() const {
  TopicOffsets ends;
  for (const Input& input : inputs_) {
    ends[input.relation->topic] = topic_ends(log_, input.relation->topic);
  }
  return ends;
}

bool ViewRunner::settled() const {
  const TopicOffsets ends = input_ends();
  const MutexLock lock(mutex_);
  return settled_at_ == ends;
}

StepResult ViewRunner::step(const std::stop_token& stop) {
  const bool progressed = take_answer();
  if (in_flight_) {
    return {.progressed = progressed};
  }
  const TopicOffsets ends = input_ends();
  update_lag(ends);
  {
    const MutexLock lock(mutex_);
    if (settled_at_ == ends) {
      return {.progressed = progressed};
    }
  }
  if (clock_.monotonic_ns() < not_before_ns_) {
    return {.progressed = progressed, .due_ns = not_before_ns_};
  }
  refresh(ends, stop);
  return {.progressed = true};
}

void ViewRunner::refresh(const TopicOffsets& ends, const std::stop_token& stop) {
  const std::int64_t begin_ns = clock_.monotonic_ns();
  Work work{.frame = {}, .after = durable_};
  ++work.after.epoch;
  work.after.time_us = std::max(clock_.wall_us(), durable_.time_us);
  const auto computed = compute(ends, work, stop);
  const std::int64_t now_ns = clock_.monotonic_ns();
  not_before_ns_ = now_ns + std::max(options_.interval_ms * 1'000'000, now_ns - begin_ns);
  if (!computed) {
    content_.reset();  // It may have taken in what is not written.
    fail(computed.error(), ends);
  } else if (work.frame.batches.empty() && work.after.next == durable_.next) {
    settle(ends);
  } else {
    append(std::move(work));
  }
}

// Fills the frame: with the difference, or, as long as there are too many dead letters for one
// frame, with a part of those.
Result<void> ViewRunner::compute(const TopicOffsets& ends,
                                 Work& work,
                                 const std::stop_token& stop) {
  const KeepReading keep_reading = [&]() -> Result<void> {
    if (options_.alive) {
      options_.alive();
    }
    if (stop.stop_requested()) {
      return Error(ErrorCode::kCancelled, "the view was stopped");
    }
    return {};
  };
  TRY(load_content(keep_reading));
  if (!TRY(account(ends, work, keep_reading))) {
    return {};
  }
  TRY(recompute(ends, work, stop, keep_reading));
  work.settles = ends;
  return {};
}

Result<void> ViewRunner::load_content(const KeepReading& keep_reading) {
  if (content_) {
    return {};
  }
  const plan::Relation& table = *flow_.target;
  content_.emplace(options_.content_bytes_max);
  TopicChunks chunks(log_, table.topic, topic_ends(log_, table.topic), {}, keep_reading);
  RecordChunk chunk;
  while (TRY(chunks.next(chunk))) {
    for (const record::RecordView& record : chunk.records) {
      if (!record.key) {
        return Error(ErrorCode::kConflict,
                     "its topic " + table.topic +
                         " holds records without key, which are none of a materialized view; to "
                         "begin anew: millrace run --full-refresh " +
                         table.name);
      }
      TRY(content_->load(*record.key, record.value));
    }
  }
  return {};
}

// Counts the records that are new, and keeps those that are no rows. False when there are more dead
// letters than one frame should hold.
Result<bool> ViewRunner::account(const TopicOffsets& ends,
                                 Work& work,
                                 const KeepReading& keep_reading) {
  BatchCutter letters(work.frame, dead_letters_, PartitionId(0));
  std::uint64_t bytes = 0;
  for (const Input& input : inputs_) {
    const std::string& topic = input.relation->topic;
    PartitionOffsets& next = work.after.next[topic];
    for (const auto& [number, end] : ends.at(topic)) {
      if (next[number] > end) {
        next[number] = 0;  // The topic was made anew.
      }
    }
    const PartitionOffsets from = next;
    TopicChunks chunks(log_, topic, ends.at(topic), from, keep_reading);
    RecordChunk chunk;
    while (bytes <= options_.letters_bytes_max && TRY(chunks.next(chunk))) {
      const std::uint64_t rejected = work.rejected;
      TRY(account_chunk(input, chunk, work, letters));
      for (const record::RecordView& record : chunk.records) {
        bytes += work.rejected == rejected ? 0 : record.value.value_or("").size();
      }
      next[chunk.partition.value()] = chunk.records.back().offset.value() + 1;
    }
    if (bytes > options_.letters_bytes_max) {
      break;
    }
    next = ends.at(topic);
  }
  TRY(letters.finish());
  return bytes <= options_.letters_bytes_max;
}

Result<void> ViewRunner::account_chunk(const Input& input,
                                       const RecordChunk& chunk,
                                       Work& work,
                                       BatchCutter& letters) const {
  std::size_t rows = 0;
  std::vector<Undecodable> undecodable;
  if (input.decoder) {
    rows = input.decoder->decode(chunk, undecodable).selection.size();
  } else {
    const bool table = input.relation->kind != plan::RelationKind::kSource;
    rows = static_cast<std::size_t>(std::ranges::count_if(
        chunk.records,
        [&](const record::RecordView& record) { return !table || record.value.has_value(); }));
  }
  for (Undecodable& record : undecodable) {
    const record::RecordView& from = chunk.records[record.row];
    TRY(add_dead_letter(
        letters,
        {.key = from.key,
         .value = from.value,
         .timestamp_ms = work.after.time_us / 1000,
         .reason = std::move(record.reason),
         .error_class = std::move(record.error_class),
         .headers = origin_headers(
             {input.relation->topic, chunk.partition}, from.offset, work.after.epoch)}));
  }
  work.read += rows + undecodable.size();
  work.rejected += undecodable.size();
  work.after.counts.read += rows + undecodable.size();
  work.after.counts.accepted += rows;
  work.after.counts.rejected += undecodable.size();
  return {};
}

Result<void> ViewRunner::recompute(const TopicOffsets& ends,
                                   Work& work,
                                   const std::stop_token& stop,
                                   const KeepReading& keep_reading) {
  TopicTables tables(
      log_, ends, {.memory_bytes_max = options_.query_bytes_max, .keep_reading = keep_reading});
  exec::QueryOptions query;
  query.context.epoch_time_us = work.after.time_us;
  query.context.time_zone = options_.time_zone;
  query.context.salt = options_.salt;
  query.context.epoch = static_cast<std::uint64_t>(work.after.epoch.value());
  query.context.flow = flow_.name;
  query.memory_bytes_max = options_.query_bytes_max;
  query.stop = stop;
  Difference difference(*this, work);
  Result<void> put;
  exec::QueryFailure failure;
  const auto done = exec::run_query(
      flow_.query,
      tables,
      query,
      [&](const data::Batch& batch) {
        put = keep_reading();
        if (put) {
          put = difference.put(batch);
        }
        return static_cast<bool>(put);
      },
      failure);
  if (!done) {
    put.ignore_error("the query failed, too");
    if (failure.diagnostic.message.empty()) {
      return Error(done.error().code(), done.error().to_string());
    }
    return Error(done.error().code(), sentence_of(failure.diagnostic));
  }
  TRY(std::move(put));
  return difference.finish();
}

void ViewRunner::append(Work work) {
  work.frame.positions.push_back(
      {.name = FlowPosition::name_of(flow_.name), .value = work.after.encode()});
  MR_FAULT("view.append");
  log::Frame frame = std::move(work.frame);
  in_flight_.emplace(
      InFlight{.work = std::move(work), .ticket = AppendTicket(log_, std::move(frame), wakeup_)});
}

bool ViewRunner::take_answer() {
  if (!in_flight_ || in_flight_->ticket.state() == AppendTicket::State::kWaiting) {
    return false;
  }
  InFlight done = *std::exchange(in_flight_, std::nullopt);
  if (done.ticket.state() == AppendTicket::State::kRefused) {
    content_.reset();
    try_again("the log refused an epoch, trying again: " + done.ticket.error());
  } else {
    MR_FAULT("view.appended");
    commit(std::move(done.work));
  }
  return true;
}

// The epoch is durable.
void ViewRunner::commit(Work work) {
  durable_ = std::move(work.after);
  backoff_.reset();
  status_.set(durable_.counts);
  status_.epoch = durable_.epoch.value();
  share_.note(work.read, work.rejected);
  rejects_too_much_ = share_.exceeds(options_.max_rejected);
  if (work.settles) {
    settle(*work.settles);
  } else {
    not_before_ns_ = 0;  // The recomputation follows at once.
  }
}

void ViewRunner::settle(const TopicOffsets& ends) {
  failed_ = false;
  status_.state = FlowState::kRunning;
  status_.problem.set(
      rejects_too_much_
          ? fmt::format("{} of the last {} records were rejected: see dead-letters show {}",
                        share_.rejected(),
                        share_.read(),
                        flow_.name)
          : std::string());
  status_.progress_ms = clock_.monotonic_ns() / 1'000'000;
  hold(ends);
  update_lag(ends);
  const MutexLock lock(mutex_);
  settled_at_ = ends;
}

void ViewRunner::fail(const Error& error, const TopicOffsets& ends) {
  if (error.code() == ErrorCode::kCancelled) {
    return;
  }
  if (may_pass(error.code())) {
    try_again(error.to_string());
    return;
  }
  MR_LOG(warning,
         "a materialized view keeps its content",
         {"view", flow_.name},
         {"problem", error.to_string()});
  failed_ = true;
  status_.state = FlowState::kWaiting;
  status_.problem.set("keeps its content until its inputs change: " + error.to_string());
  hold(ends);  // What it cannot compute must not keep its inputs from being cleaned.
  const MutexLock lock(mutex_);
  settled_at_ = ends;
}

void ViewRunner::try_again(std::string problem) {
  status_.problem.set(std::move(problem));
  status_.state = FlowState::kWaiting;
  not_before_ns_ = clock_.monotonic_ns() + backoff_.next_ms(random_) * 1'000'000;
}

void ViewRunner::hold(const TopicOffsets& next) {
  for (const Input& input : inputs_) {
    const std::string& topic = input.relation->topic;
    const auto known = next.find(topic);
    for (std::size_t number = 0; number < input.subscriptions.size(); ++number) {
      const auto partition = static_cast<std::int32_t>(number);
      const bool has = known != next.end() && known->second.contains(partition);
      log_.hold(FlowPosition::name_of(flow_.name),
                {topic, PartitionId(partition)},
                Offset(has ? known->second.at(partition) : 0));
    }
  }
}

void ViewRunner::update_lag(const TopicOffsets& ends) {
  std::int64_t lag = 0;
  for (const auto& [topic, partitions] : ends) {
    const auto known = durable_.next.find(topic);
    for (const auto& [number, end] : partitions) {
      const bool has = known != durable_.next.end() && known->second.contains(number);
      lag += std::max<std::int64_t>(0, end - (has ? known->second.at(number) : 0));
    }
  }
  status_.lag = lag;
}

}  // namespace millrace::flow
