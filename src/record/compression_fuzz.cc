#include "record/compression.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"

// The first byte chooses the codec.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace::record;  // NOLINT(google-build-using-namespace): C linkage
  constexpr std::size_t kLimit = 1U << 18;
  if (size == 0) {
    return 0;
  }
  const auto codec = static_cast<Compression>(data[0] % 5);
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const millrace::Result<std::string> out = decompress(codec, bytes, kLimit);
  if (out.has_value()) {
    MR_ASSERT(out->size() <= kLimit, "{} bytes", out->size());
    if (!out->empty()) {
      const std::string packed = MUST(compress(codec, *out));
      MR_ASSERT(MUST(decompress(codec, packed, kLimit)) == *out, "it reads back");
    }
  }
  return 0;
}
