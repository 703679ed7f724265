#include "sql/detail/lexer.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/utf8.h"

namespace millrace::sql::detail {
namespace {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Bytes of characters beyond ASCII count as letters: the parser refuses such a name.
constexpr bool is_word_byte(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

constexpr bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

struct SymbolText {
  std::string_view text;
  Symbol symbol;
};

// Longer ones first.
constexpr std::array kSymbols = std::to_array<SymbolText>({
    {"<=>", Symbol::kNullSafeEqual},
    {"<=", Symbol::kLessOrEqual},
    {"<>", Symbol::kNotEqual},
    {"<<", Symbol::kShiftLeft},
    {"<", Symbol::kLess},
    {">=", Symbol::kGreaterOrEqual},
    {">", Symbol::kGreater},
    {"!=", Symbol::kNotEqual},
    {"!>", Symbol::kLessOrEqual},
    {"!<", Symbol::kGreaterOrEqual},
    {"!", Symbol::kBang},
    {"==", Symbol::kEqual},
    {"=>", Symbol::kFatArrow},
    {"=", Symbol::kEqual},
    {"->", Symbol::kArrow},
    {"-", Symbol::kMinus},
    {"||", Symbol::kConcat},
    {"|>", Symbol::kPipeArrow},
    {"|", Symbol::kPipe},
    {"::", Symbol::kDoubleColon},
    {":", Symbol::kColon},
    {"(", Symbol::kLeftParen},
    {")", Symbol::kRightParen},
    {"[", Symbol::kLeftBracket},
    {"]", Symbol::kRightBracket},
    {",", Symbol::kComma},
    {".", Symbol::kDot},
    {";", Symbol::kSemicolon},
    {"?", Symbol::kQuestion},
    {"+", Symbol::kPlus},
    {"*", Symbol::kStar},
    {"/", Symbol::kSlash},
    {"%", Symbol::kPercent},
    {"~", Symbol::kTilde},
    {"&", Symbol::kAmpersand},
    {"^", Symbol::kCaret},
});

// Walks the text once, with the line and column of where it is. Owned by one thread.
class Lexer {
 public:
  Lexer(std::string_view text, const PositionMap& positions) : text_(text), positions_(positions) {}

  TokenStream run();

 private:
  [[nodiscard]] char at(std::size_t i) const { return i < text_.size() ? text_[i] : '\0'; }

  bool skip_space_and_comments();
  void skip_line_comment();
  bool skip_bracketed_comment();
  void next_token();
  void push(TokenKind kind, std::size_t size, Symbol symbol = Symbol::kNone);
  void advance(std::size_t size);
  void close_paren();
  void lex_word();
  bool lex_number();
  void lex_symbol();
  void lex_string(std::size_t quote_at, bool raw);
  void lex_quoted_name();

  std::string_view text_;
  const PositionMap& positions_;
  std::size_t offset_ = 0;
  std::int32_t line_ = 1;
  std::int32_t column_ = 1;
  bool in_hint_ = false;
  std::vector<Token> tokens_;
  std::vector<std::uint32_t> open_parens_;
};

TokenStream Lexer::run() {
  TokenStream stream{.text = text_, .tokens = {}, .over_limit = {}};
  if (text_.size() > kTextBytesMax) {
    stream.over_limit =
        fmt::format("the text is larger than {} MiB: {} bytes", kTextBytesMax >> 20U, text_.size());
  } else {
    tokens_.reserve(text_.size() / 6 + 2);
    while (skip_space_and_comments() && tokens_.size() < kTokensMax) {
      next_token();
    }
    if (tokens_.size() >= kTokensMax) {
      stream.over_limit = fmt::format("the text has more than {} words and signs", kTokensMax);
      tokens_.clear();
    }
  }
  push(TokenKind::kEnd, 0);
  stream.tokens = std::move(tokens_);
  return stream;
}

// False at the end of the text. An open comment becomes a token.
bool Lexer::skip_space_and_comments() {
  while (offset_ < text_.size()) {
    const char c = text_[offset_];
    if (is_space(c)) {
      advance(1);
    } else if (c == '-' && at(offset_ + 1) == '-') {
      skip_line_comment();
    } else if (c == '/' && at(offset_ + 1) == '*' && at(offset_ + 2) != '+') {
      if (!skip_bracketed_comment()) {
        push(TokenKind::kOpenComment, text_.size() - offset_);
      }
    } else {
      return true;
    }
  }
  return false;
}

// A backslash before the newline continues the comment.
void Lexer::skip_line_comment() {
  std::size_t end = offset_;
  while (end < text_.size() && text_[end] != '\n' && text_[end] != '\r') {
    end += text_[end] == '\\' && at(end + 1) == '\n' ? 2U : 1U;
  }
  advance(end - offset_);
}

bool Lexer::skip_bracketed_comment() {
  std::size_t depth = 0;
  for (std::size_t i = offset_; i < text_.size(); ++i) {
    if (text_[i] == '/' && at(i + 1) == '*') {
      ++depth;
      ++i;
    } else if (text_[i] == '*' && at(i + 1) == '/') {
      --depth;
      ++i;
      if (depth == 0) {
        advance(i + 1 - offset_);
        return true;
      }
    }
  }
  return false;
}

void Lexer::next_token() {
  const char c = text_[offset_];
  const char next = at(offset_ + 1);
  if ((c == 'r' || c == 'R') && (next == '\'' || next == '"')) {
    lex_string(offset_ + 1, /*raw=*/true);
  } else if (c == '\'' || c == '"') {
    lex_string(offset_, /*raw=*/false);
  } else if (c == '`') {
    lex_quoted_name();
  } else if ((is_digit(c) || (c == '.' && is_digit(next))) && lex_number()) {
    // The number is a token.
  } else if (is_word_byte(c)) {
    lex_word();
  } else if (c == '/' && next == '*') {
    in_hint_ = true;
    push(TokenKind::kHintStart, 3);
  } else if (in_hint_ && c == '*' && next == '/') {
    in_hint_ = false;
    push(TokenKind::kHintEnd, 2);
  } else {
    lex_symbol();
  }
}

void Lexer::push(TokenKind kind, std::size_t size, Symbol symbol) {
  Token token;
  token.offset = static_cast<std::uint32_t>(offset_);
  token.size = static_cast<std::uint32_t>(size);
  token.kind = kind;
  token.symbol = symbol;
  token.line = line_;
  token.column = column_;
  if (kind == TokenKind::kWord) {
    token.keyword = find_keyword(text_.substr(offset_, size));
  }
  advance(size);
  // A token of several lines ends, for its position, after its first character.
  token.end = line_ == token.line ? std::max(column_, token.column + 1) : token.column + 1;
  if (positions_) {
    const Position start = positions_(token.offset);
    const Position last = positions_(size == 0 ? token.offset : token.offset + size - 1);
    token.line = start.line;
    token.column = start.column;
    token.end =
        last.line == start.line && last.column >= start.column ? last.column + 1 : start.column + 1;
  }
  tokens_.push_back(token);
}

// Moves over `size` bytes and counts lines and code points.
void Lexer::advance(std::size_t size) {
  for (const std::size_t end = offset_ + size; offset_ < end; ++offset_) {
    const auto byte = static_cast<unsigned char>(text_[offset_]);
    if (byte == '\n') {
      ++line_;
      column_ = 1;
    } else if ((byte & 0xC0U) != 0x80U) {
      ++column_;
    }
  }
}

void Lexer::close_paren() {
  if (!open_parens_.empty()) {
    tokens_[open_parens_.back()].match = static_cast<std::uint32_t>(tokens_.size() - 1);
    open_parens_.pop_back();
  }
}

void Lexer::lex_word() {
  std::size_t end = offset_;
  while (end < text_.size() && is_word_byte(text_[end])) {
    ++end;
  }
  const std::string_view word = text_.substr(offset_, end - offset_);
  push(std::ranges::all_of(word, is_digit) ? TokenKind::kInteger : TokenKind::kWord, word.size());
}

// False when a letter follows, so that it is a word (`1st`) or begins one (`.5e` in `t.5e`).
bool Lexer::lex_number() {
  TokenKind kind = TokenKind::kInteger;
  std::size_t end = offset_;
  const auto digits = [&] {
    while (is_digit(at(end))) {
      ++end;
    }
  };
  digits();
  if (at(end) == '.') {
    kind = TokenKind::kDecimal;
    ++end;
    digits();
  }
  if (lower(at(end)) == 'e') {
    const std::size_t sign = at(end + 1) == '+' || at(end + 1) == '-' ? 1 : 0;
    if (is_digit(at(end + 1 + sign))) {
      kind = TokenKind::kExponent;
      end += 1 + sign;
      digits();
    }
  }
  const char suffix = lower(at(end));
  if (suffix == 'f' || suffix == 'd' ||
      (kind == TokenKind::kInteger && (suffix == 'y' || suffix == 's' || suffix == 'l'))) {
    kind = TokenKind::kSuffixed;
    ++end;
  } else if (suffix == 'b' && lower(at(end + 1)) == 'd') {
    kind = TokenKind::kSuffixed;
    end += 2;
  }
  if (end < text_.size() && is_word_byte(text_[end])) {
    // `1.abc` is the number 1, a dot and a name only where the dot ended the number.
    if (text_[offset_] == '.') {
      push(TokenKind::kSymbol, 1, Symbol::kDot);
      return true;
    }
    return false;
  }
  push(kind, end - offset_);
  return true;
}

void Lexer::lex_symbol() {
  const std::string_view rest = text_.substr(offset_);
  for (const SymbolText& candidate : kSymbols) {
    if (!rest.starts_with(candidate.text)) {
      continue;
    }
    push(TokenKind::kSymbol, candidate.text.size(), candidate.symbol);
    if (candidate.symbol == Symbol::kLeftParen) {
      open_parens_.push_back(static_cast<std::uint32_t>(tokens_.size() - 1));
    } else if (candidate.symbol == Symbol::kRightParen) {
      close_paren();
    } else if (candidate.symbol == Symbol::kSemicolon) {
      open_parens_.clear();  // Brackets do not reach over statements.
    }
    return;
  }
  push(TokenKind::kUnknown, 1);
}

void Lexer::lex_string(std::size_t quote_at, bool raw) {
  const char quote = text_[quote_at];
  for (std::size_t i = quote_at + 1; i < text_.size(); ++i) {
    if (!raw && text_[i] == '\\') {
      ++i;
    } else if (!raw && text_[i] == quote && at(i + 1) == quote) {
      ++i;
    } else if (text_[i] == quote) {
      push(TokenKind::kString, i + 1 - offset_);
      return;
    }
  }
  push(TokenKind::kOpenString, text_.size() - offset_);
}

void Lexer::lex_quoted_name() {
  for (std::size_t i = offset_ + 1; i < text_.size(); ++i) {
    if (text_[i] != '`') {
      continue;
    }
    if (at(i + 1) != '`') {
      push(TokenKind::kQuoted, i + 1 - offset_);
      return;
    }
    ++i;
  }
  push(TokenKind::kOpenName, text_.size() - offset_);
}

// Reads `count` digits of the base, or nothing.
bool read_digits(std::string_view text, std::size_t count, unsigned base, std::uint32_t& value) {
  if (text.size() < count) {
    return false;
  }
  value = 0;
  for (const char c : text.substr(0, count)) {
    unsigned digit = base;
    if (is_digit(c)) {
      digit = static_cast<unsigned>(c - '0');
    } else if (lower(c) >= 'a' && lower(c) <= 'f') {
      digit = static_cast<unsigned>(lower(c) - 'a') + 10;
    }
    if (digit >= base) {
      return false;
    }
    value = value * base + digit;
  }
  return true;
}

void append_code_point(std::string& out, std::uint32_t value) {
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  append_utf8(out, surrogate || value > 0x10FFFF ? U'\uFFFD' : static_cast<char32_t>(value));
}

// `\uD83D\uDE00` is one character, as in Java's strings.
std::size_t append_unicode_escape(std::string& out, std::string_view rest, std::uint32_t value) {
  std::uint32_t low = 0;
  if (value >= 0xD800 && value <= 0xDBFF && rest.starts_with("\\u") &&
      read_digits(rest.substr(2), 4, 16, low) && low >= 0xDC00 && low <= 0xDFFF) {
    append_code_point(out, 0x10000 + ((value - 0xD800) << 10U) + (low - 0xDC00));
    return 6;
  }
  append_code_point(out, value);
  return 0;
}

void append_simple_escape(std::string& out, char c) {
  switch (c) {
    case '0':
      out.push_back('\0');
      break;
    case 'b':
      out.push_back('\b');
      break;
    case 't':
      out.push_back('\t');
      break;
    case 'n':
      out.push_back('\n');
      break;
    case 'r':
      out.push_back('\r');
      break;
    case 'Z':
      out.push_back('\x1A');
      break;
    case '%':
    case '_':
      out.push_back('\\');
      out.push_back(c);
      break;
    default:
      out.push_back(c);
      break;
  }
}

// Decodes the escape after a backslash; returns how many bytes it took.
std::size_t decode_escape(std::string& out, std::string_view rest) {
  std::uint32_t value = 0;
  if (rest.front() == 'u' && read_digits(rest.substr(1), 4, 16, value)) {
    return 5 + append_unicode_escape(out, rest.substr(5), value);
  }
  if (rest.front() == 'U' && read_digits(rest.substr(1), 8, 16, value)) {
    append_code_point(out, value);
    return 9;
  }
  if ((rest.front() == '0' || rest.front() == '1') && read_digits(rest, 3, 8, value)) {
    append_code_point(out, value);
    return 3;
  }
  append_simple_escape(out, rest.front());
  return 1;
}

}  // namespace

TokenStream tokenize(std::string_view text, const PositionMap& positions) {
  return Lexer(text, positions).run();
}

std::string decode_string(std::string_view token) {
  const bool raw = token.front() == 'r' || token.front() == 'R';
  const char quote = token.back();
  const std::string_view body = token.substr(raw ? 2 : 1, token.size() - (raw ? 3 : 2));
  std::string out;
  out.reserve(body.size());
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (raw || (body[i] != '\\' && body[i] != quote)) {
      out.push_back(body[i]);
    } else if (body[i] == quote) {
      out.push_back(quote);
      ++i;  // The second of two quotes.
    } else if (i + 1 < body.size()) {
      i += decode_escape(out, body.substr(i + 1));
    }
  }
  return out;
}

std::string decode_quoted_name(std::string_view token) {
  std::string out;
  for (std::size_t i = 1; i + 1 < token.size(); ++i) {
    out.push_back(token[i]);
    i += token[i] == '`' ? 1U : 0U;
  }
  return out;
}

}  // namespace millrace::sql::detail
