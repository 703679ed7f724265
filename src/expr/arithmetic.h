// Pieces of the operators that several files share.
#pragma once

#include "expr/function.h"

namespace millrace::expr {

/// + and - of dates, timestamps and intervals; * and / of intervals; nothing when the types are no
/// such pair, so that the numeric rules apply.
struct DatetimeResolution {
  bool applies = false;
  std::optional<Resolution> resolution;
};

DatetimeResolution resolve_datetime_add(CallSite& call);
DatetimeResolution resolve_datetime_subtract(CallSite& call);
DatetimeResolution resolve_interval_multiply(CallSite& call);
DatetimeResolution resolve_interval_divide(CallSite& call);

enum class DecimalOperator : std::uint8_t {
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kRemainder,
  kIntegralDivide,  ///< Gives BIGINT.
  kPositiveModulo,
};

/// REQUIRES: both arguments are DECIMAL
Resolution resolve_decimal(CallSite& call, DecimalOperator op);

/// Casts one argument without asking whether it may be given implicitly; false after a Diagnostic.
bool cast_operand(CallSite& call, std::size_t index, const data::Type& type);

/// Brings two numeric arguments (STRING and VOID go along) to what arithmetic needs: one common
/// type, or two DECIMALs with their own scales. False after a Diagnostic.
bool coerce_arithmetic(CallSite& call);

}  // namespace millrace::expr
