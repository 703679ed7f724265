#include "config/help.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/json_text.h"
#include "base/utf8.h"
#include "config/detail/text.h"

namespace millrace::config {

namespace {

std::string_view type_name(OptionType type) {
  switch (type) {
    case OptionType::kString:
      return "text";
    case OptionType::kInt:
      return "whole number";
    case OptionType::kDouble:
      return "number";
    case OptionType::kBool:
      return "true or false";
    case OptionType::kDuration:
      return "duration";
    case OptionType::kBytes:
      return "size";
    case OptionType::kEnum:
      return "name";
    case OptionType::kUrl:
      return "address";
    case OptionType::kHostPort:
      return "host:port";
    case OptionType::kHostPortList:
      return "host:port, …";
    case OptionType::kList:
      return "list";
  }
  return "text";
}

std::string limits(const Option& option) {
  if (!option.minimum.empty() && !option.maximum.empty()) {
    return fmt::format("{} to {}", option.minimum, option.maximum);
  }
  if (!option.minimum.empty()) {
    return fmt::format("at least {}", option.minimum);
  }
  return option.maximum.empty() ? std::string{} : fmt::format("at most {}", option.maximum);
}

std::string choice_list(const Option& option, std::string_view between) {
  return fmt::format("{}", fmt::join(option.choices, between));
}

/// Breaks a text at blanks into lines of at most `width` columns, each after `indent` blanks.
std::string wrap(std::string_view text, std::size_t indent, std::size_t width) {
  std::string out;
  std::size_t column = indent;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    const std::size_t length = utf8_length(word);
    if (column > indent && column + 1 + length > width) {
      out += '\n' + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += length;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string escape_cell(std::string_view text) {
  std::string cell;
  for (const char c : text) {
    cell += c == '|' ? "\\|" : std::string(1, c);
  }
  return cell;
}

// --- JSON Schema -----------------------------------------------------------------------------

/// A text, or a `${…}` that becomes one.
std::string pattern(std::string_view regex) {
  return fmt::format("\"pattern\":{}", json_string(fmt::format("^\\s*(?:{})\\s*$|\\$\\{{", regex)));
}

std::string number_limits(const Option& option) {
  std::string text;
  if (!option.minimum.empty()) {
    text += fmt::format(",\"minimum\":{}", option.minimum);
  }
  if (!option.maximum.empty()) {
    text += fmt::format(",\"maximum\":{}", option.maximum);
  }
  return text;
}

std::string type_schema(const Option& option) {
  switch (option.type) {
    case OptionType::kInt:
      return R"("type":["integer","string"],)" + pattern("[+-]?[0-9]+") + number_limits(option);
    case OptionType::kDouble:
      return R"("type":["number","string"],)" +
             pattern("[+-]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?") +
             number_limits(option);
    case OptionType::kBool:
      return R"("type":["boolean","string"],)" + pattern("[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]");
    case OptionType::kDuration:
      return fmt::format(R"("type":[{}"string"],)", option.unit.empty() ? "" : "\"number\",") +
             pattern(option.unit.empty() ? "(?:interval )?(?:[0-9.]+ *[A-Za-z]+ *)+"
                                         : "(?:interval )?(?:[0-9.]+ *[A-Za-z]* *)+");
    case OptionType::kBytes:
      return R"("type":["integer","string"],)" + pattern("[0-9.]+ *[A-Za-z]*");
    case OptionType::kEnum:
      // A plain `off` or `no` is a boolean to many editors.
      return R"("type":["string","boolean"],)" + pattern("(?i:" + choice_list(option, "|") + ")");
    case OptionType::kList:
    case OptionType::kHostPortList:
      return R"("type":["string","array"],"items":{"type":["string","number","boolean"]})";
    case OptionType::kHostPort:
      return option.choices.empty() ? R"("type":"string")" : R"("type":["string","boolean"])";
    case OptionType::kUrl:
      return R"("type":"string",)" + pattern("[A-Za-z0-9+.-]+://[^\\s]+");
    case OptionType::kString:
      return R"("type":["string","number","boolean","null"])";
  }
  return R"("type":"string")";
}

std::string value_schema(const Option& option) {
  std::string schema = '{' + type_schema(option);
  schema += ",\"description\":" + json_string(option.sentence);
  if (!option.default_value.empty()) {
    schema += ",\"default\":" + json_string(option.default_value);
  }
  if (!option.example.empty()) {
    schema += ",\"examples\":[" + json_string(option.example) + ']';
  }
  if (option.no_effect) {
    schema += ",\"deprecated\":true";
  }
  return schema + '}';
}

/// An option, and what is left of its name below some map.
using Below = std::pair<std::string, const Option*>;

std::string regex_of(std::string_view name) {
  std::string regex = "^";
  for (const char c : name) {
    if (c == '*') {
      regex += ".+";
    } else if (c == '.') {
      regex += "\\.";
    } else {
      regex += c;
    }
  }
  return regex + '$';
}

/// The schema of a map that holds these; a name with dots may also be a map of its first part.
std::string map_schema(const std::vector<Below>& all) {
  std::string properties;
  std::string patterns;
  std::map<std::string, std::vector<Below>> groups;
  std::set<std::string> leaves;
  const auto put = [](std::string& to, const std::string& name, const std::string& schema) {
    to += fmt::format("{}{}:{}", to.empty() ? "" : ",", json_string(name), schema);
  };
  for (const auto& [name, option] : all) {
    if (name.find('*') != std::string::npos) {
      put(patterns, regex_of(name), value_schema(*option));
    } else {
      leaves.insert(name);
    }
    if (const std::size_t dot = name.find('.'); dot != std::string::npos) {
      groups[name.substr(0, dot)].emplace_back(name.substr(dot + 1), option);
    }
  }
  for (const auto& [name, option] : all) {
    if (name.find('*') != std::string::npos) {
      continue;
    }
    const auto group = groups.find(name);
    if (group == groups.end()) {
      put(properties, name, value_schema(*option));
    } else {
      put(properties,
          name,
          fmt::format("{{\"anyOf\":[{},{}]}}", value_schema(*option), map_schema(group->second)));
    }
  }
  for (const auto& [name, below] : groups) {
    if (leaves.contains(name)) {
      continue;
    }
    if (name.find('*') != std::string::npos) {
      put(patterns, regex_of(name), map_schema(below));
    } else {
      put(properties, name, map_schema(below));
    }
  }
  return fmt::format(
      R"({{"type":["object","null"],"additionalProperties":false,"properties":{{{}}},)"
      R"("patternProperties":{{{}}}}})",
      properties,
      patterns);
}

}  // namespace

std::string summary(const Option& option) {
  std::string text(option.choices.empty() || option.type != OptionType::kEnum
                       ? std::string(type_name(option.type))
                       : choice_list(option, " | "));
  if (const std::string range = limits(option); !range.empty()) {
    text += ", " + range;
  }
  if (option.required) {
    text += ", required";
  }
  if (!option.default_value.empty()) {
    text += fmt::format(", default {}", option.default_value);
  }
  if (option.secret) {
    text += ", secret";
  }
  return text;
}

std::string render_help(const OptionTable& table, std::size_t width) {
  constexpr std::size_t kMostIndent = 34;
  std::size_t longest = 0;
  for (const Option& option : table.options) {
    longest = std::max(longest, option.name.size());
  }
  const std::size_t indent = std::min(longest + 4, kMostIndent);
  const std::size_t line = std::max(width, indent + 20);
  std::string out;
  for (const Option& option : table.options) {
    std::string head = "  " + std::string(option.name);
    head += head.size() + 2 > indent ? '\n' + std::string(indent, ' ')
                                     : std::string(indent - head.size(), ' ');
    out += head;
    out += wrap(fmt::format("{} ({})", option.sentence, summary(option)), indent, line) + '\n';
    if (!option.also.empty()) {
      out += std::string(indent, ' ') +
             wrap(fmt::format("also: {}", fmt::join(option.also, ", ")), indent, line) + '\n';
    }
    if (!option.example.empty()) {
      out += std::string(indent, ' ') + "example: " + std::string(option.example) + '\n';
    }
  }
  return out;
}

std::string render_markdown(const OptionTable& table) {
  std::string out = "| option | type | default | limits | meaning |\n|---|---|---|---|---|\n";
  for (const Option& option : table.options) {
    const std::string type = option.type == OptionType::kEnum ? choice_list(option, ", ")
                                                              : std::string(type_name(option.type));
    std::string meaning(option.sentence);
    if (!option.also.empty()) {
      meaning += fmt::format(" Also `{}`.", fmt::join(option.also, "`, `"));
    }
    if (!option.example.empty()) {
      meaning += fmt::format(" Example: `{}`.", option.example);
    }
    std::string fallback = option.required ? "required" : "";
    if (!option.default_value.empty()) {
      fallback = fmt::format("`{}`", option.default_value);
    }
    out += fmt::format("| `{}` | {} | {} | {} | {} |\n",
                       option.name,
                       escape_cell(type),
                       escape_cell(fallback),
                       limits(option),
                       escape_cell(meaning));
  }
  return out;
}

std::string render_json_schema(const OptionTable& table, std::string_view id) {
  std::vector<Below> all;
  all.reserve(table.options.size());
  for (const Option& option : table.options) {
    all.emplace_back(option.name, &option);
  }
  const std::string map = map_schema(all);
  return fmt::format(R"({{"$schema":"https://json-schema.org/draft/2020-12/schema","$id":{},)"
                     R"("title":{},{})",
                     json_string(id),
                     json_string(table.subject),
                     std::string_view(map).substr(1)) +
         '\n';
}

}  // namespace millrace::config
