#include "io/real_files.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/fault.h"

namespace millrace::io {
namespace {

constexpr std::size_t kPartsMax = 64;  // of one pwritev

ErrorCode code_of(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return ErrorCode::kNotFound;
    case EEXIST:
    case ENOTEMPTY:
      return ErrorCode::kAlreadyExists;
    case EACCES:
    case EPERM:
    case EROFS:
      return ErrorCode::kPermissionDenied;
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
    case EFBIG:
      return ErrorCode::kExhausted;
    case EISDIR:
    case EINVAL:
    case ENAMETOOLONG:
      return ErrorCode::kInvalidArgument;
    default:
      return ErrorCode::kIo;
  }
}

Error os_error(std::string_view doing,
               const std::string& path,
               std::source_location where = std::source_location::current()) {
  const int error = errno;
  std::array<char, 128> buffer{};
  const char* text = strerror_r(error, buffer.data(), buffer.size());
  return {code_of(error), std::string(doing) + " " + path + ": " + text, where};
}

// A file descriptor that is closed. Owned by one thread.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}

  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

  Descriptor& operator=(Descriptor&&) = delete;

  ~Descriptor() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }

  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

Result<Descriptor> open_descriptor(const std::string& path, int flags) {
  while (true) {
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
    if (fd >= 0) {
      return Descriptor(fd);
    }
    if (errno != EINTR) {
      return os_error("open", path);
    }
  }
}

class MappedView final : public FileView {
 public:
  MappedView(void* at, std::size_t size) : at_(at), size_(size) {}

  MappedView(const MappedView&) = delete;
  MappedView& operator=(const MappedView&) = delete;

  ~MappedView() override {
    if (size_ > 0) {
      ::munmap(at_, size_);
    }
  }

  [[nodiscard]] std::string_view bytes() const override {
    return {static_cast<const char*>(at_), size_};
  }

 private:
  void* at_;
  std::size_t size_;
};

class RealFile final : public File {
 public:
  RealFile(Descriptor descriptor, std::string path)
      : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  Result<std::size_t> pread(std::span<char> into, std::uint64_t offset) override {
    TRY(fault_error("file.read"));
    std::size_t done = 0;
    while (done < into.size()) {
      const ssize_t got = ::pread(descriptor_.get(),
                                  into.data() + done,
                                  into.size() - done,
                                  static_cast<off_t>(offset + done));
      if (got == 0) {
        break;
      }
      if (got < 0) {
        if (errno != EINTR) {
          return os_error("read", path_);
        }
        continue;
      }
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  Result<void> pwrite(std::string_view bytes, std::uint64_t offset) override {
    return pwritev(std::span(&bytes, 1), offset);
  }

  Result<void> pwritev(std::span<const std::string_view> parts, std::uint64_t offset) override {
    TRY(fault_error("file.write"));
    std::array<iovec, kPartsMax> vector{};
    std::size_t skip = 0;  // bytes of the first part that are written
    while (!parts.empty()) {
      const std::size_t count = fill(vector, parts, skip);
      const ssize_t got = ::pwritev(
          descriptor_.get(), vector.data(), static_cast<int>(count), static_cast<off_t>(offset));
      if (got < 0) {
        if (errno != EINTR) {
          return os_error("write", path_);
        }
        continue;
      }
      offset += static_cast<std::uint64_t>(got);
      skip += static_cast<std::size_t>(got);
      while (!parts.empty() && skip >= parts.front().size()) {
        skip -= parts.front().size();
        parts = parts.subspan(1);
      }
    }
    return {};
  }

  Result<void> sync_data() override {
    TRY(fault_error("file.sync"));
    return ::fdatasync(descriptor_.get()) == 0 ? Result<void>() : os_error("sync", path_);
  }

  Result<void> sync_all() override {
    TRY(fault_error("file.sync"));
    return ::fsync(descriptor_.get()) == 0 ? Result<void>() : os_error("sync", path_);
  }

  Result<void> truncate(std::uint64_t size) override {
    TRY(fault_error("file.truncate"));
    while (::ftruncate(descriptor_.get(), static_cast<off_t>(size)) != 0) {
      if (errno != EINTR) {
        return os_error("cut", path_);
      }
    }
    return {};
  }

  Result<void> allocate(std::uint64_t offset, std::uint64_t size) override {
    TRY(fault_error("file.allocate"));
    if (size == 0) {
      return {};
    }
    while (true) {
      const int error = ::posix_fallocate(
          descriptor_.get(), static_cast<off_t>(offset), static_cast<off_t>(size));
      if (error == 0) {
        return {};
      }
      if (error != EINTR) {
        errno = error;
        return os_error("take room for", path_);
      }
    }
  }

  [[nodiscard]] Result<std::uint64_t> size() override {
    struct stat stat{};

    if (::fstat(descriptor_.get(), &stat) != 0) {
      return os_error("look at", path_);
    }
    return static_cast<std::uint64_t>(stat.st_size);
  }

  Result<std::unique_ptr<FileView>> view() override {
    TRY(fault_error("file.read"));
    const auto bytes = static_cast<std::size_t>(TRY(size()));
    if (bytes == 0) {
      return std::make_unique<MappedView>(nullptr, 0);
    }
    void* at = ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, descriptor_.get(), 0);
    if (at == MAP_FAILED) {
      return os_error("map", path_);
    }
    return std::make_unique<MappedView>(at, bytes);
  }

 private:
  static std::size_t fill(std::array<iovec, kPartsMax>& vector,
                          std::span<const std::string_view> parts,
                          std::size_t skip) {
    const std::size_t count = std::min(parts.size(), kPartsMax);
    for (std::size_t i = 0; i < count; ++i) {
      const std::string_view part = i == 0 ? parts[i].substr(skip) : parts[i];
      vector[i] = {.iov_base = const_cast<char*>(part.data()), .iov_len = part.size()};
    }
    return count;
  }

  Descriptor descriptor_;
  std::string path_;
};

// The lock of flock belongs to the descriptor and goes with it.
class RealLock final : public FileLock {
 public:
  explicit RealLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

