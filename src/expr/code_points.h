// Positions in UTF-8 text counted in code points, as SQL counts them.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

namespace millrace::expr {

/// No string function makes a longer value: a hostile repeat() must not take the memory.
inline constexpr std::size_t kStringBytesMax = std::size_t{16} << 20;

/// Code points; bytes that belong to none count by their lead byte as Spark does.
std::int64_t count_code_points(std::string_view text);
/// The byte where code point number `count` from byte `from` begins; the size when there is none.
std::size_t skip_code_points(std::string_view text, std::size_t from, std::int64_t count);
/// Code points [begin, end), counted from 0; both are clipped.
std::string_view slice_code_points(std::string_view text, std::int64_t begin, std::int64_t end);
/// SUBSTRING: `position` from 1, negative from the end, 0 as 1.
std::string_view substring_text(std::string_view text,
                                std::int64_t position,
                                std::int64_t length = std::numeric_limits<std::int32_t>::max());
/// The same over bytes.
std::string_view substring_bytes(std::string_view bytes,
                                 std::int64_t position,
                                 std::int64_t length = std::numeric_limits<std::int32_t>::max());
/// The 1-based position in code points of `part` at or after code point `start` (from 1); 0 = none.
std::int32_t locate_text(std::string_view part, std::string_view text, std::int32_t start = 1);

}  // namespace millrace::expr
