#include "sql/detail/cursor.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/suggest.h"
#include "base/utf8.h"

namespace millrace::sql::detail {
namespace {

constexpr std::size_t kShownExpectedMax = 8;
constexpr std::size_t kShownTokenBytesMax = 60;

std::string_view symbol_text(Symbol symbol) {
  switch (symbol) {
    case Symbol::kNone:
      return "";
    case Symbol::kLeftParen:
      return "(";
    case Symbol::kRightParen:
      return ")";
    case Symbol::kLeftBracket:
      return "[";
    case Symbol::kRightBracket:
      return "]";
    case Symbol::kComma:
      return ",";
    case Symbol::kDot:
      return ".";
    case Symbol::kSemicolon:
      return ";";
    case Symbol::kColon:
      return ":";
    case Symbol::kDoubleColon:
      return "::";
    case Symbol::kQuestion:
      return "?";
    case Symbol::kEqual:
      return "=";
    case Symbol::kNullSafeEqual:
      return "<=>";
    case Symbol::kNotEqual:
      return "<>";
    case Symbol::kLess:
      return "<";
    case Symbol::kLessOrEqual:
      return "<=";
    case Symbol::kGreater:
      return ">";
    case Symbol::kGreaterOrEqual:
      return ">=";
    case Symbol::kPlus:
      return "+";
    case Symbol::kMinus:
      return "-";
    case Symbol::kStar:
      return "*";
    case Symbol::kSlash:
      return "/";
    case Symbol::kPercent:
      return "%";
    case Symbol::kTilde:
      return "~";
    case Symbol::kAmpersand:
      return "&";
    case Symbol::kPipe:
      return "|";
    case Symbol::kConcat:
      return "||";
    case Symbol::kCaret:
      return "^";
    case Symbol::kShiftLeft:
      return "<<";
    case Symbol::kBang:
      return "!";
    case Symbol::kArrow:
      return "->";
    case Symbol::kFatArrow:
      return "=>";
    case Symbol::kPipeArrow:
      return "|>";
  }
  return "";
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

Cursor::Cursor(TokenStream stream, std::string_view file, Diagnostics& diagnostics)
    : stream_(std::move(stream)), file_(file), diagnostics_(diagnostics) {
  if (!stream_.over_limit.empty()) {
    fail(kTooComplex,
         {.line = 1, .column = 1, .end = 0},
         stream_.over_limit,
         "split it into several files");
  }
}

const Token& Cursor::peek(std::size_t ahead) const {
  return stream_.tokens[std::min(index_ + ahead, stream_.tokens.size() - 1)];
}

NodePosition Cursor::position_of(const Token& token) {
  return Position{.line = token.line, .column = token.column, .end = token.end};
}

NodePosition Cursor::since(std::size_t mark) const {
  const Token& first = stream_.tokens[std::min(mark, stream_.tokens.size() - 1)];
  Position position = position_of(first);
  // Over several lines: to the end of the last token that begins and ends on the first line.
  for (std::size_t i = index_; i > mark + 1 && !failed_; --i) {
    const Token& last = stream_.tokens[i - 1];
    if (last.line == first.line) {
      position.end = std::max(position.end, last.end);
      break;
    }
  }
  return position;
}

bool Cursor::is_any(std::initializer_list<Keyword> keywords, std::size_t ahead) const {
  return is(TokenKind::kWord, ahead) &&
         std::ranges::find(keywords, peek(ahead).keyword) != keywords.end();
}

const Token& Cursor::take() {
  const Token& token = peek();
  if (index_ + 1 < stream_.tokens.size()) {
    ++index_;
  }
  return token;
}

bool Cursor::accept(Keyword keyword) {
  if (is(keyword)) {
    take();
    return true;
  }
  note_expected(keyword);
  return false;
}

bool Cursor::accept(Keyword first, Keyword second) {
  if (is(first, second)) {
    take();
    take();
    return true;
  }
  note_expected(first, second);
  return false;
}

bool Cursor::accept(Symbol symbol) {
  if (!is(symbol)) {
    return false;
  }
  take();
  return true;
}

void Cursor::expect(Keyword keyword) {
  if (!accept(keyword)) {
    fail_expected(to_text(keyword));
  }
}

void Cursor::expect(Symbol symbol) {
  if (!accept(symbol)) {
    fail_expected(fmt::format("'{}'", symbol_text(symbol)));
  }
}

std::string Cursor::expect_string() {
  if (!is(TokenKind::kString)) {
    fail_expected("a string");
    return {};
  }
  std::string value;
  while (is(TokenKind::kString)) {
    value += decode_string(text(take()));
  }
  return value;
}

std::string Cursor::expect_integer() {
  if (!is(TokenKind::kInteger)) {
    fail_expected("an integer");
    return {};
  }
  return std::string(text(take()));
}

Identifier Cursor::take_identifier() {
  const Token& token = take();
  const bool quoted = token.kind == TokenKind::kQuoted;
  Identifier identifier{
      .name = quoted ? decode_quoted_name(text(token)) : std::string(text(token)),
      .quoted = quoted,
      .position = position_of(token),
  };
  if (!quoted && !is_ascii(identifier.name)) {
    fail(kInvalidIdentifier,
         identifier.position,
         fmt::format("The unquoted identifier {} is invalid and must be back quoted as: `{}`",
                     identifier.name,
                     identifier.name),
         "unquoted names have ASCII letters, digits and '_' only");
  }
  return identifier;
}

Identifier Cursor::expect_identifier() {
  if (!is_name()) {
    fail_expected("a name");
    return {};
  }
  return take_identifier();
}

Name Cursor::expect_name() {
  const std::size_t start = mark();
  Name name;
  if (is(Keyword::kIdentifier) && is(Symbol::kLeftParen, 1) && is(TokenKind::kString, 2)) {
    take();
    take();
    const Token inner = peek();
    const std::string written = expect_string();
    expect(Symbol::kRightParen);
    Cursor parts(tokenize(written), file_, diagnostics_);
    name = parts.expect_name();
    if (parts.failed() || !parts.is(TokenKind::kEnd)) {
      fail(kInvalidIdentifier,
           position_of(inner),
           fmt::format("{} is no name", written),
           "write parts of letters, digits and '_', or in back quotes, with dots between");
    }
  } else {
    name.parts.push_back(expect_identifier());
    while (is(Symbol::kDot) && is_name(1)) {
      take();
      name.parts.push_back(take_identifier());
    }
    if (is(Symbol::kMinus) && is(TokenKind::kWord, 1) && peek().offset + 1 == peek(1).offset &&
        peek().offset == token(index_ - 1).offset + token(index_ - 1).size) {
      const std::string written = fmt::format("{}-{}", name.parts.back().name, text(peek(1)));
      take();
      take();
      fail(kInvalidIdentifier,
           since(start),
           fmt::format("The unquoted identifier {} is invalid and must be back quoted as: `{}`",
                       written,
                       written),
           "unquoted names have ASCII letters, digits and '_' only");
    }
  }
  name.position = since(start);
  return name;
}

void Cursor::note_expected(Keyword keyword, Keyword follower) {
  if (failed_) {
    return;
  }
  if (expected_at_ != index_) {
    expected_at_ = index_;
    expected_count_ = 0;
  }
  if (expected_count_ < expected_.size()) {
    expected_.at(expected_count_++) = {.keyword = keyword, .follower = follower};
  }
}

std::span<const Cursor::Expected> Cursor::expected_here() const {
  return std::span(expected_).first(expected_at_ == index_ ? expected_count_ : 0);
}

std::vector<std::string> Cursor::expected_texts() const {
  std::vector<std::string> texts;
  for (const Expected& expected : expected_here()) {
    const std::string_view word = to_text(expected.keyword);
    if (std::ranges::find(texts, word) == texts.end()) {
      texts.emplace_back(word);
    }
  }
  return texts;
}

// After `FROM t ORDER BT x`, where ORDER was taken for an alias: BY.
std::vector<std::string> Cursor::followers_of_alias() const {
  std::vector<std::string> texts;
  if (implicit_alias_ + 1 == index_) {
    for (const Expected& expected : expected_here()) {
      if (expected.keyword == token(implicit_alias_).keyword &&
          expected.follower != Keyword::kNone) {
        texts.emplace_back(to_text(expected.follower));
      }
    }
  }
  return texts;
}

std::string Cursor::text_for_message(const Token& token) const {
  if (token.kind == TokenKind::kEnd) {
    return "end of input";
  }
  const std::string_view whole = text(token);
  std::size_t cut = std::min(whole.size(), kShownTokenBytesMax);
  while (cut > 0 && cut < whole.size() &&
         (static_cast<unsigned char>(whole[cut]) & 0xC0U) == 0x80U) {
    --cut;
  }
  return fmt::format("'{}{}'", to_valid_utf8(whole.substr(0, cut)), cut < whole.size() ? "…" : "");
}

void Cursor::report(const ErrorKind& kind,
                    const Position& where,
                    std::string message,
                    std::string help) {
  Diagnostic diagnostic;
  diagnostic.code = kind.code;
  diagnostic.error_class = kind.error_class;
  diagnostic.sqlstate = kind.sqlstate;
  diagnostic.where = to_span(where, file_);
  diagnostic.message = std::move(message);
  diagnostic.help = std::move(help);
  diagnostics_.add(std::move(diagnostic));
}

void Cursor::fail(const ErrorKind& kind,
                  const Position& where,
                  std::string message,
                  std::string help) {
  if (failed_) {
    return;
  }
  report(kind, where, std::move(message), std::move(help));
  failed_ = true;
  failed_at_ = index_;
  index_ = stream_.tokens.size() - 1;
}

void Cursor::report_bad_token(const Token& token) {
  const Position where = position_of(token);
  const std::string shown = text_for_message(token);
  if (token.kind == TokenKind::kOpenComment) {
    fail(kUnclosedComment,
         where,
         "Found an unclosed bracketed comment",
         "append */ at the end of it");
  } else if (token.kind == TokenKind::kOpenString) {
    fail(kSyntaxError,
         where,
         "Syntax error at or near " + shown,
         "the string that begins here is not closed");
  } else if (token.kind == TokenKind::kOpenName) {
    fail(kSyntaxError,
         where,
         "Syntax error at or near " + shown,
         "the quoted name that begins here is not closed");
  } else {
    fail(kSyntaxError,
         where,
         "Syntax error at or near " + shown,
         text(token) == "$" ? "no variable is substituted here: ${…} was left over"
                            : "this character begins no word and no sign of SQL");
  }
}

void Cursor::fail_expected(std::string_view what) {
  if (failed_) {
    return;
  }
  std::string wanted(what);
  const Token& here = peek();
  if (here.kind >= TokenKind::kUnknown) {
    report_bad_token(here);
    return;
  }
  std::vector<std::string> expected = followers_of_alias();
  const bool second_word = !expected.empty();
  if (second_word) {
    wanted = expected.front();
  } else {
    expected = expected_texts();
  }
  const Token* wrong = &here;
  std::string meant;
  if (here.kind == TokenKind::kWord) {
    meant = did_you_mean(text(here), expected);
  }
  if (meant.empty() && !second_word && implicit_alias_ + 1 == index_) {
    const Token& alias = token(implicit_alias_);
    meant = did_you_mean(text(alias), expected);
    wrong = meant.empty() ? wrong : &alias;
  }
  std::string help = "expected ";
  std::erase(expected, wanted);
  if (expected.size() < kShownExpectedMax) {
    for (const std::string& word : expected) {
      help += word + ", ";
    }
    help.resize(help.size() - (expected.empty() ? 0 : 2));
    help += expected.empty() ? "" : " or ";
  }
  help += wanted;
  fail(kSyntaxError,
       position_of(*wrong),
       fmt::format("Syntax error at or near {}{}", text_for_message(*wrong), meant),
       std::move(help));
}

void Cursor::recover(std::size_t index) {
  if (stream_.over_limit.empty()) {
    failed_ = false;
  }
  index_ = std::min(index, stream_.tokens.size() - 1);
  expected_count_ = 0;
  height_ = 0;
  open_cases = 0;
  keys_is_clause = false;
}

Cursor::Branch::~Branch() {
  cursor_.height_ = std::max(outer_height_, cursor_.height_ + 1);
}

Cursor::Nest::Nest(Cursor& cursor) : cursor_(cursor), branch_(cursor) {
  if (++cursor_.depth_ > kNestingMax) {
    cursor_.fail(
        kTooComplex,
        position_of(cursor_.peek()),
        fmt::format("The statement is nested too deeply: more than {} levels", kNestingMax),
        "split it: WITH names a subquery, a view names a step");
  }
}

void Cursor::grow() {
  if (++height_ > kTreeHeightMax) {
    fail(kTooComplex,
         position_of(peek()),
         fmt::format("The statement is too complex: more than {} operators in one chain",
                     kTreeHeightMax),
         "use a list: IN (…), concat(…), coalesce(…), or split the statement");
  }
}

Identifier read_identifier(Cursor& cursor) {
  return cursor.expect_identifier();
}

Name read_name(Cursor& cursor) {
  return cursor.expect_name();
}

}  // namespace millrace::sql::detail
