#include "expr/java_format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/utf8.h"
#include "expr/code_points.h"
#include "expr/unicode_case.h"

namespace millrace::expr {
namespace {

// A conversion of a format: %[index$][flags][width][.precision]conversion.
struct Spec {
  std::size_t index = 0;  // From 1; 0 = the next.
  bool same = false;      // "%<s": the argument before.
  bool left = false;
  bool plus = false;
  bool space = false;
  bool zero = false;
  bool comma = false;
  bool paren = false;
  bool alternate = false;
  std::size_t width = 0;
  int precision = -1;
  char conversion = 0;
  bool upper = false;
};

constexpr std::size_t kWidthMax = 1'000'000;
constexpr int kPrecisionMax = 400;

std::optional<std::size_t> read_number(std::string_view text, std::size_t& at) {
  std::size_t value = 0;
  const std::size_t begin = at;
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
    value = value * 10 + static_cast<std::size_t>(text[at] - '0');
    if (value > kWidthMax) {
      return std::nullopt;
    }
    ++at;
  }
  return at == begin ? std::nullopt : std::optional<std::size_t>(value);
}

bool read_flag(char c, Spec& spec) {
  switch (c) {
    case '-':
      return spec.left = true;
    case '+':
      return spec.plus = true;
    case ' ':
      return spec.space = true;
    case '0':
      return spec.zero = true;
    case ',':
      return spec.comma = true;
    case '(':
      return spec.paren = true;
    case '#':
      return spec.alternate = true;
    case '<':
      return spec.same = true;
    default:
      return false;
  }
}

// Reads what follows a '%'.
std::optional<Spec> read_spec(std::string_view format, std::size_t& at) {
  Spec spec;
  std::size_t ahead = at;
  if (const auto index = read_number(format, ahead);
      index && ahead < format.size() && format[ahead] == '$') {
    spec.index = *index;
    at = ahead + 1;
  }
  while (at < format.size() && read_flag(format[at], spec)) {
    ++at;
  }
  if (at < format.size() && format[at] >= '1' && format[at] <= '9') {
    const auto width = read_number(format, at);
    if (!width) {
      return std::nullopt;
    }
    spec.width = *width;
  }
  if (at < format.size() && format[at] == '.') {
    ++at;
    const auto precision = read_number(format, at);
    if (!precision) {
      return std::nullopt;
    }
    spec.precision = static_cast<int>(*precision);
  }
  if (at >= format.size()) {
    return std::nullopt;
  }
  const char conversion = format[at++];
  spec.upper = conversion >= 'A' && conversion <= 'Z';
  spec.conversion = spec.upper ? static_cast<char>(conversion + 32) : conversion;
  if (spec.upper && std::string_view("bsxegac").find(spec.conversion) == std::string_view::npos) {
    return std::nullopt;
  }
  const bool needs_width = (spec.left || spec.zero) && spec.width == 0;
  if (needs_width || (spec.left && spec.zero) || (spec.plus && spec.space)) {
    return std::nullopt;
  }
  return spec;
}

std::string pad_to(std::string text, const Spec& spec) {
  const auto length = static_cast<std::size_t>(count_code_points(text));
  if (length < spec.width) {
    text.insert(spec.left ? text.size() : 0, spec.width - length, ' ');
  }
  return spec.upper ? upper_text(text) : text;
}

std::string group_whole(std::string_view whole, std::size_t group) {
  std::string out(whole);
  for (std::size_t at = out.size(); group > 0 && at > group;) {
    at -= group;
    out.insert(at, 1, ',');
  }
  return out;
}

// Sign, zeros and width around the digits of a number.
std::string finish_number(std::string digits, bool negative, const Spec& spec) {
  if (spec.comma) {
    const std::size_t whole = std::min(digits.find_first_not_of("0123456789"), digits.size());
    digits = group_whole(digits.substr(0, whole), 3) + digits.substr(whole);
  }
  std::string sign;
  if (negative) {
    sign = spec.paren ? "(" : "-";
  } else if (spec.plus || spec.space) {
    sign = spec.plus ? "+" : " ";
  }
  const std::string_view close = negative && spec.paren ? ")" : "";
  const std::size_t length = sign.size() + digits.size() + close.size();
  if (spec.zero && length < spec.width) {
    digits.insert(0, spec.width - length, '0');
  }
  return pad_to(sign + digits + std::string(close), spec);
}

std::string digits_in_base(std::uint64_t value, int base) {
  std::array<char, 64> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, base);
  return {buffer.data(), end.ptr};
}

std::string magnitude_of(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  return digits_in_base(value < 0 ? 0 - bits : bits, 10);
}

