// SQLite on io::Files: the same library and the same database format, on a disk whose power can
// fail (io/sim_files.h).
//
// It does what SQLite's unix VFS does, sync by sync: a rollback journal or WAL that is new has its
// folder synced with its first own sync, and a delete syncs the folder when SQLite says so. Locks
// and shared memory (the index of a WAL) live in the heap, shared by the connections of this
// process and gone with the last of them, as they are when a process dies.
#pragma once

#include <memory>
#include <string>

namespace millrace::io {
class Files;
}  // namespace millrace::io

namespace millrace::sqlite {

/// A VFS that is registered with SQLite as long as it lives. `files` must outlive it, and it the
/// connections that use it. Thread-safe.
class FilesVfs {
 public:
  /// The one for these files: connections that shall see each other's locks share it.
  static std::shared_ptr<FilesVfs> for_files(io::Files& files);

  FilesVfs(const FilesVfs&) = delete;
  FilesVfs& operator=(const FilesVfs&) = delete;
  ~FilesVfs();

  /// For sqlite3_open_v2.
  [[nodiscard]] const std::string& name() const;

  struct Rep;

 private:
  explicit FilesVfs(io::Files& files);

  std::unique_ptr<Rep> rep_;
};

}  // namespace millrace::sqlite
