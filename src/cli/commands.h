// The commands. Each reads its flags, does its work and gives the exit code; data goes to
// World::out.
#pragma once

#include "cli/world.h"

namespace millrace::cli {

ExitCode run_init(World& world);
ExitCode run_run(World& world);
ExitCode run_broker(World& world);
ExitCode run_validate(World& world);
ExitCode run_explain(World& world);
ExitCode run_sql(World& world);
ExitCode run_topics(World& world);
ExitCode run_dead_letters(World& world);
ExitCode run_health(World& world);
ExitCode run_randomuser(World& world);
ExitCode run_version(World& world);

/// Finds the command of the invocation and runs it.
ExitCode run_command(World& world);

}  // namespace millrace::cli
