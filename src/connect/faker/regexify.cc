#include "connect/faker/detail/regexify.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/utf8.h"

namespace millrace::connect::faker::detail {
namespace {

constexpr char32_t kFirstPrintable = U' ';
constexpr char32_t kLastPrintable = U'~';
constexpr int kDepthMax = 30;
constexpr std::size_t kRepeatsMax = 10'000;
constexpr std::size_t kBytesPerCharacter = 4;

struct Range {
  char32_t first;
  char32_t last;
};

using CharacterSet = std::vector<Range>;

struct Alternatives;

// A set of characters or a group, so many times.
struct Item {
  CharacterSet set;
  std::shared_ptr<Alternatives> group;  // Shared by copies of the maker, which never change it.
  std::size_t least = 1;
  std::size_t most = 1;
};

using Sequence = std::vector<Item>;

struct Alternatives {
  std::vector<Sequence> sequences;
};

const CharacterSet& printable() {
  static const CharacterSet kSet = {{kFirstPrintable, kLastPrintable}};
  return kSet;
}

CharacterSet without(const CharacterSet& set) {
  CharacterSet rest;
  for (char32_t c = kFirstPrintable; c <= kLastPrintable; ++c) {
    const bool in = std::ranges::any_of(
        set, [c](const Range& range) { return c >= range.first && c <= range.last; });
    if (!in) {
      rest.push_back({c, c});
    }
  }
  return rest;
}

std::optional<CharacterSet> class_of_escape(char32_t letter) {
  CharacterSet digits = {{U'0', U'9'}};
  CharacterSet words = {{U'a', U'z'}, {U'A', U'Z'}, {U'0', U'9'}, {U'_', U'_'}};
  CharacterSet blanks = {{U' ', U' '}};
  switch (letter) {
    case U'd':
      return digits;
    case U'w':
      return words;
    case U's':
      return blanks;
    case U'D':
      return without(digits);
    case U'W':
      return without(words);
    case U'S':
      return without(blanks);
    case U'n':
      return CharacterSet{{U'\n', U'\n'}};
    case U't':
      return CharacterSet{{U'\t', U'\t'}};
    default:
      break;
  }
  const bool word = letter < 0x80 && (is_ascii_letter(static_cast<char>(letter)) ||
                                      is_ascii_digit(static_cast<char>(letter)));
  return word ? std::nullopt : std::optional(CharacterSet{{letter, letter}});
}

class Parser {
 public:
  explicit Parser(std::string_view pattern) : pattern_(pattern) {}

  std::shared_ptr<Alternatives> parse(std::string& problem) {
    auto all = parse_alternatives(0);
    if (problem_.empty() && !done()) {
      fail("a ) without its (");
    }
    problem = problem_;
    return problem_.empty() ? all : nullptr;
  }

 private:
  [[nodiscard]] bool done() const { return at_ >= pattern_.size(); }

  [[nodiscard]] bool next_is(char c) const { return !done() && pattern_[at_] == c; }

  bool take(char c) {
    const bool there = next_is(c);
    at_ += there ? 1 : 0;
    return there;
  }

  char32_t take_character() { return next_code_point(pattern_, at_); }

  void fail(std::string_view what) {
    if (problem_.empty()) {
      problem_ = fmt::format("{} at character {} of \"{}\"",
                             what,
                             utf8_length(pattern_.substr(0, std::min(at_, pattern_.size()))) + 1,
                             pattern_);
    }
    at_ = pattern_.size();
  }

  // NOLINTNEXTLINE(misc-no-recursion): kDepthMax bounds it.
  std::shared_ptr<Alternatives> parse_alternatives(int depth) {
    auto all = std::make_shared<Alternatives>();
    do {
      all->sequences.push_back(parse_sequence(depth));
    } while (take('|'));
    return all;
  }

  // NOLINTNEXTLINE(misc-no-recursion)
  Sequence parse_sequence(int depth) {
    Sequence sequence;
    while (!done() && !next_is('|') && !next_is(')')) {
      if (take('^') || take('$')) {
        continue;
      }
      Item item = parse_item(depth);
      parse_repeats(item);
      sequence.push_back(std::move(item));
    }
    return sequence;
  }

  // NOLINTNEXTLINE(misc-no-recursion)
  Item parse_item(int depth) {
    Item item;
    if (take('(')) {
      if (depth >= kDepthMax) {
        fail("groups too deep");
        return item;
      }
      if (take('?') && !take(':')) {
        fail("a group of a kind that is not understood");
        return item;
      }
      item.group = parse_alternatives(depth + 1);
      if (!take(')')) {
        fail("a ( without its )");
      }
    } else if (take('[')) {
      item.set = parse_class();
    } else if (take('.')) {
      item.set = printable();
    } else if (take('\\')) {
      item.set = parse_escape();
    } else if (next_is('*') || next_is('+') || next_is('?') || next_is('{')) {
      fail("a repetition of nothing");
    } else {
      const char32_t c = take_character();
      item.set = {{c, c}};
    }
    return item;
  }

