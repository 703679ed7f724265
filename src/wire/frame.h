// Frames: int32 size, header, body. The version of the header follows from key and version of the
// request.
//
//     // broker                                           // client
//     Reader reader(frame);                               Writer writer;
//     RequestHeader header =                              auto slices = TRY(encode_request(
//         TRY(decode_request_header(reader));                 writer, {.correlation_id = 7,
//     auto request = TRY(ProduceRequest::decode(                       .client_id = "me"},
//         reader, header.request_api_version));               request, 9));
//     …
//     auto slices = TRY(encode_response(                  // … the frame of the answer
//         writer, header.correlation_id,                  auto head = TRY(decode_response_header(
//         response, header.request_api_version));             reader, ApiKey::kProduce, 9));
//
// Tested by frame_test.cc, messages_fuzz.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/block_slice.h"
#include "wire/api_key.h"
#include "wire/generated/headers.h"
#include "wire/reader.h"
#include "wire/writer.h"

namespace millrace::wire {

/// The size in front of a frame, which does not count itself.
inline constexpr std::size_t kFrameSizeBytes = 4;

/// socket.request.max.bytes by default.
inline constexpr std::size_t kFrameBytesMax = 104'857'600;

/// How many bytes follow the size. kCorruption: negative, or more than `max`. REQUIRES: 4 bytes
Result<std::size_t> frame_size(std::string_view prefix, std::size_t max = kFrameBytesMax);

/// The header of a request, from the first byte after the size. kUnsupported: nobody knows the key;
/// a version out of range is for the caller to refuse (accepts()). kCorruption.
Result<RequestHeader> decode_request_header(Reader& reader);

/// The header of the answer to a request of this key and version. kCorruption.
Result<ResponseHeader> decode_response_header(Reader& reader, ApiKey key, std::int16_t version);

/// What a client puts into the headers of its requests.
struct RequestOrigin {
  std::int32_t correlation_id = 0;
  std::optional<std::string> client_id = {};
};

namespace detail {

Result<void> begin_request(Writer& writer,
                           const RequestOrigin& origin,
                           ApiKey key,
                           std::int16_t version);
Result<void> begin_response(Writer& writer,
                            std::int32_t correlation_id,
                            ApiKey key,
                            std::int16_t version);
/// Fills in the size. kExhausted: 2 GiB.
Result<std::vector<data::BlockSlice>> finish_frame(Writer& writer);

}  // namespace detail

/// The whole frame, for one gathered write; records are not copied. The writer is empty before and
/// after, and can be used again. Errors: those of encode().
template <class Request>
Result<std::vector<data::BlockSlice>> encode_request(Writer& writer,
                                                     const RequestOrigin& origin,
                                                     const Request& request,
                                                     std::int16_t version) {
  TRY(detail::begin_request(writer, origin, Request::kKey, version));
  TRY(request.encode(writer, version));
  return detail::finish_frame(writer);
}

/// The same for an answer. `version` is the one of the request.
template <class Response>
Result<std::vector<data::BlockSlice>> encode_response(Writer& writer,
                                                      std::int32_t correlation_id,
                                                      const Response& response,
                                                      std::int16_t version) {
  TRY(detail::begin_response(writer, correlation_id, Response::kKey, version));
  TRY(response.encode(writer, version));
  return detail::finish_frame(writer);
}

}  // namespace millrace::wire
