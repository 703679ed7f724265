#include "lint/rules.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include <fmt/format.h>

namespace millrace::lint {

const std::vector<Exemption>& exemptions() {
  static const std::vector<Exemption> kTable = {
      {"banned-text", "src/base/clock.cc", "the one place that asks the system for the time"},
      {"banned-text", "src/base/thread.cc", "the one place that makes threads"},
      {"banned-text", "src/base/thread.h", "holds the thread that thread.cc makes"},
      {"banned-text", "src/base/random.cc", "takes seeds and secrets from the system"},
      {"todo", "tools/lint/", "speaks of the word"},
      {"fixme", "tools/lint/", "speaks of the word"},
  };
  return kTable;
}

std::string to_string(const Finding& finding) {
  return fmt::format("{}:{}: {}; use {} [{}]",
                     finding.path,
                     finding.line,
                     finding.message,
                     finding.use,
                     finding.rule);
}

std::vector<Finding> lint(const Tree& tree, const std::vector<Exemption>& exempt) {
  std::vector<Finding> all;
  for (auto* const rule : {check_banned_text,
                           check_try_in_braces,
                           check_comments,
                           check_includes,
                           check_include_cycles,
                           check_module_table,
                           check_file_names,
                           check_file_length,
                           check_tests,
                           check_fuzzers,
                           check_dead_files}) {
    rule(tree, all);
  }
  std::vector<bool> needed(exempt.size(), false);
  std::vector<Finding> kept;
  for (Finding& finding : all) {
    bool excused = false;
    for (std::size_t i = 0; i < exempt.size(); ++i) {
      const bool here = exempt[i].path.ends_with('/') ? finding.path.starts_with(exempt[i].path)
                                                      : finding.path == exempt[i].path;
      if (here && exempt[i].rule == finding.rule) {
        needed[i] = true;
        excused = true;
      }
    }
    if (!excused) {
      kept.push_back(std::move(finding));
    }
  }
  for (std::size_t i = 0; i < exempt.size(); ++i) {
    if (!needed[i]) {
      kept.push_back(
          {.rule = "exemption",
           .path = "tools/lint/rules.cc",
           .line = 1,
           .message = fmt::format(
               "nothing needs the exemption of {} from {}", exempt[i].path, exempt[i].rule),
           .use = "a table without it"});
    }
  }
  std::sort(kept.begin(), kept.end(), [](const Finding& left, const Finding& right) {
    return std::tie(left.path, left.line, left.rule, left.message) <
           std::tie(right.path, right.line, right.rule, right.message);
  });
  return kept;
}

}  // namespace millrace::lint
