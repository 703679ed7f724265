#include "base/utf8.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "base/json_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string mended = millrace::to_valid_utf8(text);
  MR_ASSERT(millrace::is_valid_utf8(mended));
  MR_ASSERT(millrace::is_valid_utf8(text) == (mended == text));
  std::size_t points = 0;
  std::string again;
  for (std::size_t at = 0; at < mended.size(); ++points) {
    millrace::append_utf8(again, millrace::next_code_point(mended, at));
  }
  MR_ASSERT(again == mended && points == millrace::utf8_length(mended));
  MR_ASSERT(millrace::is_valid_utf8(millrace::json_string(text)));
  std::string ascii;
  millrace::append_json_string_ascii(ascii, text);
  for (const char c : ascii) {
    MR_ASSERT(c >= ' ' && c <= '~');
  }
  return 0;
}
