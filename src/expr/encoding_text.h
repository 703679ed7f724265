// Encodings of text: hexadecimal, base64, character sets.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace millrace::expr {

/// Upper-case hexadecimal.
std::string upper_hex(std::string_view bytes);
/// Either case; an odd count has a zero before it, as Spark reads it. Nothing for other characters.
std::optional<std::string> bytes_of_hex(std::string_view text);
/// RFC 2045: characters outside of the alphabet are skipped, padding may be missing. Nothing when a
/// character is left over.
std::optional<std::string> bytes_of_mime_base64(std::string_view text);

/// US-ASCII, ISO-8859-1, UTF-8, UTF-16, UTF-16BE, UTF-16LE, UTF-32.
enum class Charset : unsigned char {
  kAscii,
  kLatin1,
  kUtf8,
  kUtf16,
  kUtf16Be,
  kUtf16Le,
  kUtf32
};

/// Any case; nothing when it is not known.
std::optional<Charset> charset_of(std::string_view name);
/// Nothing when a character is not in the set.
std::optional<std::string> encode_text(std::string_view text, Charset charset);
/// Nothing when the bytes are malformed.
std::optional<std::string> decode_text(std::string_view bytes, Charset charset);

}  // namespace millrace::expr
