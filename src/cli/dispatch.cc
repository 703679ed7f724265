#include <array>
#include <string_view>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/json_text.h"
#include "cli/commands.h"
#include "server/instance.h"

namespace millrace::cli {
namespace {

struct Entry {
  std::string_view name;
  ExitCode (*run)(World& world);
};

constexpr std::array kEntries = {
    Entry{"init", run_init},
    Entry{"run", run_run},
    Entry{"broker", run_broker},
    Entry{"validate", run_validate},
    Entry{"explain", run_explain},
    Entry{"sql", run_sql},
    Entry{"topics", run_topics},
    Entry{"groups", run_groups},
    Entry{"consume", run_consume},
    Entry{"produce", run_produce},
    Entry{"tap", run_tap},
    Entry{"dead-letters", run_dead_letters},
    Entry{"health", run_health},
    Entry{"randomuser", run_randomuser},
    Entry{"links", run_links},
    Entry{"version", run_version},
};

}  // namespace

ExitCode run_version(World& world) {
  const std::string_view version = server::program_version();
  world.out.write(world.json() ? fmt::format("{{\"version\":{}}}\n", json_string(version))
                               : fmt::format("millrace {}\n", version));
  return ExitCode::kOk;
}

ExitCode run_command(World& world) {
  const Invocation& invocation = world.invocation;
  if (invocation.has("help")) {
    world.out.write(help_text(invocation.command));
    return ExitCode::kOk;
  }
  if (invocation.has("version")) {
    return run_version(world);
  }
  if (invocation.command == nullptr) {
    say(help_text(nullptr));
    return ExitCode::kUsage;
  }
  for (const Entry& entry : kEntries) {
    if (entry.name == invocation.command->name) {
      return entry.run(world);
    }
  }
  MR_ASSERT(false, "no function for command {}", invocation.command->name);
  return ExitCode::kFailed;
}

}  // namespace millrace::cli
