#include "connect/files/detail/glob.h"

#include <algorithm>

namespace millrace::connect::files::detail {
namespace {

// The length of the class at the start of `pattern` ("[a-z]"), and whether `c` is in it; 0: no
// class, the bracket stands for itself.
std::size_t match_class(std::string_view pattern, char c, bool& in) {
  const std::size_t close = pattern.find(']', 2);
  if (close == std::string_view::npos) {
    return 0;
  }
  std::string_view inside = pattern.substr(1, close - 1);
  const bool negated = inside.starts_with('!') || inside.starts_with('^');
  inside.remove_prefix(negated ? 1 : 0);
  bool found = false;
  while (!inside.empty()) {
    const bool range = inside.size() > 2 && inside[1] == '-';
    const char last = range ? inside[2] : inside[0];
    found = found || (inside[0] <= c && c <= last);
    inside.remove_prefix(range ? 3 : 1);
  }
  in = found != negated;
  return close + 1;
}

// How much of the pattern one character takes; 0: it does not match.
std::size_t match_one(std::string_view pattern, char c) {
  if (pattern.empty()) {
    return 0;
  }
  if (pattern[0] == '?') {
    return 1;
  }
  if (pattern[0] == '[') {
    bool in = false;
    if (const std::size_t length = match_class(pattern, c, in); length > 0) {
      return in ? length : 0;
    }
  }
  if (pattern[0] == '\\' && pattern.size() > 1) {
    return pattern[1] == c ? 2 : 0;
  }
  return pattern[0] == c ? 1 : 0;
}

// The brace that closes the one at `open`; npos: none.
std::size_t closing_brace(std::string_view pattern, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < pattern.size(); ++i) {
    depth += pattern[i] == '{' ? 1 : 0;
    depth -= pattern[i] == '}' ? 1 : 0;
    if (depth == 0) {
      return i;
    }
  }
  return std::string_view::npos;
}

std::vector<std::string_view> split_alternatives(std::string_view inside) {
  std::vector<std::string_view> parts;
  int depth = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= inside.size(); ++i) {
    if (i == inside.size() || (inside[i] == ',' && depth == 0)) {
      parts.push_back(inside.substr(start, i - start));
      start = i + 1;
      continue;
    }
    depth += inside[i] == '{' ? 1 : 0;
    depth -= inside[i] == '}' ? 1 : 0;
  }
  return parts;
}

}  // namespace

bool is_glob(std::string_view path) {
  return path.find_first_of("*?[{") != std::string_view::npos;
}

// Linear in memory, at most name × pattern in time: after a mismatch only the last star gives way.
bool matches_glob(std::string_view name, std::string_view pattern) {
  std::size_t at = 0;
  std::size_t in_pattern = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_at = 0;
  while (at < name.size()) {
    if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
      star = in_pattern++;
      star_at = at;
      continue;
    }
    if (const std::size_t taken = match_one(pattern.substr(in_pattern), name[at]); taken > 0) {
      in_pattern += taken;
      ++at;
      continue;
    }
    if (star == std::string_view::npos) {
      return false;
    }
    in_pattern = star + 1;
    at = ++star_at;
  }
  return pattern.find_first_not_of('*', in_pattern) == std::string_view::npos;
}

std::vector<std::string> expand_braces(std::string_view pattern) {
  std::vector<std::string> done;
  std::vector<std::string> open = {std::string(pattern)};
  while (!open.empty()) {
    const std::string next = std::move(open.back());
    open.pop_back();
    const std::size_t brace = next.find('{');
    if (brace == std::string::npos) {
      done.push_back(next);
    } else {
      const std::size_t close = closing_brace(next, brace);
      if (close == std::string::npos) {
        return {};
      }
      const std::string_view view = next;
      std::vector<std::string_view> parts =
          split_alternatives(view.substr(brace + 1, close - brace - 1));
      std::ranges::reverse(parts);  // The first one is taken from the end.
      for (const std::string_view part : parts) {
        open.push_back(std::string(view.substr(0, brace)) + std::string(part) +
                       std::string(view.substr(close + 1)));
      }
    }
    if (open.size() + done.size() > kAlternativesMax) {
      return {};
    }
  }
  return done;
}

}  // namespace millrace::connect::files::detail
