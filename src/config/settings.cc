#include "config/settings.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/suggest.h"
#include "config/codes.h"
#include "config/detail/text.h"
#include "config/yaml.h"
#include "config/yaml_reader.h"

namespace millrace::config {

namespace {

constexpr std::string_view kPrefix = "MILLRACE_";
constexpr std::string_view kFileSuffix = "_FILE";

/// Variables with this prefix that are no settings.
constexpr std::array<std::string_view, 4> kOtherVariables = {
    "MILLRACE_FAULT", "MILLRACE_PROJECT", "MILLRACE_PROFILE", "MILLRACE_OUTPUT"};

/// One value of one layer.
struct LayerEntry {
  OptionEntry option;
  SettingOrigin origin = SettingOrigin::kDefault;
  std::string from;
};

void report(Diagnostics& diagnostics,
            std::string_view code,
            SourceSpan where,
            std::string message,
            std::string help,
            Severity severity = Severity::kError) {
  diagnostics.add({.code = std::string(code),
                   .severity = severity,
                   .where = std::move(where),
                   .message = std::move(message),
                   .help = std::move(help)});
}

/// Checks one layer on its own, so that a wrong value is reported even where another one beats it.
void check_layer(const std::vector<LayerEntry>& layer, Diagnostics& diagnostics) {
  std::vector<OptionEntry> entries;
  entries.reserve(layer.size());
  for (const LayerEntry& entry : layer) {
    entries.push_back(entry.option);
  }
  (void)parse_options(settings_table(), entries, diagnostics);
}

std::vector<LayerEntry> read_file_layer(const SettingsInput::File& file,
                                        const SubstitutionSources& sources,
                                        Diagnostics& diagnostics) {
  const YamlDocument document =
      parse_yaml(file.text, file.path, diagnostics, {.substitution = &sources});
  std::vector<LayerEntry> layer;
  if (!document.root.is_map()) {
    if (!document.root.is_null()) {
      report(diagnostics,
             kYamlWrongKind,
             document.root.where(),
             "the settings must be a map",
             "write `memory.max: 512 MiB`, one setting a line");
    }
    return layer;
  }
  for (OptionEntry& entry : option_entries(document.root, diagnostics)) {
    const SourceSpan& at = entry.where;
    std::string from = fmt::format("{}:{}:{}", at.file, at.line, at.column);
    layer.push_back(
        {.option = std::move(entry), .origin = SettingOrigin::kFile, .from = std::move(from)});
  }
  return layer;
}

/// The value of a variable: its own, or the text of the file that NAME_FILE names.
void read_variable(const std::string& name,
                   const Option& option,
                   const SettingsInput& input,
                   std::vector<LayerEntry>& layer,
                   Diagnostics& diagnostics) {
  const auto own = input.environment.find(name);
  const auto file = input.environment.find(name + std::string(kFileSuffix));
  const auto entry = [&](std::string value, const std::string& from, bool secret) {
    layer.push_back({.option = {.key = std::string(option.name),
                                .value = std::move(value),
                                .where = {.file = "environment " + from},
                                .secret = secret},
                     .origin = SettingOrigin::kEnvironment,
                     .from = from});
  };
  if (own != input.environment.end()) {
    entry(own->second, name, false);
    return;
  }
  if (file == input.environment.end()) {
    return;
  }
  Result<std::string> text =
      input.read_file ? input.read_file(file->second)
                      : Result<std::string>(Error(ErrorCode::kUnsupported, "no files here"));
  if (!text) {
    report(diagnostics,
           kSubstitutionFile,
           {.file = "environment " + file->first},
           fmt::format("file \"{}\" cannot be read: {}", file->second, text.error().message()),
           "check its path and permissions");
    return;
  }
  entry(std::string(trim_blanks(*text)), file->first, true);
}

std::vector<LayerEntry> read_environment(const SettingsInput& input, Diagnostics& diagnostics) {
  std::vector<LayerEntry> layer;
  std::vector<std::string> known(kOtherVariables.begin(), kOtherVariables.end());
  for (const Option& option : settings_table().options) {
    const std::string name = environment_name(option.name);
    read_variable(name, option, input, layer, diagnostics);
    known.push_back(name);
    known.push_back(name + std::string(kFileSuffix));
  }
  for (const auto& [name, value] : input.environment) {
    if (name.starts_with(kPrefix) && std::find(known.begin(), known.end(), name) == known.end()) {
      report(diagnostics,
             kUnknownOption,
             {.file = "environment " + name},
             fmt::format("unknown variable \"{}\"{}", name, did_you_mean(name, known)),
             "`millrace config show` lists all settings",
             Severity::kWarning);
    }
  }
  return layer;
}

std::vector<LayerEntry> read_flags(const SettingsInput& input, Diagnostics& diagnostics) {
  std::vector<LayerEntry> layer;
  for (const std::string& flag : input.flags) {
    const std::size_t equals = flag.find('=');
    if (equals == std::string::npos || equals == 0) {
      report(diagnostics,
             kWrongValue,
             {.file = "--set"},
             fmt::format("--set expects key=value, found \"{}\"", detail::shorten(flag)),
             "for example --set memory.max=512MiB");
      continue;
    }
    const std::string key(trim_blanks(std::string_view(flag).substr(0, equals)));
    std::erase_if(
        layer, [&](const LayerEntry& entry) { return equal_ignoring_case(entry.option.key, key); });
    layer.push_back(
        {.option = {.key = key, .value = flag.substr(equals + 1), .where = {.file = "--set"}},
         .origin = SettingOrigin::kFlag,
         .from = "--set"});
  }
  return layer;
}

std::optional<HostPort> listener(const OptionValues& values, std::string_view name) {
  HostPort address = values.host_port(name);
  return address.host.empty() ? std::nullopt : std::optional<HostPort>(std::move(address));
}

std::int64_t default_memory(std::int64_t machine_bytes) {
  constexpr std::int64_t kMost = std::int64_t{1} << 30;
  constexpr std::int64_t kLeast = std::int64_t{64} << 20;
  return machine_bytes <= 0 ? kMost : std::clamp(machine_bytes / 4, kLeast, kMost);
}

void fill(Settings& settings, const OptionValues& values, const SettingsInput& input) {
  settings.kafka = listener(values, "listeners.kafka");
  settings.registry = listener(values, "listeners.registry");
  settings.http = listener(values, "listeners.http");
  settings.data = values.text("data");
  settings.memory_max_bytes =
      values.given("memory.max") ? values.bytes("memory.max") : default_memory(input.machine_bytes);
  settings.min_free_bytes = values.bytes("min.free");
  settings.max_rejected = values.number("max_rejected");
  settings.max_rejected_of = values.integer("max_rejected.of");
  settings.graceful_shutdown_ms = values.duration_ms("graceful-shutdown-limit");
  settings.loops = values.integer("threads.loops");
  settings.workers = values.integer("threads.workers");
  settings.max_connections = values.integer("max.connections");
  settings.log_level = static_cast<LogThreshold>(values.choice("log-level"));
  settings.log_format = static_cast<LogFormat>(values.choice("log-format"));
}

}  // namespace

std::string environment_name(std::string_view setting) {
  std::string name(kPrefix);
  for (const char c : setting) {
    if (c == '.' || c == '-') {
      name += '_';
    } else {
      name += ascii_upper(c);
    }
  }
  return name;
}

Settings read_settings(const SettingsInput& input, Diagnostics& diagnostics) {
  const SubstitutionSources sources{
      .variable = [&](const std::string& name) -> std::optional<std::string> {
        const auto found = input.environment.find(name);
        return found == input.environment.end() ? std::nullopt
                                                : std::optional<std::string>(found->second);
      },
      .file = input.read_file};
  std::vector<std::vector<LayerEntry>> layers;
  layers.reserve(input.files.size());
  for (const SettingsInput::File& file : input.files) {
    layers.push_back(read_file_layer(file, sources, diagnostics));
  }
  layers.push_back(read_environment(input, diagnostics));
  layers.push_back(read_flags(input, diagnostics));

  const OptionTable& table = settings_table();
  std::map<const Option*, const LayerEntry*> strongest;
  for (const std::vector<LayerEntry>& layer : layers) {
    check_layer(layer, diagnostics);
    for (const LayerEntry& entry : layer) {
      if (const Option* option = table.find(entry.option.key)) {
        strongest[option] = &entry;
      }
    }
  }
  std::vector<OptionEntry> entries;
  entries.reserve(strongest.size());
  for (const auto& [option, entry] : strongest) {
    entries.push_back(entry->option);
  }
  Diagnostics seen_already;  // Every finding was added with its layer.
  const OptionValues values = parse_options(table, entries, seen_already);

  Settings settings;
  fill(settings, values, input);
  for (const Option& option : table.options) {
    const std::string name(option.name);
    ResolvedSetting resolved{.name = name, .value = values.text(name), .from = "default"};
    if (values.given(name)) {
      const LayerEntry& entry = *strongest[&option];
      resolved.origin = entry.origin;
      resolved.from = entry.from;
      if (option.secret || entry.option.secret) {
        resolved.value = "******";
      }
      if (is_broker_setting(name)) {
        settings.broker[name] = values.text(name);
      }
    } else if (name == "memory.max") {
      resolved.value = format_bytes(settings.memory_max_bytes);
    }
    settings.resolved.push_back(std::move(resolved));
  }
  return settings;
}

std::map<std::string, std::string> process_environment() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (const std::size_t equals = text.find('='); equals != std::string_view::npos) {
      variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  return variables;
}

}  // namespace millrace::config