  CharacterSet parse_escape() {
    if (done()) {
      fail("a backslash at the end");
      return {};
    }
    const std::optional<CharacterSet> set = class_of_escape(take_character());
    if (!set) {
      --at_;
      fail("an escape that is not understood");
      return {};
    }
    return *set;
  }

  CharacterSet parse_class() {
    CharacterSet set;
    const bool negated = take('^');
    bool first = true;
    while (!done() && (first || !next_is(']'))) {
      first = false;
      if (take('\\')) {
        const CharacterSet escaped = parse_escape();
        set.insert(set.end(), escaped.begin(), escaped.end());
        continue;
      }
      const char32_t from = take_character();
      const bool range = next_is('-') && at_ + 1 < pattern_.size() && pattern_[at_ + 1] != ']';
      char32_t to = from;
      if (range) {
        take('-');
        to = take_character();
      }
      if (to < from || to - from > 0xFFFF) {
        fail("a range from the end to the beginning");
      }
      set.push_back({from, to});
    }
    if (!take(']')) {
      fail("a [ without its ]");
    }
    if (negated) {
      set = without(set);
    }
    if (set.empty()) {
      fail("a class of no characters");
    }
    return set;
  }

  void parse_repeats(Item& item) {
    if (take('?')) {
      item.least = 0;
    } else if (take('*')) {
      item.least = 0;
      item.most = kOpenRepeatsMax;
    } else if (take('+')) {
      item.most = kOpenRepeatsMax;
    } else if (take('{')) {
      parse_counts(item);
    } else {
      return;
    }
    if (!take('?')) {  // Lazy or possessive: the same texts.
      take('+');
    }
  }

  void parse_counts(Item& item) {
    const std::optional<std::size_t> least = parse_count();
    if (!least) {
      return;
    }
    item.least = *least;
    item.most = *least;
    if (take(',')) {
      item.most = *least + kOpenRepeatsMax;
      if (!next_is('}')) {
        item.most = parse_count().value_or(0);
      }
    }
    if (!take('}') || item.most < item.least) {
      fail("a repetition that is not {n}, {n,} or {n,m}");
    }
  }

  std::optional<std::size_t> parse_count() {
    std::size_t count = 0;
    const std::size_t start = at_;
    while (!done() && is_ascii_digit(pattern_[at_]) && count <= kRepeatsMax) {
      count = count * 10 + static_cast<std::size_t>(pattern_[at_] - '0');
      ++at_;
    }
    if (at_ == start || count > kRepeatsMax) {
      fail("a repetition without a number up to 10000");
      return std::nullopt;
    }
    return count;
  }

  std::string_view pattern_;
  std::size_t at_ = 0;
  std::string problem_;
};

// Saturates at the limit.
// NOLINTNEXTLINE(misc-no-recursion)
std::size_t longest(const Alternatives& all) {
  std::size_t longest_bytes = 0;
  for (const Sequence& sequence : all.sequences) {
    std::size_t bytes = 0;
    for (const Item& item : sequence) {
      const std::size_t one = item.group == nullptr ? kBytesPerCharacter : longest(*item.group);
      bytes = std::min(bytes + one * item.most, kRegexTextMax + 1);
    }
    longest_bytes = std::max(longest_bytes, bytes);
  }
  return longest_bytes;
}

void append_one_of(Draw& draw, const CharacterSet& set, std::string& out) {
  std::uint64_t characters = 0;
  for (const Range& range : set) {
    characters += range.last - range.first + 1;
  }
  std::uint64_t chosen = draw.random.below(characters);
  for (const Range& range : set) {
    const std::uint64_t size = range.last - range.first + 1;
    if (chosen < size) {
      const char32_t c = range.first + static_cast<char32_t>(chosen);
      const bool surrogate = c >= 0xD800 && c <= 0xDFFF;
      append_utf8(out, surrogate || c > 0x10FFFF ? U'?' : c);
      return;
    }
    chosen -= size;
  }
}

// NOLINTNEXTLINE(misc-no-recursion)
void append_text(Draw& draw, const Alternatives& all, std::string& out) {
  const Sequence& sequence = all.sequences[draw.random.below(all.sequences.size())];
  for (const Item& item : sequence) {
    const std::size_t times = item.least + draw.random.below(item.most - item.least + 1);
    for (std::size_t i = 0; i < times; ++i) {
      if (item.group != nullptr) {
        append_text(draw, *item.group, out);
      } else {
        append_one_of(draw, item.set, out);
      }
    }
  }
}

}  // namespace

Maker make_regexify(std::string_view pattern, std::string& problem) {
  const std::shared_ptr<Alternatives> all = Parser(pattern).parse(problem);
  if (all == nullptr) {
    return nullptr;
  }
  if (longest(*all) > kRegexTextMax) {
    problem = fmt::format("texts of up to more than {} bytes from \"{}\"", kRegexTextMax, pattern);
    return nullptr;
  }
  return [all](Draw& draw, std::string& out) {
    append_text(draw, *all, out);
  };
}

}  // namespace millrace::connect::faker::detail
