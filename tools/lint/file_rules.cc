// Rules about files: names, length, tests and fuzzers beside them, what nobody uses.
#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "lint/rules.h"

namespace millrace::lint {

namespace {

constexpr int kLinesMax = 800;
constexpr std::array<std::string_view, 4> kForbiddenNames = {"util", "helper", "common", "manager"};
constexpr std::array<std::string_view, 8> kTested = {
    "record", "log", "state", "wire", "sql", "format", "expr", "exec"};
/// A source whose name ends in one of these reads bytes or text from outside.
constexpr std::array<std::string_view, 3> kDecoders = {"parser", "decoder", "reader"};

bool is_extra(std::string_view stem) {
  return stem.ends_with("_test") || stem.ends_with("_bench") || stem.ends_with("_fuzz") ||
         stem == "main";
}

bool in_code_folder(std::string_view path) {
  return path.starts_with("src/") || path.starts_with("tools/") || path.starts_with("bench/") ||
         (path.starts_with("tests/") && !path.starts_with("tests/corpus/"));
}

void add(std::vector<Finding>& findings,
         std::string_view rule,
         std::string_view path,
         std::string message,
         std::string use) {
  findings.push_back({.rule = std::string(rule),
                      .path = std::string(path),
                      .line = 1,
                      .message = std::move(message),
                      .use = std::move(use)});
}

/// Whether some fuzzer of the module includes a header that this source includes or implements.
bool is_fuzzed(const Tree& tree, const Module& module, const SourceFile& file) {
  std::set<std::string> headers;
  for (const Include& include : includes_of(file)) {
    if (tree.module_of(include.path) == &module) {
      headers.insert(include.path);
    }
  }
  const std::string folder = "src/" + module.name + "/";
  return std::any_of(tree.files().begin(), tree.files().end(), [&](const SourceFile& other) {
    if (!other.path.starts_with(folder) || !other.path.ends_with("_fuzz.cc")) {
      return false;
    }
    const std::vector<Include> includes = includes_of(other);
    return std::any_of(includes.begin(), includes.end(), [&](const Include& include) {
      return headers.contains(include.path);
    });
  });
}

}  // namespace

void check_file_names(const Tree& tree, std::vector<Finding>& findings) {
  for (const SourceFile& file : tree.files()) {
    if (!in_code_folder(file.path)) {
      continue;
    }
    std::string name(file.path.substr(file.path.rfind('/') + 1));
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
      return static_cast<char>(std::tolower(c));
    });
    for (const std::string_view forbidden : kForbiddenNames) {
      if (name.find(forbidden) != std::string::npos) {
        add(findings,
            "file-name",
            file.path,
            fmt::format("a file called *{}*", forbidden),
            "the noun of what is in it");
      }
    }
  }
}

void check_file_length(const Tree& tree, std::vector<Finding>& findings) {
  static constexpr std::array<std::string_view, 9> kEnds = {
      ".cc", ".h", ".cmake", ".sh", ".py", ".js", ".css", ".html", "CMakeLists.txt"};
  for (const SourceFile& file : tree.files()) {
    const bool code = std::any_of(
        kEnds.begin(), kEnds.end(), [&](std::string_view end) { return file.path.ends_with(end); });
    const auto lines = std::count(file.text.begin(), file.text.end(), '\n');
    if (code && lines > kLinesMax) {
      findings.push_back({.rule = "file-length",
                          .path = file.path,
                          .line = kLinesMax + 1,
                          .message = fmt::format("{} lines, at most {}", lines, kLinesMax),
                          .use = "two files, each with one subject"});
    }
  }
}

void check_tests(const Tree& tree, std::vector<Finding>& findings) {
  for (const SourceFile& file : tree.files()) {
    if (!file.path.starts_with("src/") || !file.path.ends_with(".cc") ||
        is_extra(stem_of(file.path))) {
      continue;
    }
    const std::string_view below = std::string_view(file.path).substr(4);
    const std::string_view folder = below.substr(0, below.find('/'));
    if (std::find(kTested.begin(), kTested.end(), folder) == kTested.end()) {
      continue;
    }
    const std::string test = file.path.substr(0, file.path.size() - 3) + "_test.cc";
    if (tree.find(test) == nullptr) {
      add(findings, "test", file.path, fmt::format("{} has no test of its own", folder), test);
    }
  }
}

void check_fuzzers(const Tree& tree, std::vector<Finding>& findings) {
  for (const SourceFile& file : tree.files()) {
    if (!file.path.starts_with("src/") || !file.path.ends_with(".cc")) {
      continue;
    }
    const std::string_view stem = stem_of(file.path);
    const Module* module = tree.module_of(std::string_view(file.path).substr(4));
    if (module == nullptr) {
      continue;
    }
    if (stem.ends_with("_fuzz")) {
      const std::string corpus =
          fmt::format("tests/corpus/{}/{}/", module->name, stem.substr(0, stem.size() - 5));
      const bool has =
          std::any_of(tree.files().begin(), tree.files().end(), [&](const SourceFile& other) {
            return other.path.starts_with(corpus);
          });
      if (!has) {
        add(findings, "fuzz", file.path, "a fuzzer without corpus", corpus);
      }
      continue;
    }
    const std::string_view last = stem.substr(stem.rfind('_') + 1);
    const bool decoder = std::find(kDecoders.begin(), kDecoders.end(), last) != kDecoders.end();
    if (decoder && !is_fuzzed(tree, *module, file)) {
      add(findings,
          "fuzz",
          file.path,
          "a decoder without fuzzer",
          file.path.substr(0, file.path.size() - 3) + "_fuzz.cc");
    }
  }
}

void check_dead_files(const Tree& tree, std::vector<Finding>& findings) {
  std::set<std::string> included;
  for (const SourceFile& file : tree.files()) {
    if (!is_cpp(file.path)) {
      continue;
    }
    for (const Include& include : includes_of(file)) {
      const bool own = file.path == "src/" + include.path;
      if (!own) {
        included.insert("src/" + include.path);
        included.insert("tools/" + include.path);
        included.insert("tests/" + include.path);
        included.insert("bench/" + include.path);
        included.insert(include.path);
      }
    }
  }
  for (const SourceFile& file : tree.files()) {
    if (file.path.ends_with(".h") && in_code_folder(file.path) && !included.contains(file.path)) {
      add(findings, "dead-file", file.path, "a header that nobody includes", "nothing: remove it");
    }
    constexpr std::string_view kCorpus = "tests/corpus/";
    if (!file.path.starts_with(kCorpus)) {
      continue;
    }
    const std::string_view folder =
        std::string_view(file.path).substr(0, file.path.rfind('/')).substr(kCorpus.size());
    const std::string fuzzer = fmt::format("src/{}_fuzz.cc", folder);
    if (tree.find(fuzzer) == nullptr) {
      add(findings, "dead-file", file.path, "a corpus without fuzzer", fuzzer);
    }
  }
}

}  // namespace millrace::lint
