// The words that generated users are made of: per nationality first names, family names, streets,
// cities, states, and the forms of postcode, telephone and identity number. The people are
// invented; names are common ones of each country, put together by chance.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace millrace::connect::randomuser {

/// A word and the ASCII form of it for e-mail addresses.
struct Word {
  std::string_view text;
  std::string_view ascii;  ///< Empty: made from the text by dropping accents.
};

/// How a nationality writes its postcodes.
enum class PostcodeForm : std::uint8_t {
  kFiveDigits,     ///< 10000..99999, a number.
  kAustralia,      ///< 200..9999, a number.
  kSwitzerland,    ///< 1000..9999, a number.
  kFourTextual,    ///< "0001".."9999", a text (NO).
  kNetherlands,    ///< "1400 VD"
  kUnitedKingdom,  ///< "CF5X 8DN"
  kCanada,         ///< "K1A 0B1"
};

/// In patterns `#` is a digit, `%` a digit from 1, `?` a capital letter; others stand for
/// themselves. Immutable.
struct Nationality {
  std::string_view code;
  std::string_view country;
  std::vector<Word> men;
  std::vector<Word> women;
  std::vector<Word> families;
  std::vector<std::string_view> streets;
  std::vector<std::string_view> cities;
  std::vector<std::string_view> states;
  std::string_view phone;
  std::string_view cell;
  std::string_view id_name;  ///< Empty where the country has none (then the value is null).
  std::string_view id_pattern;
  PostcodeForm postcode = PostcodeForm::kFiveDigits;
};

inline constexpr std::size_t kNationalities = 21;

/// All, in alphabetical order of their codes. Thread-safe.
std::span<const Nationality> nationalities();

struct TimeZoneWords {
  std::string_view offset;
  std::string_view description;
};

std::span<const TimeZoneWords> time_zones();
std::span<const std::string_view> adjectives();
std::span<const std::string_view> animals();
std::span<const std::string_view> passwords();

}  // namespace millrace::connect::randomuser
