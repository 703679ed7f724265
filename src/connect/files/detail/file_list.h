// The files that a path means: one file, those of a folder, those of a pattern.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/files.h"

namespace millrace::connect::files::detail {

enum class FileOrder : std::uint8_t {
  kName,
  kTime,  ///< Of the last change, oldest first; those of one moment by name.
};

struct ListOptions {
  std::string path = {};         ///< Absolute, or relative to the process.
  std::string name_filter = {};  ///< A pattern that names must match; empty: all.
  bool recursive = false;
  FileOrder order = FileOrder::kName;
};

struct FoundFile {
  std::string path;
  io::FileStat stat;
};

inline constexpr std::size_t kFilesMax = 100'000;

/// Names that begin with `_` or `.` are left out, as Spark does, unless the path names the file
/// itself. Errors: kNotFound (nothing is at the path, or matches), kExhausted (more than kFilesMax
/// files).
Result<std::vector<FoundFile>> list_files(io::Files& files, const ListOptions& options);

}  // namespace millrace::connect::files::detail
