#include "wire/api_key.h"

#include <cstddef>

#include <gtest/gtest.h>

namespace millrace::wire {
namespace {

TEST(ApiKey, table_is_the_one_of_a_stock_broker) {
  EXPECT_EQ(apis().size(), 77U);
  std::size_t advertised = 0;
  for (const ApiInfo& info : apis()) {
    advertised += info.advertised ? 1 : 0;
    EXPECT_EQ(find_api(info.key), &info);
    EXPECT_LE(info.version_min, info.accepted_min);
    EXPECT_LE(info.accepted_min, info.version_max);
  }
  EXPECT_EQ(advertised, 75U);
}

TEST(ApiKey, of_nobody_has_no_info) {
  EXPECT_EQ(find_api(static_cast<ApiKey>(4)), nullptr);
  EXPECT_EQ(find_api(static_cast<ApiKey>(-1)), nullptr);
  EXPECT_EQ(to_string(static_cast<ApiKey>(93)), "Unknown");
  EXPECT_FALSE(accepts(static_cast<ApiKey>(93), 0));
}

TEST(ApiKey, advertises_produce_from_0_and_serves_it_from_3) {
  EXPECT_EQ(api_info(ApiKey::kProduce).version_min, 0);
  EXPECT_FALSE(accepts(ApiKey::kProduce, 2));
  EXPECT_TRUE(accepts(ApiKey::kProduce, 3));
  EXPECT_TRUE(accepts(ApiKey::kProduce, 13));
  EXPECT_FALSE(accepts(ApiKey::kProduce, 14));
}

TEST(ApiKey, header_versions_follow_the_first_flexible_version) {
  EXPECT_EQ(request_header_version(ApiKey::kProduce, 8), 1);
  EXPECT_EQ(request_header_version(ApiKey::kProduce, 9), 2);
  EXPECT_EQ(response_header_version(ApiKey::kProduce, 8), 0);
  EXPECT_EQ(response_header_version(ApiKey::kProduce, 9), 1);
  EXPECT_EQ(request_header_version(ApiKey::kSaslHandshake, 1), 1);
  EXPECT_EQ(response_header_version(ApiKey::kOffsetDelete, 0), 0);
  EXPECT_EQ(request_header_version(ApiKey::kApiVersions, 3), 2);
  EXPECT_EQ(request_header_version(ApiKey::kApiVersions, 99), 2);
}

TEST(ApiKey, answer_to_api_versions_has_header_version_0_always) {
  for (std::int16_t version = 0; version <= 99; ++version) {
    EXPECT_EQ(response_header_version(ApiKey::kApiVersions, version), 0);
  }
}

}  // namespace
}  // namespace millrace::wire
