#include "expr/java_regex.h"

#include <algorithm>
#include <array>
#include <utility>

#include <re2/re2.h>

#include "base/utf8.h"

namespace millrace::expr {
namespace {

constexpr std::size_t kPatternBytesMax = 64 * 1024;
constexpr std::int64_t kRegexMemoryMax = std::int64_t{16} << 20;

// Classes by their content between brackets; RE2 allows them inside of a class too.
constexpr std::string_view kSpaces = R"(\t\n\x0B\f\r )";
constexpr std::string_view kHorizontal =
    R"( \t\x{A0}\x{1680}\x{180E}\x{2000}-\x{200A}\x{202F}\x{205F}\x{3000})";
constexpr std::string_view kVertical = R"(\n\x0B\f\r\x{85}\x{2028}\x{2029})";
constexpr std::string_view kLineEnds = R"(\n\r\x{85}\x{2028}\x{2029})";
constexpr std::string_view kUnicodeWord = R"(\p{L}\p{Nl}\p{M}\p{Nd}\p{Pc}\x{200C}\x{200D})";
constexpr std::string_view kUnicodeSpace = R"(\t\n\x0B\f\r\x{85}\p{Z})";

struct NamedClass {
  std::string_view name;
  std::string_view content;
};

// \p{name} where RE2 has another word for it.
constexpr std::array kNamedClasses = {
    NamedClass{"Lower", "a-z"},
    NamedClass{"Upper", "A-Z"},
    NamedClass{"ASCII", R"(\x00-\x7F)"},
    NamedClass{"Alpha", "a-zA-Z"},
    NamedClass{"Digit", "0-9"},
    NamedClass{"Alnum", "a-zA-Z0-9"},
    NamedClass{"Punct", R"(!-/:-@\[-`{-~)"},
    NamedClass{"Graph", "!-~"},
    NamedClass{"Print", " -~"},
    NamedClass{"Blank", R"( \t)"},
    NamedClass{"Cntrl", R"(\x00-\x1F\x7F)"},
    NamedClass{"XDigit", "0-9a-fA-F"},
    NamedClass{"Space", R"(\t\n\x0B\f\r )"},
    NamedClass{"IsAlphabetic", R"(\p{L}\p{Nl})"},
    NamedClass{"IsLetter", R"(\p{L})"},
    NamedClass{"IsDigit", R"(\p{Nd})"},
    NamedClass{"IsLowercase", R"(\p{Ll})"},
    NamedClass{"IsUppercase", R"(\p{Lu})"},
    NamedClass{"IsPunctuation", R"(\p{P})"},
    NamedClass{"IsWhite_Space", R"(\t\n\x0B\f\r\x{85}\p{Z})"},
    NamedClass{"IsIdeographic", R"(\p{Han})"},
    NamedClass{"javaLowerCase", R"(\p{Ll})"},
    NamedClass{"javaUpperCase", R"(\p{Lu})"},
    NamedClass{"javaWhitespace", R"(\t\n\x0B\f\r\x1C-\x1F\p{Z})"},
};

// The flags that change the translation; RE2 itself is given i, s and m.
struct Flags {
  bool unicode = false;     // U
  bool dot_all = false;     // s
  bool comments = false;    // x
  bool unix_lines = false;  // d
};

// One pass over a Java pattern. Owned by one thread.
class Translator {
 public:
  explicit Translator(std::string_view pattern) : in_(pattern) {}

  Result<std::string> run() {
    std::vector<Flags> outer;
    while (at_ < in_.size()) {
      const char c = in_[at_];
      if (flags_.comments && skip_comment()) {
        continue;
      }
      if (c == '(') {
        outer.push_back(flags_);
        TRY(open_group(outer));
      } else if (c == ')') {
        if (!outer.empty()) {
          flags_ = outer.back();
          outer.pop_back();
        }
        take(1);
      } else if (c == '[') {
        const std::string content = TRY(read_class(/*depth=*/0));
        out_ += content;
      } else if (c == '\\') {
        const std::string escape = TRY(read_escape(/*in_class=*/false));
        out_ += escape;
      } else if (c == '.') {
        ++at_;
        out_ += dot();
      } else if (c == '*' || c == '+' || c == '?' || c == '}') {
        TRY(quantifier_end());
      } else {
        take(1);
      }
    }
    return std::move(out_);
  }

