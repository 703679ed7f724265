// The tree of files and the modules that its CMakeLists.txt files declare.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lint/rules.h"

namespace millrace::lint {

namespace {

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::size_t at = 0;
  while (at < text.size()) {
    at = std::min(text.find_first_not_of(" \t\r\n\"", at), text.size());
    const std::size_t end = std::min(text.find_first_of(" \t\r\n\"", at), text.size());
    if (end > at) {
      words.emplace_back(text.substr(at, end - at));
    }
    at = end;
  }
  return words;
}

/// The words of `set(name …)` when the word is ${name} and such a call is there; else the word.
std::vector<std::string> expand(const std::string& word, std::string_view text) {
  if (!word.starts_with("${") || !word.ends_with("}")) {
    return {word};
  }
  const std::size_t call = text.find("set(" + word.substr(2, word.size() - 3));
  if (call == std::string_view::npos) {
    return {word};
  }
  std::vector<std::string> words = words_of(text.substr(call, text.find(')', call) - call));
  words.erase(words.begin());  // "set(name"
  return words;
}

}  // namespace

Module parse_module(std::string_view path, std::string_view text) {
  constexpr std::string_view kCall = "millrace_module(";
  Module module;
  const std::size_t call = text.find(kCall);
  if (call == std::string_view::npos) {
    return module;
  }
  module.cmake_path = path;
  module.cmake_line = line_at(text, call);
  const std::size_t begin = call + kCall.size();
  const std::vector<std::string> words =
      words_of(text.substr(begin, text.find(')', begin) - begin));
  std::vector<std::string> others;
  std::vector<std::string>* to = &others;
  for (const std::string& word : words) {
    const bool keyword = word.size() > 2 &&
                         word.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == std::string::npos;
    if (module.name.empty()) {
      module.name = word;
    } else if (word == "DEPS") {
      to = &module.deps;
    } else if (word == "TEST_DEPS") {
      to = &module.test_deps;
    } else if (word == "GENERATED") {
      to = &module.generated;
    } else if (keyword) {
      to = &others;
    } else {
      for (std::string& one : expand(word, text)) {
        to->push_back(std::move(one));
      }
    }
  }
  return module;
}

Tree::Tree(std::vector<SourceFile> files) : files_(std::move(files)) {
  for (std::size_t i = 0; i < files_.size(); ++i) {
    SourceFile& file = files_[i];
    by_path_[file.path] = i;
    if (is_cpp(file.path)) {
      file.code = code_of(file.text);
    }
    if (file.path.starts_with("src/") && file.path.ends_with("/CMakeLists.txt")) {
      Module module = parse_module(file.path, file.text);
      if (!module.name.empty()) {
        std::string name = module.name;
        modules_.emplace(std::move(name), std::move(module));
      }
    }
  }
}

const SourceFile* Tree::find(std::string_view path) const {
  const auto found = by_path_.find(path);
  return found == by_path_.end() ? nullptr : &files_[found->second];
}

const Module* Tree::module_of(std::string_view below_src) const {
  for (std::size_t slash = below_src.rfind('/'); slash != std::string_view::npos && slash > 0;
       slash = below_src.rfind('/', slash - 1)) {
    const auto found = modules_.find(below_src.substr(0, slash));
    if (found != modules_.end()) {
      return &found->second;
    }
  }
  return nullptr;
}

std::vector<Include> includes_of(const SourceFile& file) {
  constexpr std::string_view kDirective = "#include \"";
  std::vector<Include> includes;
  std::string_view rest = file.code;
  for (int line = 1; !rest.empty(); ++line) {
    const std::string_view text = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), text.size() + 1));
    if (text.starts_with(kDirective)) {
      const std::string_view path = text.substr(kDirective.size());
      includes.push_back({.path = std::string(path.substr(0, path.find('"'))), .line = line});
    }
  }
  return includes;
}

}  // namespace millrace::lint
