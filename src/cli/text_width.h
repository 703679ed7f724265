// How many columns of a terminal a text takes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace millrace::cli {

/// Wide for East Asian letters and emoji, none for what combines with the letter before it.
std::size_t display_width(std::string_view text);

/// At most `columns` columns; what was cut shows as "…".
std::string cut_to_width(std::string_view text, std::size_t columns);

/// Filled with blanks up to `columns`.
std::string pad_right(std::string_view text, std::size_t columns);
std::string pad_left(std::string_view text, std::size_t columns);

/// Control characters made visible ("\n" and the like), so that a value stays on its line and
/// cannot command a terminal.
std::string printable(std::string_view text);

}  // namespace millrace::cli
