// Numbers, dates, texts by pattern, choices.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "base/ascii.h"
#include "config/option_table.h"
#include "connect/faker/detail/providers.h"
#include "connect/faker/detail/regexify.h"
#include "connect/faker/detail/words.h"

namespace millrace::connect::faker::detail {
namespace {

constexpr std::int64_t kSecondMs = 1'000;
constexpr std::int64_t kDayMs = 86'400 * kSecondMs;
constexpr std::int64_t kYearMs = 365 * kDayMs + kDayMs / 4;
constexpr std::int64_t kWordsMax = 10'000;

std::optional<std::int64_t> integer_of(std::string_view text) {
  return config::parse_int(trim_blanks(text));
}

Maker number_between(Arguments arguments, std::string& problem) {
  const auto low = integer_of(arguments[0]);
  const auto high = integer_of(arguments[1]);
  if (!low || !high || *high < *low) {
    problem = "the arguments are two integers, the smaller one first";
    return nullptr;
  }
  // As in Java Faker the upper one is not reached, unless both are the same.
  const std::int64_t last = *high == *low ? *high : *high - 1;
  return [low = *low, last](Draw& draw, std::string& out) {
    out.append(std::to_string(draw.random.between(low, last)));
  };
}

Maker random_double(Arguments arguments, std::string& problem) {
  const auto decimals = integer_of(arguments[0]);
  const auto low = integer_of(arguments[1]);
  const auto high = integer_of(arguments[2]);
  constexpr std::int64_t kLimit = 1'000'000'000;
  if (!decimals || *decimals < 0 || *decimals > 9 || !low || !high || *high < *low ||
      *low < -kLimit || *high > kLimit) {
    problem =
        "the arguments are decimals (0 to 9), and two integers up to a billion, the smaller "
        "one first";
    return nullptr;
  }
  std::int64_t scale = 1;
  for (std::int64_t i = 0; i < *decimals; ++i) {
    scale *= 10;
  }
  return [low = *low * scale, high = *high * scale, scale, decimals = *decimals](Draw& draw,
                                                                                 std::string& out) {
    const std::int64_t drawn = draw.random.between(low, high);
    const std::int64_t size = drawn < 0 ? -drawn : drawn;
    out.append(fmt::format("{}{}", drawn < 0 ? "-" : "", size / scale));
    if (decimals > 0) {
      out.append(fmt::format(".{:0{}}", size % scale, decimals));
    }
  };
}

Maker random_digit(Arguments /*none*/, std::string& /*problem*/) {
  return [](Draw& draw, std::string& out) {
    out.push_back(static_cast<char>('0' + draw.random.below(10)));
  };
}

Maker digit_not_zero(Arguments /*none*/, std::string& /*problem*/) {
  return [](Draw& draw, std::string& out) {
    out.push_back(static_cast<char>('1' + draw.random.below(9)));
  };
}

Maker random_number(Arguments /*none*/, std::string& /*problem*/) {
  return [](Draw& draw, std::string& out) {
    out.append(std::to_string(draw.random.below(1'000'000'000)));
  };
}

Maker digits(Arguments arguments, std::string& problem) {
  const auto count = integer_of(arguments[0]);
  if (!count || *count < 1 || *count > 1'000) {
    problem = "the argument is a count of digits, 1 to 1000";
    return nullptr;
  }
  return [count = *count](Draw& draw, std::string& out) {
    for (std::int64_t i = 0; i < count; ++i) {
      out.push_back(static_cast<char>('0' + draw.random.below(10)));
    }
  };
}

Maker boolean(Arguments /*none*/, std::string& /*problem*/) {
  return [](Draw& draw, std::string& out) {
    out.append(draw.random.one_in(2) ? "true" : "false");
  };
}

// "2026-01-01T12:34:56.789Z"
void append_time(std::int64_t ms, std::string& out) {
  const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(ms)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::int64_t in_day = (time - day).count();
  out.append(fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
                         static_cast<int>(date.year()),
                         static_cast<unsigned>(date.month()),
                         static_cast<unsigned>(date.day()),
                         in_day / 3'600'000,
                         in_day / 60'000 % 60,
                         in_day / 1'000 % 60,
                         in_day % 1'000));
}

std::optional<std::int64_t> unit_ms(std::string_view name) {
  const std::string unit = ascii_upper(trim_blanks(name));
  constexpr std::pair<std::string_view, std::int64_t> kUnits[] = {{"MILLISECONDS", 1},
                                                                  {"SECONDS", kSecondMs},
                                                                  {"MINUTES", 60 * kSecondMs},
                                                                  {"HOURS", 3'600 * kSecondMs},
                                                                  {"DAYS", kDayMs}};
  for (const auto& [known, ms] : kUnits) {
    if (unit == known) {
      return ms;
    }
  }
  return std::nullopt;
}

// 'at most', ['at least',] 'unit': how far away, in milliseconds.
struct Span {
  std::int64_t least_ms;
  std::int64_t most_ms;
};

std::optional<Span> span_of(Arguments arguments, std::string& problem) {
  const auto most = integer_of(arguments[0]);
  const auto least = arguments.size() > 2 ? integer_of(arguments[1]) : 0;
  const auto unit = unit_ms(arguments.back());
  constexpr std::int64_t kSpanMax = 1'000'000;
  const bool good = most && least && unit && *least >= 0 && *most >= *least &&
                    *most <= kSpanMax * (kDayMs / *unit);
  if (!good) {
    problem =
        "the arguments are the longest time, if wanted the shortest, and MILLISECONDS, "
        "SECONDS, MINUTES, HOURS or DAYS";
    return std::nullopt;
  }
  return Span{.least_ms = *least * *unit, .most_ms = *most * *unit};
}

Maker past(Arguments arguments, std::string& problem) {
  const std::optional<Span> span = span_of(arguments, problem);
  if (!span) {
    return nullptr;
  }
  return [span = *span](Draw& draw, std::string& out) {
    append_time(draw.now_ms - draw.random.between(span.least_ms, span.most_ms), out);
  };
}

Maker future(Arguments arguments, std::string& problem) {
  const std::optional<Span> span = span_of(arguments, problem);
  if (!span) {
    return nullptr;
  }
  return [span = *span](Draw& draw, std::string& out) {
    append_time(draw.now_ms + draw.random.between(span.least_ms, span.most_ms), out);
  };
}

std::optional<int> digits_at(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) {
    return std::nullopt;
  }
  int value = 0;
  const char* end = text.data() + at + count;
  const auto [stopped, error] = std::from_chars(text.data() + at, end, value);
  return error == std::errc() && stopped == end && value >= 0 ? std::optional(value) : std::nullopt;
}

// "2026-01-31", with a time after a blank or T if wanted; UTC.
std::optional<std::int64_t> parse_time(std::string_view text) {
  text = trim_blanks(text);
  const auto year = digits_at(text, 0, 4);
  const auto month = digits_at(text, 5, 2);
  const auto day = digits_at(text, 8, 2);
  if (!year || !month || !day || text[4] != '-' || text[7] != '-') {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) {
    return std::nullopt;
  }
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  if (text.size() == 10) {
    return days * kDayMs;
  }
  const auto hour = digits_at(text, 11, 2);
  const auto minute = digits_at(text, 14, 2);
  const auto second = digits_at(text, 17, 2);
  if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 59) {
    return std::nullopt;
  }
  return days * kDayMs + ((*hour * 60 + *minute) * 60 + *second) * kSecondMs;
}

Maker between(Arguments arguments, std::string& problem) {
  const auto from = parse_time(arguments[0]);
  const auto to = parse_time(arguments[1]);
  if (!from || !to || *to < *from) {
    problem = "the arguments are two times such as 2026-01-31 23:59:59, the earlier one first";
    return nullptr;
  }
  return [from = *from, to = *to](Draw& draw, std::string& out) {
    append_time(draw.random.between(from, to), out);
  };
}

Maker birthday(Arguments arguments, std::string& problem) {
  const auto least = arguments.empty() ? 18 : integer_of(arguments[0]);
  const auto most = arguments.size() < 2 ? 65 : integer_of(arguments[1]);
  if (!least || !most || *least < 0 || *most < *least || *most > 200) {
    problem = "the arguments are two ages, the smaller one first";
    return nullptr;
  }
  return [least = *least, most = *most](Draw& draw, std::string& out) {
    append_time(draw.now_ms - draw.random.between(least * kYearMs, most * kYearMs), out);
  };
}

Maker regexify(Arguments arguments, std::string& problem) {
  return make_regexify(arguments[0], problem);
}

Maker option(Arguments arguments, std::string& /*problem*/) {
  return [all = std::vector<std::string>(arguments.begin(), arguments.end())](Draw& draw,
                                                                              std::string& out) {
    out.append(all[draw.random.below(all.size())]);
  };
}

Maker fill(Arguments arguments, FillOptions options) {
  if (arguments.size() > 1) {
    options.capitals = ascii_lower(trim_blanks(arguments[1])) == "true";
  }
  return [pattern = arguments[0], options](Draw& draw, std::string& out) {
    append_filled(draw, pattern, options, out);
  };
}

Maker numerify(Arguments arguments, std::string& /*problem*/) {
  return fill(arguments, {.letters = false});
}

Maker letterify(Arguments arguments, std::string& /*problem*/) {
  return fill(arguments, {.digits = false});
}

Maker bothify(Arguments arguments, std::string& /*problem*/) {
  return fill(arguments, {});
}

std::string_view latin(Draw& draw) {
  return pick(draw, words(WordList::kLatin));
}

void append_sentence(Draw& draw, std::int64_t count, std::string& out) {
  for (std::int64_t i = 0; i < count; ++i) {
    const std::string_view word = latin(draw);
    out.append(i == 0 ? "" : " ");
    out.push_back(i == 0 ? ascii_upper(word[0]) : word[0]);
    out.append(word.substr(1));
  }
  out.push_back('.');
}

std::optional<std::int64_t> count_of(Arguments arguments,
                                     std::int64_t otherwise,
                                     std::string& problem) {
  const auto count = arguments.empty() ? otherwise : integer_of(arguments[0]);
  if (!count || *count < 1 || *count > kWordsMax) {
    problem = fmt::format("the argument is a count, 1 to {}", kWordsMax);
    return std::nullopt;
  }
  return count;
}

Maker lorem_word(Arguments /*none*/, std::string& /*problem*/) {
  return [](Draw& draw, std::string& out) {
    out.append(latin(draw));
  };
}

Maker lorem_words(Arguments arguments, std::string& problem) {
  const auto count = count_of(arguments, 3, problem);
  if (!count) {
    return nullptr;
  }
  return [count = *count](Draw& draw, std::string& out) {
    for (std::int64_t i = 0; i < count; ++i) {
      out.append(i == 0 ? "" : " ").append(latin(draw));
    }
  };
}

Maker lorem_sentence(Arguments arguments, std::string& problem) {
  const auto count = count_of(arguments, 6, problem);
  if (!count) {
    return nullptr;
  }
  return [count = *count](Draw& draw, std::string& out) {
    append_sentence(draw, count, out);
  };
}

Maker lorem_paragraph(Arguments arguments, std::string& problem) {
  const auto count = count_of(arguments, 3, problem);
  if (!count) {
    return nullptr;
  }
  return [count = *count](Draw& draw, std::string& out) {
    for (std::int64_t i = 0; i < count; ++i) {
      out.append(i == 0 ? "" : " ");
      append_sentence(draw, draw.random.between(4, 9), out);
    }
  };
}

Maker lorem_characters(Arguments arguments, std::string& problem) {
  const auto count = count_of(arguments, 255, problem);
  if (!count) {
    return nullptr;
  }
  return [count = *count](Draw& draw, std::string& out) {
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789";
    for (std::int64_t i = 0; i < count; ++i) {
      out.push_back(kLetters[draw.random.below(kLetters.size())]);
    }
  };
}

constexpr std::size_t kOptionsMax = 1'000;

constexpr Provider kValueProviders[] = {
    {.name = "Number.numberBetween",
     .arguments_min = 2,
     .arguments_max = 2,
     .kind = ValueKind::kNumber,
     .make = number_between,
     .example = "#{number.numberBetween '1','100'}"},
    {.name = "Number.randomDouble",
     .arguments_min = 3,
     .arguments_max = 3,
     .kind = ValueKind::kNumber,
     .make = random_double,
     .example = "#{number.randomDouble '2','0','100'}"},
    {.name = "Number.randomDigit", .kind = ValueKind::kNumber, .make = random_digit},
    {.name = "Number.randomDigitNotZero", .kind = ValueKind::kNumber, .make = digit_not_zero},
    {.name = "Number.randomNumber", .kind = ValueKind::kNumber, .make = random_number},
    {.name = "Number.digits", .arguments_min = 1, .arguments_max = 1, .make = digits},
    {.name = "Bool.bool", .kind = ValueKind::kBoolean, .make = boolean},
    {.name = "Date.past",
     .arguments_min = 2,
     .arguments_max = 3,
     .make = past,
     .example = "#{date.past '15','SECONDS'}"},
    {.name = "Date.future",
     .arguments_min = 2,
     .arguments_max = 3,
     .make = future,
     .example = "#{date.future '30','DAYS'}"},
    {.name = "Date.between",
     .arguments_min = 2,
     .arguments_max = 2,
     .make = between,
     .example = "#{date.between '2026-01-01','2026-12-31'}"},
    {.name = "Date.birthday",
     .arguments_max = 2,
     .make = birthday,
     .example = "#{date.birthday '18','65'}"},
    {.name = "regexify",
     .arguments_min = 1,
     .arguments_max = 1,
     .make = regexify,
     .example = "#{regexify '(red|green)-[0-9]{3}'}"},
    {.name = "Options.option",
     .arguments_min = 1,
     .arguments_max = kOptionsMax,
     .make = option,
     .example = "#{Options.option 'A','B'}"},
    {.name = "numerify", .arguments_min = 1, .arguments_max = 1, .make = numerify},
    {.name = "letterify", .arguments_min = 1, .arguments_max = 2, .make = letterify},
    {.name = "bothify", .arguments_min = 1, .arguments_max = 2, .make = bothify},
    {.name = "Lorem.word", .make = lorem_word},
    {.name = "Lorem.words", .arguments_max = 1, .make = lorem_words},
    {.name = "Lorem.sentence", .arguments_max = 1, .make = lorem_sentence},
    {.name = "Lorem.paragraph", .arguments_max = 1, .make = lorem_paragraph},
    {.name = "Lorem.characters", .arguments_max = 1, .make = lorem_characters},
};

}  // namespace

std::span<const Provider> value_providers() {
  return kValueProviders;
}

}  // namespace millrace::connect::faker::detail
