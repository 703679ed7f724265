// A feed of made-up rows: row n is a function of n, so the cursor is the number of rows given, and
// a poll that is repeated after a crash gives the same rows.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "connector/feed.h"

namespace millrace::connector {

struct SequenceOptions {
  double rows_per_second = 10;                 ///< 0 = as fast as they are taken.
  std::optional<std::uint64_t> rows_max = {};  ///< Then it ends.
};

/// Fills `record.value` (and key) for a row, from 0. The timestamp is there already.
using MakeRow = std::function<void(std::uint64_t row, FeedRecord& record)>;

/// Owned by one thread.
class SequenceFeed final : public Feed {
 public:
  SequenceFeed(SequenceOptions options, const Clock& clock, MakeRow make_row);

  FeedPoll poll(std::string_view cursor, Credit credit, const std::stop_token& stop) override;

  [[nodiscard]] FeedGuarantee guarantee() const override { return promise(); }

  /// What every sequence feed promises.
  static FeedGuarantee promise();

 private:
  /// How many rows may have been given by now, when `given` have been.
  std::uint64_t due(std::uint64_t given);
  [[nodiscard]] std::int64_t wait_ms(std::uint64_t given) const;

  SequenceOptions options_;
  const Clock& clock_;
  MakeRow make_row_;
  // The pace counts from here; set anew when the reader was slower than the pace.
  std::optional<std::uint64_t> base_row_;
  std::int64_t base_ns_ = 0;
};

/// `{"next":42}`; an empty cursor is row 0. Nothing when it is no such text.
std::optional<std::uint64_t> parse_sequence_cursor(std::string_view cursor);
std::string format_sequence_cursor(std::uint64_t next);

}  // namespace millrace::connector
