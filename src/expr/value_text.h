// Values as text: what CAST(v AS STRING) gives, and how names and messages write a constant.
#pragma once

#include <string>

#include "data/type.h"
#include "data/value.h"
#include "data/zone.h"

namespace millrace::expr {

/// CAST(v AS STRING); "null" for null. Binary is taken as UTF-8.
std::string value_to_text(const data::Type& type, const data::Value& value, const data::Zone& zone);
void append_value_text(std::string& out,
                       const data::Type& type,
                       const data::Value& value,
                       const data::Zone& zone);

/// As it stands in a column's name: strings without quotes, "NULL", "DATE '2024-01-01'". Moments
/// are shown in UTC.
std::string value_to_sql(const data::Type& type, const data::Value& value);

/// As it stands in the message of an error: 'abc', 1L, 1.5BD, DATE '2024-01-01'.
std::string value_to_literal(const data::Type& type, const data::Value& value);

}  // namespace millrace::expr
