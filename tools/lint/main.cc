// usage: millrace_lint [root]
// Exit codes: 0 clean, 1 findings, 2 it could not look, 77 not a git checkout.
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "lint/rules.h"

namespace {

/// What `git ls-files -z` prints, or nothing when it fails.
std::optional<std::vector<std::string>> tracked_files(const std::string& root) {
  std::string quoted = "'";
  for (const char c : root) {
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  quoted += '\'';
  const std::string command = "git -C " + quoted + " ls-files -z 2>/dev/null";
  FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) {
    return std::nullopt;
  }
  std::string output;
  std::array<char, 65536> block{};
  while (const std::size_t count = std::fread(block.data(), 1, block.size(), pipe)) {
    output.append(block.data(), count);
  }
  if (pclose(pipe) != 0) {
    return std::nullopt;
  }
  std::vector<std::string> paths;
  std::size_t begin = 0;
  for (std::size_t end = output.find('\0'); end != std::string::npos;
       end = output.find('\0', begin)) {
    paths.push_back(output.substr(begin, end - begin));
    begin = end + 1;
  }
  return paths;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string root = argc > 1 ? argv[1] : ".";
  const std::optional<std::vector<std::string>> paths = tracked_files(root);
  if (!paths) {
    std::fputs("not a git checkout: nothing to look at\n", stderr);
    return 77;
  }
  std::vector<millrace::lint::SourceFile> files;
  for (const std::string& path : *paths) {
    const std::filesystem::path full = std::filesystem::path(root) / path;
    if (!std::filesystem::is_regular_file(full)) {
      continue;  // Removed, and not committed yet.
    }
    std::ifstream stream(full, std::ios::binary);
    std::string text(std::filesystem::file_size(full), '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!stream) {
      std::fputs(fmt::format("{} cannot be read\n", path).c_str(), stderr);
      return 2;
    }
    files.push_back({.path = path, .text = std::move(text)});
  }
  const std::vector<millrace::lint::Finding> findings =
      millrace::lint::lint(millrace::lint::Tree(std::move(files)), millrace::lint::exemptions());
  for (const millrace::lint::Finding& finding : findings) {
    std::puts(millrace::lint::to_string(finding).c_str());
  }
  std::puts(fmt::format("{} files, {} findings", paths->size(), findings.size()).c_str());
  return findings.empty() ? 0 : 1;
}
