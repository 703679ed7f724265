#include "cli/kafka_tools.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "cli/java_properties.h"
#include "cli/terminal.h"
#include "io/files.h"
#include "server/instance.h"

namespace millrace::cli {
namespace {

// What Kafka's tools print; the part in brackets is ours.
constexpr std::string_view kKafkaVersion = "4.3.1";

}  // namespace

std::span<const KafkaTool* const> kafka_tools() {
  static const std::array<const KafkaTool*, 6> kTools = {&kafka_topics_tool(),
                                                         &kafka_console_producer_tool(),
                                                         &kafka_console_consumer_tool(),
                                                         &kafka_consumer_groups_tool(),
                                                         &kafka_get_offsets_tool(),
                                                         &kafka_delete_records_tool()};
  return kTools;
}

const KafkaTool* find_kafka_tool(std::string_view program) {
  program.remove_prefix(program.rfind('/') + 1);  // npos + 1 is 0.
  for (const std::string_view ending : {".sh", ".bat"}) {
    if (program.ends_with(ending)) {
      program.remove_suffix(ending.size());
    }
  }
  for (const KafkaTool* const tool : kafka_tools()) {
    if (tool->name == program) {
      return tool;
    }
  }
  return nullptr;
}

ExitCode tool_usage(const ToolCall& call, std::string_view problem) {
  say(fmt::format("{}\nhelp: {} --help lists the flags", problem, call.name));
  return ExitCode::kFailed;
}

Result<Properties> load_properties(const ToolCall& call, std::string_view flag) {
  const std::optional<std::string> path = call.options.value(flag);
  if (!path) {
    return Properties();
  }
  const std::string text =
      TRY_DOING(io::read_all(call.world.files, absolute_path(*path), kPropertiesBytesMax),
                fmt::format("read \"{}\"", *path));
  return TRY_DOING(parse_java_properties(text), fmt::format("read \"{}\"", *path));
}

Result<KafkaTarget> tool_target(const ToolCall& call,
                                std::string_view bootstrap_flag,
                                const Properties& properties,
                                std::string_view client_id) {
  KafkaTarget target{.bootstrap = call.options.value(bootstrap_flag).value_or(""),
                     .client_id = std::string(client_id)};
  return apply_client_properties(std::move(target), properties);
}

std::string invalid_with(const ToolCall& call,
                         std::string_view flag,
                         std::span<const std::string_view> others) {
  if (!call.options.has(flag)) {
    return {};
  }
  for (const std::string_view other : others) {
    if (call.options.has(other)) {
      return fmt::format("Option \"[{}]\" can't be used with option \"[{}]\"", flag, other);
    }
  }
  return {};
}

ExitCode run_kafka_tool(World& world,
                        const KafkaTool& tool,
                        std::span<const std::string> arguments) {
  const Result<JavaOptions> options = parse_java_options(tool.options, arguments);
  const JavaOptions none(tool.options);
  ToolCall call{.world = world, .name = tool.name, .options = options ? *options : none};
  if (!options) {
    return tool_usage(call, options.error().message());
  }
  if (arguments.empty() || options->has("help")) {
    say(fmt::format(
        "{}\n\n{}", tool.sentence, java_options_help(tool.options, terminal_size().columns)));
    return ExitCode::kFailed;  // As Kafka's tools.
  }
  if (options->has("version")) {
    world.out.write(fmt::format("{} (Millrace {})\n", kKafkaVersion, server::program_version()));
    return ExitCode::kOk;
  }
  if (const Result<void> values = check_java_values(tool.options, tool.repeated, *options);
      !values) {
    if (tool.failure.empty()) {
      return tool_usage(call, values.error().message());
    }
    world.out.write(fmt::format("{}{}\n", tool.failure, values.error().message()));
    return ExitCode::kFailed;
  }
  for (const std::string& word : options->words()) {
    say(fmt::format("note: \"{}\" belongs to no flag and is not used", word));
  }
  return tool.run(call);
}

}  // namespace millrace::cli
