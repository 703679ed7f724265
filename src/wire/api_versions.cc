#include "wire/api_versions.h"

#include <algorithm>

#include "base/ascii.h"
#include "wire/kafka_error.h"

namespace millrace::wire {

namespace {

constexpr std::int16_t kFirstWithFeatures = 3;
constexpr std::int16_t kFirstWithLevelZero = 4;

ApiVersionsResponse::ApiVersion range_of(ApiKey key) {
  const ApiInfo& info = api_info(key);
  return {.api_key = static_cast<std::int16_t>(key),
          .min_version = info.version_min,
          .max_version = info.version_max};
}

}  // namespace

ApiVersionsResponse api_versions_response(const Offer& offer, std::int16_t version) {
  ApiVersionsResponse response;
  response.api_keys.reserve(offer.apis.size());
  for (const ApiKey key : offer.apis) {
    response.api_keys.push_back(range_of(key));
  }
  std::ranges::sort(response.api_keys, {}, &ApiVersionsResponse::ApiVersion::api_key);
  if (version < kFirstWithFeatures) {
    return response;
  }
  for (const Feature& feature : offer.features) {
    if (version >= kFirstWithLevelZero || feature.level_min > 0) {
      response.supported_features.push_back({.name = feature.name,
                                             .min_version = feature.level_min,
                                             .max_version = feature.level_max});
    }
    if (feature.finalized > 0) {
      response.finalized_features.push_back({.name = feature.name,
                                             .max_version_level = feature.finalized,
                                             .min_version_level = feature.finalized});
    }
  }
  response.finalized_features_epoch = offer.features_epoch;
  return response;
}

ApiVersionsResponse api_versions_refusal() {
  ApiVersionsResponse response;
  response.error_code = KafkaError::kUnsupportedVersion;
  response.api_keys.push_back(range_of(ApiKey::kApiVersions));
  return response;
}

std::int16_t api_versions_response_version(std::int16_t request_version) {
  return accepts(ApiKey::kApiVersions, request_version) ? request_version : std::int16_t{0};
}

bool valid_client_software(std::string_view text) {
  const auto is_alphanumeric = [](char c) {
    return is_ascii_letter(c) || is_ascii_digit(c);
  };
  return !text.empty() && is_alphanumeric(text.front()) && is_alphanumeric(text.back()) &&
         std::ranges::all_of(text,
                             [&](char c) { return is_alphanumeric(c) || c == '-' || c == '.'; });
}

}  // namespace millrace::wire
