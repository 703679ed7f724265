// Strings of JSON text. Whole documents are written with RapidJSON and read with simdjson; this is
// for the few places that put a line together by hand.
#pragma once

#include <string>
#include <string_view>

namespace millrace {

/// Appends `text` in quotes. Escapes what RFC 8259 demands and nothing more; each sequence that is
/// no UTF-8 becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// The same in ASCII, as Python's json.dumps writes it: everything but space to ~ as \uXXXX with
/// lower-case digits, beyond U+FFFF as a surrogate pair.
void append_json_string_ascii(std::string& out, std::string_view text);

/// append_json_string into a new string.
std::string json_string(std::string_view text);

}  // namespace millrace
