// The families of functions: each is one table in <family>_functions.cc. registry.cc joins them.
#pragma once

#include <span>

#include "expr/function.h"

namespace millrace::expr {

std::span<const Function> arithmetic_functions();   ///< + - * / % div, bits, shifts, try_*
std::span<const Function> bit_functions();          ///< & | ^ ~ << >> >>>
std::span<const Function> comparison_functions();   ///< = <=> < in between, least, greatest
std::span<const Function> boolean_functions();      ///< and or not, is [not] null|true|distinct
std::span<const Function> conditional_functions();  ///< case if coalesce nvl nullif …
std::span<const Function> pattern_functions();      ///< like ilike rlike
std::span<const Function> access_functions();       ///< getfield getitem
std::span<const Function> constraint_functions();   ///< assert_not_null
std::span<const Function> context_functions();      ///< uuid rand current_timestamp …

std::span<const Function> string_functions();
std::span<const Function> math_functions();
std::span<const Function> datetime_functions();
std::span<const Function> hash_functions();
std::span<const Function> json_functions();
std::span<const Function> collection_functions();
std::span<const Function> lambda_functions();
std::span<const Function> misc_functions();

}  // namespace millrace::expr
