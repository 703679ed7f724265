#include "wire/api_key.h"

#include <algorithm>

#include "base/assert.h"

namespace millrace::wire {

const ApiInfo* find_api(ApiKey key) {
  const std::span<const ApiInfo> all = apis();
  const auto found = std::ranges::lower_bound(all, key, {}, &ApiInfo::key);
  return found == all.end() || found->key != key ? nullptr : &*found;
}

const ApiInfo& api_info(ApiKey key) {
  const ApiInfo* info = find_api(key);
  MR_ASSERT(info != nullptr, "no API has the key {}", static_cast<int>(key));
  return *info;
}

std::string_view to_string(ApiKey key) {
  const ApiInfo* info = find_api(key);
  return info == nullptr ? "Unknown" : info->name;
}

bool accepts(ApiKey key, std::int16_t version) {
  const ApiInfo* info = find_api(key);
  return info != nullptr && version >= info->accepted_min && version <= info->version_max;
}

std::int16_t request_header_version(ApiKey key, std::int16_t version) {
  const ApiInfo* info = find_api(key);
  return info != nullptr && version >= info->flexible_min ? 2 : 1;
}

std::int16_t response_header_version(ApiKey key, std::int16_t version) {
  if (key == ApiKey::kApiVersions) {
    return 0;
  }
  const ApiInfo* info = find_api(key);
  return info != nullptr && version >= info->flexible_min ? 1 : 0;
}

}  // namespace millrace::wire
