#include "cli/arguments.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/suggest.h"

namespace millrace::cli {
namespace {

using FlagValues = std::map<std::string, std::vector<std::string>, std::less<>>;

std::vector<FlagRow> flags_of(const CommandRow* command) {
  std::vector<FlagRow> flags = command == nullptr ? std::vector<FlagRow>{} : command->flags;
  const std::span<const FlagRow> common = common_flags();
  flags.insert(flags.end(), common.begin(), common.end());
  return flags;
}

void add_flags(CLI::App& app, const std::vector<FlagRow>& flags, FlagValues& values) {
  for (const FlagRow& flag : flags) {
    const std::string name(flag.name);
    std::string names = "--" + name;
    if (flag.letter != '\0') {
      names = fmt::format("-{},{}", flag.letter, names);
    }
    if (flag.value.empty()) {
      app.add_flag_callback(names, [&values, name] { values[name]; });
      continue;
    }
    auto* const option = app.add_option_function<std::vector<std::string>>(
        names, [&values, name](const std::vector<std::string>& given) { values[name] = given; });
    option->allow_extra_args(false)->take_all();
  }
}

bool looks_like_flag(std::string_view text) {
  return text.size() > 1 && text.front() == '-' &&
         text.find_first_of(" \t\n") == std::string_view::npos;
}

std::string unknown_flag(const CommandRow* command, std::string_view wrote) {
  const std::string_view name = wrote.substr(0, wrote.find('='));
  std::vector<std::string> names;
  for (const FlagRow& flag : flags_of(command)) {
    names.push_back("--" + std::string(flag.name));
  }
  return fmt::format("unknown flag {}{}", name, did_you_mean(name, names));
}

std::string unknown_command(std::string_view wrote) {
  std::vector<std::string> names;
  for (const CommandRow& row : command_rows()) {
    names.emplace_back(row.name);
  }
  return fmt::format("unknown command \"{}\"{}", wrote, did_you_mean(wrote, names));
}

// What is wrong with flags and words that are each known; empty: nothing.
std::string check(const Invocation& invocation, const std::vector<FlagRow>& flags) {
  for (const FlagRow& flag : flags) {
    const auto given = invocation.flags.find(flag.name);
    if (given == invocation.flags.end()) {
      continue;
    }
    if (!flag.repeated && given->second.size() > 1) {
      return fmt::format("--{} is given twice", flag.name);
    }
    for (const std::string& value : given->second) {
      const bool known =
          flag.choices.empty() ||
          std::find(flag.choices.begin(), flag.choices.end(), value) != flag.choices.end();
      if (!known) {
        return fmt::format("--{} is {}, found \"{}\"", flag.name, flag.value, value);
      }
    }
  }
  const CommandRow* const command = invocation.command;
  if (command != nullptr && invocation.words.size() < command->words_min) {
    return fmt::format("something is missing: millrace {}", command->usage);
  }
  if (command != nullptr && invocation.words.size() > command->words_max) {
    return fmt::format("too many words, from \"{}\" on: millrace {}",
                       invocation.words[command->words_max],
                       command->usage);
  }
  return {};
}

// CLI11 throws: nothing of it leaves this function.
std::string parse_flags(const std::vector<FlagRow>& flags,
                        std::vector<std::string> arguments,
                        Invocation& into,
                        std::vector<std::string>& rest) {
  try {
    CLI::App app;
    app.set_help_flag();
    app.allow_extras();
    add_flags(app, flags, into.flags);
    std::reverse(arguments.begin(), arguments.end());
    app.parse(arguments);
    rest = app.remaining();
  } catch (const CLI::ArgumentMismatch& problem) {
    return fmt::format("a flag needs a value: {}", problem.what());
  } catch (const std::exception& problem) {
    return problem.what();
  }
  return {};
}

}  // namespace

std::optional<std::string> Invocation::value(std::string_view flag) const {
  const auto found = flags.find(flag);
  if (found == flags.end() || found->second.empty()) {
    return std::nullopt;
  }
  return found->second.back();
}

std::vector<std::string> Invocation::values(std::string_view flag) const {
  const auto found = flags.find(flag);
  return found == flags.end() ? std::vector<std::string>{} : found->second;
}

std::optional<std::string> Invocation::word(std::size_t index) const {
  return index < words.size() ? std::optional(words[index]) : std::nullopt;
}

ParsedArguments parse_arguments(std::span<const std::string> arguments) {
  ParsedArguments parsed;
  std::vector<std::string> rest(arguments.begin(), arguments.end());
  const auto command = std::find_if(rest.begin(), rest.end(), [](const std::string& argument) {
    return argument.empty() || argument.front() != '-';
  });
  if (command != rest.end()) {
    parsed.invocation.command = find_command(*command);
    if (parsed.invocation.command == nullptr) {
      parsed.problem = unknown_command(*command);
      return parsed;
    }
    rest.erase(command);
  }
  const std::vector<FlagRow> flags = flags_of(parsed.invocation.command);
  std::vector<std::string> words;
  parsed.problem = parse_flags(flags, std::move(rest), parsed.invocation, words);
  for (std::string& word : words) {
    if (parsed.problem.empty() && looks_like_flag(word)) {
      parsed.problem = unknown_flag(parsed.invocation.command, word);
    } else if (word != "--") {
      parsed.invocation.words.push_back(std::move(word));
    }
  }
  if (parsed.problem.empty() && !parsed.invocation.has("help")) {
    parsed.problem = check(parsed.invocation, flags);
  }
  return parsed;
}

}  // namespace millrace::cli
