// Reads folders and files of a project within its limits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "io/files.h"
#include "project/project.h"

namespace millrace::project::detail {

/// "a/b"; `name` alone where it is absolute or the folder is empty.
std::string join(std::string_view folder, std::string_view name);

bool is_directory(io::Files& files, const std::string& path);
bool is_file(io::Files& files, const std::string& path);

/// Paths in its calls are below the root ("sources/a.sql"). Owned by one thread.
class Folder {
 public:
  Folder(io::Files& files,
         std::string root,
         std::string shown_root,
         const ProjectLimits& limits,
         Diagnostics& diagnostics);

  [[nodiscard]] std::string full(std::string_view path) const { return join(root_, path); }

  /// As messages name it.
  [[nodiscard]] std::string shown(std::string_view path) const { return join(shown_root_, path); }

  [[nodiscard]] bool has_file(std::string_view path) const { return is_file(files_, full(path)); }

  [[nodiscard]] bool has_folder(std::string_view path) const {
    return is_directory(files_, full(path));
  }

  /// The text of a file, or nothing and a Diagnostic: too long, not UTF-8, not readable.
  std::optional<std::string> read(std::string_view path);

  struct Item {
    std::string path;
    bool is_directory = false;
  };

  /// The entries of a folder, by name; none when it is not there.
  std::vector<Item> list(std::string_view path);

  /// All files below a folder, by path; what `skip` (given the name) names is left out, folders
  /// with all that is in them.
  std::vector<std::string> walk(std::string_view path,
                                const std::function<bool(std::string_view name)>& skip);

  void report(std::string_view code,
              std::string_view path,
              std::string message,
              std::string help,
              Severity severity = Severity::kError);

  [[nodiscard]] Diagnostics& diagnostics() { return diagnostics_; }

 private:
  struct Walk;
  void walk_into(const std::string& path, Walk& walk);

  io::Files& files_;
  std::string root_;
  std::string shown_root_;
  const ProjectLimits& limits_;
  Diagnostics& diagnostics_;
  std::size_t bytes_ = 0;
  std::size_t files_seen_ = 0;
  bool told_files_ = false;
  bool told_bytes_ = false;
};

}  // namespace millrace::project::detail
