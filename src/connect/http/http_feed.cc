#include "connect/http/detail/http_feed.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "http/url.h"

namespace millrace::connect::http::detail {
namespace {

using connector::Credit;
using connector::FeedPoll;
using millrace::http::FetchOutcome;
using millrace::http::FetchReply;
using millrace::http::FetchRequest;

constexpr std::int64_t kBadCursorWaitMs = 5'000;
constexpr std::size_t kValidatorBytesMax = 1'024;

BackoffOptions backoff_of(const Settings& settings) {
  return {.first_ms = settings.retry_wait_ms,
          .max_ms = std::max(settings.retry_wait_ms, settings.retry_wait_max_ms)};
}

}  // namespace

HttpFeed::HttpFeed(Settings settings, const Clock& clock, std::uint64_t seed)
    : settings_(std::move(settings)),
      clock_(clock),
      random_(seed),
      backoff_(backoff_of(settings_)),
      client_(clock) {}

connector::FeedGuarantee HttpFeed::promise(const Settings& settings) {
  if (!settings.slices.key.empty()) {
    return {.guarantee = connector::Guarantee::kEffectively,
            .why = "a crash repeats at most one request, whose records have the same keys"};
  }
  return {.guarantee = connector::Guarantee::kAtLeastOnce,
          .why =
              "a crash repeats at most one request; name a stable id with the option key to "
              "make that harmless"};
}

FeedPoll HttpFeed::poll(std::string_view cursor, Credit credit, const std::stop_token& stop) {
  if (held_ && format_position(held_->position) == cursor) {
    return give_held(credit);
  }
  held_.reset();
  FeedPoll poll;
  poll.next_cursor = cursor;
  std::optional<Position> position = parse_position(cursor);
  if (!position) {
    poll.wait_ms = kBadCursorWaitMs;
    poll.problem =
        "the stored position is not one of an http source: " + std::string(cursor.substr(0, 200));
    return poll;
  }
  if (settings_.rounds_max && position->rounds >= *settings_.rounds_max) {
    poll.ended = true;
    poll.caught_up = true;
    return poll;
  }
  if (now_ms() < not_before_ms_) {
    poll.wait_ms = not_before_ms_ - now_ms();
    poll.problem = problem_;
    return poll;
  }
  position->part = 0;
  return ask(*position, credit, stop);
}

FeedPoll HttpFeed::give_held(Credit credit) {
  FeedPoll poll;
  std::size_t bytes = 0;
  while (!held_->records.empty() && poll.records.size() < credit.records && bytes < credit.bytes) {
    connector::FeedRecord& record = held_->records.front();
    bytes += record.value.size();
    poll.records.push_back(std::move(record));
    held_->records.pop_front();
  }
  ++held_->position.part;
  poll.next_cursor = format_position(held_->position);
  if (held_->records.empty()) {
    poll.next_cursor = held_->next_cursor;
    poll.caught_up = held_->caught_up;
    poll.ended = held_->ended;
    poll.wait_ms = std::max<std::int64_t>(0, held_->not_before_ms - now_ms());
    held_.reset();
  }
  return poll;
}

FetchRequest HttpFeed::make_request(const Position& position) const {
  FetchRequest request = settings_.request;
  if (settings_.paging == Paging::kParameter) {
    request.url = millrace::http::with_parameter(
        request.url,
        settings_.page_parameter,
        std::to_string(position.page.value_or(settings_.page_first)));
  }
  if (!position.next.empty()) {
    const bool same_origin =
        millrace::http::origin_of(position.next) == millrace::http::origin_of(request.url);
    request.url = position.next;
    if (!same_origin) {
      request.headers.clear();  // They may hold a secret of the first one.
      request.refuse_private_addresses = !settings_.allow_private;
    }
  }
  if (!position.within_round() && settings_.paging == Paging::kNone) {
    if (!position.etag.empty()) {
      request.headers.emplace_back("If-None-Match", position.etag);
    }
    if (!position.last_modified.empty()) {
      request.headers.emplace_back("If-Modified-Since", position.last_modified);
    }
  }
  return request;
}

FeedPoll HttpFeed::ask(const Position& position, Credit credit, const std::stop_token& stop) {
  FeedPoll poll;
  poll.next_cursor = format_position(position);
  if (!position.within_round() && failures_in_round_ == 0) {
    round_start_ms_ = now_ms();
    pages_in_round_ = 0;
    seen_in_round_.clear();
  }
  FetchReply reply = client_.fetch(make_request(position), stop);
  if (reply.outcome == FetchOutcome::kCancelled) {
    return poll;
  }
  const FetchReply validators{.headers = reply.headers};
  const bool may_be_empty = settings_.allow_empty || position.within_round();
  Answer answer = read_answer(std::move(reply), settings_, slicer_, clock_.wall_ms(), may_be_empty);
  if (!answer.failure && loops(position, answer)) {
    answer.failure =
        connector::FeedFailure{.error_class = "PAGING_LOOP",
                               .reason = "a page names an earlier one as the next: " +
                                         millrace::http::shown_url(answer.next.value_or(""))};
    answer.retryable = false;
  }
  if (answer.failure) {
    take_failure(std::move(answer), position, poll);
    return poll;
  }
  backoff_.reset();
  failures_in_round_ = 0;
  problem_.clear();
  bool round_done = false;
  const Position after = advance(position, answer, validators, round_done);
  held_ = Held{.position = position,
               .next_cursor = format_position(after),
               .caught_up = round_done,
               .ended = settings_.rounds_max && after.rounds >= *settings_.rounds_max,
               .not_before_ms = not_before_ms_,
               .records = {std::make_move_iterator(answer.records.begin()),
                           std::make_move_iterator(answer.records.end())}};
  return give_held(credit);
}

bool HttpFeed::loops(const Position& position, const Answer& answer) const {
  if (!answer.next) {
    return false;
  }
  const std::string& asked = position.next.empty() ? settings_.request.url : position.next;
  return *answer.next == asked || seen_in_round_.contains(*answer.next);
}

Position HttpFeed::advance(const Position& position,
                           const Answer& answer,
                           const FetchReply& validators,
                           bool& round_done) {
  ++pages_in_round_;
  Position after = position;
  const bool more_pages = pages_in_round_ < settings_.pages_max;
  if (settings_.paging == Paging::kParameter && !answer.records.empty() && more_pages) {
    after.page = position.page.value_or(settings_.page_first) + 1;
  } else if (answer.next && more_pages) {
    seen_in_round_.insert(position.next.empty() ? settings_.request.url : position.next);
    after.next = *answer.next;
  } else {
    round_done = true;
    after.page.reset();
    after.next.clear();
    ++after.rounds;
  }
  if (settings_.paging == Paging::kNone && !answer.unchanged) {
    const auto cut = [](std::string_view value) {
      return value.size() > kValidatorBytesMax ? std::string() : std::string(value);
    };
    after.etag = cut(validators.header("etag"));
    after.last_modified = cut(validators.header("last-modified"));
  }
  not_before_ms_ = round_done ? round_start_ms_ + settings_.interval_ms : 0;
  if (answer.wait_ms > 0) {
    not_before_ms_ = std::max(not_before_ms_, now_ms() + answer.wait_ms);
  }
  return after;
}

void HttpFeed::take_failure(Answer answer, const Position& position, FeedPoll& poll) {
  ++failures_in_round_;
  poll.failures.push_back(std::move(*answer.failure));
  poll.failures.back().headers.emplace_back("millrace.attempt", std::to_string(failures_in_round_));
  const std::string& reason = poll.failures.back().reason;
  std::int64_t wait_ms = backoff_.next_ms(random_);
  const bool too_long = answer.wait_ms > settings_.retry_after_max_ms;
  wait_ms = std::max(wait_ms, answer.wait_ms);
  const bool again = answer.retryable && !too_long && failures_in_round_ <= settings_.retries;
  const double seconds = static_cast<double>(wait_ms) / 1000;
  if (again) {
    problem_ = fmt::format("{}; trying again in {:.1f} s (try {} of {})",
                           reason,
                           seconds,
                           failures_in_round_,
                           settings_.retries);
  } else {
    Position after = position;
    after.page.reset();
    after.next.clear();
    ++after.rounds;
    poll.next_cursor = format_position(after);
    poll.caught_up = true;
    poll.ended = settings_.rounds_max && after.rounds >= *settings_.rounds_max;
    failures_in_round_ = 0;
    wait_ms = std::max(wait_ms, round_start_ms_ + settings_.interval_ms - now_ms());
    problem_ = fmt::format("{}; gave up this round, the next one is in {:.1f} s",
                           reason,
                           static_cast<double>(wait_ms) / 1000);
  }
  not_before_ms_ = now_ms() + wait_ms;
  poll.wait_ms = wait_ms;
  poll.problem = problem_;
}

}  // namespace millrace::connect::http::detail