 private:
  static Error unsupported(std::string_view what) {
    return Error(ErrorCode::kUnsupported, "regular expression uses " + std::string(what));
  }

  static Error invalid(std::string_view what) {
    return Error(ErrorCode::kInvalidArgument, "regular expression has " + std::string(what));
  }

  void take(std::size_t count) {
    out_ += in_.substr(at_, count);
    at_ += count;
  }

  [[nodiscard]] bool ahead(std::string_view text) const {
    return in_.substr(at_).starts_with(text);
  }

  [[nodiscard]] std::string dot() const {
    if (flags_.dot_all) {
      return "(?s:.)";
    }
    return flags_.unix_lines ? R"([^\n])" : "[^" + std::string(kLineEnds) + "]";
  }

  bool skip_comment() {
    const char c = in_[at_];
    if (c == '#') {
      at_ = std::min(in_.find('\n', at_), in_.size());
      return true;
    }
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
      ++at_;
      return true;
    }
    return false;
  }

  // After * + ? or }: a '+' there is possessive.
  Result<void> quantifier_end() {
    take(1);
    if (ahead("+")) {
      return unsupported("a possessive quantifier, which is not supported");
    }
    if (ahead("?")) {
      take(1);
    }
    return {};
  }

  // Flag letters up to ')' or ':'.
  Result<void> read_flags(std::vector<Flags>& outer) {
    std::string on;
    std::string off;
    bool negative = false;
    for (at_ += 2; at_ < in_.size() && in_[at_] != ')' && in_[at_] != ':'; ++at_) {
      const char flag = in_[at_];
      if (flag == '-') {
        negative = true;
        continue;
      }
      if (flag == 'U') {
        flags_.unicode = !negative;
      } else if (flag == 's') {
        flags_.dot_all = !negative;
      } else if (flag == 'x') {
        flags_.comments = !negative;
      } else if (flag == 'd') {
        flags_.unix_lines = !negative;
      } else if (flag == 'i' || flag == 'm') {
        (negative ? off : on).push_back(flag);
      } else if (flag != 'u') {
        return invalid("an unknown flag");
      }
    }
    if (at_ >= in_.size()) {
      return invalid("flags without an end");
    }
    const bool scoped = in_[at_++] == ':';
    const std::string flags = off.empty() ? on : on + "-" + off;
    if (scoped) {
      out_ += "(?" + flags + ":";
    } else {
      // The flags hold to the end of the group around, so that there is no group of its own.
      outer.pop_back();
      out_ += flags.empty() ? "" : "(?" + flags + ")";
    }
    return {};
  }

  Result<void> open_group(std::vector<Flags>& outer) {
    if (!ahead("(?")) {
      take(1);
      return {};
    }
    if (ahead("(?:")) {
      take(3);
      return {};
    }
    if (ahead("(?=") || ahead("(?!") || ahead("(?<=") || ahead("(?<!")) {
      return unsupported("look-around, which is not supported");
    }
    if (ahead("(?>")) {
      return unsupported("an atomic group, which is not supported");
    }
    if (ahead("(?<")) {
      out_ += "(?P<";
      at_ += 3;
      return {};
    }
    return read_flags(outer);
  }

  // A code point as RE2 writes it.
  static std::string code(char32_t code_point) {
    static constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string digits;
    do {
      digits.insert(digits.begin(), kDigits[code_point & 0xFU]);
      code_point >>= 4U;
    } while (code_point != 0);
    return "\\x{" + digits + "}";
  }

