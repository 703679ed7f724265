#include "connect/files/detail/file_list.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "connect/files/detail/glob.h"

namespace millrace::connect::files::detail {
namespace {

constexpr int kDepthMax = 64;

bool is_hidden(std::string_view name) {
  return name.starts_with('_') || name.starts_with('.');
}

std::string join(const std::string& folder, std::string_view name) {
  if (folder.empty()) {
    return std::string(name);
  }
  return folder + (folder.ends_with('/') ? "" : "/") + std::string(name);
}

class Lister {
 public:
  Lister(io::Files& files, const ListOptions& options) : files_(files), options_(options) {}

  Result<std::vector<FoundFile>> list() {
    if (is_glob(options_.path)) {
      const std::vector<std::string> patterns = expand_braces(options_.path);
      if (patterns.empty()) {
        return Error(ErrorCode::kInvalidArgument,
                     "braces without an end, or of too many names: " + options_.path);
      }
      for (const std::string& pattern : patterns) {
        TRY(add_matches(pattern.starts_with('/') ? "/" : "", pattern, 0));
      }
      if (found_.empty()) {
        return Error(ErrorCode::kNotFound, "no file matches " + options_.path);
      }
    } else {
      const io::FileStat stat = TRY(files_.stat(options_.path));
      if (stat.is_directory) {
        TRY(add_folder(options_.path, 0));
      } else {
        found_.push_back({.path = options_.path, .stat = stat});
      }
    }
    sort();
    return std::move(found_);
  }

 private:
  Result<void> add_file(std::string path) {
    Result<io::FileStat> stat = files_.stat(path);
    if (!stat && stat.error().code() == ErrorCode::kNotFound) {
      return {};  // It went between the listing and now.
    }
    if (found_.size() >= kFilesMax) {
      return Error(ErrorCode::kExhausted, fmt::format("more than {} files", kFilesMax));
    }
    const io::FileStat known = TRY(std::move(stat));
    found_.push_back({.path = std::move(path), .stat = known});
    return {};
  }

  // NOLINTNEXTLINE(misc-no-recursion): kDepthMax bounds it.
  Result<void> add_folder(const std::string& folder, int depth) {
    const std::vector<io::DirEntry> entries = TRY(files_.list(folder));
    for (const io::DirEntry& entry : entries) {
      const bool listed =
          entry.is_directory ? options_.recursive && depth < kDepthMax : passes_filter(entry.name);
      if (!listed || is_hidden(entry.name)) {
        continue;
      }
      std::string path = join(folder, entry.name);
      if (entry.is_directory) {
        TRY(add_folder(path, depth + 1));
      } else {
        TRY(add_file(std::move(path)));
      }
    }
    return {};
  }

  [[nodiscard]] bool passes_filter(std::string_view name) const {
    return options_.name_filter.empty() || matches_glob(name, options_.name_filter);
  }

  // Matches the first part of `rest` in `folder`, and goes on with the others.
  // NOLINTNEXTLINE(misc-no-recursion): each step takes a part of the pattern.
  Result<void> add_matches(const std::string& folder, std::string_view rest, int depth) {
    while (rest.starts_with('/')) {
      rest.remove_prefix(1);
    }
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    const std::string_view part = rest.substr(0, slash);
    const std::string_view further = rest.substr(std::min(slash + 1, rest.size()));
    if (part.empty() || depth > kDepthMax) {
      return {};
    }
    if (!is_glob(part)) {
      return add_named(join(folder, part), further, depth);
    }
    Result<std::vector<io::DirEntry>> listed = files_.list(folder.empty() ? "." : folder);
    if (!listed && listed.error().code() == ErrorCode::kNotFound) {
      return {};
    }
    const std::vector<io::DirEntry> entries = TRY(std::move(listed));
    for (const io::DirEntry& entry : entries) {
      if (!is_hidden(entry.name) && matches_glob(entry.name, part)) {
        TRY(add_named(join(folder, entry.name), further, depth));
      }
    }
    return {};
  }

  // NOLINTNEXTLINE(misc-no-recursion)
  Result<void> add_named(const std::string& path, std::string_view further, int depth) {
    if (!further.empty()) {
      return add_matches(path, further, depth + 1);
    }
    Result<io::FileStat> stat = files_.stat(path);
    if (!stat && stat.error().code() == ErrorCode::kNotFound) {
      return {};
    }
    const io::FileStat known = TRY(std::move(stat));
    if (known.is_directory) {
      return add_folder(path, depth);
    }
    const std::string_view name = std::string_view(path).substr(path.rfind('/') + 1);
    return passes_filter(name) ? add_file(path) : Result<void>();
  }

  void sort() {
    const auto key = [this](const FoundFile& file) {
      return std::pair(options_.order == FileOrder::kTime ? file.stat.modified_us : 0,
                       std::string_view(file.path));
    };
    std::ranges::sort(found_, {}, key);
    const auto same = std::ranges::unique(found_, {}, &FoundFile::path);
    found_.erase(same.begin(), same.end());
  }

  io::Files& files_;
  const ListOptions& options_;
  std::vector<FoundFile> found_;
};

}  // namespace

Result<std::vector<FoundFile>> list_files(io::Files& files, const ListOptions& options) {
  return Lister(files, options).list();
}

}  // namespace millrace::connect::files::detail
