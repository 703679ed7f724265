#include "log/detail/checkpoint.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/crc32c.h"
#include "log/detail/compaction.h"

// As it is, and with a header that fits, which lets the fuzzer reach what lies behind it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using millrace::log::Checkpoint;
  std::string bytes(reinterpret_cast<const char*>(data), size);
  millrace::log::decode_checkpoint(bytes).ignore_error("any answer will do");
  millrace::log::decode_marker(bytes).ignore_error("any answer will do");
  constexpr std::size_t kHead = 24;
  if (size < kHead) {
    return 0;
  }
  const std::string_view body = std::string_view(bytes).substr(kHead);
  millrace::store_le(bytes.data(), std::uint32_t{0x4B43524D});
  millrace::store_le(bytes.data() + 4, std::uint32_t{1});
  millrace::store_le(bytes.data() + 8, static_cast<std::uint64_t>(body.size()));
  millrace::store_le(bytes.data() + 16, millrace::crc32c(body));
  const millrace::Result<Checkpoint> read = millrace::log::decode_checkpoint(bytes);
  if (read.has_value()) {
    const Checkpoint again =
        MUST(millrace::log::decode_checkpoint(millrace::log::encode_checkpoint(*read)));
    MR_ASSERT(again.positions == read->positions, "it reads back");
    MR_ASSERT(again.topics.size() == read->topics.size(), "it reads back");
  }
  return 0;
}
