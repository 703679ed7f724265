// Asks a web service in rounds. One round is one request, or as many as there are pages:
//
//   round ──▶ request ──good──▶ records ──▶ next page? ──yes──▶ request …
//    ▲           │  ▲                           │no
//    │      failed  │ back-off, Retry-After     ▼
//    │           ▼  │ (at most `retries`)   round done
//    └─interval──┴──┴───────────────────────────┘ (also when it was given up)
//
// Each attempt that gives no records is one failure, counted and kept with what came. The pauses
// between failures grow until a request succeeds, over the ends of rounds too, so that a service
// that is down is asked less and less often however short the interval is.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_set>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/random.h"
#include "connect/http/detail/answer.h"
#include "connect/http/detail/position.h"
#include "connect/http/detail/settings.h"
#include "connector/feed.h"
#include "connector/json_slices.h"
#include "http/client.h"

namespace millrace::connect::http::detail {

/// Owned by one thread.
class HttpFeed final : public connector::Feed {
 public:
  HttpFeed(Settings settings, const Clock& clock, std::uint64_t seed);

  connector::FeedPoll poll(std::string_view cursor,
                           connector::Credit credit,
                           const std::stop_token& stop) override;

  [[nodiscard]] connector::FeedGuarantee guarantee() const override { return promise(settings_); }

  static connector::FeedGuarantee promise(const Settings& settings);

 private:
  [[nodiscard]] std::int64_t now_ms() const { return clock_.monotonic_ns() / 1'000'000; }

  /// Records of an answer that was larger than the credit. Until the last of them the cursor only
  /// counts parts, so a crash fetches the page again; a reader that comes back with an earlier
  /// cursor, because it could not store a part, makes us fetch it again too.
  struct Held {
    Position position;        ///< Of the page, with the parts given so far.
    std::string next_cursor;  ///< With the last one.
    bool caught_up = false;
    bool ended = false;
    std::int64_t not_before_ms = 0;
    std::deque<connector::FeedRecord> records;
  };

  connector::FeedPoll give_held(connector::Credit credit);
  connector::FeedPoll ask(const Position& position,
                          connector::Credit credit,
                          const std::stop_token& stop);
  [[nodiscard]] millrace::http::FetchRequest make_request(const Position& position) const;
  void take_failure(Answer answer, const Position& position, connector::FeedPoll& poll);
  /// The position after a good answer; sets what has to be waited for.
  Position advance(const Position& position,
                   const Answer& answer,
                   const millrace::http::FetchReply& validators,
                   bool& round_done);
  /// A page that leads back to one of this round.
  bool loops(const Position& position, const Answer& answer) const;

  const Settings settings_;
  const Clock& clock_;
  Random random_;
  Backoff backoff_;
  millrace::http::Client client_;
  connector::JsonSlicer slicer_;
  std::int64_t not_before_ms_ = 0;
  std::int64_t round_start_ms_ = 0;
  int failures_in_round_ = 0;
  std::uint64_t pages_in_round_ = 0;
  std::unordered_set<std::string> seen_in_round_;
  std::string problem_;
  std::optional<Held> held_;
};

}  // namespace millrace::connect::http::detail
