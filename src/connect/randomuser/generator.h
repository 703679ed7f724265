// People who do not exist, in the form of randomuser.me version 1.4.
//
// User i of page p of a seed is a function of (seed, p, i) alone: the same three give the same
// bytes on every machine and in every later version, unless a word list changes. Ages are computed
// against a fixed day (kToday), so they do not drift.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::connect::randomuser {

/// The twelve keys of a user, in the order in which they are written.
enum class Field : std::uint8_t {
  kGender,
  kName,
  kLocation,
  kEmail,
  kLogin,
  kDob,
  kRegistered,
  kPhone,
  kCell,
  kId,
  kPicture,
  kNat,
};

inline constexpr int kFields = 12;

/// Bit i = the Field of number i.
using FieldSet = std::uint16_t;
inline constexpr FieldSet kAllFields = (1U << kFields) - 1;

/// The field of that name ("gender"), as users write it in `inc` and `exc`.
std::optional<Field> find_field(std::string_view name);
std::string_view field_name(Field field);

/// 2026-01-01T00:00:00Z, in seconds since 1970: ages are counted to this day.
inline constexpr std::int64_t kToday = 1'767'225'600;

enum class Gender : std::uint8_t {
  kFemale,
  kMale
};

/// What the users of one seed have in common.
struct UserChoice {
  std::string seed;
  /// Indexes into nationalities(); empty = all.
  std::vector<std::uint8_t> nationalities = {};
  std::optional<Gender> gender = {};
  FieldSet fields = kAllFields;
};

/// The indexes of codes such as "IR,no"; unknown ones are named in `unknown` when it is given.
std::vector<std::uint8_t> parse_nationalities(std::string_view codes,
                                              std::vector<std::string>* unknown = nullptr);

enum class Layout : std::uint8_t {
  kCompact,
  kPretty
};

/// Owned by one thread.
class Generator {
 public:
  explicit Generator(UserChoice choice);

  /// Appends user `index` (from 0) of page `page` (from 1) as one JSON object without blanks.
  void append_user(std::uint64_t page, std::uint64_t index, std::string& out) const;

  /// The whole answer: {"results":[…],"info":{…}}; without info when `info` is false.
  struct Page {
    std::uint64_t page = 1;
    std::uint32_t results = 1;
    bool info = true;
    Layout layout = Layout::kCompact;
  };

  [[nodiscard]] std::string answer(const Page& page) const;

 private:
  UserChoice choice_;
};

}  // namespace millrace::connect::randomuser
