// What a source gives that cannot be read twice: http, faker, generated users, files that may
// vanish. The driver of a feed (a thread of its own) turns polls into frames of the log:
//
//   cursor = what the log holds           poll(cursor, credit)
//        │                                      │ records, failures, next cursor
//        ▼                                      ▼
//   one frame: records → topic <source>, failures → <source>.dead_letter, cursor, counts
//        │ durable
//        ▼
//   cursor = next cursor                  poll again, not before wait_ms
//
// Records and cursor are durable together or not at all, so a crash repeats at most the poll in
// flight. Where the cursor is exact (a sequence, a file offset) the repeat gives the same records;
// elsewhere the guarantee says at-least-once.
//
// The books: fetched = published + failed. Each record is fetched and published; each failure
// (an answer that was no answer, a line over the limit) is fetched and failed. Nothing else counts,
// so FeedPoll::fetched() is a sum and cannot lie.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace::connector {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// One record, as it came.
struct FeedRecord {
  std::optional<std::string> key = {};
  std::string value = {};
  std::int64_t timestamp_ms = 0;  ///< Since 1970 UTC: when it was fetched or made.
  Headers headers = {};
};

/// Something that came, or should have come, and cannot be published.
struct FeedFailure {
  std::string error_class = {};  ///< Stable, in capitals: "HTTP_STATUS_429", "LINE_TOO_LONG".
  std::string reason = {};       ///< For people: static text first, values last.
  std::string bytes = {};        ///< What came, at most kFailureBytesMax of it.
  Headers headers = {};          ///< Where it came from: url, status, file, offset.
};

inline constexpr std::size_t kFailureBytesMax = 64 * 1024;

/// How much the driver takes in one poll. A feed may give less, and gives more only when a single
/// record is larger than `bytes`, or when a file is one text of many records (json with multiLine).
struct Credit {
  std::size_t records = 4096;
  std::size_t bytes = 4U << 20U;
};

/// What one poll gave. Owned by one thread.
struct FeedPoll {
  std::vector<FeedRecord> records;
  std::vector<FeedFailure> failures;
  /// The position after them; empty = as it was. Opaque to all but the feed; at most 64 KiB, UTF-8.
  std::string next_cursor;
  /// Do not poll again before so many milliseconds have passed (0: at once).
  std::int64_t wait_ms = 0;
  /// All that exists now was given: one round is done (`--until-caught-up` stops a polling source
  /// here).
  bool caught_up = false;
  /// Nothing will ever come again.
  bool ended = false;
  /// Why the source is unhealthy at the moment, and what is done about it; empty = healthy.
  std::string problem;

  [[nodiscard]] std::uint64_t fetched() const { return records.size() + failures.size(); }
};

/// What a crash can do to the records of a source.
enum class Guarantee : std::uint8_t {
  kExactly,      ///< The cursor is exact: a repeated poll gives the same records.
  kEffectively,  ///< A repeat gives records with the same stable key.
  kAtLeastOnce,  ///< A repeat may give records again, and nothing marks them.
};

/// "exactly", "effectively", "at_least_once".
std::string_view to_string(Guarantee guarantee);

/// The guarantee of one source and the sentence that `explain` prints for it.
struct FeedGuarantee {
  Guarantee guarantee = Guarantee::kAtLeastOnce;
  std::string why;
};

/// Owned by one thread: the driver's, which it may block. Only the stop token is asked from
/// outside.
class Feed {
 public:
  Feed() = default;
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;
  virtual ~Feed() = default;

  /// Gives what comes after `cursor` (empty: from the start). Returns within 200 ms of a stop
  /// request, with what it has. Trouble outside is no error: it is counted in `failures`, told in
  /// `problem`, and tried again by the next poll.
  [[nodiscard]] virtual FeedPoll poll(std::string_view cursor,
                                      Credit credit,
                                      const std::stop_token& stop) = 0;

  [[nodiscard]] virtual FeedGuarantee guarantee() const = 0;
};

}  // namespace millrace::connector
