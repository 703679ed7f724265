#include "project/detail/folder.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/utf8.h"
#include "config/codes.h"
#include "config/option_table.h"

namespace millrace::project::detail {

std::string join(std::string_view folder, std::string_view name) {
  if (folder.empty() || name.starts_with('/')) {
    return std::string(name);
  }
  if (name.empty()) {
    return std::string(folder);
  }
  return fmt::format("{}{}{}", folder, folder.ends_with('/') ? "" : "/", name);
}

bool is_directory(io::Files& files, const std::string& path) {
  const Result<io::FileStat> stat = files.stat(path);
  return stat && stat->is_directory;
}

bool is_file(io::Files& files, const std::string& path) {
  const Result<io::FileStat> stat = files.stat(path);
  return stat && !stat->is_directory;
}

Folder::Folder(io::Files& files,
               std::string root,
               std::string shown_root,
               const ProjectLimits& limits,
               Diagnostics& diagnostics)
    : files_(files),
      root_(std::move(root)),
      shown_root_(std::move(shown_root)),
      limits_(limits),
      diagnostics_(diagnostics) {}

void Folder::report(std::string_view code,
                    std::string_view path,
                    std::string message,
                    std::string help,
                    Severity severity) {
  diagnostics_.add({.code = std::string(code),
                    .severity = severity,
                    .where = {.file = shown(path), .line = 1, .column = 1},
                    .message = std::move(message),
                    .help = std::move(help)});
}

std::optional<std::string> Folder::read(std::string_view path) {
  const std::string full_path = full(path);
  const Result<io::FileStat> stat = files_.stat(full_path);
  if (stat && stat->size > limits_.file_bytes_max) {
    report(config::kFileLimit,
           path,
           fmt::format("the file has {}, at most {} are read",
                       config::format_bytes(static_cast<std::int64_t>(stat->size)),
                       config::format_bytes(static_cast<std::int64_t>(limits_.file_bytes_max))),
           "split it");
    return std::nullopt;
  }
  Result<std::string> text = io::read_all(files_, full_path, limits_.file_bytes_max);
  if (!text) {
    report(config::kFileUnreadable,
           path,
           fmt::format("the file cannot be read: {}", text.error().message()),
           "check its permissions");
    return std::nullopt;
  }
  bytes_ += text->size();
  if (bytes_ > limits_.total_bytes_max) {
    if (!std::exchange(told_bytes_, true)) {
      report(config::kFileLimit,
             path,
             fmt::format("the project's files have more than {} in all",
                         config::format_bytes(static_cast<std::int64_t>(limits_.total_bytes_max))),
             "this file and those after it are not read");
    }
    return std::nullopt;
  }
  if (!is_valid_utf8(*text) || text->find('\0') != std::string::npos) {
    report(config::kNotUtf8, path, "the file is not UTF-8 text", "save it as UTF-8");
    return std::nullopt;
  }
  return std::move(*text);
}

std::vector<Folder::Item> Folder::list(std::string_view path) {
  std::vector<Item> items;
  if (!has_folder(path)) {
    return items;
  }
  Result<std::vector<io::DirEntry>> entries = files_.list(full(path));
  if (!entries) {
    report(config::kFileUnreadable,
           path,
           fmt::format("the folder cannot be read: {}", entries.error().message()),
           "check its permissions");
    return items;
  }
  for (const io::DirEntry& entry : *entries) {
    if (++files_seen_ > limits_.files_max) {
      if (!std::exchange(told_files_, true)) {
        report(config::kFileLimit,
               path,
               fmt::format("the project has more than {} files", limits_.files_max),
               "keep data out of the project's folders; the rest is not read");
      }
      break;
    }
    std::string below = join(path, entry.name);
    const bool folder = entry.is_directory || has_folder(below);  // A link may lead to a folder.
    items.push_back({.path = std::move(below), .is_directory = folder});
  }
  std::sort(items.begin(), items.end(), [](const Item& left, const Item& right) {
    return left.path < right.path;
  });
  return items;
}

struct Folder::Walk {
  const std::function<bool(std::string_view name)>& skip;
  std::vector<std::string> found;
  std::vector<std::uint64_t> inside;  // Inodes of the folders that we are in: a link may lead back.
};

void Folder::walk_into(const std::string& path, Walk& walk) {
  const Result<io::FileStat> stat = files_.stat(full(path));
  if (!stat) {
    return;
  }
  if (std::find(walk.inside.begin(), walk.inside.end(), stat->inode) != walk.inside.end()) {
    report(config::kFileUnreadable, path, "the folder is a link in a circle", "remove the link");
    return;
  }
  if (walk.inside.size() >= limits_.depth_max) {
    report(config::kFileLimit,
           path,
           fmt::format("folders nested deeper than {}", limits_.depth_max),
           "move the files up");
    return;
  }
  walk.inside.push_back(stat->inode);
  for (const Item& item : list(path)) {
    const std::size_t slash = item.path.rfind('/');
    if (walk.skip(std::string_view(item.path).substr(slash == std::string::npos ? 0 : slash + 1))) {
      continue;
    }
    if (item.is_directory) {
      walk_into(item.path, walk);
    } else {
      walk.found.push_back(item.path);
    }
  }
  walk.inside.pop_back();
}

std::vector<std::string> Folder::walk(std::string_view path,
                                      const std::function<bool(std::string_view name)>& skip) {
  Walk walk{.skip = skip, .found = {}, .inside = {}};
  if (has_folder(path)) {
    walk_into(std::string(path), walk);
  }
  std::sort(walk.found.begin(), walk.found.end());
  return std::move(walk.found);
}

}  // namespace millrace::project::detail
