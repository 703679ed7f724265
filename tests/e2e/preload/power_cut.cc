// Loaded into the real program by LD_PRELOAD: a disk that loses its power.
//
// The library keeps, of every file below POWER_CUT_ROOT, what each sector held at the file's last
// sync, and which names were made, renamed and removed since their folder was synced. When the
// power fails, the process dies at once and a child of it puts a part of that back: each unsynced
// sector, size and name by a coin of its own, as a disk may. What is left is what a machine finds
// when its power comes back. Files that mean nothing after a restart (-shm, LOCK) are left alone.
//
//   POWER_CUT_ROOT    the folder
//   POWER_CUT_AT      number of the operation (write, sync, name) at which it strikes; "exit": when
//                     the program has ended by itself; nothing: never
//   POWER_CUT_SEED    of the coins
//   POWER_CUT_NOSYNC  mutation check: "file:PART" or "dir:PART": syncs of files, or folders, whose
//                     path has this part do nothing
//   POWER_CUT_MARK    a file that is made just before anything is put back
#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

constexpr std::uint64_t kSector = 512;

template <class Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

using Open = int(const char*, int, ...);
using Pwrite = ssize_t(int, const void*, size_t, off_t);
using Pwritev = ssize_t(int, const iovec*, int, off_t);
using Ftruncate = int(int, off_t);
using Sync = int(int);
using Rename = int(const char*, const char*);
using Unlink = int(const char*);
using Mkdir = int(const char*, mode_t);

/// A file, and what of it is unsynced.
struct Unsynced {
  // A duplicate, kept open: the program may close its own, and to close any descriptor of a file
  // would take SQLite's locks away.
  int descriptor = -1;
  bool changed = false;  // Since the last sync.
  std::uint64_t synced_size = 0;
  std::map<std::uint64_t, std::string> sectors;  // Number → what it held at the last sync.
};

/// A name that was made, changed or removed.
struct NameChange {
  enum class Kind {
    kMade,
    kRenamed,
    kRemoved
  } kind = Kind::kMade;
  std::string path = {};
  std::string to = {};
  std::string backup = {};  // Of what a rename replaced, or a remove removed; empty: nothing.
};

struct State {
  std::mutex mutex;
  std::string root;
  std::string no_sync_kind;
  std::string no_sync_part;
  std::string mark;
  std::uint64_t at = 0;
  bool at_exit = false;
  std::uint64_t seed = 0;
  std::uint64_t operations = 0;
  std::uint64_t backups = 0;
  std::map<std::pair<dev_t, ino_t>, Unsynced> files;
  std::vector<NameChange> names;
};

std::string environment(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? "" : text;
}

// Lives for ever: threads may write while the process ends.
State& state() {
  static State& the_state = *[] {
    auto* made = new State;
    made->root = environment("POWER_CUT_ROOT");
    made->mark = environment("POWER_CUT_MARK");
    const std::string no_sync = environment("POWER_CUT_NOSYNC");
    const std::size_t colon = no_sync.find(':');
    made->no_sync_kind = no_sync.substr(0, colon);
    made->no_sync_part = colon == std::string::npos ? "" : no_sync.substr(colon + 1);
    const std::string at = environment("POWER_CUT_AT");
    made->at_exit = at == "exit";
    made->at = std::strtoull(at.c_str(), nullptr, 10);
    made->seed = std::strtoull(environment("POWER_CUT_SEED").c_str(), nullptr, 10);
    return made;
  }();
  return the_state;
}

bool is_watched(const std::string& path) {
  const State& s = state();
  return !s.root.empty() && path.starts_with(s.root + "/") && !path.ends_with("-shm") &&
         !path.ends_with("/LOCK") && !path.ends_with(".sock");
}

std::string path_of(int descriptor) {
  char path[4096];
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  const ssize_t size = ::readlink(link.c_str(), path, sizeof path);
  std::string text(path, size > 0 ? static_cast<std::size_t>(size) : 0);
  constexpr std::string_view kGone = " (deleted)";
  return text.ends_with(kGone) ? text.substr(0, text.size() - kGone.size()) : text;
}

std::string folder_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

/// An absolute path of what the program names.
std::string absolute(const char* path) {
  if (path[0] == '/') {
    return path;
  }
  char folder[4096];
  return ::getcwd(folder, sizeof folder) == nullptr ? path : std::string(folder) + "/" + path;
}

