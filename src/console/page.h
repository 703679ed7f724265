// The page: one HTML file with its style and script, made into the program (page.html beside this
// file). It asks nobody but this process.
#pragma once

#include <string_view>

namespace millrace::console {

/// HTML, UTF-8, below 60 kB.
std::string_view page();

/// What the page may do: a Content-Security-Policy that names its own script and style only.
std::string_view page_policy();

}  // namespace millrace::console
