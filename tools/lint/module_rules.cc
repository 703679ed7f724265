// Rules about modules: what may include what, cycles, the table of the architecture page.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "lint/rules.h"

namespace millrace::lint {

namespace {

constexpr std::string_view kSrc = "src/";

bool contains(const std::vector<std::string>& all, std::string_view one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

bool is_test(std::string_view path) {
  return path.ends_with("_test.cc") || path.ends_with("_bench.cc") || path.ends_with("_fuzz.cc");
}

/// Which DEPS the files of each module include.
struct Used {
  std::set<std::string> deps;
  std::set<std::string> test_deps;
};

void check_include(const Tree& tree,
                   const SourceFile& file,
                   const Module& own,
                   const Include& include,
                   std::map<std::string, Used>& used,
                   std::vector<Finding>& findings) {
  const auto add = [&](std::string message, std::string use) {
    findings.push_back({.rule = "includes",
                        .path = file.path,
                        .line = include.line,
                        .message = std::move(message),
                        .use = std::move(use)});
  };
  const Module* other = tree.module_of(include.path);
  if (other == nullptr) {
    add(fmt::format("\"{}\" is no header of a module", include.path),
        "\"module/file.h\", or <…> for a library");
    return;
  }
  const std::string below = include.path.substr(other->name.size() + 1);
  if (tree.find(std::string(kSrc) + include.path) == nullptr &&
      !contains(other->generated, below)) {
    add(fmt::format("\"{}\" is not there", include.path), "a file that git holds");
  }
  if (other == &own) {
    return;
  }
  Used& names = used[own.name];
  (is_test(file.path) ? names.test_deps : names.deps).insert(other->name);
  if (below.starts_with("detail/")) {
    add(fmt::format("\"{}\" is private to {}", include.path, other->name),
        fmt::format("a public header of {}", other->name));
  }
  const bool declared = contains(own.deps, other->name) ||
                        (is_test(file.path) && contains(own.test_deps, other->name));
  if (!declared) {
    add(fmt::format("{} includes {}, which is not among its DEPS", own.name, other->name),
        fmt::format("DEPS {} in {}, or do without", other->name, own.cmake_path));
  }
}

/// Finds the first cycle that a header is part of, by depth-first search.
class CycleFinder {
 public:
  explicit CycleFinder(const Tree& tree) : tree_(tree) {}

  void visit(const SourceFile& file, std::vector<Finding>& findings) {
    if (done_.contains(file.path)) {
      return;
    }
    path_.push_back(file.path);
    for (const Include& include : includes_of(file)) {
      const std::string below = std::string(kSrc) + include.path;
      const SourceFile* next = tree_.find(below);
      const auto inside = std::find(path_.begin(), path_.end(), below);
      if (inside != path_.end()) {
        std::vector<std::string> cycle(inside, path_.end());
        cycle.push_back(below);
        findings.push_back(
            {.rule = "include-cycle",
             .path = file.path,
             .line = include.line,
             .message = fmt::format("headers include each other: {}", fmt::join(cycle, " → ")),
             .use = "a forward declaration, or one header for both"});
      } else if (next != nullptr && next->path.ends_with(".h")) {
        visit(*next, findings);
      }
    }
    path_.pop_back();
    done_.insert(file.path);
  }

 private:
  const Tree& tree_;
  std::vector<std::string> path_;
  std::set<std::string> done_;
};

}  // namespace

void check_includes(const Tree& tree, std::vector<Finding>& findings) {
  std::map<std::string, Used> used;
  for (const SourceFile& file : tree.files()) {
    if (!is_cpp(file.path) || !file.path.starts_with(kSrc)) {
      continue;
    }
    const Module* own = tree.module_of(file.path.substr(kSrc.size()));
    if (own == nullptr) {
      findings.push_back({.rule = "includes",
                          .path = file.path,
                          .line = 1,
                          .message = "a file outside of every module",
                          .use = "a folder with a CMakeLists.txt that calls millrace_module()"});
      continue;
    }
    for (const Include& include : includes_of(file)) {
      check_include(tree, file, *own, include, used, findings);
    }
  }
  for (const auto& [name, module] : tree.modules()) {
    const Used& names = used[name];
    for (const std::string& dep : module.deps) {
      if (!names.deps.contains(dep)) {
        findings.push_back(
            {.rule = "includes",
             .path = module.cmake_path,
             .line = module.cmake_line,
             .message = fmt::format("{} declares the DEP {} and includes none of it", name, dep),
             .use = names.test_deps.contains(dep) ? "TEST_DEPS " + dep : "DEPS without " + dep});
      }
    }
    for (const std::string& dep : module.test_deps) {
      if (!names.test_deps.contains(dep)) {
        findings.push_back({.rule = "includes",
                            .path = module.cmake_path,
                            .line = module.cmake_line,
                            .message = fmt::format(
                                "{} declares the TEST_DEP {} and no test includes it", name, dep),
                            .use = "TEST_DEPS without " + dep});
      }
    }
  }
}

void check_include_cycles(const Tree& tree, std::vector<Finding>& findings) {
  CycleFinder finder(tree);
  for (const SourceFile& file : tree.files()) {
    if (file.path.starts_with(kSrc) && file.path.ends_with(".h")) {
      finder.visit(file, findings);
    }
  }
}

void check_module_table(const Tree& tree, std::vector<Finding>& findings) {
  constexpr std::string_view kPage = "docs/ARCHITECTURE.md";
  if (tree.modules().empty()) {
    return;
  }
  const auto add = [&](int line, std::string message, std::string use) {
    findings.push_back({.rule = "module-table",
                        .path = std::string(kPage),
                        .line = line,
                        .message = std::move(message),
                        .use = std::move(use)});
  };
  const SourceFile* page = tree.find(kPage);
  if (page == nullptr) {
    add(1, "the page is missing", "a table with a row `| `module` | what lives there |` for each");
    return;
  }
  std::set<std::string> rows;
  bool inside = false;
  std::string_view rest = page->text;
  for (int line = 1; !rest.empty(); ++line) {
    const std::string_view text = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), text.size() + 1));
    if (text.starts_with("| module |")) {
      inside = true;
    } else if (!text.starts_with('|')) {
      inside = false;
    }
    if (!inside || !text.starts_with("| `")) {
      continue;
    }
    // One row may name several modules: | `broker`, `registry` | … |
    std::string_view cell = text.substr(2, text.find('|', 2) - 2);
    while (cell.find('`') != std::string_view::npos) {
      cell.remove_prefix(cell.find('`') + 1);
      const std::string name(cell.substr(0, cell.find('`')));
      cell.remove_prefix(std::min(cell.size(), name.size() + 1));
      if (!rows.insert(name).second) {
        add(line, fmt::format("two rows for {}", name), "one row a module");
      }
      if (!tree.modules().contains(name)) {
        add(line, fmt::format("there is no module {}", name), "rows of the folders in src/ only");
      }
    }
  }
  for (const auto& [name, module] : tree.modules()) {
    if (!rows.contains(name)) {
      add(1,
          fmt::format("the module table lacks {}", name),
          fmt::format("a row | `{}` | … |", name));
    }
  }
}

}  // namespace millrace::lint
