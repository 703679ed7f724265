#include "wire/codec.h"

#include <fmt/core.h>

#include "wire/detail/outcome.h"

namespace millrace::wire {

namespace detail {

Error unsupported_version(std::string_view message, std::int16_t version) {
  return Error(ErrorCode::kUnsupported, fmt::format("{} has no version {}", message, version));
}

Error decode_failed(const Reader& reader, std::string_view message, std::int16_t version) {
  return reader.error().with_context(fmt::format("{} v{}", message, version));
}

Result<void> encode_result(Writer& writer, std::string_view message, std::int16_t version) {
  if (writer.ok()) {
    return {};
  }
  Error error = writer.error().with_context(fmt::format("{} v{}", message, version));
  writer.clear();
  return error;
}

Result<void> require_end(const Reader& reader, std::string_view message, std::int16_t version) {
  if (reader.remaining() == 0) {
    return {};
  }
  return Error(ErrorCode::kCorruption,
               fmt::format("{} v{}: {} bytes are left at byte {}",
                           message,
                           version,
                           reader.remaining(),
                           reader.position()));
}

Result<std::int16_t> read_prefix(Reader& reader, std::string_view message) {
  const auto prefix = reader.be<std::int16_t>("prefix");
  if (!reader.ok()) {
    return reader.error().with_context(std::string(message));
  }
  return prefix;
}

Error wrong_record_type(std::string_view message, std::int16_t expected, std::int16_t found) {
  return Error(ErrorCode::kInvalidArgument,
               fmt::format("{} has record type {}, not {}", message, expected, found));
}

}  // namespace detail

Result<std::int16_t> record_type(std::string_view key) {
  Reader reader(key);
  return detail::read_prefix(reader, "record key");
}

}  // namespace millrace::wire
