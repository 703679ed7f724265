#include "cli/topic_selection.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace millrace::cli {

Result<TopicPattern> TopicPattern::compile(std::string_view text) {
  std::string pattern;
  for (const char c : text) {
    if (c != ' ') {
      pattern += c == ',' ? '|' : c;
    }
  }
  const std::size_t first = std::min(pattern.find_first_not_of("\"'"), pattern.size());
  pattern.erase(0, first);
  pattern.erase(pattern.find_last_not_of("\"'") + 1);
  expr::JavaRegex regex = TRY_DOING(expr::JavaRegex::compile(fmt::format("^(?:{})$", pattern)),
                                    fmt::format("{} is an invalid regex", text));
  return TopicPattern(std::move(regex));
}

}  // namespace millrace::cli
