// The commands. Each reads its flags, does its work and gives the exit code; data goes to
// World::out.
#pragma once

#include <optional>

#include "cli/record_filter.h"
#include "cli/world.h"

namespace millrace::cli {

ExitCode run_init(World& world);
ExitCode run_run(World& world);
ExitCode run_broker(World& world);
ExitCode run_validate(World& world);
ExitCode run_explain(World& world);
ExitCode run_sql(World& world);
ExitCode run_topics(World& world);
/// The verbs of `topics` that look into a data directory, without Kafka's protocol.
ExitCode run_local_topics(World& world);
ExitCode run_groups(World& world);
ExitCode run_dead_letters(World& world);
ExitCode run_consume(World& world);
ExitCode run_produce(World& world);
ExitCode run_tap(World& world);
ExitCode run_links(World& world);
ExitCode run_health(World& world);
ExitCode run_randomuser(World& world);
ExitCode run_version(World& world);

/// The condition of --where; without the flag everything passes. Nothing: it has faults, which were
/// told, and `code` is what to end with.
std::optional<RecordFilter> read_where(World& world, ExitCode& code);

/// Finds the command of the invocation and runs it.
ExitCode run_command(World& world);

}  // namespace millrace::cli
