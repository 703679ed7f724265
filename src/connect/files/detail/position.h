// How far each file was read, as JSON text in the cursor of a files source.
//
// A file is known by its inode, so that one that was renamed goes on where it was, and by a
// checksum of its first bytes, so that another one that was given a freed inode is not taken for
// it. Entries of files that are gone are dropped. Of more than kEntriesMax files, those that were
// finished and changed longest ago are remembered only by the time of that change: a file that is
// not in the list and not younger than that is taken for finished.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::connect::files::detail {

inline constexpr std::size_t kEntriesMax = 800;
/// How many of the first bytes make the checksum.
inline constexpr std::uint64_t kHeadBytesMax = 256;

struct FileEntry {
  std::uint64_t offset = 0;  ///< Where the next record begins; of a packed file in its text.
  std::int64_t modified_us = 0;
  std::uint64_t head_bytes = 0;  ///< So many of the first bytes are in `head_crc`.
  std::uint32_t head_crc = 0;
  std::uint64_t packed_bytes = 0;  ///< The size of a packed file whose text was read to its end.

  friend bool operator==(const FileEntry&, const FileEntry&) = default;
};

struct FilesPosition {
  std::map<std::uint64_t, FileEntry> files;  ///< By inode.
  std::int64_t finished_us = 0;  ///< Files that changed no later and are not listed are finished.

  friend bool operator==(const FilesPosition&, const FilesPosition&) = default;
};

std::string format_position(const FilesPosition& position);

/// Nothing when the text is not one; an empty text is the start.
std::optional<FilesPosition> parse_position(std::string_view cursor);

}  // namespace millrace::connect::files::detail
