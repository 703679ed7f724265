// CAST: which kernel converts what to what (streaming-sql §4.4). cast_numeric.cc, cast_text.cc,
// cast_datetime.cc and cast_nested.cc have the kernels; bind_cast (bind.h) makes the call.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "expr/bind.h"
#include "expr/expression.h"
#include "expr/function.h"

namespace millrace::expr {

/// What a cast keeps: its mode, and for nested types one lambda for the elements of an array, the
/// keys and values of a map, or each field of a struct (null where nothing changes).
struct CastData : CallData {
  CastMode mode = CastMode::kAnsi;
  Kernel kernel = nullptr;
  std::vector<ExpressionPtr> children;
};

/// The mode of a call that is a cast; nothing for other expressions.
std::optional<CastMode> cast_mode(const Expression& expression);

// Each gives the kernel of a pair that it knows, else null.
Kernel numeric_cast(const data::Type& from, const data::Type& to);   ///< numbers, BOOLEAN
Kernel text_cast(const data::Type& from, const data::Type& to);      ///< to and from STRING
Kernel datetime_cast(const data::Type& from, const data::Type& to);  ///< dates, times, intervals
Kernel nested_cast(const data::Type& from, const data::Type& to);    ///< arrays, maps, structs

}  // namespace millrace::expr
