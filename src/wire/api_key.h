// The APIs of Kafka's protocol and the versions of each (contract/apis.tsv).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "wire/generated/api_keys.h"

namespace millrace::wire {

/// Who needs an API.
enum class ApiUse : std::uint8_t {
  kClients,         ///< Any client.
  kTransactions,    ///< Producers with a transactional id.
  kAdministration,  ///< Tools.
  kConsumerGroups,  ///< Consumers with group.protocol=consumer (KIP-848).
  kShareGroups,     ///< Share and streams groups.
  kOptional,
  kCluster,  ///< Brokers among themselves.
};

/// Not flexible in any version.
inline constexpr std::int16_t kNeverFlexible = 32767;

/// What is known of an API. Immutable.
struct ApiInfo {
  ApiKey key{};
  std::string_view name = {};    ///< Kafka's own: "OffsetForLeaderEpoch".
  std::int16_t version_min = 0;  ///< What ApiVersions says; of Produce lower than what is served.
  std::int16_t version_max = 0;
  std::int16_t accepted_min = 0;  ///< The lowest version that is served, and that has a codec.
  std::int16_t flexible_min = kNeverFlexible;
  bool advertised = true;  ///< A stock broker lists it in ApiVersions.
  ApiUse use = ApiUse::kOptional;
};

/// All of them, by key.
std::span<const ApiInfo> apis();

/// Null for a key that is none of the enumerators.
const ApiInfo* find_api(ApiKey key);

/// REQUIRES: `key` is one of the enumerators
const ApiInfo& api_info(ApiKey key);

/// Kafka's name; "Unknown" for a key that is none of the enumerators.
std::string_view to_string(ApiKey key);

/// Whether a request of this key and version can be decoded and answered.
bool accepts(ApiKey key, std::int16_t version);

/// 1 or 2: with tagged fields for flexible versions. A key nobody knows has 1.
std::int16_t request_header_version(ApiKey key, std::int16_t version);

/// 0 or 1. The answer to ApiVersions has 0 in every version, so that a client which does not know
/// the broker's versions yet can read it.
std::int16_t response_header_version(ApiKey key, std::int16_t version);

}  // namespace millrace::wire
