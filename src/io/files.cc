#include "io/files.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace millrace::io {
namespace {

constexpr std::size_t kReadStep = 64 << 10;
constexpr int kDepthMax = 64;  // of folders, for remove_all

Result<void> remove_tree(Files& files, const std::string& path, int depth) {
  auto stat = files.stat(path);
  if (!stat) {
    if (stat.error().code() == ErrorCode::kNotFound) {
      return {};
    }
    return std::move(stat).error();
  }
  if (stat->is_directory) {
    if (depth >= kDepthMax) {
      return Error(ErrorCode::kExhausted, "folders are nested too deep: " + path);
    }
    for (const DirEntry& entry : TRY(files.list(path))) {
      TRY(remove_tree(files, path + "/" + entry.name, depth + 1));
    }
  }
  return files.remove(path);
}

}  // namespace

Result<std::int64_t> lock_holder(Files& files, const std::string& path) {
  const std::string text = TRY(read_all(files, path, 64));
  std::int64_t pid = 0;
  std::from_chars(text.data(), text.data() + text.size(), pid);
  return pid;
}

Result<bool> exists(Files& files, const std::string& path) {
  auto stat = files.stat(path);
  if (stat) {
    return true;
  }
  if (stat.error().code() == ErrorCode::kNotFound) {
    return false;
  }
  return std::move(stat).error();
}

// The size that stat says is no help: files of /proc have 0.
Result<std::string> read_all(Files& files, const std::string& path, std::uint64_t bytes_max) {
  const std::unique_ptr<File> file = TRY(files.open(path, OpenMode::kRead));
  std::string bytes;
  while (true) {
    const std::size_t before = bytes.size();
    bytes.resize(before + std::max(kReadStep, before));
    const std::size_t got =
        TRY_DOING(file->pread(std::span(bytes).subspan(before), before), "read " + path);
    bytes.resize(before + got);
    if (bytes.size() > bytes_max) {
      return Error(ErrorCode::kExhausted,
                   path + " is longer than " + std::to_string(bytes_max) + " bytes");
    }
    if (got == 0) {
      return bytes;
    }
  }
}

Result<void> read_exactly(File& file, std::span<char> into, std::uint64_t offset) {
  const std::size_t got = TRY(file.pread(into, offset));
  if (got < into.size()) {
    return Error(ErrorCode::kCorruption,
                 "the file ends " + std::to_string(into.size() - got) + " bytes too early");
  }
  return {};
}

Result<void> write_atomically(Files& files, const std::string& path, std::string_view bytes) {
  const std::string temporary = path + ".tmp";
  {
    const std::unique_ptr<File> file = TRY(files.open(temporary, OpenMode::kCreate));
    TRY(file->truncate(0));
    TRY_DOING(file->pwrite(bytes, 0), "write " + temporary);
    TRY_DOING(file->sync_all(), "sync " + temporary);
  }
  TRY(files.rename(temporary, path));
  return files.sync_dir(parent_path(path));
}

Result<void> make_dirs(Files& files, const std::string& path) {
  const std::string parent = parent_path(path);
  if (TRY(exists(files, path))) {
    files.sync_dir(parent).ignore_error("whoever made it may have been killed before the sync");
    return {};
  }
  if (parent != path) {
    TRY(make_dirs(files, parent));
  }
  auto made = files.make_dir(path);
  if (!made && made.error().code() != ErrorCode::kAlreadyExists) {
    return std::move(made).error();
  }
  return files.sync_dir(parent);
}

Result<void> remove_all(Files& files, const std::string& path) {
  return remove_tree(files, path, 0);
}

std::string parent_path(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) {
    path.remove_suffix(1);
  }
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) {
    return ".";
  }
  return std::string(slash == 0 ? "/" : path.substr(0, slash));
}

}  // namespace millrace::io
