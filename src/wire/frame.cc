#include "wire/frame.h"

#include <limits>

#include <fmt/core.h>

#include "base/assert.h"
#include "base/bytes.h"

namespace millrace::wire {

Result<std::size_t> frame_size(std::string_view prefix, std::size_t max) {
  MR_ASSERT(prefix.size() == kFrameSizeBytes, "a size of {} bytes", prefix.size());
  const auto size = load_be<std::int32_t>(prefix.data());
  if (size < 0 || static_cast<std::size_t>(size) > max) {
    return Error(ErrorCode::kCorruption,
                 fmt::format("a frame of {} bytes; at most {} are allowed", size, max));
  }
  return static_cast<std::size_t>(size);
}

Result<RequestHeader> decode_request_header(Reader& reader) {
  constexpr std::size_t kKeyAndVersion = 4;
  const std::string_view rest = reader.rest();
  if (rest.size() < kKeyAndVersion) {
    return Error(ErrorCode::kCorruption,
                 fmt::format("a request of {} bytes has no header", rest.size()));
  }
  const auto key = static_cast<ApiKey>(load_be<std::int16_t>(rest.data()));
  const auto version = load_be<std::int16_t>(rest.data() + 2);
  if (find_api(key) == nullptr) {
    return Error(ErrorCode::kUnsupported,
                 fmt::format("no API has the key {}", static_cast<int>(key)));
  }
  return RequestHeader::decode(reader, request_header_version(key, version));
}

Result<ResponseHeader> decode_response_header(Reader& reader, ApiKey key, std::int16_t version) {
  return ResponseHeader::decode(reader, response_header_version(key, version));
}

namespace detail {

Result<void> begin_request(Writer& writer,
                           const RequestOrigin& origin,
                           ApiKey key,
                           std::int16_t version) {
  MR_ASSERT(writer.size() == 0, "{} bytes before a frame", writer.size());
  writer.be<std::int32_t>(0);
  const RequestHeader header{.request_api_key = static_cast<std::int16_t>(key),
                             .request_api_version = version,
                             .correlation_id = origin.correlation_id,
                             .client_id = origin.client_id};
  return header.encode(writer, request_header_version(key, version));
}

Result<void> begin_response(Writer& writer,
                            std::int32_t correlation_id,
                            ApiKey key,
                            std::int16_t version) {
  MR_ASSERT(writer.size() == 0, "{} bytes before a frame", writer.size());
  writer.be<std::int32_t>(0);
  const ResponseHeader header{.correlation_id = correlation_id};
  return header.encode(writer, response_header_version(key, version));
}

Result<std::vector<data::BlockSlice>> finish_frame(Writer& writer) {
  const std::size_t size = writer.size() - kFrameSizeBytes;
  if (size > std::numeric_limits<std::int32_t>::max()) {
    writer.clear();
    return Error(ErrorCode::kExhausted, fmt::format("a frame of {} bytes, more than 2 GiB", size));
  }
  writer.patch_be32(0, static_cast<std::int32_t>(size));
  return writer.finish();
}

}  // namespace detail

}  // namespace millrace::wire
