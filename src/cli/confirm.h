// "Really?", before something is written or goes for good.
#pragma once

#include <string_view>

#include "base/result.h"
#include "cli/world.h"

namespace millrace::cli {

/// True with --yes, or when the person at the terminal says so to "QUESTION? [y/N]".
/// kInvalidArgument: there is nobody to ask and --yes was not given.
Result<bool> confirm(World& world, std::string_view question);

}  // namespace millrace::cli
