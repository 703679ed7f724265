// What the functions of arrays and maps share.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "data/type.h"
#include "data/value.h"
#include "expr/expression.h"
#include "expr/function.h"
#include "expr/kernels.h"

namespace millrace::expr {

/// No function makes a longer array or map.
inline constexpr std::size_t kElementsMax = 1'000'000;

/// Orders values of one type; null first. The type must outlive it.
struct ValueOrder {
  const data::Type* type;

  bool operator()(const data::Value& left, const data::Value& right) const {
    return compare_values(*type, left, right) < 0;
  }
};

/// A set of values of one type.
using ValueSet = std::set<data::Value, ValueOrder>;

inline ValueSet make_value_set(const data::Type& type) {
  return ValueSet(ValueOrder{&type});
}

/// Equal, where null is not equal to anything.
inline bool equal_values(const data::Type& type,
                         const data::Value& left,
                         const data::Value& right) {
  return !left.is_null() && !right.is_null() && compare_values(type, left, right) == 0;
}

/// The map of these entries; null after the row failed because a key is null or occurs twice.
data::Value checked_map(Row& row, const data::Type& key_type, data::ValueMap entries);

/// What an argument is called as a field of a struct: a column's or a field's name, or nothing.
std::optional<std::string> field_name_of(const Expression& argument);

/// Adds DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE for argument `index`.
std::nullopt_t wrong_type(CallSite& call, std::size_t index, std::string_view wanted);

/// True when argument `index` is an array (NULL becomes an array of VOID); false after a
/// Diagnostic.
bool require_array(CallSite& call, std::size_t index);
bool require_map(CallSite& call, std::size_t index);

/// Casts an array and a value to the common type of its elements and the value. False after a
/// Diagnostic.
bool cast_element(CallSite& call, std::size_t array, std::size_t value);

}  // namespace millrace::expr