bool coin(std::uint64_t number, std::uint64_t salt) {
  std::uint64_t x = state().seed * 0x9E3779B97F4A7C15ULL + number * 0xBF58476D1CE4E5B9ULL + salt;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBULL;
  return ((x >> 33U) & 1U) != 0;
}

std::string read_range(int descriptor, std::uint64_t offset, std::size_t size) {
  std::string bytes(size, '\0');
  const ssize_t got = ::pread(descriptor, bytes.data(), size, static_cast<off_t>(offset));
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return bytes;
}

// Each sector, size and name by its own coin.
void lose_power() {
  State& s = state();
  std::uint64_t sectors = 0;
  std::uint64_t lost = 0;
  auto* const pwrite_real = real<Pwrite>("pwrite");
  auto* const truncate_real = real<Ftruncate>("ftruncate");
  for (auto& [id, file] : s.files) {
    struct stat now{};
    if (!file.changed || ::fstat(file.descriptor, &now) != 0) {
      continue;
    }
    const auto size_now = static_cast<std::uint64_t>(now.st_size);
    for (const auto& [number, old] : file.sectors) {
      ++sectors;
      if (coin(number, id.second)) {
        continue;
      }
      ++lost;
      std::string bytes = old;
      bytes.resize(kSector, '\0');
      const std::uint64_t end = std::min((number + 1) * kSector, size_now);
      if (number * kSector < end) {
        (void)!pwrite_real(file.descriptor,
                           bytes.data(),
                           end - number * kSector,
                           static_cast<off_t>(number * kSector));
      }
    }
    if (file.synced_size != size_now && !coin(size_now, id.second + 1)) {
      (void)!truncate_real(file.descriptor, static_cast<off_t>(file.synced_size));
    }
  }
  auto* const rename_real = real<Rename>("rename");
  auto* const unlink_real = real<Unlink>("unlink");
  std::uint64_t names_lost = 0;
  for (std::size_t index = s.names.size(); index-- > 0;) {
    const NameChange& change = s.names[index];
    if (coin(index, 7)) {
      continue;
    }
    ++names_lost;
    switch (change.kind) {
      case NameChange::Kind::kMade:
        if (unlink_real(change.path.c_str()) != 0) {
          ::rmdir(change.path.c_str());
        }
        break;
      case NameChange::Kind::kRenamed:
        rename_real(change.to.c_str(), change.path.c_str());
        if (!change.backup.empty()) {
          rename_real(change.backup.c_str(), change.to.c_str());
        }
        break;
      case NameChange::Kind::kRemoved:
        rename_real(change.backup.c_str(), change.path.c_str());
        break;
    }
  }
  std::fprintf(
      stderr,
      "power cut at operation %llu: %llu of %llu unsynced sectors and %llu of %zu unsynced "
      "names are lost\n",
      static_cast<unsigned long long>(s.operations),
      static_cast<unsigned long long>(lost),
      static_cast<unsigned long long>(sectors),
      static_cast<unsigned long long>(names_lost),
      s.names.size());
}

void make_mark() {
  if (!state().mark.empty()) {
    const int mark = real<Open>("open")(state().mark.c_str(), O_WRONLY | O_CREAT, 0644);
    ::close(mark);
  }
}

/// Counts one operation. REQUIRES: the mutex is held.
void count_operation() {
  State& s = state();
  if (++s.operations != s.at) {
    return;
  }
  make_mark();
  if (::fork() == 0) {
    ::usleep(2'000);  // The parent is gone by then, and with it all its threads.
    lose_power();
  }
  ::_exit(137);
}

/// What a write to these bytes will change. REQUIRES: the mutex is held.
void remember(int descriptor, std::uint64_t offset, std::uint64_t size) {
  struct stat now{};
  if (::fstat(descriptor, &now) != 0 || !S_ISREG(now.st_mode)) {
    return;
  }
  State& s = state();
  auto [found, fresh] = s.files.try_emplace({now.st_dev, now.st_ino});
  Unsynced& file = found->second;
  if (fresh) {
    file.descriptor = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 500);
  }
  if (!file.changed) {
    file.changed = true;
    file.synced_size = static_cast<std::uint64_t>(now.st_size);
  }
  if (size == 0) {
    return;
  }
  const std::uint64_t first = offset / kSector;
  const std::uint64_t last = (offset + size - 1) / kSector;
  const std::string old = read_range(descriptor, first * kSector, (last - first + 1) * kSector);
  for (std::uint64_t number = first; number <= last; ++number) {
    const std::size_t at = (number - first) * kSector;
    file.sectors.try_emplace(number, at < old.size() ? old.substr(at, kSector) : std::string());
  }
}

