// What a broker says of itself in ApiVersions, and the traps in it.
//
// A client sends ApiVersions before it knows anything of the broker. So its answer has header
// version 0 in every version (response_header_version), and a request of a version that is not
// known is answered in the form of version 0 with UNSUPPORTED_VERSION and the range of ApiVersions,
// from which the client takes its next try (KIP-511). Clients of version 3 fail at a supported
// feature whose lowest level is 0 (KAFKA-17011): such features are told from version 4 on only.
//
// Tested by api_versions_test.cc.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "wire/api_key.h"
#include "wire/generated/api_versions.h"

namespace millrace::wire {

/// A feature of the cluster: what the broker can, and what the cluster has settled on.
struct Feature {
  std::string name = {};
  std::int16_t level_min = 0;
  std::int16_t level_max = 0;
  std::int16_t finalized = 0;  ///< 0: not in use, hence not among the finalized ones.
};

/// What a broker serves. Borrowed for one call.
struct Offer {
  std::span<const ApiKey> apis = {};
  std::span<const Feature> features = {};
  std::int64_t features_epoch = 0;  ///< Below 0 clients ignore what is finalized.
};

/// The answer to a request of a version that accepts() takes. The ranges are those of api_info().
ApiVersionsResponse api_versions_response(const Offer& offer, std::int16_t version);

/// The answer to any other version, to be encoded as version 0.
ApiVersionsResponse api_versions_refusal();

/// The version to encode the answer in: 0 when the request's is not known.
std::int16_t api_versions_response_version(std::int16_t request_version);

/// Name or version of client software as KIP-511 wants it: letters, digits, and '-' and '.' inside.
/// What does not is answered by INVALID_REQUEST.
bool valid_client_software(std::string_view text);

}  // namespace millrace::wire
