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

constexpr std::size_t kLengthMax = 16;

static_assert(std::ranges::is_sorted(kTexts));
static_assert(std::ranges::all_of(kTexts,
                                  [](std::string_view text) { return text.size() <= kLengthMax; }));

}  // namespace

Keyword find_keyword(std::string_view word) {
  if (word.size() > kLengthMax) {
    return Keyword::kNone;
  }
  std::array<char, kLengthMax> capitals{};
  std::ranges::transform(word, capitals.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  const std::string_view key(capitals.data(), word.size());
  const auto* found = std::ranges::lower_bound(kTexts, key);
  return found != kTexts.end() && *found == key ? static_cast<Keyword>(found - kTexts.begin())
                                                : Keyword::kNone;
}

std::string_view to_text(Keyword keyword) {
  return kTexts.at(static_cast<std::size_t>(keyword));
}

}  // namespace millrace::sql::detail
