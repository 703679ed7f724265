// The settings of the process: listeners, data directory, limits. Flags beat the environment, which
// beats the files, which beat the defaults; each value knows where it came from.
//
//   millrace.yml          listeners:
//                           kafka: 127.0.0.1:9092
//                         memory.max: 512 MiB
//   environment           MILLRACE_MEMORY_MAX=512MiB     (or MILLRACE_MEMORY_MAX_FILE=/path)
//   flag                  --set memory.max=512MiB
//
// Kafka's own names are taken where they mean the same here (num.partitions, log.retention.hours);
// they are kept as they are for the broker.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostic.h"
#include "config/option_table.h"
#include "config/substitution.h"

namespace millrace::config {

enum class SettingOrigin : std::uint8_t {
  kDefault,
  kFile,
  kEnvironment,
  kFlag
};

/// One setting as `millrace config show --resolved --origin` prints it; a secret is "******".
struct ResolvedSetting {
  std::string name;
  std::string value;
  SettingOrigin origin = SettingOrigin::kDefault;
  /// "default", "millrace.yml:3:5", "MILLRACE_MEMORY_MAX", "--set".
  std::string from;
};

/// Where settings come from. Everything of the world is given, so that a test decides it.
struct SettingsInput {
  struct File {
    std::string path;
    std::string text;
  };

  /// millrace.yml, then conf.d/*.yml in name order: a later one beats an earlier one.
  std::vector<File> files = {};
  /// The whole environment; only MILLRACE_* is looked at.
  std::map<std::string, std::string> environment = {};
  /// "key=value" of each --set, in order; the last one of a key counts.
  std::vector<std::string> flags = {};
  /// For ${file:…} and *_FILE; may be empty.
  std::function<Result<std::string>(const std::string& path)> read_file = {};
  /// Memory of the machine, for the default of memory.max; 0: not known.
  std::int64_t machine_bytes = 0;
};

enum class LogFormat : std::uint8_t {
  kAuto,
  kLogfmt,
  kJson
};
enum class LogThreshold : std::uint8_t {
  kDebug,
  kInfo,
  kWarning,
  kError,
  kOff
};

/// Immutable.
struct Settings {
  /// Nothing: that listener is off.
  std::optional<HostPort> kafka = {};
  std::optional<HostPort> registry = {};
  std::optional<HostPort> http = {};
  /// As written; a relative path starts at the project folder.
  std::string data = {};
  std::int64_t memory_max_bytes = 0;
  std::int64_t min_free_bytes = 0;
  /// Share of the last max_rejected_of records, 0 to 1.
  double max_rejected = 0.5;
  std::int64_t max_rejected_of = 1000;
  std::int64_t graceful_shutdown_ms = 0;
  std::int64_t loops = 0;    ///< Event loops; 0: one per core.
  std::int64_t workers = 0;  ///< Flow workers; 0: cores − 1, at least one.
  std::int64_t max_connections = 0;
  LogThreshold log_level = LogThreshold::kInfo;
  LogFormat log_format = LogFormat::kAuto;
  /// Kafka's names that were given → value, for the broker.
  std::map<std::string, std::string> broker = {};
  /// Every setting, in the order of the table.
  std::vector<ResolvedSetting> resolved = {};
};

/// The rows: parser, help, documentation and JSON Schema of millrace.yml are made of them.
const OptionTable& settings_table();

/// Whether a row is one of Kafka's names, which the broker reads.
bool is_broker_setting(std::string_view name);

/// "memory.max" → "MILLRACE_MEMORY_MAX".
std::string environment_name(std::string_view setting);

/// Reads all layers and adds every Diagnostic, also for values that another layer overrides.
Settings read_settings(const SettingsInput& input, Diagnostics& diagnostics);

/// The environment of this process.
std::map<std::string, std::string> process_environment();

}  // namespace millrace::config
