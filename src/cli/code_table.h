// What `millrace explain MRnnnn` prints.
#pragma once

#include <optional>
#include <string_view>

namespace millrace::cli {

/// Views of static text.
struct CodeText {
  std::string_view title = {};
  std::string_view explanation = {};
};

/// Nothing when there is no such code.
std::optional<CodeText> find_code(std::string_view code);

}  // namespace millrace::cli
