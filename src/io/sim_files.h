// A disk in memory whose power can fail. From one seed it loses whatever a real disk and kernel
// may lose, and more often.
//
// What is there after crash(), beside all that was synced:
//  * of each 512-byte sector written since the last sync of its file: the old bytes, the new ones,
//    those of a write in between, or a part of each (a torn sector);
//  * of each file: its size at the last sync, or any size that it has had since;
//  * of creates, removes and renames since the last sync_dir of their folder: any subset, each
//    whole, in their order. A rename between two folders is whole until one of them is synced.
// Sectors, sizes and names are chosen independently, so a name may be there and its bytes not.
// After a sync that failed, later good ones do not make durable what the failed one should have
// (the kernel may have dropped the pages), until it is written again.
//
// Handles that were open when the power failed give kIo for ever, and locks are free again.
//
//   SimFiles disk(seed);
//   disk.power_off_at(disk.operations() + 17);  // the 17th operation from here, and all after it
//   run(disk);                                  // stops with an error somewhere
//   disk.crash();                               // power comes back
//   check(disk);
//
// Tested by sim_files_test.cc against a naive list of all writes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "io/files.h"

namespace millrace::io {

/// Thread-safe; a run repeats only if its calls come in one order.
class SimFiles final : public Files {
 public:
  enum class SyncKind : std::uint8_t {
    kFile,
    kDirectory
  };

  static constexpr std::uint64_t kSector = 512;

  explicit SimFiles(std::uint64_t seed);
  ~SimFiles() override;

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

  /// The power fails, if it has not before, and comes back.
  void crash();

  /// How many operations of files and folders were begun since the start.
  [[nodiscard]] std::uint64_t operations() const;

  /// The power fails in operation number `operation` (operations() + 1 is the next one): it may
  /// have had its effect, and it and all later ones give kIo until crash().
  void power_off_at(std::uint64_t operation);

  /// This one operation gives an error: a write after any part of it, a sync without effect, the
  /// others before they begin. 0 takes it back.
  void fail_at(std::uint64_t operation, ErrorCode code = ErrorCode::kIo);

  /// Sizes of all files together beyond this give kExhausted. Without it the disk has no end.
  void set_capacity(std::uint64_t bytes);

  /// Whatever changes the disk gives kPermissionDenied.
  void set_read_only(bool read_only);

  /// Mutation check: from now on, syncs of this kind whose path contains `path_part` ("" = all; a $
  /// at its end stands for the end of the path) report success and do nothing. sync_disk counts as
  /// both kinds, for the path of each file.
  void disable_sync(SyncKind kind, std::string path_part);

  struct Rep;

 private:
  // Shared by the disk and the handles of its open files, which may outlive it.
  std::shared_ptr<Rep> rep_;
};

}  // namespace millrace::io
