#include "sqlite/vfs.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include <sqlite3.h>

#include "base/assert.h"
#include "base/mutex.h"
#include "io/files.h"

namespace millrace::sqlite {
namespace detail {

// What the connections to one file share: its lock and, for a database in WAL mode, its index.
struct VfsShared {
  int readers = 0;                 // connections at SQLITE_LOCK_SHARED or above
  const void* reserved = nullptr;  // at most one connection is above it
  bool pending = false;            // no new readers, please
  std::vector<std::unique_ptr<char[]>> regions;
  std::array<int, SQLITE_SHM_NLOCK> shm_readers{};
  std::array<const void*, SQLITE_SHM_NLOCK> shm_writer{};
};

}  // namespace detail

namespace {

using Shared = detail::VfsShared;

constexpr int kPathMax = 1024;
constexpr int kSectorBytes = 4096;  // as the unix VFS says

// An open file. SQLite gives the memory for VfsFile, which only points here.
struct OpenFile {
  FilesVfs::Rep* vfs;
  std::unique_ptr<io::File> file;
  std::string path;
  std::shared_ptr<Shared> shared;  // with the other connections to it
  int level = SQLITE_LOCK_NONE;
  unsigned shm_shared = 0;  // bits of the shared memory's locks that it holds
  unsigned shm_exclusive = 0;
  bool sync_folder = false;  // at the next sync: its name is new
  bool remove_on_close = false;
};

struct VfsFile {
  sqlite3_file base;
  OpenFile* open;
};

OpenFile& open_of(sqlite3_file* file) {
  return *reinterpret_cast<VfsFile*>(file)->open;
}

int sqlite_code_of(const Error& error, int otherwise) {
  switch (error.code()) {
    case ErrorCode::kExhausted:
      return SQLITE_FULL;
    case ErrorCode::kPermissionDenied:
      return SQLITE_READONLY;
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kNotFound:
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kCorruption:
    case ErrorCode::kIo:
    case ErrorCode::kTimeout:
    case ErrorCode::kCancelled:
    case ErrorCode::kUnavailable:
    case ErrorCode::kConflict:
    case ErrorCode::kUnsupported:
    case ErrorCode::kInternal:
      break;
  }
  return otherwise;
}

int sqlite_code_of(const Result<void>& result, int otherwise) {
  return result ? SQLITE_OK : sqlite_code_of(result.error(), otherwise);
}

}  // namespace

struct FilesVfs::Rep {
  explicit Rep(io::Files& the_files) : files(the_files) {}

  std::shared_ptr<Shared> share(const std::string& path) {
    const MutexLock lock(mutex);
    std::erase_if(shared, [](const auto& entry) { return entry.second.expired(); });
    std::shared_ptr<Shared> found = shared[path].lock();
    if (!found) {
      found = std::make_shared<Shared>();
      shared[path] = found;
    }
    return found;
  }

