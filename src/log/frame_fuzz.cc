#include "log/detail/frame.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"

namespace {

void walk(std::string_view payload) {
  millrace::log::EntryReader reader(payload);
  millrace::log::Entry entry;
  while (true) {
    const millrace::Result<bool> more = reader.next(entry);
    if (!more || !*more) {
      return;
    }
    MR_ASSERT(entry.bytes_at + entry.bytes.size() <= payload.size(), "a batch beyond the payload");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  std::size_t frame = 0;
  if (millrace::log::read_frame(bytes, 5, 0xABCD, frame) == millrace::log::FrameStatus::kFrame) {
    MR_ASSERT(frame <= bytes.size(), "a frame beyond the bytes");
    walk(std::string_view(bytes).substr(0, frame).substr(millrace::log::kFrameHeaderBytes));
  }
  walk(bytes);
  if (size > millrace::log::kFrameHeaderBytes) {
    millrace::log::seal_frame(bytes.data(), bytes.size(), 5, 0xABCD);
    MR_ASSERT(
        millrace::log::read_frame(bytes, 5, 0xABCD, frame) == millrace::log::FrameStatus::kFrame,
        "a sealed frame is one");
  }
  return 0;
}
