#include "config/substitution.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/utf8.h"
#include "config/codes.h"
#include "config/detail/text.h"
#include "config/text_positions.h"

namespace millrace::config {

namespace {

constexpr std::size_t kMaxReferenceBytes = 4096;
constexpr std::size_t kMaxFindings = 100;  // In one text; after that the rest stays as it is.

bool is_name(std::string_view text) {
  if (text.empty() || (text.front() >= '0' && text.front() <= '9')) {
    return false;
  }
  return std::all_of(text.begin(), text.end(), [](char c) {
    const char l = ascii_lower(c);
    return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

/// What a ${…} stands for.
struct Value {
  std::string text;
  bool secret = false;
};

/// The inside of a ${…}, taken apart.
struct Reference {
  enum class Kind : std::uint8_t {
    kVariable,
    kFile
  };

  Kind kind = Kind::kVariable;
  std::string_view name;
  std::optional<std::string_view> fallback;
};

/// Replaces the references of one text. Owned by one thread.
class Substituter {
 public:
  Substituter(std::string_view text,
              const SubstitutionSources& sources,
              const std::string& file,
              Diagnostics& diagnostics)
      : text_(text), positions_(text), sources_(sources), file_(file), diagnostics_(diagnostics) {}

  Substituted run(SubstitutionSyntax syntax);

 private:
  /// The state of SQL at a place: which quote, or comment, it is in.
  enum class Inside : std::uint8_t {
    kText,
    kSingle,
    kDouble,
    kBacktick,
    kLineComment,
    kComment
  };

  void copy(std::size_t end);
  void replace(std::size_t begin, std::size_t end, const Value& value, SubstitutionSyntax syntax);
  [[nodiscard]] bool is_raw(std::size_t at) const;
  std::size_t step_sql(std::size_t at);
  std::size_t find_close(std::size_t open) const;
  std::optional<Reference> parse(std::size_t begin, std::size_t end);
  std::optional<Value> resolve(std::size_t begin, std::size_t end, int depth);
  std::optional<Value> expand(std::size_t begin, std::size_t end, int depth);
  std::optional<Value> read_variable(const Reference& reference,
                                     std::size_t begin,
                                     std::size_t end,
                                     int depth);
  std::optional<Value> read_file(const std::string& path, std::size_t begin, std::size_t end);
  [[nodiscard]] std::string escaped(const std::string& value) const;
  void add(std::string_view code,
           std::size_t begin,
           std::size_t end,
           std::string message,
           std::string help);

  std::string_view text_;
  TextPositions positions_;
  const SubstitutionSources& sources_;
  const std::string& file_;
  Diagnostics& diagnostics_;
  Substituted result_;
  std::size_t copied_ = 0;
  std::size_t findings_ = 0;
  Inside inside_ = Inside::kText;
  bool raw_ = false;       // In quotes after an r: a backslash is one.
  int comment_depth_ = 0;  // Comments nest.
};

void Substituter::add(std::string_view code,
                      std::size_t begin,
                      std::size_t end,
                      std::string message,
                      std::string help) {
  ++findings_;
  diagnostics_.add({.code = std::string(code),
                    .where = positions_.span(file_, begin, end),
                    .message = std::move(message),
                    .help = std::move(help)});
}

void Substituter::copy(std::size_t end) {
  if (end <= copied_) {
    return;
  }
  const std::size_t begin = result_.text.size();
  result_.text.append(text_.substr(copied_, end - copied_));
  result_.pieces.push_back(
      {.begin = begin, .end = result_.text.size(), .from = copied_, .until = end});
  copied_ = end;
}

std::string Substituter::escaped(const std::string& value) const {
  std::string text;
  for (const char c : value) {
    if (inside_ == Inside::kBacktick) {
      text += c == '`' ? "``" : std::string(1, c);
    } else if (c == '\n') {
      text += "\\n";
    } else if (c == '\r') {
      text += "\\r";
    } else {
      if (c == '\\' || c == '\'' || c == '"') {
        text += '\\';
      }
      text += c;
    }
  }
  return text;
}

void Substituter::replace(std::size_t begin,
                          std::size_t end,
                          const Value& value,
                          SubstitutionSyntax syntax) {
  copy(begin);
  const bool quoted = syntax == SubstitutionSyntax::kSql && inside_ != Inside::kText;
  const bool raw = quoted && raw_ && inside_ != Inside::kBacktick;
  if (raw && value.text.find_first_of("'\"\n\r") != std::string::npos) {
    add(kSubstitutionSyntax,
        begin,
        end,
        "a value with a quote or a line end cannot stand in r'…'",
        "write '…' without r");
    return;
  }
  const std::string text = quoted && !raw ? escaped(value.text) : value.text;
  if (result_.text.size() + text.size() > kMaxSubstitutedBytes) {
    add(kSubstitutionLimit,
        begin,
        end,
        fmt::format("the text is longer than {} MiB after substitution",
                    kMaxSubstitutedBytes >> 20U),
        "use shorter values");
    return;
  }
  const std::size_t at = result_.text.size();
  result_.text += text;
  result_.pieces.push_back({.begin = at,
                            .end = result_.text.size(),
                            .from = begin,
                            .until = end,
                            .copied = false,
                            .secret = value.secret});
  copied_ = end;
}

/// Whether the quote at `at` begins a raw literal: r'…'.
bool Substituter::is_raw(std::size_t at) const {
  if (at == 0 || ascii_lower(text_[at - 1]) != 'r') {
    return false;
  }
  return at == 1 || !(is_name(text_.substr(at - 2, 1)) || is_ascii_digit(text_[at - 2]));
}

/// Moves over one token of SQL (a byte, or a pair such as `--` or `\'`) and keeps `inside_`.
std::size_t Substituter::step_sql(std::size_t at) {
  const std::string_view rest = text_.substr(at);
  const char c = rest.front();
  switch (inside_) {
    case Inside::kText:
      if (rest.starts_with("--")) {
        inside_ = Inside::kLineComment;
        return at + 2;
      }
      if (rest.starts_with("/*")) {
        inside_ = Inside::kComment;
        comment_depth_ = 1;
        return at + 2;
      }
      raw_ = is_raw(at);
      if (c == '\'') {
        inside_ = Inside::kSingle;
      } else if (c == '"') {
        inside_ = Inside::kDouble;
      } else if (c == '`') {
        inside_ = Inside::kBacktick;
      }
      return at + 1;
    case Inside::kSingle:
    case Inside::kDouble:
      if (c == '\\' && !raw_) {
        return std::min(at + 2, text_.size());
      }
      if (c == (inside_ == Inside::kSingle ? '\'' : '"')) {
        inside_ = Inside::kText;
      }
      return at + 1;
    case Inside::kBacktick:
      if (c == '`') {
        inside_ = Inside::kText;
      }
      return at + 1;
    case Inside::kLineComment:
      if (c == '\n') {
        inside_ = Inside::kText;
      }
      return at + 1;
    case Inside::kComment:
      if (rest.starts_with("/*")) {
        ++comment_depth_;
        return at + 2;
      }
      if (rest.starts_with("*/")) {
        inside_ = --comment_depth_ == 0 ? Inside::kText : Inside::kComment;
        return at + 2;
      }
      return at + 1;
  }
  return at + 1;
}

/// The offset of the `}` that closes the `${` at `open`, or npos; references in it are skipped, and
/// a reference does not reach over the end of its line.
std::size_t Substituter::find_close(std::size_t open) const {
  int depth = 0;
  const std::size_t limit = std::min(text_.size(), open + kMaxReferenceBytes);
  for (std::size_t at = open; at < limit && text_[at] != '\n'; ++at) {
    if (text_.substr(at).starts_with("${")) {
      ++depth;
      ++at;
    } else if (text_[at] == '}' && --depth == 0) {
      return at;
    }
  }
  return std::string_view::npos;
}

/// Takes apart the inside [begin, end) of a reference.
std::optional<Reference> Substituter::parse(std::size_t begin, std::size_t end) {
  const std::string_view inner = text_.substr(begin, end - begin);
  static constexpr std::string_view kForms =
      "write ${NAME}, ${NAME:-default}, ${env:NAME} or ${file:path}; $${ gives a plain ${";
  Reference reference;
  std::string_view rest = inner;
  if (rest.starts_with("file:")) {
    rest.remove_prefix(5);
    reference.kind = Reference::Kind::kFile;
  } else if (rest.starts_with("env:")) {
    rest.remove_prefix(4);
  }
  const std::size_t dash = rest.find(":-");
  if (reference.kind == Reference::Kind::kVariable && dash != std::string_view::npos) {
    reference.fallback = rest.substr(dash + 2);
    rest = rest.substr(0, dash);
  }
  reference.name = rest;
  if (reference.kind == Reference::Kind::kFile ? rest.empty() : !is_name(rest)) {
    const std::string what = reference.kind == Reference::Kind::kFile
                                 ? std::string("the path is missing in")
                                 : std::string("no name of a variable in");
    add(kSubstitutionSyntax,
        begin - 2,
        end + 1,
        fmt::format("{} \"${{{}}}\"", what, detail::shorten(inner)),
        std::string(kForms));
    return std::nullopt;
  }
  return reference;
}

std::optional<Value> Substituter::read_file(const std::string& path,
                                            std::size_t begin,
                                            std::size_t end) {
  const std::string help = "a relative path starts at the project folder";
  if (!sources_.file) {
    add(kSubstitutionFile, begin, end, "files cannot be substituted here", "use a variable");
    return std::nullopt;
  }
  Result<std::string> read = sources_.file(path);
  if (!read) {
    add(kSubstitutionFile,
        begin,
        end,
        fmt::format(
            "file \"{}\" cannot be read: {}", detail::shorten(path), read.error().message()),
        help);
    return std::nullopt;
  }
  if (read->size() > SubstitutionSources::kMaxFileBytes) {
    add(kSubstitutionLimit,
        begin,
        end,
        fmt::format("file \"{}\" is longer than {} KiB",
                    detail::shorten(path),
                    SubstitutionSources::kMaxFileBytes / 1024),
        "name a file that holds the value alone");
    return std::nullopt;
  }
  Value value{.text = std::move(*read), .secret = true};
  if (!is_valid_utf8(value.text) || value.text.find('\0') != std::string::npos) {
    add(kSubstitutionFile,
        begin,
        end,
        fmt::format("file \"{}\" is not UTF-8 text", detail::shorten(path)),
        help);
    return std::nullopt;
  }
  if (value.text.ends_with('\n')) {
    value.text.pop_back();
  }
  if (value.text.ends_with('\r')) {
    value.text.pop_back();
  }
  return value;
}

std::optional<Value> Substituter::read_variable(const Reference& reference,
                                                std::size_t begin,
                                                std::size_t end,
                                                int depth) {
  const std::string name(reference.name);
  std::optional<std::string> found = sources_.variable ? sources_.variable(name) : std::nullopt;
  if (found && (!found->empty() || !reference.fallback)) {
    return Value{.text = std::move(*found)};
  }
  if (!found && sources_.variable) {
    if (const std::optional<std::string> path = sources_.variable(name + "_FILE")) {
      return read_file(*path, begin, end);
    }
  }
  if (reference.fallback) {
    const auto from = static_cast<std::size_t>(reference.fallback->data() - text_.data());
    return expand(from, from + reference.fallback->size(), depth + 1);
  }
  add(kVariableUnset,
      begin,
      end,
      fmt::format("variable \"{}\" is not set", name),
      fmt::format(
          "set it, set {}_FILE to a file that holds it, or write ${{{}:-default}}", name, name));
  return std::nullopt;
}

/// The value of the reference whose `${` is at `begin` and whose `}` is before `end`.
std::optional<Value> Substituter::resolve(std::size_t begin, std::size_t end, int depth) {
  if (depth > kMaxSubstitutionDepth) {
    add(kSubstitutionLimit,
        begin,
        end,
        fmt::format("${{…}} nested deeper than {}", kMaxSubstitutionDepth),
        "set the variable instead");
    return std::nullopt;
  }
  const std::optional<Reference> reference = parse(begin + 2, end - 1);
  if (!reference) {
    return std::nullopt;
  }
  if (reference->kind == Reference::Kind::kFile) {
    return read_file(std::string(reference->name), begin, end);
  }
  return read_variable(*reference, begin, end, depth);
}

/// A default: its text with its own references replaced.
std::optional<Value> Substituter::expand(std::size_t begin, std::size_t end, int depth) {
  Value value;
  while (begin < end) {
    const std::size_t open = std::min(text_.substr(0, end).find("${", begin), end);
    value.text.append(text_.substr(begin, open - begin));
    if (open == end) {
      break;
    }
    const std::size_t close = find_close(open);  // Inside, because the whole is balanced.
    if (close >= end) {
      value.text.append(text_.substr(open, end - open));
      break;
    }
    std::optional<Value> inner = resolve(open, close + 1, depth);
    if (!inner) {
      return std::nullopt;
    }
    value.text += inner->text;
    value.secret = value.secret || inner->secret;
    begin = close + 1;
  }
  return value;
}

Substituted Substituter::run(SubstitutionSyntax syntax) {
  std::size_t at = 0;
  while (at < text_.size() && findings_ < kMaxFindings) {
    const std::string_view rest = text_.substr(at);
    const bool comment = inside_ == Inside::kLineComment || inside_ == Inside::kComment;
    if (!comment && rest.starts_with("$${")) {
      copy(at);
      result_.pieces.push_back({.begin = result_.text.size(),
                                .end = result_.text.size() + 2,
                                .from = at,
                                .until = at + 3,
                                .copied = false});
      result_.text += "${";
      copied_ = at + 3;
      at += 3;
    } else if (!comment && rest.starts_with("${")) {
      const std::size_t close = find_close(at);
      if (close == std::string_view::npos) {
        add(kSubstitutionSyntax,
            at,
            at + 2,
            "\"${\" without \"}\" on its line",
            "$${ gives a plain ${");
        at += 2;
        continue;
      }
      if (const std::optional<Value> value = resolve(at, close + 1, 1)) {
        replace(at, close + 1, *value, syntax);
      }
      at = close + 1;
    } else {
      at = syntax == SubstitutionSyntax::kSql ? step_sql(at) : at + 1;
    }
  }
  copy(text_.size());
  return std::move(result_);
}

}  // namespace

std::optional<std::string> process_variable(const std::string& name) {
  const char* const value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

std::size_t Substituted::origin(std::size_t offset) const {
  const auto after = std::upper_bound(
      pieces.begin(), pieces.end(), offset, [](std::size_t at, const Piece& piece) {
        return at < piece.end;
      });
  if (after == pieces.end()) {
    return pieces.empty() ? 0 : pieces.back().until;
  }
  return after->copied ? after->from + (offset - after->begin) : after->from;
}

std::size_t Substituted::origin_end(std::size_t offset) const {
  if (offset == 0 || pieces.empty()) {
    return origin(offset);
  }
  const auto found = std::lower_bound(
      pieces.begin(), pieces.end(), offset, [](const Piece& piece, std::size_t at) {
        return piece.end < at;
      });
  if (found == pieces.end()) {
    return pieces.back().until;
  }
  return found->copied ? found->from + (offset - found->begin) : found->until;
}

SourceSpan Substituted::original(const SourceSpan& span, std::string_view original_text) const {
  if (span.line == 0 || !changed()) {
    return span;
  }
  const TextPositions here(text);
  const TextPositions there(original_text);
  const std::size_t begin = here.offset_of({.line = span.line, .column = span.column});
  const std::size_t end =
      span.end > span.column ? here.offset_of({.line = span.line, .column = span.end}) : begin + 1;
  SourceSpan back = there.span(span.file, origin(begin), origin_end(end));
  if (span.end == 0 && back.end == back.column + 1) {
    back.end = 0;
  }
  return back;
}

bool Substituted::has_secrets() const {
  return std::any_of(pieces.begin(), pieces.end(), [](const Piece& piece) { return piece.secret; });
}

bool Substituted::changed() const {
  return std::any_of(
      pieces.begin(), pieces.end(), [](const Piece& piece) { return !piece.copied; });
}

Substituted substitute(std::string_view text,
                       SubstitutionSyntax syntax,
                       const SubstitutionSources& sources,
                       const std::string& file,
                       Diagnostics& diagnostics) {
  return Substituter(text, sources, file, diagnostics).run(syntax);
}

}  // namespace millrace::config
