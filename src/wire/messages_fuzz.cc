// The first byte chooses a message, the second its version; the rest is decoded. What is accepted
// must encode, and stay the same from then on.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "wire/codec.h"
#include "wire/frame.h"
#include "wire/generated/fields.h"
#include "wire/reader.h"

namespace millrace::wire {
namespace {

constexpr std::size_t kMemoryMax = 4U << 20;

template <class Message>
void try_message(std::uint8_t choice, std::string_view bytes) {
  constexpr int kVersions = Message::kVersionMax - Message::kVersionMin + 1;
  const auto version = static_cast<std::int16_t>(Message::kVersionMin + choice % kVersions);
  Reader reader(data::BlockSlice::copy(bytes), kMemoryMax);
  const Result<Message> first = Message::decode(reader, version);
  if (!first) {
    return;
  }
  const std::string once = MUST(encode_string(*first, version));
  const Message second = MUST(decode_all<Message>(std::string_view(once), version));
  const std::string twice = MUST(encode_string(second, version));
  MR_ASSERT(once == twice, "{} v{} changes when it is read again", Message::kName, version);
}

void try_frame(std::string_view bytes) {
  Reader reader(bytes, kMemoryMax);
  const Result<RequestHeader> header = decode_request_header(reader);
  if (!header) {
    return;
  }
  const auto key = static_cast<ApiKey>(header->request_api_key);
  (void)response_header_version(key, header->request_api_version);
  (void)MUST(encode_string(*header, request_header_version(key, header->request_api_version)));
}

using Try = void (*)(std::uint8_t, std::string_view);

#define MR_TRY_MESSAGE(M) &try_message<M>,
constexpr auto kTries = std::to_array<Try>({MR_WIRE_ALL_MESSAGES(MR_TRY_MESSAGE)});
#undef MR_TRY_MESSAGE
static_assert(kTries.size() < 256);

}  // namespace
}  // namespace millrace::wire

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  const std::string_view rest(reinterpret_cast<const char*>(data) + 2, size - 2);
  if (data[0] >= millrace::wire::kTries.size()) {
    millrace::wire::try_frame(rest);
  } else {
    millrace::wire::kTries[data[0]](data[1], rest);
  }
  return 0;
}
