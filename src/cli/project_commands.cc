// init, validate, explain: what needs no data directory.
#include <string>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/json_text.h"
#include "cli/code_table.h"
#include "cli/commands.h"
#include "config/help.h"
#include "project/init.h"
#include "server/builtin_connectors.h"

namespace millrace::cli {
namespace {

bool is_code(std::string_view word) {
  return word.size() == 6 && ascii_upper(word.substr(0, 2)) == "MR" &&
         word.find_first_not_of("0123456789", 2) == std::string_view::npos;
}

ExitCode explain_code(World& world, std::string_view word) {
  const std::string code = ascii_upper(word);
  const std::optional<CodeText> text = find_code(code);
  if (!text) {
    return fail(ExitCode::kFailed, fmt::format("there is no code {}", code));
  }
  if (world.json()) {
    world.out.write(fmt::format("{{\"code\":{},\"title\":{},\"explanation\":{}}}\n",
                                json_string(code),
                                json_string(text->title),
                                json_string(text->explanation)));
  } else {
    world.out.write(fmt::format("{}: {}\n{}\n", code, text->title, text->explanation));
  }
  return ExitCode::kOk;
}

// What stands after USING: its options.
ExitCode explain_connector(World& world, const connector::ConnectorInfo& connector) {
  if (world.json()) {
    world.out.write(config::render_json_schema(*connector.options, connector.name) + "\n");
  } else {
    world.out.write(fmt::format("USING {}: {}\n\n{}",
                                connector.name,
                                connector.description,
                                config::render_help(*connector.options)));
  }
  return ExitCode::kOk;
}

}  // namespace

ExitCode run_init(World& world) {
  const std::string name = world.invocation.words.front();
  const std::string path = absolute_path(name);
  const Result<std::vector<std::string>> written = project::init_project(world.files, path);
  if (!written) {
    return written.error().code() == ErrorCode::kInvalidArgument
               ? usage_error(world.invocation.command, written.error().message())
               : fail(written.error());
  }
  if (world.json()) {
    std::string out = fmt::format("{{\"folder\":{},\"files\":[", json_string(path));
    for (const std::string& file : *written) {
      out += out.ends_with('[') ? "" : ",";
      out += json_string(file);
    }
    world.out.write(out + "]}\n");
    return ExitCode::kOk;
  }
  for (const std::string& file : *written) {
    world.out.write(fmt::format("{}/{}\n", name, file));
  }
  if (!world.quiet()) {
    say(fmt::format("next: millrace run {}", name));
  }
  return ExitCode::kOk;
}

ExitCode run_validate(World& world) {
  const std::string folder = world.invocation.word(0).value_or(".");
  const LoadedProject loaded = load_project(world, {.folder = folder});
  const bool ok = loaded.ok();
  if (world.json()) {
    world.out.write(diagnostics_to_json(loaded.diagnostics) + "\n");
  } else if (!loaded.diagnostics.empty()) {
    say(format_diagnostics(loaded.diagnostics, loaded.project.texts));
  }
  if (ok && !world.json()) {
    world.out.write(fmt::format("{}: ok, {} sources, {} tables, {} views, {} flows\n",
                                loaded.project.name,
                                loaded.pipeline.sources.size(),
                                loaded.pipeline.tables.size(),
                                loaded.pipeline.views.size(),
                                loaded.pipeline.flows.size()));
  }
  return ok ? ExitCode::kOk : ExitCode::kConfiguration;
}

ExitCode run_explain(World& world) {
  const std::string word = world.invocation.word(0).value_or(".");
  if (is_code(word)) {
    return explain_code(world, word);
  }
  // A folder of that name goes first.
  const Result<bool> folder = io::exists(world.files, word);
  const connector::ConnectorInfo* connector = server::builtin_connectors().find(word);
  if (connector != nullptr && folder.has_value() && !*folder) {
    return explain_connector(world, *connector);
  }
  const LoadedProject loaded = load_project(world, {.folder = word});
  report(world, loaded);
  if (!loaded.ok()) {
    return ExitCode::kConfiguration;
  }
  std::string text =
      world.json() ? plan::explain_json(loaded.pipeline) : plan::explain_text(loaded.pipeline);
  text += text.ends_with('\n') ? "" : "\n";
  world.out.write(text);
  return ExitCode::kOk;
}

}  // namespace millrace::cli
