// What the user typed, taken apart by the rows of command_table.h. Nothing else knows CLI11.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command_table.h"

namespace millrace::cli {

/// One command with its words and flags. Immutable by use.
struct Invocation {
  const CommandRow* command = nullptr;  ///< Null: none was given (then --help or --version was).
  std::vector<std::string> words = {};
  /// By the long name without dashes; a switch has empty values.
  std::map<std::string, std::vector<std::string>, std::less<>> flags = {};

  [[nodiscard]] bool has(std::string_view flag) const { return flags.contains(flag); }

  /// The value of a flag, or nothing when it was not given.
  [[nodiscard]] std::optional<std::string> value(std::string_view flag) const;
  /// Every value of a flag that may be given several times.
  [[nodiscard]] std::vector<std::string> values(std::string_view flag) const;
  /// Word number `index`, or nothing.
  [[nodiscard]] std::optional<std::string> word(std::size_t index) const;
};

/// An invocation, or what is wrong with the command line: one sentence and what to do.
struct ParsedArguments {
  Invocation invocation = {};
  std::string problem = {};
};

/// `arguments` without the program's name.
ParsedArguments parse_arguments(std::span<const std::string> arguments);

}  // namespace millrace::cli
