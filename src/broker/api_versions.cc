// ApiVersions: which APIs, in which versions, and which features.
#include <algorithm>
#include <array>
#include <string_view>

#include "broker/api_table.h"
#include "broker/handlers.h"
#include "broker/request_metrics.h"

namespace millrace::broker {
namespace {

using wire::ApiKey;
using wire::ApiVersionsResponse;

constexpr std::int16_t kNotFinalized = -1;

/// A feature of a stock 4.3.1 broker, shown when the API that it is about is served.
struct Feature {
  std::string_view name;
  std::int16_t min;
  std::int16_t max;
  std::int16_t finalized;
  ApiKey api;
};

constexpr std::array kFeatures = {
    Feature{"group.version", 0, 1, 1, ApiKey::kConsumerGroupHeartbeat},
    Feature{"kraft.version", 0, 1, kNotFinalized, ApiKey::kMetadata},
    Feature{"metadata.version", 7, 30, 30, ApiKey::kMetadata},
    Feature{"share.version", 0, 1, 1, ApiKey::kShareGroupHeartbeat},
    Feature{"streams.version", 0, 1, 1, ApiKey::kStreamsGroupHeartbeat},
    Feature{"transaction.version", 0, 2, 2, ApiKey::kEndTxn},
    Feature{"eligible.leader.replicas.version", 0, 1, 1, ApiKey::kMetadata},
};

constexpr std::int16_t kFirstWithMinZero = 4;

ApiVersionsResponse::ApiVersion versions_of(const wire::ApiInfo& api) {
  return {.api_key = static_cast<std::int16_t>(api.key),
          .min_version = api.version_min,
          .max_version = api.version_max};
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// [a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?
bool is_software_name(std::string_view name) {
  return !name.empty() && is_alphanumeric(name.front()) && is_alphanumeric(name.back()) &&
         std::ranges::all_of(name,
                             [](char c) { return is_alphanumeric(c) || c == '-' || c == '.'; });
}

void add_features(std::int16_t version, ApiVersionsResponse& response) {
  for (const Feature& feature : kFeatures) {
    if (find_api_row(feature.api) == nullptr) {
      continue;
    }
    // Clients of versions 0 to 3 stumble over a minimum of 0 (KAFKA-17011).
    if (feature.min > 0 || version >= kFirstWithMinZero) {
      response.supported_features.push_back({.name = std::string(feature.name),
                                             .min_version = feature.min,
                                             .max_version = feature.max});
    }
    if (feature.finalized != kNotFinalized) {
      response.finalized_features.push_back({.name = std::string(feature.name),
                                             .max_version_level = feature.finalized,
                                             .min_version_level = feature.finalized});
    }
  }
  response.finalized_features_epoch = 1;
}

}  // namespace

void handle_api_versions(Services& services,
                         const RequestInfo& info,
                         wire::ApiVersionsRequest request,
                         Reply<ApiVersionsResponse> reply) {
  ApiVersionsResponse response;
  const wire::ApiInfo& own = wire::api_info(ApiKey::kApiVersions);
  constexpr std::int16_t kFirstWithName = 3;
  if (info.version < 0 || info.version > own.version_max) {
    response.error_code = wire::KafkaError::kUnsupportedVersion;
    response.api_keys.push_back(versions_of(own));
  } else if (info.version >= kFirstWithName &&
             (!is_software_name(request.client_software_name) ||
              !is_software_name(request.client_software_version))) {
    response.error_code = wire::KafkaError::kInvalidRequest;
  } else {
    for (const ApiRow& row : api_rows()) {
      response.api_keys.push_back(versions_of(wire::api_info(row.key)));
    }
    add_features(info.version, response);
  }
  services.counts.note_error(response.error_code);
  reply.send(std::move(response));
}

}  // namespace millrace::broker
