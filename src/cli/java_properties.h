// Java's .properties files: what --command-config, --consumer.config and the like name.
//
//   # a comment, also with !
//   key=value      key: value      key value
//   a line that ends in a backslash goes on in the next one, without the blanks there
//   text = \u00e4 \t \n \\         escapes
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "cli/message_formatter.h"

namespace millrace::cli {

/// The largest file.
inline constexpr std::size_t kPropertiesBytesMax = 1U << 20U;

/// The pairs; of a key that stands twice the last. kInvalidArgument: a \u without four digits,
/// with its line; kExhausted. Thread-safe.
Result<Properties> parse_java_properties(std::string_view text);

}  // namespace millrace::cli
