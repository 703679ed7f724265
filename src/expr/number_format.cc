#include "expr/number_format.h"

#include <utility>

#include "expr/java_format.h"

namespace millrace::expr {
namespace {

constexpr int kDigitsMax = 38;

bool is_digit_place(char c) {
  return c == '0' || c == '9';
}

}  // namespace

std::optional<NumberFormat> NumberFormat::parse(std::string_view text) {
  NumberFormat format;
  bool point = false;
  bool dollar = false;
  bool sign = false;
  bool comma = false;  // A group has to follow.
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    const bool at_end = format.tokens_.empty();
    if (is_digit_place(c)) {
      const std::size_t begin = at;
      while (at < text.size() && is_digit_place(text[at])) {
        ++at;
      }
      const auto count = static_cast<int>(at - begin);
      if (!comma) {
        format.tokens_.emplace_back();
      }
      comma = false;
      format.tokens_.back().groups.push_back(count);
      format.tokens_.back().exact.push_back(c == '0' && !point);
      format.precision_ += count;
      format.scale_ += point ? count : 0;
      continue;
    }
    Token token;
    std::size_t used = 1;
    if (c == '.' || c == 'D') {
      token.kind = Kind::kPoint;
      if (std::exchange(point, true)) {
        return std::nullopt;
      }
    } else if (c == ',' || c == 'G') {
      if (point || comma || at_end || format.tokens_.back().kind != Kind::kDigits) {
        return std::nullopt;
      }
      comma = true;
      ++at;
      continue;
    } else if (c == '$') {
      token.kind = Kind::kDollar;
      if (std::exchange(dollar, true) || format.precision_ > 0) {
        return std::nullopt;
      }
    } else if (c == 'S' || text.substr(at).starts_with("MI")) {
      token.kind = c == 'S' ? Kind::kSign : Kind::kMinus;
      used = c == 'S' ? 1 : 2;
      if (std::exchange(sign, true) || (at != 0 && at + used != text.size())) {
        return std::nullopt;
      }
    } else if (text.substr(at) == "PR" && !sign) {
      used = 2;
      token.kind = Kind::kClose;
      format.tokens_.insert(format.tokens_.begin(),
                            Token{.kind = Kind::kOpen, .groups = {}, .exact = {}});
    } else {
      return std::nullopt;
    }
    if (comma) {
      return std::nullopt;
    }
    format.tokens_.push_back(std::move(token));
    at += used;
  }
  if (comma || format.precision_ == 0 || format.precision_ > kDigitsMax) {
    return std::nullopt;
  }
  return format;
}

// Takes digits and commas; blanks between them do not count.
bool NumberFormat::read_digits(const Token& token,
                               std::string_view text,
                               std::size_t& at,
                               std::string& digits) const {
  std::vector<int> found = {0};
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c >= '0' && c <= '9') {
      digits.push_back(c);
      ++found.back();
    } else if (c == ',') {
      found.push_back(0);
    } else if (c != ' ' && (c < '\t' || c > '\r')) {
      break;
    }
  }
  if (found.size() > token.groups.size()) {
    return false;
  }
  // Groups are compared from the right.
  found.insert(found.begin(), token.groups.size() - found.size(), 0);
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (token.exact[i] ? found[i] != token.groups[i] : found[i] > token.groups[i]) {
      return false;
    }
  }
  return true;
}

std::optional<Int128> NumberFormat::read(std::string_view text) const {
  std::string whole;
  std::string fraction;
  bool point = false;
  bool negative = false;
  bool open = false;
  std::size_t at = 0;
  const auto take = [&](char c) {
    const bool there = at < text.size() && text[at] == c;
    at += there ? 1U : 0U;
    return there;
  };
  for (const Token& token : tokens_) {
    bool matches = true;
    switch (token.kind) {
      case Kind::kDigits:
        matches = read_digits(token, text, at, point ? fraction : whole);
        break;
      case Kind::kPoint:
        point = take('.') || point;
        break;
      case Kind::kDollar:
        matches = take('$');
        break;
      case Kind::kSign:
        negative = !take('+') && take('-');
        break;
      case Kind::kMinus:
        negative = take('-');
        break;
      case Kind::kOpen:
        open = take('<');
        negative = open;
        break;
      case Kind::kClose:
        matches = take('>') == open;
        break;
    }
    if (!matches) {
      return std::nullopt;
    }
  }
  if (at != text.size() || whole.size() + fraction.size() == 0) {
    return std::nullopt;
  }
  fraction.resize(static_cast<std::size_t>(scale_), '0');
  Int128 value = 0;
  for (const char c : whole + fraction) {
    value = value * 10 + (c - '0');
  }
  return negative ? -value : value;
}

void NumberFormat::write_whole(std::string& out,
                               const Token& token,
                               std::string_view digits) const {
  std::size_t places = 0;
  for (const int count : token.groups) {
    places += static_cast<std::size_t>(count);
  }
  const bool too_large = digits.size() > places;
  std::size_t place = 0;  // From the left.
  bool zeros = false;     // A group that begins with 0 was met.
  for (std::size_t group = 0; group < token.groups.size(); ++group) {
    zeros = zeros || token.exact[group];
    for (int i = 0; i < token.groups[group]; ++i, ++place) {
      const std::size_t right = places - place;
      if (too_large) {
        out += '#';
      } else if (right <= digits.size()) {
        out += digits[digits.size() - right];
      } else {
        out += zeros || right == 1 ? '0' : ' ';
      }
    }
    if (group + 1 < token.groups.size()) {
      out += too_large || zeros || places - place < digits.size() ? ',' : ' ';
    }
  }
}

std::string NumberFormat::write(Int128 unscaled, int scale) const {
  const DecimalDigits digits = digits_of_decimal(unscaled, scale);
  std::string out;
  bool point = false;
  std::size_t fraction = 0;
  for (const Token& token : tokens_) {
    switch (token.kind) {
      case Kind::kDigits:
        if (!point) {
          write_whole(out, token, digits.whole);
          break;
        }
        for (int i = 0; i < token.groups[0]; ++i, ++fraction) {
          out += fraction < digits.fraction.size() ? digits.fraction[fraction] : '0';
        }
        break;
      case Kind::kPoint:
        point = true;
        out += '.';
        break;
      case Kind::kDollar:
        out += '$';
        break;
      case Kind::kSign:
        out += digits.negative ? '-' : '+';
        break;
      case Kind::kMinus:
        out += digits.negative ? '-' : ' ';
        break;
      case Kind::kOpen:
        out += digits.negative ? "<" : "";
        break;
      case Kind::kClose:
        out += digits.negative ? ">" : "";
        break;
    }
  }
  return out;
}

}  // namespace millrace::expr
