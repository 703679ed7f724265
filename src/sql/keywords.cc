#include "sql/detail/keywords.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace millrace::sql::detail {
namespace {

constexpr std::array kTexts = std::to_array<std::string_view>({"",
#define MR_SQL_KEYWORD(name, text) text,
                                                               MR_SQL_KEYWORDS(MR_SQL_KEYWORD)
#undef MR_SQL_KEYWORD
});

constexpr char to_capital(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

constexpr std::size_t kLengthMax = 16;

static_assert(std::ranges::is_sorted(kTexts));
static_assert(std::ranges::all_of(kTexts,
                                  [](std::string_view text) { return text.size() <= kLengthMax; }));

constexpr std::array kBetweenExpressions = std::to_array<Keyword>({
    Keyword::kFrom,     Keyword::kWhere,  Keyword::kGroup,     Keyword::kHaving,  Keyword::kOrder,
    Keyword::kUnion,    Keyword::kExcept, Keyword::kIntersect, Keyword::kSelect,  Keyword::kLimit,
    Keyword::kOn,       Keyword::kJoin,   Keyword::kAnd,       Keyword::kOr,      Keyword::kAs,
    Keyword::kBy,       Keyword::kInto,   Keyword::kWhen,      Keyword::kThen,    Keyword::kElse,
    Keyword::kEnd,      Keyword::kIs,     Keyword::kIn,        Keyword::kBetween, Keyword::kLike,
    Keyword::kOver,     Keyword::kUsing,  Keyword::kWith,      Keyword::kCase,    Keyword::kNot,
    Keyword::kDistinct,
});

}  // namespace

bool stands_between_expressions(Keyword keyword) {
  return std::ranges::find(kBetweenExpressions, keyword) != kBetweenExpressions.end();
}

Keyword find_keyword(std::string_view word) {
  if (word.size() > kLengthMax) {
    return Keyword::kNone;
  }
  std::array<char, kLengthMax> capitals{};
  std::ranges::transform(word, capitals.begin(), to_capital);
  const std::string_view key(capitals.data(), word.size());
  const auto* found = std::ranges::lower_bound(kTexts, key);
  return found != kTexts.end() && *found == key ? static_cast<Keyword>(found - kTexts.begin())
                                                : Keyword::kNone;
}

std::string to_capitals(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), to_capital);
  return out;
}

std::string_view to_text(Keyword keyword) {
  return kTexts.at(static_cast<std::size_t>(keyword));
}

}  // namespace millrace::sql::detail
