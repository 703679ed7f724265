// What decode() and encode() of the generated messages say when they fail.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "wire/reader.h"
#include "wire/writer.h"

namespace millrace::wire::detail {

/// kUnsupported: "ProduceRequest has no version 99".
Error unsupported_version(std::string_view message, std::int16_t version);

/// "ProduceRequest v9: TopicProduceData.name at byte 17: …". REQUIRES: !reader.ok()
Error decode_failed(const Reader& reader, std::string_view message, std::int16_t version);

/// Clears the writer when it has failed.
Result<void> encode_result(Writer& writer, std::string_view message, std::int16_t version);

}  // namespace millrace::wire::detail
