// The `millrace` command: what starts, in order.
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/kafka_tools.h"

namespace {

// Writes what is left of a command's data.
millrace::cli::ExitCode finish(millrace::cli::World& world, millrace::cli::ExitCode code) {
  const millrace::Result<void> written = world.out.flush();
  return written ? code : millrace::cli::fail(written.error());
}

}  // namespace

int main(int argc, char** argv) {
  using namespace millrace;  // NOLINT(google-build-using-namespace): the one place outside it

  // 1. The outside: a reader that goes away is no reason to die; memory that is free is given back.
  cli::ignore_broken_pipes();
  cli::limit_arenas();

  // 2. The command line: that of one of Kafka's tools when the program is called by its name, or
  // this name is its first word; else by the rows of command_table.h.
  std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  const cli::KafkaTool* tool = argc > 0 ? cli::find_kafka_tool(argv[0]) : nullptr;
  if (tool == nullptr && !arguments.empty()) {
    tool = cli::find_kafka_tool(arguments.front());
    arguments.erase(arguments.begin(), arguments.begin() + (tool == nullptr ? 0 : 1));
  }
  if (tool != nullptr) {
    cli::World world{cli::Invocation()};
    const cli::ExitCode code = cli::run_kafka_tool(world, *tool, arguments);
    return static_cast<int>(finish(world, code));
  }
  cli::ParsedArguments parsed = cli::parse_arguments(arguments);
  if (!parsed.problem.empty()) {
    return static_cast<int>(cli::usage_error(parsed.invocation.command, parsed.problem));
  }

  // 3. The command: run_command.cc has what `run` starts.
  cli::World world(std::move(parsed.invocation));
  const cli::ExitCode code = cli::run_command(world);
  return static_cast<int>(finish(world, code));
}
