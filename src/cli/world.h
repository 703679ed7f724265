// What every command is given, and how it finds its project and its data directory.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/diagnostic.h"
#include "base/result.h"
#include "cli/arguments.h"
#include "cli/terminal.h"
#include "io/real_files.h"
#include "plan/pipeline.h"
#include "project/project.h"
#include "server/control.h"

namespace millrace::cli {

enum class ExitCode : int {
  kOk = 0,
  kFailed = 1,
  kUsage = 2,
  kConfiguration = 78,
  kInterrupted = 130
};

/// The outside of one command. Owned by one thread.
struct World {
  explicit World(Invocation command_line) : invocation(std::move(command_line)) {}

  const Invocation invocation;
  io::RealFiles files;
  SystemClock clock;
  Output out;

  [[nodiscard]] bool json() const { return invocation.value("output") == "json"; }

  [[nodiscard]] bool quiet() const { return invocation.has("quiet"); }
};

/// "millrace: …" on standard error, and the exit code.
ExitCode fail(ExitCode code, std::string_view message);
ExitCode fail(const Error& error);
/// A wrong command line: the sentence and where help is.
ExitCode usage_error(const CommandRow* command, std::string_view problem);

/// How much of the project a command needs.
struct LoadOptions {
  std::string folder = ".";  ///< As the user typed it.
  bool must_exist = true;
  bool bind = true;
};

/// A project that was read and bound, with all findings.
struct LoadedProject {
  project::Project project = {};
  plan::Pipeline pipeline = {};
  Diagnostics diagnostics = {};

  [[nodiscard]] bool ok() const { return project.found() && !diagnostics.has_errors(); }
};

/// Reads flags (--set, --data, --…-listen), environment and files. A missing project is no finding
/// unless `must_exist`.
LoadedProject load_project(World& world, const LoadOptions& options);

/// Findings for people on standard error, and with --output json on standard output.
void report(World& world, const LoadedProject& loaded);

/// {"ok":false,"errors":1,"diagnostics":[…]}
std::string diagnostics_to_json(const Diagnostics& diagnostics);

/// Sets level and form of log lines; `quiet_level` for commands that only look.
void set_up_logging(const World& world, const config::Settings& settings, bool only_warnings);

/// The data directory that --project and --data mean, absolute; kNotFound: there is no project.
Result<std::string> find_data(World& world, const LoadedProject& loaded);

/// A question to the data directory of --project or --data.
Result<server::Control> connect(World& world, LoadedProject loaded);

/// Reads the whole number of a flag. kInvalidArgument when it is none or below `least`.
Result<std::int64_t> number_flag(const World& world,
                                 std::string_view flag,
                                 std::int64_t fallback,
                                 std::int64_t least);

}  // namespace millrace::cli
