// A file that gzip has packed, read as if it were not.
//
// Reads are of unpacked offsets and go forward; a small step back is served from what was unpacked
// last, a larger one unpacks from the start again. Several members in one file are one text, as
// gzip has it. The size of the unpacked text is not known before its end: size() is kUnsupported.
//
// A small file can hold a text that fills any disk. Beyond kFreeBytes the text may be at most
// kRatioMax times the file.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/files.h"

namespace millrace::io {

/// Names that end in .gz.
bool is_gzip_name(std::string_view path);

/// Read-only. Owned by one thread.
class GzipFile final : public File {
 public:
  /// How far back is cheap.
  static constexpr std::size_t kHistoryBytes = 1U << 20U;
  static constexpr std::uint64_t kFreeBytes = 1ULL << 30U;
  static constexpr std::uint64_t kRatioMax = 200;

  /// REQUIRES: nobody changes the file while it is read
  explicit GzipFile(std::unique_ptr<File> packed);
  ~GzipFile() override;

  /// Errors: kCorruption (no gzip, a wrong checksum, cut off), kExhausted (a text that is too
  /// large for its file), and those of the packed file.
  Result<std::size_t> pread(std::span<char> into, std::uint64_t offset) override;

  /// kUnsupported, all of them.
  Result<void> pwrite(std::string_view bytes, std::uint64_t offset) override;
  Result<void> pwritev(std::span<const std::string_view> parts, std::uint64_t offset) override;
  Result<void> sync_data() override;
  Result<void> sync_all() override;
  Result<void> truncate(std::uint64_t size) override;
  Result<void> allocate(std::uint64_t offset, std::uint64_t size) override;
  [[nodiscard]] Result<std::uint64_t> size() override;
  Result<std::unique_ptr<FileView>> view() override;

 private:
  struct Inflater;  // zlib's state.

  void rewind();
  /// Unpacks more behind text_; false at the end.
  Result<bool> unpack();
  Result<bool> take_input();

  std::unique_ptr<File> packed_;
  std::unique_ptr<Inflater> inflater_;
  std::string input_;
  std::uint64_t input_offset_ = 0;  // In the packed file, behind input_.
  std::string text_;                // The last unpacked bytes.
  std::uint64_t text_offset_ = 0;   // Of text_, unpacked.
  bool ended_ = false;
};

/// Opens for reading; one whose name ends in .gz is unpacked.
Result<std::unique_ptr<File>> open_unpacked(Files& files, const std::string& path);

}  // namespace millrace::io
