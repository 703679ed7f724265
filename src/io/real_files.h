// Files of the operating system.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "io/files.h"

namespace millrace::io {

/// POSIX. Thread-safe.
class RealFiles final : public Files {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Result<std::vector<DirEntry>> list(const std::string& path) override;
  Result<void> make_dir(const std::string& path) override;
  Result<void> remove(const std::string& path) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> sync_dir(const std::string& path) override;
  Result<void> sync_disk(const std::string& path) override;
  Result<FileStat> stat(const std::string& path) override;
  Result<std::uint64_t> free_bytes(const std::string& path) override;
  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override;
};

}  // namespace millrace::io
