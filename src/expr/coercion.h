// Rules of types that the resolvers of operators and functions share.
#pragma once

#include <optional>

#include "data/type.h"
#include "expr/bind.h"

namespace millrace::expr {

/// As common_type, but a STRING goes with a STRING only (GREATEST, LEAST).
std::optional<data::Type> common_type_without_strings(const data::Type& left,
                                                      const data::Type& right);

/// The DECIMAL that a numeric type counts as: INT is (10,0).
data::Type as_decimal(const data::Type& type);

/// Equal when names of fields do not count.
bool same_shape(const data::Type& left, const data::Type& right);
/// False for MAP, VARIANT and what holds one: no comparison, no sorting.
bool is_orderable(const data::Type& type);

}  // namespace millrace::expr
