// The write-ahead log's files: a ring of slots that are filled with zeros in advance and used again
// and again (docs/format/wal.md).
//
// Writing into a file that has its size and its blocks already needs no journal of the file system
// at fdatasync: half the time of a growing file, and a far shorter tail. Hence files are prepared
// in the background and recycled after their frames are in segments.
//
// What makes recycling safe. Each time a slot is put to use its first sector gets a new id, larger
// than any before, the sequence of its first frame, and a random salt, which every frame carries.
// Reading back goes by id:
//   * a frame counts only with the salt of its file and the sequence that follows the last one;
//   * a frame of a file does not count from the first sequence of any later file on: the writer
//     began again there, because it could not trust a failed sync, or because a crash had lost
//     what came after;
//   * before a file comes into use all frames before it are synced; so a file whose first sequence
//     lies beyond the next one means that the disk has lost what it had promised: kCorruption.
// The first frame that does not count ends the log. All that was acknowledged was synced, in order,
// before; so nothing acknowledged lies behind it.
//
// Tested by wal_test.cc and the crash tests; wal_fuzz.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "io/files.h"
#include "log/detail/frame.h"

namespace millrace::log {

inline constexpr std::uint64_t kWalHeaderBytes = 512;

/// One slot. The log thread changes it; readers of batches share file and size only.
struct WalFile {
  std::string path = {};
  std::shared_ptr<io::File> file =
      {};  // Shared with readers of batches that are in no segment yet.
  std::uint64_t size = 0;
  std::uint64_t id = 0;  ///< 0: never used.
  std::uint64_t first_sequence = 0;
  std::uint64_t last_sequence = 0;  ///< Of the last frame that counts; below the first: none.
  std::uint64_t salt = 0;
  std::uint64_t end = kWalHeaderBytes;
};

// Shared by the Wal and by the batches of the tail that lie in it: a slot that is still shared is
// not used again.
using WalFilePtr = std::shared_ptr<WalFile>;

struct WalOptions {
  std::string directory = {};
  std::uint64_t first_file_bytes = 4ULL << 20;
  std::uint64_t file_bytes = 32ULL << 20;
  std::uint64_t bytes_max = 256ULL << 20;
};

/// The header sector.
std::string encode_wal_header(const WalFile& file);
/// False when it is none.
bool decode_wal_header(std::string_view sector, WalFile& file);

/// Where a frame was put.
struct WalPlace {
  WalFilePtr file = {};
  std::uint64_t at = 0;
};

/// A place between two frames: what lies before it is in segments.
struct WalMark {
  std::uint64_t sequence = 0;  ///< Of the last frame before it.
  std::uint64_t file_id = 0;   ///< 0: before all.
  std::uint64_t at = 0;        ///< In that file.

  friend bool operator==(const WalMark&, const WalMark&) = default;
};

/// A frame as it is read back. `payload` lives until the visitor returns.
struct WalFrame {
  std::uint64_t sequence = 0;
  std::string_view payload = {};
  WalFilePtr file = {};
  std::uint64_t payload_at = 0;  ///< In the file.
};

using WalVisitor = std::function<Result<void>(const WalFrame&)>;

/// Owned by one thread, but for prepare().
class Wal {
 public:
  static Result<std::unique_ptr<Wal>> open(io::Files& files, WalOptions options, Random& random);

  /// Gives every frame behind the mark that counts, in order; writing goes on behind the last, in
  /// another file. Call it once, before anything else. kCorruption: frames are missing.
  Result<void> replay(const WalMark& mark, const WalVisitor& visit);

  /// Where the durable frames end. REQUIRES: nothing is written that is not synced
  [[nodiscard]] WalMark mark() const;

  /// Makes the current file one that has room for a frame of `bytes`. False: there is none now;
  /// wait for add_prepared() or release().
  Result<bool> reserve(std::uint64_t bytes);

  /// Seals the frame and queues it for write(). The frame must stay where it is until then.
  /// REQUIRES: reserve(size) was true
  WalPlace append(char* frame, std::size_t size);

  /// Writes what was queued; sync() makes it durable. After an error of either, none of the frames
  /// since the last good sync() count: forget them with abandon().
  Result<void> write();
  Result<void> sync();
  void abandon();

  /// All frames up to the mark are in segments, and CHECKPOINT says so: their files may be used
  /// again. Gives the paths of files that are no longer wanted, for the background to remove.
  /// A file that the mark lies in stays, for it may hold frames that were synced and yet forgotten
  /// (abandon()), and the header of a later file may say that they are there.
  std::vector<std::string> release(const WalMark& mark);

  /// The size of a file that should be prepared now; 0: none. `ahead`: also while the current one
  /// has much room.
  [[nodiscard]] std::uint64_t wanted_file_bytes(bool ahead = false) const;
  /// The name of the next new file.
  std::string next_path();
  void add_prepared(WalFilePtr file);

  /// Makes a file of zeros, durable with its name. Thread-safe. Done when it gives true; call it
  /// again otherwise (each call writes a part).
  static Result<bool> prepare(io::Files& files, WalFile& file, std::uint64_t bytes);

  [[nodiscard]] std::uint64_t next_sequence() const { return next_sequence_; }

  /// The last sequence that is durable.
  [[nodiscard]] std::uint64_t synced_sequence() const { return synced_sequence_; }

  /// Bytes in files whose frames are not released.
  [[nodiscard]] std::uint64_t used_bytes() const;
  [[nodiscard]] std::uint64_t total_bytes() const;

 private:
  Wal(io::Files& files, WalOptions options, Random& random)
      : files_(files), options_(std::move(options)), random_(random) {}

  Result<void> read_slots();
  Result<void> replay_file(const WalFilePtr& file,
                           std::uint64_t until,
                           const WalMark& mark,
                           std::uint64_t& next,
                           const WalVisitor& visit);
  Result<void> sync_dirty();
  Result<WalFilePtr> make_file(std::uint64_t bytes);
  Result<bool> take_free(std::uint64_t bytes);
  Result<void> activate(WalFilePtr file);
  void retire_current();

  io::Files& files_;
  const WalOptions options_;
  Random& random_;
  WalFilePtr current_;
  std::vector<WalFilePtr> full_;  // Oldest first.
  std::vector<WalFilePtr> free_;
  std::vector<WalFilePtr> dirty_;  // Written since the last sync.
  std::vector<std::string_view> queued_;
  std::uint64_t queued_at_ = 0;
  bool starved_ = false;  // A frame waits, and no release() will help it.
  bool waiting_ = false;  // A frame waits.
  std::uint64_t next_sequence_ = 1;
  std::uint64_t synced_sequence_ = 0;
  std::uint64_t last_id_ = 0;
  std::uint64_t last_number_ = 0;  // In file names.
};

}  // namespace millrace::log
