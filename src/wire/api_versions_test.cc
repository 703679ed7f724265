#include "wire/api_versions.h"

#include <array>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/codec.h"
#include "wire/kafka_error.h"

namespace millrace::wire {
namespace {

using testing::ElementsAre;

std::vector<std::string> supported(const ApiVersionsResponse& response) {
  std::vector<std::string> names;
  names.reserve(response.supported_features.size());
  for (const auto& feature : response.supported_features) {
    names.push_back(feature.name);
  }
  return names;
}

const std::array<Feature, 2> kFeatures{
    Feature{.name = "metadata.version", .level_min = 7, .level_max = 30, .finalized = 30},
    Feature{.name = "group.version", .level_min = 0, .level_max = 1, .finalized = 1}};

TEST(ApiVersions, lists_what_is_served_by_key) {
  const std::array<ApiKey, 3> apis{ApiKey::kMetadata, ApiKey::kProduce, ApiKey::kApiVersions};
  const ApiVersionsResponse response = api_versions_response({.apis = apis}, 0);
  ASSERT_EQ(response.api_keys.size(), 3U);
  EXPECT_EQ(response.api_keys[0].api_key, 0);
  EXPECT_EQ(response.api_keys[0].min_version, 0);
  EXPECT_EQ(response.api_keys[0].max_version, 13);
  EXPECT_EQ(response.api_keys[1].api_key, 3);
  EXPECT_EQ(response.api_keys[2].max_version, 4);
}

TEST(ApiVersions, hides_features_of_level_0_from_version_3) {
  const Offer offer{.features = kFeatures, .features_epoch = 5};
  EXPECT_THAT(supported(api_versions_response(offer, 3)), ElementsAre("metadata.version"));
  EXPECT_THAT(supported(api_versions_response(offer, 4)),
              ElementsAre("metadata.version", "group.version"));
  EXPECT_EQ(api_versions_response(offer, 3).finalized_features.size(), 2U);
  EXPECT_EQ(api_versions_response(offer, 3).finalized_features_epoch, 5);
}

TEST(ApiVersions, can_be_encoded_in_every_version) {
  const Offer offer{.features = kFeatures};
  for (std::int16_t version = 0; version <= 4; ++version) {
    EXPECT_TRUE(encode_string(api_versions_response(offer, version), version).has_value());
  }
}

TEST(ApiVersions, refusal_is_version_0_and_names_its_own_range) {
  EXPECT_EQ(api_versions_response_version(99), 0);
  EXPECT_EQ(api_versions_response_version(-1), 0);
  EXPECT_EQ(api_versions_response_version(4), 4);
  const ApiVersionsResponse refusal = api_versions_refusal();
  EXPECT_EQ(refusal.error_code, KafkaError::kUnsupportedVersion);
  ASSERT_EQ(refusal.api_keys.size(), 1U);
  EXPECT_EQ(refusal.api_keys[0].api_key, 18);
  EXPECT_EQ(MUST(encode_string(refusal, 0)), std::string("\0\x23\0\0\0\1\0\x12\0\0\0\4", 12));
}

TEST(ApiVersions, checks_names_of_client_software) {
  for (const char* good : {"a", "apache-kafka-java", "4.3.1", "librdkafka", "v2.0-rc1"}) {
    EXPECT_TRUE(valid_client_software(good)) << good;
  }
  for (const char* bad : {"", "-a", "a-", ".a", "a b", "a_b", "\xc3\xa4"}) {
    EXPECT_FALSE(valid_client_software(bad)) << bad;
  }
}

}  // namespace
}  // namespace millrace::wire