/// False: the descriptor is none of a watched file.
bool before_change(int descriptor, std::uint64_t offset, std::uint64_t size) {
  if (!is_watched(path_of(descriptor))) {
    return false;
  }
  count_operation();
  remember(descriptor, offset, size);
  return true;
}

bool is_mutated(const char* kind, const std::string& path) {
  const State& s = state();
  return s.no_sync_kind == kind && path.find(s.no_sync_part) != std::string::npos;
}

void forget_names(const std::string& folder) {
  State& s = state();
  std::erase_if(s.names, [&](const NameChange& change) {
    const bool synced =
        folder_of(change.path) == folder || (!change.to.empty() && folder_of(change.to) == folder);
    if (synced && !change.backup.empty()) {
      real<Unlink>("unlink")(change.backup.c_str());
    }
    return synced;
  });
}

void forget_changes(Unsynced& file) {
  file.changed = false;
  file.sectors.clear();
}

int sync_descriptor(int descriptor, const char* name) {
  State& s = state();
  const std::string path = path_of(descriptor);
  if (path != s.root && !is_watched(path)) {
    return real<Sync>(name)(descriptor);
  }
  const std::lock_guard lock(s.mutex);
  count_operation();
  struct stat now{};
  if (::fstat(descriptor, &now) != 0) {
    return -1;
  }
  const bool folder = S_ISDIR(now.st_mode);
  if (is_mutated(folder ? "dir" : "file", path)) {
    return 0;
  }
  if (folder) {
    forget_names(path);
  } else if (const auto file = s.files.find({now.st_dev, now.st_ino}); file != s.files.end()) {
    forget_changes(file->second);
  }
  return 0;  // Nothing but this library takes anything away: the real sync is not needed.
}

/// A second name of a file that a change of names would take away; empty: there is none.
std::string keep(const std::string& path) {
  State& s = state();
  struct stat now{};
  if (::stat(path.c_str(), &now) != 0 || !S_ISREG(now.st_mode)) {
    return {};
  }
  const std::string folder = s.root + ".cut";
  real<Mkdir>("mkdir")(folder.c_str(), 0755);
  std::string backup =
      folder + "/" + std::to_string(::getpid()) + "-" + std::to_string(++s.backups);
  return ::link(path.c_str(), backup.c_str()) == 0 ? backup : std::string();
}

int open_watched(const char* name, const char* path, int flags, mode_t mode) {
  auto* const open_real = real<Open>(name);
  const std::string whole = absolute(path);
  if ((flags & O_CREAT) == 0 || !is_watched(whole)) {
    return open_real(path, flags, mode);
  }
  const std::lock_guard lock(state().mutex);
  const bool was_there = ::access(whole.c_str(), F_OK) == 0;
  if (!was_there) {
    count_operation();
  }
  const int descriptor = open_real(path, flags, mode);
  if (descriptor >= 0 && !was_there) {
    state().names.push_back({.kind = NameChange::Kind::kMade, .path = whole});
  }
  return descriptor;
}

struct AtExit {
  ~AtExit() {
    State& s = state();
    const std::lock_guard lock(s.mutex);
    if (s.at_exit) {
      make_mark();
      lose_power();
    }
  }
} at_exit;

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return open_watched("open", path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return open_watched("open64", path, flags, mode);
}

ssize_t pwrite(int descriptor, const void* bytes, size_t size, off_t offset) {
  const std::lock_guard lock(state().mutex);
  before_change(descriptor, static_cast<std::uint64_t>(offset), size);
  return real<Pwrite>("pwrite")(descriptor, bytes, size, offset);
}

ssize_t pwrite64(int descriptor, const void* bytes, size_t size, off64_t offset) {
  return pwrite(descriptor, bytes, size, offset);
}