std::optional<std::string> format_integer(const FormatInteger& value, const Spec& spec) {
  if (spec.precision >= 0) {
    return std::nullopt;
  }
  if (spec.conversion == 'd') {
    return finish_number(magnitude_of(value.value), value.value < 0, spec);
  }
  if (spec.comma || spec.plus || spec.space || spec.paren) {
    return std::nullopt;
  }
  auto bits = static_cast<std::uint64_t>(value.value);
  if (value.bits < 64) {
    bits &= (std::uint64_t{1} << static_cast<unsigned>(value.bits)) - 1;
  }
  std::string digits = digits_in_base(bits, spec.conversion == 'x' ? 16 : 8);
  if (spec.alternate) {
    digits.insert(0, spec.conversion == 'x' ? "0x" : "0");
  }
  return finish_number(std::move(digits), /*negative=*/false, spec);
}

// The shortest digits that read back as the number, d.ddd × 10^exponent.
struct Shortest {
  std::string digits;
  int exponent = 0;
};

Shortest shortest_of(double magnitude) {
  std::array<char, 64> buffer{};
  const auto end = std::to_chars(
      buffer.data(), buffer.data() + buffer.size(), magnitude, std::chars_format::scientific);
  const std::string_view text(buffer.data(), static_cast<std::size_t>(end.ptr - buffer.data()));
  const std::size_t e = text.find('e');
  Shortest out;
  for (const char c : text.substr(0, e)) {
    if (c != '.') {
      out.digits.push_back(c);
    }
  }
  const std::size_t number = text[e + 1] == '+' ? e + 2 : e + 1;
  std::from_chars(text.data() + number, text.data() + text.size(), out.exponent);
  return out;
}

// Keeps `count` digits, rounding half up; a carry out of the front moves the exponent.
void round_half_up(Shortest& number, int count) {
  if (count < 0) {
    number = {.digits = "0", .exponent = 0};
    return;
  }
  const auto keep = static_cast<std::size_t>(count);
  if (keep >= number.digits.size()) {
    number.digits.append(keep - number.digits.size(), '0');
    return;
  }
  const bool up = number.digits[keep] >= '5';
  number.digits.resize(keep);
  std::size_t at = keep;
  bool carry = up;
  while (carry && at > 0) {
    --at;
    carry = number.digits[at] == '9';
    number.digits[at] = carry ? '0' : static_cast<char>(number.digits[at] + 1);
  }
  if (carry) {
    number.digits.insert(0, 1, '1');
    ++number.exponent;
  }
}

std::string fixed_digits(double magnitude, int precision, bool alternate) {
  Shortest number = shortest_of(magnitude);
  const int exponent = number.exponent;
  round_half_up(number, magnitude == 0 ? precision + 1 : exponent + 1 + precision);
  // All digits that are left, the last `precision` of them after the point.
  std::string all = number.digits;
  const auto places = static_cast<std::size_t>(precision);
  if (magnitude != 0 && exponent + 1 + precision < 0) {
    all.clear();
  }
  if (all.size() < places + 1) {
    all.insert(0, places + 1 - all.size(), '0');
  }
  std::string out = all.substr(0, all.size() - places);
  if (places > 0 || alternate) {
    out += '.';
  }
  return out + all.substr(all.size() - places);
}

std::string scientific_digits(double magnitude, int precision) {
  Shortest number = shortest_of(magnitude);
  round_half_up(number, precision + 1);
  number.digits.resize(static_cast<std::size_t>(precision) + 1);
  std::string out = number.digits.substr(0, 1);
  if (precision > 0) {
    out += "." + number.digits.substr(1);
  }
  const int exponent = magnitude == 0 ? 0 : number.exponent;
  const std::string digits = std::to_string(std::abs(exponent));
  return out + (exponent < 0 ? "e-" : "e+") + (digits.size() < 2 ? "0" : "") + digits;
}

std::string general_digits(double magnitude, int precision) {
  const int significant = precision == 0 ? 1 : precision;
  if (magnitude == 0) {
    return fixed_digits(0, significant - 1, /*alternate=*/false);
  }
  Shortest number = shortest_of(magnitude);
  round_half_up(number, significant);
  if (number.exponent >= -4 && number.exponent < significant) {
    return fixed_digits(magnitude, significant - number.exponent - 1, /*alternate=*/false);
  }
  return scientific_digits(magnitude, significant - 1);
}

