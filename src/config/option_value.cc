// The forms of single values: durations, sizes, numbers, addresses.
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/ascii.h"
#include "config/detail/text.h"
#include "config/option_table.h"

namespace millrace::config {

namespace {

struct Unit {
  std::string_view name;
  std::int64_t factor;
};

// In microseconds.
constexpr std::array kDurationUnits = {
    Unit{"us", 1},
    Unit{"microsecond", 1},
    Unit{"microseconds", 1},
    Unit{"ms", 1000},
    Unit{"millisecond", 1000},
    Unit{"milliseconds", 1000},
    Unit{"s", 1'000'000},
    Unit{"sec", 1'000'000},
    Unit{"secs", 1'000'000},
    Unit{"second", 1'000'000},
    Unit{"seconds", 1'000'000},
    Unit{"m", 60'000'000},
    Unit{"min", 60'000'000},
    Unit{"mins", 60'000'000},
    Unit{"minute", 60'000'000},
    Unit{"minutes", 60'000'000},
    Unit{"h", 3'600'000'000},
    Unit{"hour", 3'600'000'000},
    Unit{"hours", 3'600'000'000},
    Unit{"d", 86'400'000'000},
    Unit{"day", 86'400'000'000},
    Unit{"days", 86'400'000'000},
    Unit{"w", 604'800'000'000},
    Unit{"week", 604'800'000'000},
    Unit{"weeks", 604'800'000'000},
};

// One letter is the power of two, as in Java's and Spark's sizes; "KB" is what it says.
constexpr std::array kByteUnits = {
    Unit{"", 1},
    Unit{"b", 1},
    Unit{"byte", 1},
    Unit{"bytes", 1},
    Unit{"k", std::int64_t{1} << 10},
    Unit{"kib", std::int64_t{1} << 10},
    Unit{"kb", 1000},
    Unit{"m", std::int64_t{1} << 20},
    Unit{"mib", std::int64_t{1} << 20},
    Unit{"mb", 1'000'000},
    Unit{"g", std::int64_t{1} << 30},
    Unit{"gib", std::int64_t{1} << 30},
    Unit{"gb", 1'000'000'000},
    Unit{"t", std::int64_t{1} << 40},
    Unit{"tib", std::int64_t{1} << 40},
    Unit{"tb", 1'000'000'000'000},
};

std::optional<std::int64_t> find_unit(std::span<const Unit> units, std::string_view name) {
  for (const Unit& unit : units) {
    if (unit.name == name) {
      return unit.factor;
    }
  }
  return std::nullopt;
}

std::string_view take_digits(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && is_ascii_digit(text[count])) {
    ++count;
  }
  const std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

/// An amount as written, "1.5": not multiplied yet, so that it stays exact.
struct Amount {
  std::string_view whole;
  std::string_view fraction;
};

std::optional<Amount> take_amount(std::string_view& text) {
  Amount amount;
  amount.whole = take_digits(text);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    amount.fraction = take_digits(text);
    if (amount.fraction.empty()) {
      return std::nullopt;
    }
  }
  if (amount.whole.empty()) {
    return std::nullopt;
  }
  return amount;
}

/// amount × factor, or nothing when it does not fit or is not whole.
std::optional<std::int64_t> multiply(const Amount& amount, std::int64_t factor) {
  std::int64_t whole = 0;
  const char* const end = amount.whole.data() + amount.whole.size();
  if (std::from_chars(amount.whole.data(), end, whole).ec != std::errc{}) {
    return std::nullopt;
  }
  std::int64_t product = 0;
  if (__builtin_mul_overflow(whole, factor, &product)) {
    return std::nullopt;
  }
  std::int64_t rest = factor;
  std::int64_t below = 0;
  for (const char digit : amount.fraction) {
    if (digit == '0' && rest % 10 != 0) {
      continue;
    }
    if (rest % 10 != 0) {
      // Powers of two have few factors of ten: "1.5 KiB" is whole although 1024 / 10 is not.
      const long double exact =
          static_cast<long double>(factor) *
          std::strtold(("0." + std::string(amount.fraction)).c_str(), nullptr);
      if (exact != std::floor(exact)) {
        return std::nullopt;
      }
      below = static_cast<std::int64_t>(exact);
      break;
    }
    rest /= 10;
    below += rest * (digit - '0');
  }
  if (__builtin_add_overflow(product, below, &product)) {
    return std::nullopt;
  }
  return product;
}

std::string_view take_letters(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && text[count] >= 'a' && text[count] <= 'z') {
    ++count;
  }
  const std::string_view letters = text.substr(0, count);
  text.remove_prefix(count);
  return letters;
}

void skip_blanks(std::string_view& text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
    text.remove_prefix(1);
  }
}

}  // namespace

std::optional<std::int64_t> parse_duration_ms(std::string_view text, std::string_view unit) {
  const std::string lowered = ascii_lower(trim_blanks(text));
  std::string_view rest = lowered;
  if (rest.starts_with("interval ")) {
    rest.remove_prefix(9);
    skip_blanks(rest);
  }
  if (rest.empty()) {
    return std::nullopt;
  }
  std::int64_t sum_us = 0;
  bool first = true;
  while (!rest.empty()) {
    const std::optional<Amount> amount = take_amount(rest);
    if (!amount) {
      return std::nullopt;
    }
    skip_blanks(rest);
    std::string_view name = take_letters(rest);
    if (name.empty() && first && rest.empty()) {
      name = unit;
    }
    const std::optional<std::int64_t> factor = find_unit(kDurationUnits, name);
    const std::optional<std::int64_t> part = factor ? multiply(*amount, *factor) : std::nullopt;
    if (!part || __builtin_add_overflow(sum_us, *part, &sum_us)) {
      return std::nullopt;
    }
    skip_blanks(rest);
    first = false;
  }
  if (sum_us % 1000 != 0) {
    return std::nullopt;
  }
  return sum_us / 1000;
}

std::optional<std::int64_t> parse_bytes(std::string_view text) {
  const std::string lowered = ascii_lower(trim_blanks(text));
  std::string_view rest = lowered;
  const std::optional<Amount> amount = take_amount(rest);
  if (!amount) {
    return std::nullopt;
  }
  skip_blanks(rest);
  const std::optional<std::int64_t> factor = find_unit(kByteUnits, rest);
  return factor ? multiply(*amount, *factor) : std::nullopt;
}

std::optional<bool> parse_bool(std::string_view text) {
  const std::string lowered = ascii_lower(trim_blanks(text));
  if (lowered == "true") {
    return true;
  }
  if (lowered == "false") {
    return false;
  }
  return std::nullopt;
}

std::optional<std::int64_t> parse_int(std::string_view text) {
  text = trim_blanks(text);
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) {
      return std::nullopt;
    }
  }
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc{} || at != end) {
    return std::nullopt;
  }
  return value;
}

std::optional<double> parse_double(std::string_view text) {
  text = trim_blanks(text);
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc{} || at != end || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

std::optional<HostPort> parse_host_port(std::string_view text, std::uint16_t default_port) {
  text = trim_blanks(text);
  std::string_view host = text;
  std::string_view port;
  bool has_port = false;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) {
      return std::nullopt;
    }
    host = text.substr(1, close - 1);
    const std::string_view rest = text.substr(close + 1);
    has_port = rest.starts_with(':');
    if (!rest.empty() && !has_port) {
      return std::nullopt;
    }
    port = has_port ? rest.substr(1) : rest;
  } else if (const std::size_t colon = text.rfind(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
    has_port = true;
    if (host.find(':') != std::string_view::npos) {
      return std::nullopt;
    }
  }
  if (host.empty() || host.find_first_of(" \t/@,'\"\\") != std::string_view::npos) {
    return std::nullopt;
  }
  std::uint16_t number = default_port;
  if (has_port) {
    const char* const end = port.data() + port.size();
    const auto [at, error] = std::from_chars(port.data(), end, number);
    if (port.empty() || error != std::errc{} || at != end) {
      return std::nullopt;
    }
  } else if (default_port == 0) {
    return std::nullopt;
  }
  return HostPort{.host = std::string(host), .port = number};
}

std::string to_string(const HostPort& address) {
  if (address.host.find(':') != std::string::npos) {
    return fmt::format("[{}]:{}", address.host, address.port);
  }
  return fmt::format("{}:{}", address.host, address.port);
}

std::string format_duration_ms(std::int64_t ms) {
  if (ms < 1000 && ms > -1000) {
    return fmt::format("{} ms", ms);
  }
  static constexpr std::array kParts = {
      Unit{"d", 86'400'000}, Unit{"h", 3'600'000}, Unit{"min", 60'000}};
  std::string text;
  std::int64_t rest = ms;
  for (const Unit& part : kParts) {
    if (const std::int64_t count = rest / part.factor; count != 0) {
      text += fmt::format("{}{} {}", text.empty() ? "" : " ", count, part.name);
      rest %= part.factor;
    }
  }
  if (rest != 0) {
    const std::string space = text.empty() ? "" : " ";
    text += rest % 1000 == 0 ? fmt::format("{}{} s", space, rest / 1000)
                             : fmt::format("{}{:g} s", space, static_cast<double>(rest) / 1000);
  }
  return text;
}

std::string format_bytes(std::int64_t bytes) {
  static constexpr std::array kParts = {Unit{"TiB", std::int64_t{1} << 40},
                                        Unit{"GiB", std::int64_t{1} << 30},
                                        Unit{"MiB", std::int64_t{1} << 20},
                                        Unit{"KiB", std::int64_t{1} << 10}};
  for (const Unit& part : kParts) {
    if (bytes >= part.factor || bytes <= -part.factor) {
      return bytes % part.factor == 0
                 ? fmt::format("{} {}", bytes / part.factor, part.name)
                 : fmt::format("{:.1f} {}",
                               static_cast<double>(bytes) / static_cast<double>(part.factor),
                               part.name);
    }
  }
  return fmt::format("{} bytes", bytes);
}

std::string_view describe(OptionType type) {
  switch (type) {
    case OptionType::kString:
      return "a text";
    case OptionType::kInt:
      return "a whole number";
    case OptionType::kDouble:
      return "a number";
    case OptionType::kBool:
      return "true or false";
    case OptionType::kDuration:
      return "a duration such as 10 s";
    case OptionType::kBytes:
      return "a size such as 64 MiB";
    case OptionType::kEnum:
      return "one of its names";
    case OptionType::kUrl:
      return "an address such as https://host/path";
    case OptionType::kHostPort:
      return "host:port";
    case OptionType::kHostPortList:
      return "host:port, separated by commas";
    case OptionType::kList:
      return "texts separated by commas";
  }
  return "a text";
}

}  // namespace millrace::config
