// A compiled LIKE pattern.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "expr/eval_error.h"

namespace millrace::expr {

/// `%` is any text, `_` one code point, the escape character makes the next `%`, `_` or itself
/// plain. Matching takes time linear in text × pattern at worst. Immutable.
class LikePattern {
 public:
  /// Nothing when an escape stands before another character or at the end; `error` says which.
  static std::optional<LikePattern> compile(std::string_view pattern,
                                            std::string_view escape,
                                            EvalError& error);

  /// Whether the whole text matches.
  [[nodiscard]] bool matches(std::string_view text) const;

 private:
  // What stands between two `%`: bytes, and where one code point of any kind belongs.
  struct Part {
    std::string bytes;             ///< With a placeholder byte for each `_`.
    std::vector<std::size_t> any;  ///< Positions of the placeholders in `bytes`.
  };

  // Where the part ends in `text` when it begins at `at`; npos = it does not.
  static std::size_t match_at(const Part& part, std::string_view text, std::size_t at);
  static std::size_t find(const Part& part,
                          std::string_view text,
                          std::size_t from,
                          std::size_t* begin);

  std::vector<Part> parts_;  // At least one; `%` between two.
};

}  // namespace millrace::expr
