// A field's expression: text with directives in it.
//
//   "#{Name.first_name} from #{Address.city}"   "#{number.numberBetween '1','100'}"
//
// Arguments stand in single quotes, separated by commas; a quote inside is written twice.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connect/faker/detail/draw.h"
#include "connect/faker/detail/providers.h"

namespace millrace::connect::faker::detail {

struct ExpressionProblem {
  std::string code;
  std::string message;
  std::string help;
};

/// Immutable.
class Expression {
 public:
  /// Adds every problem; nothing when there is one.
  static std::optional<Expression> parse(std::string_view text,
                                         std::vector<ExpressionProblem>& problems);

  void append(Draw& draw, std::string& out) const;

  /// Of a single directive; kText where there is other text too.
  [[nodiscard]] ValueKind kind() const { return kind_; }

 private:
  struct Part {
    std::string text;  ///< Where there is no maker.
    Maker maker;
  };

  std::vector<Part> parts_;
  ValueKind kind_ = ValueKind::kText;
};

}  // namespace millrace::connect::faker::detail