std::optional<std::string> format_double(double value, Spec spec) {
  if (!std::isfinite(value)) {
    spec.zero = false;
    spec.comma = false;
    const bool negative = std::isinf(value) && value < 0;
    if (std::isnan(value)) {
      return pad_to("NaN", spec);
    }
    return finish_number("Infinity", negative, spec);
  }
  const int precision = spec.precision < 0 ? 6 : spec.precision;
  if (precision > kPrecisionMax) {
    return std::nullopt;
  }
  const double magnitude = std::fabs(value);
  const bool negative = std::signbit(value);
  if (spec.conversion == 'f') {
    return finish_number(fixed_digits(magnitude, precision, spec.alternate), negative, spec);
  }
  if (spec.conversion == 'g') {
    return finish_number(general_digits(magnitude, precision), negative, spec);
  }
  if (spec.comma) {
    return std::nullopt;
  }
  return finish_number(scientific_digits(magnitude, precision), negative, spec);
}

std::optional<std::string> format_text(std::string text, const Spec& spec) {
  if (spec.plus || spec.space || spec.zero || spec.comma || spec.paren || spec.alternate) {
    return std::nullopt;
  }
  if (spec.precision >= 0) {
    text = std::string(slice_code_points(text, 0, spec.precision));
  }
  return pad_to(std::move(text), spec);
}

std::optional<std::string> format_character(const FormatArg& arg, const Spec& spec) {
  const auto* code = std::get_if<FormatInteger>(&arg.value);
  if (code == nullptr || code->value < 0 || code->value > 0x10FFFF ||
      (code->value >= 0xD800 && code->value < 0xE000) || spec.precision >= 0) {
    return std::nullopt;
  }
  std::string text;
  append_utf8(text, static_cast<char32_t>(code->value));
  return format_text(std::move(text), spec);
}

