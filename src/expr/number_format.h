// The number formats of to_number and to_char: '999', '0,000.00', '$99.9S', '99PR'.
//
//   0 9     a digit. A run that begins with 0 before the point stands for exactly that many digits,
//           any other run for at most that many.
//   . D     the point          , G   between groups of digits
//   $       a dollar sign      S MI  a sign, at the beginning or the end (MI: minus only)
//   PR      at the end: negative numbers stand in <angle brackets>
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/int128.h"

namespace millrace::expr {

/// Immutable.
class NumberFormat {
 public:
  /// Nothing when it is no format, or has more than 38 digits.
  static std::optional<NumberFormat> parse(std::string_view text);

  /// Digits in all, and after the point: the type of to_number.
  [[nodiscard]] int precision() const { return precision_; }

  [[nodiscard]] int scale() const { return scale_; }

  /// Unscaled, with scale() digits after the point; nothing when the text does not match.
  [[nodiscard]] std::optional<Int128> read(std::string_view text) const;

  /// Places before the point that the number has no digit for are 0 or blank, as the format has it;
  /// '#' stands for every digit of a number that is too large. Digits after the last place are
  /// dropped.
  [[nodiscard]] std::string write(Int128 unscaled, int scale) const;

 private:
  enum class Kind : std::uint8_t {
    kDigits,
    kPoint,
    kDollar,
    kSign,
    kMinus,
    kOpen,
    kClose
  };

  // A run of digits before the next comma, or another token.
  struct Token {
    Kind kind = Kind::kDigits;
    std::vector<int> groups;  // Digits by group, from the left.
    std::vector<bool> exact;  // Of each group: begins with 0, before the point.
  };

  bool read_digits(const Token& token,
                   std::string_view text,
                   std::size_t& at,
                   std::string& digits) const;
  void write_whole(std::string& out, const Token& token, std::string_view digits) const;

  std::vector<Token> tokens_;
  int precision_ = 0;
  int scale_ = 0;
};

}  // namespace millrace::expr
