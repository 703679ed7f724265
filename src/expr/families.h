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

std::span<const Function> string_functions();         ///< parts, trimming, padding, searching
std::span<const Function> text_functions();           ///< codes, encodings, measures of strings
std::span<const Function> format_functions();         ///< format_string, format_number
std::span<const Function> regex_functions();          ///< rlike regexp_* split
std::span<const Function> url_functions();            ///< parse_url url_encode …
std::span<const Function> math_functions();           ///< of DOUBLE and of integers
std::span<const Function> rounding_functions();       ///< round bround ceil floor abs
std::span<const Function> datetime_functions();       ///< fields, days and months
std::span<const Function> datetime_text_functions();  ///< to_date to_timestamp date_format …
std::span<const Function> timestamp_functions();      ///< make_*, unix_*, date_trunc, zones
std::span<const Function> window_functions();         ///< window session_window window_time
std::span<const Function> hash_functions();           ///< digests, hash, xxhash64
std::span<const Function> crypto_functions();         ///< aes_encrypt aes_decrypt
std::span<const Function> time_functions();           ///< make_time to_time time_diff time_trunc
std::span<const Function> csv_functions();            ///< from_csv to_csv schema_of_csv
std::span<const Function> json_functions();           ///< from_json to_json get_json_object …
std::span<const Function> collection_functions();     ///< array map struct size element_at concat
std::span<const Function> array_functions();
std::span<const Function> sequence_functions();
std::span<const Function> map_functions();
std::span<const Function> lambda_functions();  ///< transform filter aggregate …
std::span<const Function> misc_functions();    ///< typeof version assert_true …

}  // namespace millrace::expr
