// Places in a topic as users write them: --from and --until.
//
//   earliest  latest            (also beginning, start, end)
//   42                          an offset
//   -5                          the last five records of each partition
//   10m   2h   90s   1d         so long ago; "10m ago" too
//   2026-11-21T17:00:00Z   2026-11-21 17:00   2026-11-21      a time; UTC without a zone
//   @1700000000000              milliseconds since 1970
//
// Tested by record_place_test.cc and record_place_fuzz.cc.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace millrace::cli {

enum class PlaceKind : std::uint8_t {
  kEarliest,
  kLatest,
  kOffset,     ///< `number` is one.
  kFromEnd,    ///< So many records before the end.
  kTimestamp,  ///< Milliseconds since 1970.
};

struct RecordPlace {
  PlaceKind kind = PlaceKind::kEarliest;
  std::int64_t number = 0;

  friend bool operator==(const RecordPlace&, const RecordPlace&) = default;
};

/// kInvalidArgument says what there is. Thread-safe.
Result<RecordPlace> parse_place(std::string_view text, std::int64_t now_ms);

}  // namespace millrace::cli
