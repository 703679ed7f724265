// Any bytes as a packed file: an error or a text, never more than the limit.
#include "io/gzip_file.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "io/sim_files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  millrace::io::SimFiles files(1);
  auto plain = files.open("a.gz", millrace::io::OpenMode::kCreate);
  if (!plain || !(*plain)->pwrite({reinterpret_cast<const char*>(data), size}, 0)) {
    return 0;
  }
  auto file = millrace::io::open_unpacked(files, "a.gz");
  if (!file) {
    return 0;
  }
  std::string text(64U << 10U, '\0');
  for (std::uint64_t offset = 0; offset < (8U << 20U);) {
    const auto got = (*file)->pread(std::span(text.data(), text.size()), offset);
    if (!got || *got == 0) {
      break;
    }
    offset += *got;
  }
  return 0;
}
