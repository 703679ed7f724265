// The only door to the disk. Code that keeps data takes a Files&: RealFiles (real_files.h) in the
// program, SimFiles (sim_files.h) where a test wants the power to fail.
//
// What is durable is the caller's business, and it is more than most code thinks of:
//
//   const auto file = TRY(files.open("wal/7.log", OpenMode::kExclusive));
//   TRY(file->pwrite(bytes, 0));
//   TRY(file->sync_data());          // the bytes, and the size of the file
//   TRY(files.sync_dir("wal"));      // the name 7.log; before this, a crash may lose the file
//   whole
//
// A failed sync_data means: what was written since the last good one may be lost, and a second
// sync_data that succeeds says nothing about it (the kernel may have dropped the pages). Whoever
// meets one must take these bytes for not written.
//
// Every operation passes a fault point (base/fault.h): file.open, file.read, file.write, file.sync,
// file.truncate, file.allocate, file.rename, file.remove, file.make_dir, file.sync_dir, file.list,
// file.stat, file.lock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace millrace::io {

enum class OpenMode : std::uint8_t {
  kRead,       ///< Must exist.
  kReadWrite,  ///< Must exist.
  kCreate,     ///< Read and write; made when it is missing.
  kExclusive,  ///< Read and write; kAlreadyExists when it is there.
};

/// Bytes of a whole file in memory, as they were when it was made. Immutable.
class FileView {
 public:
  FileView() = default;
  FileView(const FileView&) = delete;
  FileView& operator=(const FileView&) = delete;
  virtual ~FileView() = default;

  [[nodiscard]] virtual std::string_view bytes() const = 0;
};

/// An open file; closed by its destructor, which syncs nothing. Errors: kIo, kExhausted (the disk
/// is full). Thread-safe as pread and pwrite are: who writes where another reads may see a mixture.
class File {
 public:
  File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  virtual ~File() = default;

  /// Reads at `offset` until `into` is full or the file ends; the number of bytes read.
  virtual Result<std::size_t> pread(std::span<char> into, std::uint64_t offset) = 0;

  /// Writes all of it at `offset`; a gap before it reads as zeros. After an error any part of it
  /// may be there.
  virtual Result<void> pwrite(std::string_view bytes, std::uint64_t offset) = 0;

  /// Writes the parts one after the other from `offset` on.
  virtual Result<void> pwritev(std::span<const std::string_view> parts, std::uint64_t offset) = 0;

  /// Makes bytes and size durable (fdatasync).
  virtual Result<void> sync_data() = 0;

  /// Makes bytes, size and times durable (fsync).
  virtual Result<void> sync_all() = 0;

  /// Cuts it, or lets it grow with zeros.
  virtual Result<void> truncate(std::uint64_t size) = 0;

  /// Takes room on the disk for [offset, offset + size) and lets the file grow to it with zeros, so
  /// that later writes there need no more room. Bytes that are there stay.
  virtual Result<void> allocate(std::uint64_t offset, std::uint64_t size) = 0;

  [[nodiscard]] virtual Result<std::uint64_t> size() = 0;

  /// A read-only view of the whole file (mmap). REQUIRES: nobody cuts the file while it lives
  virtual Result<std::unique_ptr<FileView>> view() = 0;
};

/// Held until it goes out of scope or the process ends.
class FileLock {
 public:
  FileLock() = default;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  virtual ~FileLock() = default;
};

struct DirEntry {
  std::string name;
  bool is_directory = false;

  friend bool operator==(const DirEntry&, const DirEntry&) = default;
};

struct FileStat {
  std::uint64_t size = 0;
  bool is_directory = false;
  std::int64_t modified_us = 0;  ///< Wall clock; 0 in simulation.
  std::uint64_t inode = 0;
};

/// A tree of files. Errors: kNotFound, kAlreadyExists, kPermissionDenied (also of a read-only
/// disk), kExhausted (disk full, too many open files), kIo. Thread-safe.
class Files {
 public:
  Files() = default;
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;
  virtual ~Files() = default;

  virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;

  /// Entries of a folder, by name.
  virtual Result<std::vector<DirEntry>> list(const std::string& path) = 0;

  /// One folder, whose parent is there.
  virtual Result<void> make_dir(const std::string& path) = 0;

  /// A file, or an empty folder. Those who have it open keep it.
  virtual Result<void> remove(const std::string& path) = 0;

  /// Gives a file or folder another name, in place of the file that has it. One step: the target is
  /// the old file or the new one, at every moment and after a crash.
  virtual Result<void> rename(const std::string& from, const std::string& to) = 0;

  /// Makes the names in this folder durable: creates, renames, removes.
  virtual Result<void> sync_dir(const std::string& path) = 0;

  /// Makes everything durable that was written before to the disk that holds `path` (syncfs): for
  /// checkpoints of many files.
  virtual Result<void> sync_disk(const std::string& path) = 0;

  virtual Result<FileStat> stat(const std::string& path) = 0;

  /// What an ordinary user may still write to the disk that holds `path`.
  virtual Result<std::uint64_t> free_bytes(const std::string& path) = 0;

  /// Takes a lock that one process at a time can hold, and writes the own pid into the file.
  /// kConflict when another (or this) process holds it; lock_holder() tells which.
  virtual Result<std::unique_ptr<FileLock>> lock(const std::string& path) = 0;
};

/// The pid that the holder of a lock wrote; 0 when the file is empty or no number.
Result<std::int64_t> lock_holder(Files& files, const std::string& path);

/// False when it is not there; other failures are errors.
Result<bool> exists(Files& files, const std::string& path);

/// A whole file. kExhausted when it is longer than `bytes_max`.
Result<std::string> read_all(Files& files, const std::string& path, std::uint64_t bytes_max);

/// Reads exactly so many bytes; kCorruption when the file ends before.
Result<void> read_exactly(File& file, std::span<char> into, std::uint64_t offset);

/// Puts a file with these bytes in the place of `path`, through `path`.tmp: durable when it
/// returns; after a crash the old bytes or the new ones.
Result<void> write_atomically(Files& files, const std::string& path, std::string_view bytes);

/// Makes a folder and those above it that are missing, each durable in its parent.
Result<void> make_dirs(Files& files, const std::string& path);

/// Removes a file, or a folder with all that is in it; no error when it is not there.
Result<void> remove_all(Files& files, const std::string& path);

/// "a/b" for "a/b/c", "." for "c", "/" for "/c".
std::string parent_path(std::string_view path);

}  // namespace millrace::io
