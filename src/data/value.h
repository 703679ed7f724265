// One boxed value: literals, keys of maps, slow paths. Columns are for the rest.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "data/int128.h"
#include "data/type.h"

namespace millrace::data {

struct Value;

/// Elements of an array, fields of a struct.
using ValueList = std::vector<Value>;
/// Entries of a map, in order.
using ValueMap = std::vector<std::pair<Value, Value>>;

struct CalendarInterval {
  std::int32_t months = 0;
  std::int32_t days = 0;
  std::int64_t microseconds = 0;

  friend bool operator==(const CalendarInterval&, const CalendarInterval&) = default;
};

/// The physical form by type: null → monostate; BOOLEAN → bool; TINYINT…BIGINT, DATE, TIMESTAMP*,
/// TIME, intervals → int64; FLOAT, DOUBLE → double; DECIMAL → Int128 (unscaled); STRING, BINARY,
/// VARIANT → string; ARRAY, STRUCT → ValueList; MAP → ValueMap. The type is kept apart. Immutable
/// by use.
struct Value {
  std::variant<std::monostate,
               bool,
               std::int64_t,
               double,
               Int128,
               std::string,
               ValueList,
               ValueMap,
               CalendarInterval>
      v;

  Value() = default;

  template <class T>
    requires(!std::is_same_v<std::remove_cvref_t<T>, Value>)
  explicit Value(T&& value) : v(std::forward<T>(value)) {}

  [[nodiscard]] bool is_null() const { return v.index() == 0; }

  [[nodiscard]] bool boolean() const { return std::get<bool>(v); }

  [[nodiscard]] std::int64_t integer() const { return std::get<std::int64_t>(v); }

  [[nodiscard]] double floating() const { return std::get<double>(v); }

  [[nodiscard]] Int128 decimal() const { return std::get<Int128>(v); }

  [[nodiscard]] const std::string& string() const { return std::get<std::string>(v); }

  [[nodiscard]] const ValueList& list() const { return std::get<ValueList>(v); }

  [[nodiscard]] const ValueMap& map() const { return std::get<ValueMap>(v); }

  [[nodiscard]] const CalendarInterval& interval() const { return std::get<CalendarInterval>(v); }
};

/// Spark's order of two values of one type: null first, NaN greatest, -0.0 = 0.0, strings by bytes,
/// arrays and structs element by element. <0, 0, >0.
int compare_values(const Type& type, const Value& left, const Value& right);

}  // namespace millrace::data