  Result<char32_t> read_digits(std::size_t from, std::size_t count, int base) {
    char32_t value = 0;
    if (count == 0 || from + count > in_.size()) {
      return invalid("an escape that is too short");
    }
    for (const char c : in_.substr(from, count)) {
      int digit = c - '0';
      if (base == 16 && (c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
        digit = (c | 0x20) - 'a' + 10;
      }
      if (digit < 0 || digit >= base) {
        return invalid("a wrong digit in an escape");
      }
      value = value * static_cast<char32_t>(base) + static_cast<char32_t>(digit);
      if (value > 0x10FFFF) {
        return invalid("a code point that is too large");
      }
    }
    at_ = from + count;
    return value;
  }

  // \xhh, \x{h…}, \uhhhh, \0ooo
  Result<std::string> read_code_escape(char letter) {
    char32_t value = 0;
    if (letter == 'u') {
      value = TRY(read_digits(at_ + 2, 4, 16));
    } else if (letter == 'x' && ahead("\\x{")) {
      const std::size_t close = in_.find('}', at_);
      if (close == std::string_view::npos) {
        return invalid("\\x{ without an end");
      }
      value = TRY(read_digits(at_ + 3, close - at_ - 3, 16));
      ++at_;
    } else if (letter == 'x') {
      value = TRY(read_digits(at_ + 2, 2, 16));
    } else {
      std::size_t digits = 0;
      while (digits < 3 && at_ + 2 + digits < in_.size() && in_[at_ + 2 + digits] >= '0' &&
             in_[at_ + 2 + digits] <= '7') {
        ++digits;
      }
      value = TRY(read_digits(at_ + 2, digits, 8));
    }
    return code(value);
  }

  static std::string bracket(std::string_view content, bool negated, bool in_class) {
    return in_class ? std::string(content) : (negated ? "[^" : "[") + std::string(content) + "]";
  }

  // \d \D \s \S \w \W \h \H \v \V; nothing for another letter.
  Result<std::string> read_set_escape(char letter, bool in_class) {
    const char lower = static_cast<char>(letter | 0x20);
    const bool negated = letter != lower;
    std::string_view content;
    if (lower == 'd') {
      content = flags_.unicode ? R"(\p{Nd})" : "0-9";
    } else if (lower == 's') {
      content = flags_.unicode ? kUnicodeSpace : kSpaces;
    } else if (lower == 'w') {
      content = flags_.unicode ? kUnicodeWord : "a-zA-Z0-9_";
    } else {
      content = lower == 'h' ? kHorizontal : kVertical;
    }
    at_ += 2;
    if (!negated || !in_class) {
      return bracket(content, negated, in_class);
    }
    // A negated set inside of a class: RE2 has only some.
    if (!flags_.unicode && lower == 'd') {
      return std::string("\\D");
    }
    if (!flags_.unicode && lower == 'w') {
      return std::string("\\W");
    }
    if (!flags_.unicode && lower == 's') {
      return std::string(R"(\x00-\x08\x0E-\x1F!-\x{10FFFF})");
    }
    return unsupported("a negated set inside of a class, which is not supported");
  }

  Result<std::string> read_property(bool in_class) {
    const bool negated = in_[at_ + 1] == 'P';
    std::string name;
    if (at_ + 2 < in_.size() && in_[at_ + 2] == '{') {
      const std::size_t close = in_.find('}', at_);
      if (close == std::string_view::npos) {
        return invalid("\\p{ without an end");
      }
      name = in_.substr(at_ + 3, close - at_ - 3);
      at_ = close + 1;
    } else if (at_ + 2 < in_.size()) {
      name = in_.substr(at_ + 2, 1);
      at_ += 3;
    } else {
      return invalid("\\p without a name");
    }
    for (const std::string_view prefix : {"script=", "sc=", "general_category=", "gc="}) {
      if (name.starts_with(prefix)) {
        name.erase(0, prefix.size());
      }
    }
    const auto* found = std::ranges::find(kNamedClasses, name, &NamedClass::name);
    if (found != kNamedClasses.end()) {
      if (negated && in_class) {
        return unsupported("a negated class inside of a class, which is not supported");
      }
      return bracket(found->content, negated, in_class);
    }
    if (name.starts_with("In") || name.starts_with("java") || name.starts_with("block=")) {
      return unsupported("\\p{" + name + "}, which is not supported");
    }
    if (name.starts_with("Is")) {
      name.erase(0, 2);
    }
    return std::string(negated ? "\\P{" : "\\p{") + name + "}";
  }

  Result<std::string> read_quoted(bool in_class) {
    const std::size_t end = std::min(in_.find("\\E", at_), in_.size());
    std::string_view text = in_.substr(at_ + 2, end - at_ - 2);
    at_ = std::min(end + 2, in_.size());
    if (!in_class) {
      return RE2::QuoteMeta(re2::StringPiece(text.data(), text.size()));
    }
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
      out += code(next_code_point(text, at));
    }
    return out;
  }

