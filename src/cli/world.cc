#include "cli/world.h"

#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "base/log_line.h"
#include "config/option_table.h"
#include "server/builtin_connectors.h"

namespace millrace::cli {
namespace {

// Every flag that is a setting in other words.
std::vector<std::string> setting_flags(const Invocation& invocation) {
  std::vector<std::string> flags = invocation.values("set");
  for (const std::string_view listener : {"kafka", "registry", "http"}) {
    if (const auto address = invocation.value(fmt::format("{}-listen", listener))) {
      flags.push_back(fmt::format("listeners.{}={}", listener, *address));
    }
  }
  if (const auto address = invocation.value("listen")) {
    flags.push_back("listeners.kafka=" + *address);
  }
  if (const auto data = invocation.value("data")) {
    flags.push_back("data=" + absolute_path(*data));
  }
  return flags;
}

LogLevel level_of(config::LogThreshold threshold) {
  switch (threshold) {
    case config::LogThreshold::kDebug:
      return LogLevel::kDebug;
    case config::LogThreshold::kInfo:
      return LogLevel::kInfo;
    case config::LogThreshold::kWarning:
      return LogLevel::kWarning;
    case config::LogThreshold::kError:
      return LogLevel::kError;
    case config::LogThreshold::kOff:
      return LogLevel::kOff;
  }
  return LogLevel::kInfo;
}

}  // namespace

ExitCode fail(ExitCode code, std::string_view message) {
  say(fmt::format("millrace: {}", message));
  return code;
}

ExitCode fail(const Error& error) {
  return fail(ExitCode::kFailed, error.to_string());
}

ExitCode usage_error(const CommandRow* command, std::string_view problem) {
  say(fmt::format("millrace: {}\nhelp: millrace {}{}--help",
                  problem,
                  command == nullptr ? "" : command->name,
                  command == nullptr ? "" : " "));
  return ExitCode::kUsage;
}

LoadedProject load_project(World& world, const LoadOptions& options) {
  LoadedProject loaded;
  project::ProjectOptions how;
  how.start = absolute_path(options.folder);
  how.shown_start = options.folder == "." ? "" : options.folder;
  while (how.shown_start.size() > 1 && how.shown_start.ends_with('/')) {
    how.shown_start.pop_back();
  }
  how.settings.environment = config::process_environment();
  how.settings.flags = setting_flags(world.invocation);
  how.settings.machine_bytes = machine_memory_bytes();
  how.settings.read_file = [&world](const std::string& path) {
    return io::read_all(world.files, path, std::uint64_t{4} << 20U);
  };
  Diagnostics found;
  loaded.project = project::read_project(world.files, how, found);
  if (!loaded.project.found() && !options.must_exist) {
    // Only the settings matter then.
    loaded.project.settings = config::read_settings(how.settings, loaded.diagnostics);
    return loaded;
  }
  loaded.diagnostics.add_all(std::move(found));
  if (loaded.project.found() && options.bind) {
    loaded.pipeline =
        plan::bind_project(loaded.project, server::builtin_connectors(), loaded.diagnostics);
  }
  return loaded;
}

std::string diagnostics_to_json(const Diagnostics& diagnostics) {
  std::string out = fmt::format("{{\"ok\":{},\"errors\":{},\"diagnostics\":[",
                                !diagnostics.has_errors(),
                                diagnostics.error_count());
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    out += out.ends_with('[') ? "" : ",";
    out += diagnostic_to_json(diagnostic);
  }
  return out += "]}";
}

void report(World& world, const LoadedProject& loaded) {
  if (!loaded.diagnostics.empty() && !(world.quiet() && !loaded.diagnostics.has_errors())) {
    say(format_diagnostics(loaded.diagnostics, loaded.project.texts));
  }
  if (world.json() && loaded.diagnostics.has_errors()) {
    world.out.write(diagnostics_to_json(loaded.diagnostics) + "\n");
  }
}

void set_up_logging(const World& world, const config::Settings& settings, bool only_warnings) {
  LogOptions options;
  options.level = level_of(settings.log_level);
  if (only_warnings && options.level < LogLevel::kWarning) {
    options.level = LogLevel::kWarning;
  }
  if (world.invocation.has("verbose")) {
    options.level = LogLevel::kDebug;
  } else if (world.quiet()) {
    options.level = LogLevel::kError;
  }
  const bool terminal = stderr_is_terminal();
  options.json = settings.log_format == config::LogFormat::kJson ||
                 (settings.log_format == config::LogFormat::kAuto && !terminal);
  const char* const no_color = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe)
  options.color = terminal && !options.json && !world.invocation.has("no-color") &&
                  (no_color == nullptr || *no_color == '\0');
  configure_logging(options);
}

Result<std::string> find_data(World& world, const LoadedProject& loaded) {
  if (const auto data = world.invocation.value("data")) {
    return absolute_path(*data);
  }
  if (loaded.project.found()) {
    return loaded.project.data_path();
  }
  return Error(ErrorCode::kNotFound,
               fmt::format("there is no project in \"{}\" or above it; say --project DIR or "
                           "--data DIR",
                           world.invocation.value("project").value_or(current_folder())));
}

Result<server::Control> connect(World& world, LoadedProject loaded) {
  server::InstanceOptions options;
  options.data = TRY(find_data(world, loaded));
  options.project = loaded.project.root;
  options.settings = loaded.project.settings;
  options.create = false;
  return server::Control::connect(
      world.files, world.clock, std::move(options), std::move(loaded.pipeline));
}

Result<std::int64_t> number_flag(const World& world,
                                 std::string_view flag,
                                 std::int64_t fallback,
                                 std::int64_t least) {
  const auto text = world.invocation.value(flag);
  if (!text) {
    return fallback;
  }
  const auto number = config::parse_int(*text);
  if (!number || *number < least) {
    return Error(
        ErrorCode::kInvalidArgument,
        fmt::format("--{} is a whole number from {} on, found \"{}\"", flag, least, *text));
  }
  return *number;
}

}  // namespace millrace::cli
