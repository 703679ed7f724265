// The `millrace` command: what starts, in order.
#include <string>
#include <vector>

#include "cli/commands.h"

int main(int argc, char** argv) {
  using namespace millrace;  // NOLINT(google-build-using-namespace): the one place outside it

  // 1. The outside: a reader that goes away is no reason to die; memory that is free is given back.
  cli::ignore_broken_pipes();
  cli::limit_arenas();

  // 2. The command line, by the rows of command_table.h.
  cli::ParsedArguments parsed =
      cli::parse_arguments(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
  if (!parsed.problem.empty()) {
    return static_cast<int>(cli::usage_error(parsed.invocation.command, parsed.problem));
  }

  // 3. The command: run_command.cc has what `run` starts.
  cli::World world(std::move(parsed.invocation));
  cli::ExitCode code = cli::run_command(world);

  // 4. What is left of its data.
  if (const Result<void> written = world.out.flush(); !written) {
    code = cli::fail(written.error());
  }
  return static_cast<int>(code);
}
