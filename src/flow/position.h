// What the log keeps of feeds and flows: positions, values of `log::Position`, each durable in the
// frame of the work that it speaks of. JSON, so that `millrace doctor` and people can read them
// (docs/format/positions.md).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "exec/flow_program.h"

namespace millrace::flow {

/// "feed.<source>" → how far a feed has come, and its books since the first start.
struct FeedPosition {
  std::string cursor;
  std::uint64_t fetched = 0;
  std::uint64_t published = 0;
  std::uint64_t failed = 0;
  bool ended = false;

  [[nodiscard]] std::string encode() const;
  /// kCorruption when the text is not a feed's position.
  static Result<FeedPosition> decode(std::string_view text);
  static std::string name_of(std::string_view source);
};

/// "flow.<flow>" → the last epoch that is done: where its inputs stand, its time, its books.
struct FlowPosition {
  Epoch epoch{0};
  std::int64_t time_us = 0;
  /// topic → partition → next offset to read.
  std::map<std::string, std::map<std::int32_t, std::int64_t>, std::less<>> next;
  exec::FlowCounts counts;

  [[nodiscard]] std::string encode() const;
  /// kCorruption when the text is not a flow's position.
  static Result<FlowPosition> decode(std::string_view text);
  static std::string name_of(std::string_view flow);
};

}  // namespace millrace::flow
