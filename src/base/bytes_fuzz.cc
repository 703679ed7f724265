#include "base/bytes.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "base/uuid.h"

// The first byte of each step says what is read next; what was read is written again and must read
// the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  millrace::ByteReader reader(input);
  while (reader.ok() && !reader.done()) {
    std::string again;
    millrace::ByteWriter writer(again);
    switch (reader.le<std::uint8_t>() % 5) {
      case 0:
        writer.uvarint(reader.uvarint());
        break;
      case 1:
        writer.varint(reader.varint());
        break;
      case 2:
        writer.sized(reader.sized());
        break;
      case 3:
        writer.be(reader.be<std::int32_t>());
        break;
      default:
        writer.le(reader.le<std::uint64_t>());
    }
    MR_ASSERT(writer.size() > 0);
  }
  MR_ASSERT(millrace::from_hex(millrace::to_hex(input)) == input);
  MR_ASSERT(millrace::from_base64(millrace::to_base64(input)) == input);
  (void)millrace::from_hex(input);
  (void)millrace::from_base64(input);
  if (const auto uuid = millrace::Uuid::parse(input)) {
    MR_ASSERT(millrace::Uuid::parse(uuid->to_string()) == uuid);
  }
  return 0;
}