  // At a backslash.
  Result<std::string> read_escape(bool in_class) {
    if (at_ + 1 >= in_.size()) {
      return invalid("a backslash at the end");
    }
    const char letter = in_[at_ + 1];
    switch (letter) {
      case 'd':
      case 'D':
      case 's':
      case 'S':
      case 'w':
      case 'W':
      case 'h':
      case 'H':
      case 'v':
      case 'V':
        return read_set_escape(letter, in_class);
      case 'p':
      case 'P':
        return read_property(in_class);
      case 'u':
      case 'x':
      case '0':
        return read_code_escape(letter);
      case 'Q':
        return read_quoted(in_class);
      case 'c': {
        if (at_ + 2 >= in_.size()) {
          return invalid("\\c at the end");
        }
        const char control = static_cast<char>(in_[at_ + 2] ^ 64);
        at_ += 3;
        return code(static_cast<unsigned char>(control));
      }
      default:
        return read_plain_escape(letter, in_class);
    }
  }

  Result<std::string> read_plain_escape(char letter, bool in_class) {
    if (letter >= '1' && letter <= '9') {
      return unsupported("a back-reference, which is not supported");
    }
    if (letter == 'k' || letter == 'G' || letter == 'X' || letter == 'N') {
      return unsupported("\\" + std::string(1, letter) + ", which is not supported");
    }
    at_ += 2;
    switch (letter) {
      case 'e':
        return code(0x1B);
      case 'R':
        return std::string(R"((?:\r\n|[\n\x0B\f\r\x{85}\x{2028}\x{2029}]))");
      case 'Z':
        return std::string(R"(\z)");
      case 't':
      case 'n':
      case 'r':
      case 'f':
      case 'a':
      case 'A':
      case 'z':
      case 'B':
        return std::string("\\") + letter;
      case 'b':
        return in_class ? Result<std::string>(invalid("\\b in a class")) : std::string("\\b");
      default:
        break;
    }
    if ((letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z')) {
      return invalid("an unknown escape \\" + std::string(1, letter));
    }
    // The code point after the backslash stands for itself.
    --at_;
    return code(next_code_point(in_, at_));
  }

  // At '['. Classes inside of a class are joined; an intersection cannot be.
  Result<std::string> read_class(int depth) {
    if (depth > 20) {
      return unsupported("classes nested too deep");
    }
    ++at_;
    std::string content;
    const bool negated = ahead("^");
    if (negated) {
      ++at_;
    }
    if (negated && depth > 0) {
      return unsupported("a negated class inside of a class, which is not supported");
    }
    for (bool first = true; at_ < in_.size(); first = false) {
      const char c = in_[at_];
      if (c == ']' && !first) {
        ++at_;
        return depth > 0 ? std::move(content) : bracket(content, negated, /*in_class=*/false);
      }
      if (ahead("&&")) {
        return unsupported("an intersection of classes, which is not supported");
      }
      if (c == '[') {
        const std::string inner = TRY(read_class(depth + 1));
        content += inner;
      } else if (c == '\\') {
        const std::string escape = TRY(read_escape(/*in_class=*/true));
        content += escape;
      } else if (c == '-') {
        content += at_ + 1 < in_.size() && in_[at_ + 1] != ']' && !first ? "-" : "\\-";
        ++at_;
      } else if (c == ']' || c == '^') {
        content += std::string("\\") + c;
        ++at_;
      } else {
        content += c;
        ++at_;
      }
    }
    return invalid("a class without an end");
  }

  std::string_view in_;
  std::size_t at_ = 0;
  std::string out_;
  Flags flags_;
};

}  // namespace

Result<std::string> translate_java_regex(std::string_view pattern) {
  if (pattern.size() > kPatternBytesMax) {
    return Error(ErrorCode::kUnsupported, "regular expression is too long");
  }
  return Translator(pattern).run();
}

struct JavaRegex::Impl {
  explicit Impl(const std::string& pattern, const RE2::Options& options) : re(pattern, options) {}

