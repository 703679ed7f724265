// Where a flow without a stored position begins to read a topic: Spark's option startingOffsets.
//
//   earliest · latest · {"users_created": {"0": 23, "1": -2}}     -2 the earliest, -1 the latest
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "plan/catalog.h"

namespace millrace::plan {

/// Immutable by use.
struct StartingOffsets {
  static constexpr std::int64_t kEarliest = -2;
  static constexpr std::int64_t kLatest = -1;

  /// For every partition, when `partitions` is empty: kEarliest or kLatest.
  std::int64_t all = kEarliest;
  /// Topic → partition → offset, or one of the two words. Names every partition that is read.
  std::map<std::string, std::map<std::int32_t, std::int64_t>, std::less<>> partitions = {};

  /// Nothing when the offsets are given by partition and this one is not among them.
  [[nodiscard]] std::optional<std::int64_t> of(std::string_view topic,
                                               std::int32_t partition) const;
};

/// Nothing when it is none of the three forms.
std::optional<StartingOffsets> parse_starting_offsets(std::string_view text);

/// What a source says, else the earliest. REQUIRES: the source was bound without a Diagnostic.
StartingOffsets starting_offsets(const Relation& source);

/// The option failOnDataLoss: records that were removed before they were read stop the flow (true,
/// the default), or are passed over and counted.
bool fails_on_data_loss(const Relation& source);

}  // namespace millrace::plan