 private:
  Descriptor descriptor_;
};

int flags_of(OpenMode mode) {
  switch (mode) {
    case OpenMode::kRead:
      return O_RDONLY;
    case OpenMode::kReadWrite:
      return O_RDWR;
    case OpenMode::kCreate:
      return O_RDWR | O_CREAT;
    case OpenMode::kExclusive:
      return O_RDWR | O_CREAT | O_EXCL;
  }
  return O_RDONLY;
}

Result<bool> is_directory(const dirent& entry, const std::string& path) {
  if (entry.d_type != DT_UNKNOWN && entry.d_type != DT_LNK) {
    return entry.d_type == DT_DIR;
  }
  struct stat stat{};

  const std::string full = path + "/" + entry.d_name;
  if (::stat(full.c_str(), &stat) != 0) {
    if (errno == ENOENT) {
      return false;
    }
    return os_error("look at", full);
  }
  return S_ISDIR(stat.st_mode);
}

}  // namespace

Result<std::unique_ptr<File>> RealFiles::open(const std::string& path, OpenMode mode) {
  TRY(fault_error("file.open"));
  Descriptor descriptor = TRY(open_descriptor(path, flags_of(mode)));
  return std::make_unique<RealFile>(std::move(descriptor), path);
}

Result<std::vector<DirEntry>> RealFiles::list(const std::string& path) {
  TRY(fault_error("file.list"));
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(path.c_str()), &::closedir);
  if (!folder) {
    return os_error("list", path);
  }
  std::vector<DirEntry> entries;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(folder.get());
    if (entry == nullptr) {
      if (errno != 0) {
        return os_error("list", path);
      }
      break;
    }
    const std::string name = entry->d_name;
    if (name != "." && name != "..") {
      const bool directory = TRY(is_directory(*entry, path));
      entries.push_back({.name = name, .is_directory = directory});
    }
  }
  std::ranges::sort(entries, {}, &DirEntry::name);
  return entries;
}

Result<void> RealFiles::make_dir(const std::string& path) {
  TRY(fault_error("file.make_dir"));
  return ::mkdir(path.c_str(), 0755) == 0 ? Result<void>() : os_error("make folder", path);
}

Result<void> RealFiles::remove(const std::string& path) {
  TRY(fault_error("file.remove"));
  if (::unlink(path.c_str()) == 0) {
    return {};
  }
  if (errno != EISDIR && errno != EPERM) {
    return os_error("remove", path);
  }
  return ::rmdir(path.c_str()) == 0 ? Result<void>() : os_error("remove", path);
}

Result<void> RealFiles::rename(const std::string& from, const std::string& to) {
  TRY(fault_error("file.rename"));
  if (::rename(from.c_str(), to.c_str()) != 0) {
    return os_error("rename " + from + " to", to);
  }
  return {};
}

Result<void> RealFiles::sync_dir(const std::string& path) {
  TRY(fault_error("file.sync_dir"));
  const Descriptor descriptor = TRY(open_descriptor(path, O_RDONLY | O_DIRECTORY));
  return ::fsync(descriptor.get()) == 0 ? Result<void>() : os_error("sync", path);
}

Result<void> RealFiles::sync_disk(const std::string& path) {
  TRY(fault_error("file.sync"));
  const Descriptor descriptor = TRY(open_descriptor(path, O_RDONLY));
  return ::syncfs(descriptor.get()) == 0 ? Result<void>() : os_error("sync the disk of", path);
}

Result<FileStat> RealFiles::stat(const std::string& path) {
  TRY(fault_error("file.stat"));

  struct stat stat{};

  if (::stat(path.c_str(), &stat) != 0) {
    return os_error("look at", path);
  }
  return FileStat{
      .size = static_cast<std::uint64_t>(stat.st_size),
      .is_directory = S_ISDIR(stat.st_mode),
      .modified_us = stat.st_mtim.tv_sec * 1'000'000 + stat.st_mtim.tv_nsec / 1000,
      .inode = stat.st_ino,
  };
}

Result<std::uint64_t> RealFiles::free_bytes(const std::string& path) {
  TRY(fault_error("file.stat"));

  struct statvfs disk{};

  if (::statvfs(path.c_str(), &disk) != 0) {
    return os_error("look at the disk of", path);
  }
  return std::uint64_t{disk.f_bavail} * disk.f_frsize;
}

Result<std::unique_ptr<FileLock>> RealFiles::lock(const std::string& path) {
  TRY(fault_error("file.lock"));
  Descriptor descriptor = TRY(open_descriptor(path, O_RDWR | O_CREAT));
  while (::flock(descriptor.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) {
      const std::int64_t pid = TRY(lock_holder(*this, path));
      return Error(ErrorCode::kConflict, path + " is held by process " + std::to_string(pid));
    }
    if (errno != EINTR) {
      return os_error("lock", path);
    }
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(descriptor.get(), 0) != 0 ||
      ::pwrite(descriptor.get(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    return os_error("write", path);
  }
  return std::make_unique<RealLock>(std::move(descriptor));
}

}  // namespace millrace::io
