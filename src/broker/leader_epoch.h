// The leader epoch of every partition: with one node it never changes.
#pragma once

#include <cstdint>

#include "wire/kafka_error.h"

namespace millrace::broker {

inline constexpr std::int32_t kLeaderEpoch = 0;

/// What a client is told whose idea of the current epoch is `current` (-1: it has none).
constexpr wire::KafkaError check_leader_epoch(std::int32_t current) {
  if (current > kLeaderEpoch) {
    return wire::KafkaError::kUnknownLeaderEpoch;
  }
  return current >= -1 ? wire::KafkaError::kNone : wire::KafkaError::kFencedLeaderEpoch;
}

}  // namespace millrace::broker
