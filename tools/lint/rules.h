// What the linter knows and says. It looks at the files that git holds, in one pass, and knows
// nothing of the language but comments, literals and brackets; a rule that needs more belongs to
// clang-tidy.
//
// Each finding says what to write instead. An exemption names rule, file and reason, in the table
// of rules.cc; one that nothing needs any more is a finding, too.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::lint {

/// A file that git holds. Immutable.
struct SourceFile {
  std::string path;  ///< Below the root: "src/log/segment.cc".
  std::string text;
  std::string code = {};  ///< The text with comments and literals made blank; C++ only.
};

/// Immutable.
struct Finding {
  std::string rule;
  std::string path;
  int line = 0;
  std::string message;
  std::string use;  ///< The replacement.

  friend bool operator==(const Finding&, const Finding&) = default;
};

/// "file:line: message; use REPLACEMENT [rule]".
std::string to_string(const Finding& finding);

struct Exemption {
  std::string_view rule;
  std::string_view path;  ///< A file, or a folder with a slash at its end.
  std::string_view reason;
};

/// A module as its CMakeLists.txt declares it. Immutable.
struct Module {
  std::string name;  ///< "connect/kafka"
  std::string cmake_path;
  int cmake_line = 1;
  std::vector<std::string> deps;
  std::vector<std::string> test_deps;
  std::vector<std::string> generated;
};

/// Everything that rules look at. Immutable.
class Tree {
 public:
  /// Takes path and text of each file.
  explicit Tree(std::vector<SourceFile> files);

  [[nodiscard]] const std::vector<SourceFile>& files() const { return files_; }

  [[nodiscard]] const SourceFile* find(std::string_view path) const;

  [[nodiscard]] const std::map<std::string, Module, std::less<>>& modules() const {
    return modules_;
  }

  /// The module whose folder holds this path below src/ ("connect/kafka/a.h"), or null.
  [[nodiscard]] const Module* module_of(std::string_view below_src) const;

 private:
  std::vector<SourceFile> files_;
  std::map<std::string, std::size_t, std::less<>> by_path_;
  std::map<std::string, Module, std::less<>> modules_;
};

/// `#include "…"` of a file.
struct Include {
  std::string path;
  int line = 0;
};

std::vector<Include> includes_of(const SourceFile& file);

/// The declaration `millrace_module(…)` in the text of a CMakeLists.txt; an empty name: none.
Module parse_module(std::string_view path, std::string_view text);

/// The text with comments and literals (and their quotes' insides) made blank: offsets and lines
/// stay.
std::string code_of(std::string_view text);

bool is_cpp(std::string_view path);
/// "segment" of "src/log/segment_test.cc" is not it: the name without folder and extension.
std::string_view stem_of(std::string_view path);
int line_at(std::string_view text, std::size_t offset);

// The rules. Each adds its findings.
void check_banned_text(const Tree& tree, std::vector<Finding>& findings);
void check_try_in_braces(const Tree& tree, std::vector<Finding>& findings);
void check_comments(const Tree& tree, std::vector<Finding>& findings);
void check_includes(const Tree& tree, std::vector<Finding>& findings);
void check_include_cycles(const Tree& tree, std::vector<Finding>& findings);
void check_module_table(const Tree& tree, std::vector<Finding>& findings);
void check_file_names(const Tree& tree, std::vector<Finding>& findings);
void check_file_length(const Tree& tree, std::vector<Finding>& findings);
void check_tests(const Tree& tree, std::vector<Finding>& findings);
void check_fuzzers(const Tree& tree, std::vector<Finding>& findings);
void check_dead_files(const Tree& tree, std::vector<Finding>& findings);

/// Every rule, without what is exempt, by file and line; an exemption that nothing needed is added.
std::vector<Finding> lint(const Tree& tree, const std::vector<Exemption>& exemptions);

/// The table of this repository.
const std::vector<Exemption>& exemptions();

}  // namespace millrace::lint
