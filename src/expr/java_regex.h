// Java's regular expressions (java.util.regex) run by RE2.
//
// RE2 matches in linear time whatever the pattern is, so no pattern can stop a flow; the price is
// that look-around, back-references, possessive quantifiers and class intersections are not there.
// They are refused by name. All else is translated: what \w, \s, \h, \R, '.', (?U) and \p{Alpha}
// mean in Java differs from RE2.
//
// A known difference: '$' without (?m) matches only at the very end, not also before a last line
// feed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace millrace::expr {

/// RE2's syntax of a Java pattern. kInvalidArgument: no Java pattern; kUnsupported: one that RE2
/// cannot run.
Result<std::string> translate_java_regex(std::string_view pattern);

/// A match: byte positions of group 0, 1, …; a group that did not take part has begin < 0.
struct RegexMatch {
  struct Group {
    std::int64_t begin = -1;
    std::int64_t end = -1;
  };

  std::vector<Group> groups;

  [[nodiscard]] std::size_t begin() const { return static_cast<std::size_t>(groups[0].begin); }

  [[nodiscard]] std::size_t end() const { return static_cast<std::size_t>(groups[0].end); }
};

/// A compiled pattern. Immutable. Thread-safe.
class JavaRegex {
 public:
  static Result<JavaRegex> compile(std::string_view pattern);

  JavaRegex(const JavaRegex&) = delete;
  JavaRegex& operator=(const JavaRegex&) = delete;
  JavaRegex(JavaRegex&&) noexcept;
  JavaRegex& operator=(JavaRegex&&) noexcept;
  ~JavaRegex();

  /// Matcher.find() anywhere.
  [[nodiscard]] bool found_in(std::string_view text) const;
  /// The first match at or after byte `from`. `groups` = how many groups beside 0 are wanted.
  [[nodiscard]] bool find(std::string_view text,
                          std::size_t from,
                          int groups,
                          RegexMatch& match) const;
  [[nodiscard]] int group_count() const;
  /// The number of a named group, or 0.
  [[nodiscard]] int group_of(std::string_view name) const;

  /// Calls f(match) → bool (false stops) for each match from byte `from`, as repeated find() does.
  template <class F>
  void for_each_match(std::string_view text, std::size_t from, int groups, const F& f) const {
    RegexMatch match;
    while (from <= text.size() && find(text, from, groups, match)) {
      if (!f(match)) {
        return;
      }
      from = match.end() > match.begin() ? match.end() : next_position(text, match.end());
    }
  }

 private:
  struct Impl;

  explicit JavaRegex(std::unique_ptr<Impl> impl);
  static std::size_t next_position(std::string_view text, std::size_t at);

  std::unique_ptr<Impl> impl_;
};

/// A replacement in Java's syntax: "$1", "${name}", "\$". Immutable.
struct RegexReplacement {
  struct Part {
    std::string text;
    int group = -1;  ///< >= 0: this group instead of the text.
  };

  std::vector<Part> parts;

  /// Nothing when a group does not exist or the syntax is wrong.
  static std::optional<RegexReplacement> parse(std::string_view text, const JavaRegex& regex);
  void append_to(std::string& out, std::string_view text, const RegexMatch& match) const;
};

}  // namespace millrace::expr