  io::Files& files;
  std::string name;
  sqlite3_vfs vfs{};
  std::atomic<int> temporary{0};
  Mutex mutex;  // guards also what is in each Shared
  std::map<std::string, std::weak_ptr<Shared>> shared MR_GUARDED_BY(mutex);
};

namespace {

FilesVfs::Rep& rep_of(sqlite3_vfs* vfs) {
  return *static_cast<FilesVfs::Rep*>(vfs->pAppData);
}

// --- A file -------------------------------------------------------------------------------------

int close_file(sqlite3_file* file) {
  const std::unique_ptr<OpenFile> open(&open_of(file));
  reinterpret_cast<VfsFile*>(file)->open = nullptr;
  open->file.reset();
  if (open->remove_on_close) {
    open->vfs->files.remove(open->path).ignore_error("a temporary file; nobody knows its name");
  }
  return SQLITE_OK;
}

int read_file(sqlite3_file* file, void* into, int count, sqlite3_int64 offset) {
  const std::span<char> buffer(static_cast<char*>(into), static_cast<std::size_t>(count));
  const auto got = open_of(file).file->pread(buffer, static_cast<std::uint64_t>(offset));
  if (!got) {
    return sqlite_code_of(got.error(), SQLITE_IOERR_READ);
  }
  if (*got < buffer.size()) {
    std::ranges::fill(buffer.subspan(*got), '\0');
    return SQLITE_IOERR_SHORT_READ;
  }
  return SQLITE_OK;
}

int write_file(sqlite3_file* file, const void* from, int count, sqlite3_int64 offset) {
  const std::string_view bytes(static_cast<const char*>(from), static_cast<std::size_t>(count));
  return sqlite_code_of(open_of(file).file->pwrite(bytes, static_cast<std::uint64_t>(offset)),
                        SQLITE_IOERR_WRITE);
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  return sqlite_code_of(open_of(file).file->truncate(static_cast<std::uint64_t>(size)),
                        SQLITE_IOERR_TRUNCATE);
}

int sync_file(sqlite3_file* file, int flags) {
  OpenFile& open = open_of(file);
  const bool data_only = (flags & SQLITE_SYNC_DATAONLY) != 0;
  const auto synced = data_only ? open.file->sync_data() : open.file->sync_all();
  if (!synced) {
    return sqlite_code_of(synced, SQLITE_IOERR_FSYNC);
  }
  if (open.sync_folder) {
    open.sync_folder = false;
    return sqlite_code_of(open.vfs->files.sync_dir(io::parent_path(open.path)),
                          SQLITE_IOERR_DIR_FSYNC);
  }
  return SQLITE_OK;
}

int size_of_file(sqlite3_file* file, sqlite3_int64* size) {
  const auto bytes = open_of(file).file->size();
  if (!bytes) {
    return sqlite_code_of(bytes.error(), SQLITE_IOERR_FSTAT);
  }
  *size = static_cast<sqlite3_int64>(*bytes);
  return SQLITE_OK;
}

int control_file(sqlite3_file* /*file*/, int /*operation*/, void* /*argument*/) {
  return SQLITE_NOTFOUND;
}

int sector_size(sqlite3_file* /*file*/) {
  return kSectorBytes;
}

int characteristics(sqlite3_file* /*file*/) {
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

// --- Locks: SHARED, RESERVED, PENDING, EXCLUSIVE, as sqlite.org/lockingv3.html tells
// --------------

int lock_file(sqlite3_file* file, int level) {
  OpenFile& open = open_of(file);
  const MutexLock lock(open.vfs->mutex);
  Shared& shared = *open.shared;
  if (open.level >= level) {
    return SQLITE_OK;
  }
  if (open.level == SQLITE_LOCK_NONE) {
    if (shared.pending) {
      return SQLITE_BUSY;
    }
    ++shared.readers;
    open.level = SQLITE_LOCK_SHARED;
  }
  if (level == SQLITE_LOCK_SHARED) {
    return SQLITE_OK;
  }
  if (shared.reserved != nullptr && shared.reserved != &open) {
    return SQLITE_BUSY;
  }
  shared.reserved = &open;
  open.level = std::max(open.level, SQLITE_LOCK_RESERVED);
  if (level == SQLITE_LOCK_RESERVED) {
    return SQLITE_OK;
  }
  shared.pending = true;
  open.level = SQLITE_LOCK_PENDING;
  if (shared.readers > 1) {
    return SQLITE_BUSY;
  }
  open.level = level;
  return SQLITE_OK;
}

void unlock_to(OpenFile& open, int level) {
  Shared& shared = *open.shared;
  if (open.level > SQLITE_LOCK_SHARED && level <= SQLITE_LOCK_SHARED) {
    shared.reserved = nullptr;
    shared.pending = false;
  }
  if (open.level >= SQLITE_LOCK_SHARED && level == SQLITE_LOCK_NONE) {
    --shared.readers;
  }
  open.level = std::min(open.level, level);
}

int unlock_file(sqlite3_file* file, int level) {
  OpenFile& open = open_of(file);
  const MutexLock lock(open.vfs->mutex);
  unlock_to(open, level);
  return SQLITE_OK;
}

int check_reserved(sqlite3_file* file, int* result) {
  const OpenFile& open = open_of(file);
  const MutexLock lock(open.vfs->mutex);
  *result = open.shared->reserved != nullptr ? 1 : 0;
  return SQLITE_OK;
}

// --- Shared memory -------------------------------------------------------------------------------

int map_shm(sqlite3_file* file, int region, int bytes, int extend, volatile void** at) {
  OpenFile& open = open_of(file);
  const MutexLock lock(open.vfs->mutex);
  auto& regions = open.shared->regions;
  const auto index = static_cast<std::size_t>(region);
  if (index >= regions.size() && extend == 0) {
    *at = nullptr;
    return SQLITE_OK;
  }
  while (index >= regions.size()) {
    regions.push_back(std::make_unique<char[]>(static_cast<std::size_t>(bytes)));
  }
  *at = regions[index].get();
  return SQLITE_OK;
}

int unlock_shm(OpenFile& open, int offset, int count) {
  Shared& shared = *open.shared;
  for (int slot = offset; slot < offset + count; ++slot) {
    const unsigned bit = 1U << static_cast<unsigned>(slot);
    const auto index = static_cast<std::size_t>(slot);
    if ((open.shm_shared & bit) != 0) {
      --shared.shm_readers[index];
    }
    if ((open.shm_exclusive & bit) != 0) {
      shared.shm_writer[index] = nullptr;
    }
    open.shm_shared &= ~bit;
    open.shm_exclusive &= ~bit;
  }
  return SQLITE_OK;
}

int lock_shm(sqlite3_file* file, int offset, int count, int flags) {
  OpenFile& open = open_of(file);
  const MutexLock lock(open.vfs->mutex);
  if ((flags & SQLITE_SHM_UNLOCK) != 0) {
    return unlock_shm(open, offset, count);
  }
  Shared& shared = *open.shared;
  const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  for (int slot = offset; slot < offset + count; ++slot) {
    const auto index = static_cast<std::size_t>(slot);
    const bool own_read = ((open.shm_shared >> static_cast<unsigned>(slot)) & 1U) != 0;
    const bool others_read = shared.shm_readers[index] > (own_read ? 1 : 0);
    const bool other_writes =
        shared.shm_writer[index] != nullptr && shared.shm_writer[index] != &open;
    if (other_writes || (exclusive && others_read)) {
      return SQLITE_BUSY;
    }
  }
  for (int slot = offset; slot < offset + count; ++slot) {
    const unsigned bit = 1U << static_cast<unsigned>(slot);
    const auto index = static_cast<std::size_t>(slot);
    if (exclusive) {
      shared.shm_writer[index] = &open;
      open.shm_exclusive |= bit;
    } else if ((open.shm_shared & bit) == 0) {
      ++shared.shm_readers[index];
      open.shm_shared |= bit;
    }
  }
  return SQLITE_OK;
}

void barrier_shm(sqlite3_file* file) {
  const MutexLock lock(open_of(file).vfs->mutex);  // a lock taken and given back is a barrier
}

int unmap_shm(sqlite3_file* file, int remove) {
  OpenFile& open = open_of(file);
  const MutexLock lock(open.vfs->mutex);
  unlock_shm(open, 0, SQLITE_SHM_NLOCK);
  if (remove != 0) {
    open.shared->regions.clear();
  }
  return SQLITE_OK;
}

int close_and_unlock(sqlite3_file* file) {
  OpenFile& open = open_of(file);
  {
    const MutexLock lock(open.vfs->mutex);
    unlock_shm(open, 0, SQLITE_SHM_NLOCK);
    unlock_to(open, SQLITE_LOCK_NONE);
  }
  return close_file(file);
}

constexpr sqlite3_io_methods kMethods = {
    .iVersion = 2,
    .xClose = &close_and_unlock,
    .xRead = &read_file,
    .xWrite = &write_file,
    .xTruncate = &truncate_file,
    .xSync = &sync_file,
    .xFileSize = &size_of_file,
    .xLock = &lock_file,
    .xUnlock = &unlock_file,
    .xCheckReservedLock = &check_reserved,
    .xFileControl = &control_file,
    .xSectorSize = &sector_size,
    .xDeviceCharacteristics = &characteristics,
    .xShmMap = &map_shm,
    .xShmLock = &lock_shm,
    .xShmBarrier = &barrier_shm,
    .xShmUnmap = &unmap_shm,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

// --- The file system -----------------------------------------------------------------------------

io::OpenMode mode_of(int flags) {
  if ((flags & SQLITE_OPEN_CREATE) != 0) {
    return (flags & SQLITE_OPEN_EXCLUSIVE) != 0 ? io::OpenMode::kExclusive : io::OpenMode::kCreate;
  }
  return (flags & SQLITE_OPEN_READWRITE) != 0 ? io::OpenMode::kReadWrite : io::OpenMode::kRead;
}

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  FilesVfs::Rep& rep = rep_of(vfs);
  file->pMethods = nullptr;
  const std::string path =
      name != nullptr ? name : "sqlite-temporary-" + std::to_string(++rep.temporary);
  constexpr int kJournals = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
  const auto existed = io::exists(rep.files, path);
  if (!existed) {
    return sqlite_code_of(existed.error(), SQLITE_CANTOPEN);
  }
  auto opened = rep.files.open(path, mode_of(flags));
  if (!opened) {
    return sqlite_code_of(opened.error(), SQLITE_CANTOPEN);
  }
  auto open = std::make_unique<OpenFile>();
  open->vfs = &rep;
  open->file = std::move(*opened);
  open->path = path;
  open->shared = rep.share(path);
  open->sync_folder = !*existed && (flags & kJournals) != 0;
  open->remove_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
  reinterpret_cast<VfsFile*>(file)->open = open.release();
  file->pMethods = &kMethods;
  if (out_flags != nullptr) {
    *out_flags = flags;
  }
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* path, int sync_folder) {
  io::Files& files = rep_of(vfs).files;
  const auto removed = files.remove(path);
  if (!removed) {
    return removed.error().code() == ErrorCode::kNotFound
               ? SQLITE_IOERR_DELETE_NOENT
               : sqlite_code_of(removed.error(), SQLITE_IOERR_DELETE);
  }
  return sync_folder == 0
             ? SQLITE_OK
             : sqlite_code_of(files.sync_dir(io::parent_path(path)), SQLITE_IOERR_DIR_FSYNC);
}

int access_file(sqlite3_vfs* vfs, const char* path, int /*flags*/, int* result) {
  const auto found = io::exists(rep_of(vfs).files, path);
  if (!found) {
    return sqlite_code_of(found.error(), SQLITE_IOERR_ACCESS);
  }
  *result = *found ? 1 : 0;
  return SQLITE_OK;
}

int full_path(sqlite3_vfs* /*vfs*/, const char* path, int bytes, char* out) {
  const std::size_t size = std::strlen(path);
  if (size + 1 > static_cast<std::size_t>(bytes)) {
    return SQLITE_CANTOPEN;
  }
  std::memcpy(out, path, size + 1);
  return SQLITE_OK;
}

int fill_random(sqlite3_vfs* /*vfs*/, int bytes, char* out) {
  sqlite3_vfs* system = sqlite3_vfs_find(nullptr);
  return system->xRandomness(system, bytes, out);
}

// Who else could give way in the meantime runs in this process.
int sleep_not(sqlite3_vfs* /*vfs*/, int microseconds) {
  return microseconds;
}

int current_time(sqlite3_vfs* /*vfs*/, double* days) {
  sqlite3_vfs* system = sqlite3_vfs_find(nullptr);
  return system->xCurrentTime(system, days);
}

int current_time_ms(sqlite3_vfs* /*vfs*/, sqlite3_int64* ms) {
  sqlite3_vfs* system = sqlite3_vfs_find(nullptr);
  return system->xCurrentTimeInt64(system, ms);
}

int last_error(sqlite3_vfs* /*vfs*/, int /*bytes*/, char* /*out*/) {
  return 0;
}

sqlite3_vfs make_vfs(FilesVfs::Rep& rep) {
  sqlite3_vfs vfs{};
  vfs.iVersion = 2;
  vfs.szOsFile = sizeof(VfsFile);
  vfs.mxPathname = kPathMax;
  vfs.zName = rep.name.c_str();
  vfs.pAppData = &rep;
  vfs.xOpen = &open_file;
  vfs.xDelete = &delete_file;
  vfs.xAccess = &access_file;
  vfs.xFullPathname = &full_path;
  vfs.xRandomness = &fill_random;
  vfs.xSleep = &sleep_not;
  vfs.xCurrentTime = &current_time;
  vfs.xGetLastError = &last_error;
  vfs.xCurrentTimeInt64 = &current_time_ms;
  return vfs;
}

// The VFS of each Files that has one.
struct Registry {
  Mutex mutex;
  std::map<io::Files*, std::weak_ptr<FilesVfs>> all MR_GUARDED_BY(mutex);
  int made MR_GUARDED_BY(mutex) = 0;
};

Registry& registry() {
  static Registry& the_registry = *new Registry;
  return the_registry;
}

std::string next_name() {
  Registry& all = registry();
  const MutexLock lock(all.mutex);
  return "millrace-" + std::to_string(++all.made);
}

}  // namespace

std::shared_ptr<FilesVfs> FilesVfs::for_files(io::Files& files) {
  std::shared_ptr<FilesVfs> made(new FilesVfs(files));
  Registry& all = registry();
  const MutexLock lock(all.mutex);
  std::erase_if(all.all, [](const auto& entry) { return entry.second.expired(); });
  if (std::shared_ptr<FilesVfs> found = all.all[&files].lock()) {
    return found;
  }
  all.all[&files] = made;
  return made;
}

FilesVfs::FilesVfs(io::Files& files) : rep_(std::make_unique<Rep>(files)) {
  rep_->name = next_name();
  rep_->vfs = make_vfs(*rep_);
  const int registered = sqlite3_vfs_register(&rep_->vfs, /*makeDflt=*/0);
  MR_ASSERT(registered == SQLITE_OK, "sqlite3_vfs_register: {}", registered);
}

FilesVfs::~FilesVfs() {
  sqlite3_vfs_unregister(&rep_->vfs);
}

const std::string& FilesVfs::name() const {
  return rep_->name;
}

}  // namespace millrace::sqlite
