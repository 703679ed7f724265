// SQLite on io::Files: the same library and the same database format, on a disk whose power can
// fail (io/sim_files.h).
#pragma once

#include <memory>
#include <string>

namespace millrace::io {
class Files;
}  // namespace millrace::io

namespace millrace::sqlite {

/// A VFS of SQLite that reads and writes through `files`, registered under a name of its own as
/// long as it lives. One process, one connection for each file at a time: its locks and its shared
/// memory (the index of a WAL) live in the heap. REQUIRES: outlives the databases that use it, and
/// `files` outlives it. Thread-safe.
class FilesVfs {
 public:
  explicit FilesVfs(io::Files& files);
  FilesVfs(const FilesVfs&) = delete;
  FilesVfs& operator=(const FilesVfs&) = delete;
  ~FilesVfs();

  [[nodiscard]] const std::string& name() const;

  struct Rep;

 private:
  std::unique_ptr<Rep> rep_;
};

}  // namespace millrace::sqlite
