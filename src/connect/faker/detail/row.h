// A row as one JSON object, made of the fields that options describe:
//
//   'fields.name.expression' = '#{Name.fullName}'         "name": "Ruth Olsen"
//   'fields.age.expression' = '#{number.numberBetween '18','65'}'   "age": 31
//   'fields.home.city.expression' = '#{Address.city}'     "home": {"city": "Lakewood"}
//   'fields.tags.expression' = '#{Lorem.word}', 'fields.tags.length' = '3'   a list
//   'fields.m.key.expression', 'fields.m.value.expression', 'fields.m.length'   a map
//
// Fields stand in the order in which they were first named. What a field becomes depends on the
// seed, the row and the field's name only, so another field more changes none of the others.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "config/option_table.h"
#include "connect/faker/detail/expression.h"

namespace millrace::connect::faker::detail {

inline constexpr std::int64_t kListLengthMax = 10'000;
inline constexpr int kFieldDepthMax = 20;

/// How a field's text is written.
enum class FieldType : std::uint8_t {
  kText,
  kNumber,
  kBoolean,
};

/// A value, a list of values, a map, or an object of further fields.
struct Field {
  std::string name;
  std::optional<Expression> expression = {};
  FieldType type = FieldType::kText;
  double null_rate = 0;
  std::optional<std::int64_t> length = {};
  std::vector<Field> fields = {};
  /// Two fields "key" and "value" with a length.
  bool is_map = false;
  std::uint64_t salt = 0;
};

/// Immutable.
class RowMaker {
 public:
  /// Reads the options `fields.*`; adds every Diagnostic.
  static RowMaker read(const config::OptionValues& values, Diagnostics& diagnostics);

  /// Appends row `row` (from 0).
  void append(std::uint64_t seed, std::uint64_t row, std::int64_t now_ms, std::string& out) const;

 private:
  std::vector<Field> fields_;
};

}  // namespace millrace::connect::faker::detail
