// The error of what a user typed.
#pragma once

#include <source_location>
#include <string>
#include <utility>

#include "base/result.h"

namespace millrace::cli {

/// kInvalidArgument with this sentence.
inline Error wrong_input(std::string message,
                         std::source_location where = std::source_location::current()) {
  return {ErrorCode::kInvalidArgument, std::move(message), where};
}

}  // namespace millrace::cli
