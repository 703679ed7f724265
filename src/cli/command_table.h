// The commands as data: the parser, `--help` and "did you mean" are made of these rows.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::cli {

/// All views are of static text.
struct FlagRow {
  std::string_view name = {};   ///< Without dashes.
  std::string_view value = {};  ///< What stands after it ("DIR"); empty: a switch.
  std::string_view sentence = {};
  char letter = '\0';  ///< A short form.
  bool repeated = false;
  std::vector<std::string_view> choices = {};
};

struct CommandRow {
  std::string_view name = {};
  std::string_view usage = {};  ///< "run [DIR]"
  std::string_view sentence = {};
  std::vector<std::string_view> examples = {};
  std::size_t words_min = 0;
  std::size_t words_max = 0;
  std::vector<FlagRow> flags = {};
};

std::span<const CommandRow> command_rows();

/// Flags of every command.
std::span<const FlagRow> common_flags();

/// Null when there is none.
const CommandRow* find_command(std::string_view name);

/// `millrace --help`, or with a command `millrace run --help`: examples first.
std::string help_text(const CommandRow* command);

}  // namespace millrace::cli
