// The numbers that more than one module speaks of, each a type of its own.
#pragma once

#include <cstdint>

#include "base/strong.h"

namespace millrace {

/// Position of a record in a partition, from 0.
using Offset = Strong<struct OffsetTag, std::int64_t>;
/// Number of a partition in its topic, from 0.
using PartitionId = Strong<struct PartitionIdTag, std::int32_t>;
/// Number of a flow's unit of work, from 1; 0 = none yet (exactly-once: one epoch is one commit).
using Epoch = Strong<struct EpochTag, std::int64_t>;
/// Kafka's producer id; -1 = none.
using ProducerId = Strong<struct ProducerIdTag, std::int64_t>;

}  // namespace millrace
