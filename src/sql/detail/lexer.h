// Spark SQL: text to tokens. Comments and white space are dropped; `/*+` and its `*/` are tokens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sql/detail/keywords.h"
#include "sql/parser.h"
#include "sql/position.h"

namespace millrace::sql::detail {

enum class TokenKind : std::uint8_t {
  kEnd,       ///< after the last one
  kWord,      ///< an unquoted name or keyword
  kQuoted,    ///< `name`
  kString,    ///< '…', "…", r'…'
  kInteger,   ///< 123
  kDecimal,   ///< 1.5, .5, 1.
  kExponent,  ///< 1e3, 1.5e3
  kSuffixed,  ///< 1L, 1.5F, 1e3BD
  kSymbol,    ///< an operator or bracket
  kHintStart,
  kHintEnd,
  kUnknown,      ///< a character that begins no token
  kOpenString,   ///< a string without its end
  kOpenName,     ///< a `name without its end
  kOpenComment,  ///< a /* comment without its end
};

enum class Symbol : std::uint8_t {
  kNone,
  kLeftParen,
  kRightParen,
  kLeftBracket,
  kRightBracket,
  kComma,
  kDot,
  kSemicolon,
  kColon,
  kDoubleColon,
  kQuestion,
  kEqual,  ///< = and ==
  kNullSafeEqual,
  kNotEqual,  ///< <> and !=
  kLess,
  kLessOrEqual,  ///< <= and !>
  kGreater,
  kGreaterOrEqual,  ///< >= and !<
  kPlus,
  kMinus,
  kStar,
  kSlash,
  kPercent,
  kTilde,
  kAmpersand,
  kPipe,
  kConcat,
  kCaret,
  kShiftLeft,
  kBang,
  kArrow,
  kFatArrow,
  kPipeArrow,  ///< |>
};

/// `>>` and `>>>` are several kGreater tokens side by side, because `array<array<int>>` closes two
/// types; the parser joins them.
struct Token {
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
  std::int32_t line = 0;
  std::int32_t column = 0;
  std::int32_t end = 0;
  std::uint32_t match = 0;  ///< of '(': the index of its ')', 0 without
  Keyword keyword = Keyword::kNone;
  TokenKind kind = TokenKind::kEnd;
  Symbol symbol = Symbol::kNone;
};

/// The tokens of `text`, ended by kEnd. A text over a limit gives no token but kEnd, and
/// `over_limit` says which. Immutable.
struct TokenStream {
  std::string_view text;
  std::vector<Token> tokens;
  std::string over_limit;

  [[nodiscard]] std::string_view text_of(const Token& token) const {
    return text.substr(token.offset, token.size);
  }
};

/// Never fails: what is no token is one of the last kinds. `text` must outlive the answer.
TokenStream tokenize(std::string_view text, const PositionMap& positions = {});

/// The value of a string token: quotes removed, escapes decoded.
std::string decode_string(std::string_view token);

/// The name in a `quoted` token.
std::string decode_quoted_name(std::string_view token);

}  // namespace millrace::sql::detail