  RE2 re;
};

JavaRegex::JavaRegex(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

JavaRegex::JavaRegex(JavaRegex&&) noexcept = default;
JavaRegex& JavaRegex::operator=(JavaRegex&&) noexcept = default;
JavaRegex::~JavaRegex() = default;

Result<JavaRegex> JavaRegex::compile(std::string_view pattern) {
  const std::string translated = TRY(translate_java_regex(pattern));
  RE2::Options options(RE2::Quiet);
  options.set_max_mem(kRegexMemoryMax);
  auto impl = std::make_unique<Impl>(translated, options);
  if (!impl->re.ok()) {
    const bool too_large = impl->re.error_code() == RE2::ErrorPatternTooLarge ||
                           impl->re.error_code() == RE2::ErrorRepeatSize;
    return Error(too_large ? ErrorCode::kUnsupported : ErrorCode::kInvalidArgument,
                 "regular expression cannot be compiled: " + impl->re.error());
  }
  return JavaRegex(std::move(impl));
}

bool JavaRegex::found_in(std::string_view text) const {
  return impl_->re.Match(
      re2::StringPiece(text.data(), text.size()), 0, text.size(), RE2::UNANCHORED, nullptr, 0);
}

bool JavaRegex::find(std::string_view text, std::size_t from, int groups, RegexMatch& match) const {
  const auto wanted = static_cast<std::size_t>(std::min(groups, group_count())) + 1;
  std::vector<re2::StringPiece> pieces(wanted);
  const re2::StringPiece all(text.data(), text.size());
  if (!impl_->re.Match(
          all, from, text.size(), RE2::UNANCHORED, pieces.data(), static_cast<int>(wanted))) {
    return false;
  }
  match.groups.assign(wanted, {});
  for (std::size_t i = 0; i < wanted; ++i) {
    if (pieces[i].data() != nullptr) {
      const std::int64_t begin = pieces[i].data() - text.data();
      match.groups[i] = {.begin = begin,
                         .end = begin + static_cast<std::int64_t>(pieces[i].size())};
    }
  }
  return true;
}

int JavaRegex::group_count() const {
  return impl_->re.NumberOfCapturingGroups();
}

int JavaRegex::group_of(std::string_view name) const {
  const auto& names = impl_->re.NamedCapturingGroups();
  const auto found = names.find(std::string(name));
  return found == names.end() ? 0 : found->second;
}

std::size_t JavaRegex::next_position(std::string_view text, std::size_t at) {
  if (at < text.size()) {
    next_code_point(text, at);
    return at;
  }
  return at + 1;
}

std::optional<RegexReplacement> RegexReplacement::parse(std::string_view text,
                                                        const JavaRegex& regex) {
  RegexReplacement out;
  std::string plain;
  const auto add_group = [&](int group) {
    out.parts.push_back({.text = std::move(plain)});
    out.parts.push_back({.text = "", .group = group});
    plain.clear();
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\') {
      if (++at >= text.size()) {
        return std::nullopt;
      }
      plain.push_back(text[at]);
      continue;
    }
    if (text[at] != '$') {
      plain.push_back(text[at]);
      continue;
    }
    if (++at >= text.size()) {
      return std::nullopt;
    }
    if (text[at] == '{') {
      const std::size_t close = text.find('}', at);
      const int group =
          close == std::string_view::npos ? 0 : regex.group_of(text.substr(at + 1, close - at - 1));
      if (group == 0) {
        return std::nullopt;
      }
      add_group(group);
      at = close;
      continue;
    }
    int group = text[at] - '0';
    if (group < 0 || group > 9 || group > regex.group_count()) {
      return std::nullopt;
    }
    // As many digits as still name a group.
    while (at + 1 < text.size() && text[at + 1] >= '0' && text[at + 1] <= '9' &&
           group * 10 + (text[at + 1] - '0') <= regex.group_count()) {
      group = group * 10 + (text[++at] - '0');
    }
    add_group(group);
  }
  out.parts.push_back({.text = std::move(plain)});
  return out;
}

void RegexReplacement::append_to(std::string& out,
                                 std::string_view text,
                                 const RegexMatch& match) const {
  for (const Part& part : parts) {
    if (part.group < 0) {
      out.append(part.text);
      continue;
    }
    const RegexMatch::Group& group = match.groups[static_cast<std::size_t>(part.group)];
    if (group.begin >= 0) {
      out.append(text.substr(static_cast<std::size_t>(group.begin),
                             static_cast<std::size_t>(group.end - group.begin)));
    }
  }
}

}  // namespace millrace::expr
