// Kafka's own command line tools under their own names: `kafka-topics`, `kafka-console-producer`,
// `kafka-console-consumer`, `kafka-consumer-groups` and two more take the flags of Kafka 4.3.1 and
// print what its tools print, so that scripts run unmodified. Which one it is, is the name that
// the program is called by: links of these names lead to it (`millrace links DIR`).
//
// What differs, on purpose: help is shorter; a wrong flag gives one line and a hint instead of all
// flags; there are no stack traces; an address where nobody listens is an error at once; the
// console consumer joins no group unless it is given one; the console producer ends with 1 when a
// record was not stored.
//
// Tested by kafka_tools_test.cc, kafka_tool_texts_test.cc and tests/real/kafka-own-tools.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/java_options.h"
#include "cli/kafka_session.h"
#include "cli/message_formatter.h"
#include "cli/world.h"

namespace millrace::cli {

/// One call of a tool. Owned by one thread.
struct ToolCall {
  World& world;
  std::string_view name;
  const JavaOptions& options;
};

/// One tool. Immutable.
struct KafkaTool {
  std::string_view name = {};
  std::string_view sentence = {};
  std::span<const JavaOptionRow> options = {};
  std::span<const std::string_view> repeated = {};  ///< Flags that may stand several times.
  /// Not empty: a value that is wrong is told on standard output after these words, as this tool
  /// tells all that goes wrong later.
  std::string_view failure = {};
  ExitCode (*run)(ToolCall& call) = nullptr;
};

std::span<const KafkaTool* const> kafka_tools();

/// The tool of the program's name: its folder and `.sh` or `.bat` do not count. Null: none.
const KafkaTool* find_kafka_tool(std::string_view program);

/// Reads the flags, and runs it. 0 and 1 are Kafka's; 130 after Ctrl-C.
ExitCode run_kafka_tool(World& world,
                        const KafkaTool& tool,
                        std::span<const std::string> arguments);

/// A wrong command line: the sentence, and where help is. 1, as Kafka's tools.
ExitCode tool_usage(const ToolCall& call, std::string_view problem);

/// The file of a flag such as --command-config as properties; empty without the flag.
Result<Properties> load_properties(const ToolCall& call, std::string_view flag);

/// Where a tool connects to: --bootstrap-server over these properties. Errors as
/// apply_client_properties().
Result<KafkaTarget> tool_target(const ToolCall& call,
                                std::string_view bootstrap_flag,
                                const Properties& properties,
                                std::string_view client_id);

/// The flags of the command line that exclude each other: the sentence of Kafka's checkInvalidArgs
/// for the first one of `others` that was given with `flag`; empty: none was.
std::string invalid_with(const ToolCall& call,
                         std::string_view flag,
                         std::span<const std::string_view> others);

const KafkaTool& kafka_topics_tool();
const KafkaTool& kafka_console_producer_tool();
const KafkaTool& kafka_console_consumer_tool();
const KafkaTool& kafka_consumer_groups_tool();
const KafkaTool& kafka_get_offsets_tool();
const KafkaTool& kafka_delete_records_tool();

}  // namespace millrace::cli
