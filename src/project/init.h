// `millrace init NAME`: a project that runs at once and offline.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/files.h"

namespace millrace::project {

/// Writes a new project into the folder `path` and yields the files it wrote, in the order in which
/// one reads them. The folder's name is the project's name. kInvalidArgument when the name cannot
/// be one; kAlreadyExists when any of its files is there already (then nothing was written).
Result<std::vector<std::string>> init_project(io::Files& files, const std::string& path);

/// The texts that init_project writes, by path below the folder.
struct InitFile {
  std::string path;
  std::string text;
};

std::vector<InitFile> init_files(std::string_view name, std::string_view absolute_path);

}  // namespace millrace::project
