#include "log/detail/wal.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "io/sim_files.h"

// Any bytes as a file of the write-ahead log, behind a header that fits: frames come in sequence,
// and writing goes on afterwards.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;       // NOLINT(google-build-using-namespace): C linkage
  using namespace millrace::log;  // NOLINT(google-build-using-namespace)
  io::SimFiles files(1);
  Random random(1);
  MUST(io::make_dirs(files, "w"));
  {
    const auto file = MUST(files.open("w/00000001.wal", io::OpenMode::kCreate));
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    MUST(file->pwrite(encode_wal_header({.id = 1, .first_sequence = 5, .salt = 0xABCD}), 0));
    MUST(file->pwrite(bytes, kWalHeaderBytes));
    // The same as another file, whose header is whatever it is.
    const auto other = MUST(files.open("w/00000002.wal", io::OpenMode::kCreate));
    MUST(other->pwrite(bytes, 0));
  }
  const auto wal = MUST(Wal::open(
      files,
      {.directory = "w", .first_file_bytes = 4096, .file_bytes = 4096, .bytes_max = 1 << 20},
      random));
  std::uint64_t expected = 5;
  const Result<void> replayed =
      wal->replay({.sequence = 4}, [&](const WalFrame& frame) -> Result<void> {
        MR_ASSERT(frame.sequence == expected, "frame {} after {}", frame.sequence, expected - 1);
        ++expected;
        return {};
      });
  if (!replayed) {
    return 0;
  }
  MR_ASSERT(wal->next_sequence() == expected, "goes on at {}", wal->next_sequence());
  std::string frame;
  FrameWriter(frame).add_position("a", "b");
  if (MUST(wal->reserve(frame.size()))) {
    wal->append(frame.data(), frame.size());
    MUST(wal->write());
    MUST(wal->sync());
  }
  return 0;
}
