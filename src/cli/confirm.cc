#include "cli/confirm.h"

#include <string>

#include <fmt/format.h>

namespace millrace::cli {

Result<bool> confirm(World& world, std::string_view question) {
  if (world.invocation.has("yes")) {
    return true;
  }
  if (!stdin_is_terminal()) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("there is nobody to ask whether to {}; say --yes to do it", question));
  }
  constexpr std::size_t kAnswerBytesMax = 1024;
  say(fmt::format("{}? [y/N]", question));
  const std::string answer = TRY(read_stdin(kAnswerBytesMax));
  return answer.starts_with('y') || answer.starts_with('Y');
}

}  // namespace millrace::cli