ssize_t pwritev(int descriptor, const iovec* parts, int count, off_t offset) {
  std::uint64_t size = 0;
  for (int part = 0; part < count; ++part) {
    size += parts[part].iov_len;
  }
  const std::lock_guard lock(state().mutex);
  before_change(descriptor, static_cast<std::uint64_t>(offset), size);
  return real<Pwritev>("pwritev")(descriptor, parts, count, offset);
}

ssize_t write(int descriptor, const void* bytes, size_t size) {
  using Write = ssize_t(int, const void*, size_t);
  static auto* const write_real = real<Write>("write");
  if (descriptor > 2 && is_watched(path_of(descriptor))) {
    const std::lock_guard lock(state().mutex);
    const off_t at = ::lseek(descriptor, 0, SEEK_CUR);
    before_change(descriptor, static_cast<std::uint64_t>(at < 0 ? 0 : at), size);
    return write_real(descriptor, bytes, size);
  }
  return write_real(descriptor, bytes, size);
}

int ftruncate(int descriptor, off_t size) {
  const std::lock_guard lock(state().mutex);
  struct stat now{};
  if (::fstat(descriptor, &now) == 0) {
    const bool shrinks = size < now.st_size;
    before_change(descriptor,
                  static_cast<std::uint64_t>(size),
                  shrinks ? static_cast<std::uint64_t>(now.st_size - size) : 0);
  }
  return real<Ftruncate>("ftruncate")(descriptor, size);
}

int ftruncate64(int descriptor, off64_t size) {
  return ftruncate(descriptor, size);
}

int posix_fallocate(int descriptor, off_t offset, off_t size) {
  using Allocate = int(int, off_t, off_t);
  const std::lock_guard lock(state().mutex);
  before_change(descriptor, static_cast<std::uint64_t>(offset), 0);
  return real<Allocate>("posix_fallocate")(descriptor, offset, size);
}

int fsync(int descriptor) {
  return sync_descriptor(descriptor, "fsync");
}

int fdatasync(int descriptor) {
  return sync_descriptor(descriptor, "fdatasync");
}

int syncfs(int descriptor) {
  State& s = state();
  if (s.root.empty()) {
    return real<Sync>("syncfs")(descriptor);
  }
  const std::lock_guard lock(s.mutex);
  count_operation();
  for (auto& [id, file] : s.files) {
    if (!is_mutated("file", path_of(file.descriptor))) {
      forget_changes(file);
    }
  }
  if (s.no_sync_kind != "dir") {
    const std::vector<NameChange> all = s.names;
    for (const NameChange& change : all) {
      forget_names(folder_of(change.path));
    }
  }
  return 0;
}

int rename(const char* from, const char* to) {
  auto* const rename_real = real<Rename>("rename");
  const std::string source = absolute(from);
  if (!is_watched(source)) {
    return rename_real(from, to);
  }
  const std::lock_guard lock(state().mutex);
  count_operation();
  NameChange change{
      .kind = NameChange::Kind::kRenamed, .path = source, .to = absolute(to), .backup = keep(to)};
  const int result = rename_real(from, to);
  if (result == 0) {
    state().names.push_back(std::move(change));
  }
  return result;
}

int unlink(const char* path) {
  auto* const unlink_real = real<Unlink>("unlink");
  const std::string whole = absolute(path);
  if (!is_watched(whole)) {
    return unlink_real(path);
  }
  const std::lock_guard lock(state().mutex);
  count_operation();
  NameChange change{.kind = NameChange::Kind::kRemoved, .path = whole, .backup = keep(whole)};
  const int result = unlink_real(path);
  if (result == 0 && !change.backup.empty()) {
    state().names.push_back(std::move(change));
  }
  return result;
}

int mkdir(const char* path, mode_t mode) {
  auto* const mkdir_real = real<Mkdir>("mkdir");
  const std::string whole = absolute(path);
  const bool watched = is_watched(whole);
  const std::lock_guard lock(state().mutex);
  if (watched) {
    count_operation();
  }
  const int result = mkdir_real(path, mode);
  if (result == 0 && watched) {
    state().names.push_back({.kind = NameChange::Kind::kMade, .path = whole});
  }
  return result;
}

}  // extern "C"