std::optional<std::string> format_arg(const FormatArg& arg, const Spec& spec) {
  const bool null = std::holds_alternative<std::monostate>(arg.value) && !arg.is_number_object;
  switch (spec.conversion) {
    case 'b': {
      const bool* flag = std::get_if<bool>(&arg.value);
      return format_text(null || (flag != nullptr && !*flag) ? "false" : "true", spec);
    }
    case 's':
      return format_text(null ? "null" : arg.text, spec);
    case 'c':
      return null ? format_text("null", spec) : format_character(arg, spec);
    case 'd':
    case 'x':
    case 'o': {
      const auto* value = std::get_if<FormatInteger>(&arg.value);
      if (value == nullptr) {
        return null ? std::optional<std::string>(pad_to("null", spec)) : std::nullopt;
      }
      return format_integer(*value, spec);
    }
    case 'e':
    case 'f':
    case 'g': {
      const double* value = std::get_if<double>(&arg.value);
      if (value == nullptr) {
        return null ? std::optional<std::string>(pad_to("null", spec)) : std::nullopt;
      }
      return format_double(*value, spec);
    }
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<std::string> java_format(std::string_view format, std::span<const FormatArg> args) {
  std::string out;
  std::size_t next = 0;
  std::size_t last = 0;
  for (std::size_t at = 0; at < format.size();) {
    const std::size_t percent = std::min(format.find('%', at), format.size());
    out.append(format.substr(at, percent - at));
    at = percent + 1;
    if (percent == format.size()) {
      break;
    }
    const std::optional<Spec> spec = read_spec(format, at);
    if (!spec || out.size() > kStringBytesMax) {
      return std::nullopt;
    }
    if (spec->conversion == '%' || spec->conversion == 'n') {
      out.append(spec->conversion == 'n' ? "\n" : pad_to("%", *spec));
      continue;
    }
    std::size_t index = spec->index;
    if (index == 0) {
      index = spec->same ? last : ++next;
    }
    if (index == 0 || index > args.size()) {
      return std::nullopt;
    }
    last = index;
    const std::optional<std::string> text = format_arg(args[index - 1], *spec);
    if (!text) {
      return std::nullopt;
    }
    out.append(*text);
  }
  return out;
}

DecimalDigits digits_of_integer(std::int64_t value) {
  return {.negative = value < 0, .whole = value == 0 ? "" : magnitude_of(value), .fraction = ""};
}

DecimalDigits digits_of_decimal(Int128 unscaled, int scale) {
  DecimalDigits out{.negative = unscaled < 0, .whole = "", .fraction = ""};
  UInt128 rest = unscaled < 0 ? -static_cast<UInt128>(unscaled) : static_cast<UInt128>(unscaled);
  std::string digits;
  while (rest != 0) {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
  }
  const auto places = static_cast<std::size_t>(scale);
  if (digits.size() < places) {
    digits.insert(0, places - digits.size(), '0');
  }
  out.whole = digits.substr(0, digits.size() - places);
  out.fraction = digits.substr(digits.size() - places);
  return out;
}

DecimalDigits digits_of_double(double value, int places) {
  std::array<char, 800> buffer{};
  // The C library rounds the exact binary value half-even.
  const int length = std::snprintf(buffer.data(), buffer.size(), "%.*f", places, std::fabs(value));
  const std::string_view text(buffer.data(), static_cast<std::size_t>(length));
  const std::size_t point = std::min(text.find('.'), text.size());
  DecimalDigits out{.negative = std::signbit(value), .whole = "", .fraction = ""};
  out.whole = text.substr(0, point);
  out.whole.erase(0, std::min(out.whole.find_first_not_of('0'), out.whole.size()));
  if (point < text.size()) {
    out.fraction = text.substr(point + 1);
  }
  return out;
}

DecimalDigits round_half_even(DecimalDigits digits, std::size_t places) {
  if (digits.fraction.size() <= places) {
    return digits;
  }
  const std::string_view cut = std::string_view(digits.fraction).substr(places);
  const bool above =
      cut[0] > '5' || (cut[0] == '5' && cut.find_first_not_of('0', 1) != std::string_view::npos);
  const bool tie = cut[0] == '5' && !above;
  std::string all = digits.whole + digits.fraction.substr(0, places);
  const bool odd = !all.empty() && (all.back() - '0') % 2 != 0;
  bool carry = above || (tie && odd);
  for (std::size_t at = all.size(); carry && at > 0;) {
    --at;
    carry = all[at] == '9';
    all[at] = carry ? '0' : static_cast<char>(all[at] + 1);
  }
  if (carry) {
    all.insert(0, 1, '1');
  }
  digits.whole = all.substr(0, all.size() - places);
  digits.fraction = all.substr(all.size() - places);
  return digits;
}

std::optional<NumberPattern> parse_number_pattern(std::string_view pattern) {
  NumberPattern out{.prefix = "", .suffix = ""};
  enum class Part : std::uint8_t {
    kPrefix,
    kWhole,
    kFraction,
    kSuffix
  };
  Part part = Part::kPrefix;
  std::size_t whole_zeros = 0;
  std::optional<std::size_t> since_comma;
  bool quoted = false;
  for (const char c : pattern.substr(0, pattern.find(';'))) {
    const bool of_number = !quoted && (c == '#' || c == '0' || c == ',' || c == '.');
    if (of_number && part == Part::kSuffix) {
      return std::nullopt;
    }
    if (!of_number) {
      if (c == '\'') {
        quoted = !quoted;
        continue;
      }
      part = part == Part::kPrefix ? Part::kPrefix : Part::kSuffix;
      (part == Part::kPrefix ? out.prefix : out.suffix).push_back(c);
      out.percent = out.percent || (!quoted && c == '%');
      continue;
    }
    part = part == Part::kPrefix ? Part::kWhole : part;
    if (c == '.') {
      if (part == Part::kFraction) {
        return std::nullopt;
      }
      part = Part::kFraction;
    } else if (part == Part::kFraction) {
      if (c == ',' || (c == '0' && out.fraction_min < out.fraction_max)) {
        return std::nullopt;
      }
      ++out.fraction_max;
      out.fraction_min += c == '0' ? 1U : 0U;
    } else if (c == ',') {
      since_comma = 0;
    } else {
      whole_zeros += c == '0' ? 1U : 0U;
      since_comma = since_comma ? std::optional(*since_comma + 1) : std::nullopt;
    }
  }
  if (part == Part::kPrefix || quoted) {
    return std::nullopt;
  }
  out.whole_min = whole_zeros;
  out.grouping = since_comma.value_or(0);
  return out;
}

std::string format_digits(const DecimalDigits& digits, const NumberPattern& pattern) {
  DecimalDigits rounded = round_half_even(digits, pattern.fraction_max);
  std::string whole = rounded.whole;
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size()));
  if (whole.size() < pattern.whole_min) {
    whole.insert(0, pattern.whole_min - whole.size(), '0');
  }
  std::string fraction = rounded.fraction;
  while (fraction.size() > pattern.fraction_min && fraction.back() == '0') {
    fraction.pop_back();
  }
  if (fraction.size() < pattern.fraction_min) {
    fraction.append(pattern.fraction_min - fraction.size(), '0');
  }
  if (whole.empty() && fraction.empty()) {
    whole = "0";
  }
  std::string out = rounded.negative ? "-" : "";
  out += pattern.prefix + group_whole(whole, pattern.grouping);
  if (!fraction.empty()) {
    out += "." + fraction;
  }
  return out + pattern.suffix;
}

}  // namespace millrace::expr
