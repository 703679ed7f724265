#include "cli/java_options.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <limits>

#include <fmt/format.h>

#include "base/suggest.h"
#include "cli/text_width.h"

namespace millrace::cli {
namespace {

const JavaOptionRow* find_row(std::span<const JavaOptionRow> rows, std::string_view name) {
  const auto found =
      std::ranges::find_if(rows, [name](const JavaOptionRow& row) { return row.name == name; });
  return found == rows.end() ? nullptr : &*found;
}

bool looks_like_option(std::string_view word) {
  return word.size() > 1 && word.front() == '-';
}

std::string_view type_name(JavaType type) {
  switch (type) {
    case JavaType::kString:
      return "String";
    case JavaType::kInteger:
      return "Integer";
    case JavaType::kLong:
      return "Long";
  }
  return "String";
}

Error unknown(std::span<const JavaOptionRow> rows, std::string_view wrote, std::string_view name) {
  std::vector<std::string> names;
  for (const JavaOptionRow& row : rows) {
    names.push_back(fmt::format("--{}", row.name));
  }
  return Error(ErrorCode::kInvalidArgument,
               fmt::format("{} is not a recognized option{}", name, did_you_mean(wrote, names)));
}

// Takes one flag and its value from `arguments`; `at` stands behind it afterwards.
Result<void> take_option(std::span<const JavaOptionRow> rows,
                         std::span<const std::string> arguments,
                         std::size_t& at,
                         JavaOptions& into) {
  const std::string_view word = arguments[at++];
  const bool two_dashes = word.starts_with("--");
  std::string_view name = word.substr(two_dashes ? 2 : 1);
  std::optional<std::string_view> value;
  if (const std::size_t equals = name.find('='); equals != std::string_view::npos) {
    value = name.substr(equals + 1);
    name = name.substr(0, equals);
  }
  const JavaOptionRow* const row = find_row(rows, name);
  if (row == nullptr) {
    // With one dash joptsimple reads letters, each a flag: it names the first.
    const std::string_view told = two_dashes ? name : name.substr(0, 1);
    return unknown(rows, fmt::format("--{}", name), told);
  }
  switch (row->argument) {
    case JavaArgument::kNone:
      if (value && !value->empty()) {
        return Error(ErrorCode::kInvalidArgument,
                     fmt::format("Option {} does not take a value, found '{}'", name, *value));
      }
      into.add(name, std::nullopt);
      return {};
    case JavaArgument::kRequired:
      if (value && !value->empty()) {
        into.add(name, std::string(*value));
      } else if (at < arguments.size()) {
        into.add(name, arguments[at++]);
      } else {
        return Error(ErrorCode::kInvalidArgument,
                     fmt::format("Option {} requires an argument", name));
      }
      return {};
    case JavaArgument::kOptional:
      if (value && !value->empty()) {
        into.add(name, std::string(*value));
      } else if (at < arguments.size() && !looks_like_option(arguments[at])) {
        into.add(name, arguments[at++]);
      } else {
        into.add(name, std::nullopt);
      }
      return {};
  }
  return {};
}

void append_wrapped(std::string& out,
                    std::string_view text,
                    std::size_t indent,
                    std::size_t columns) {
  std::size_t used = indent;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (used > indent && used + 1 + word.size() > columns) {
      out += '\n';
      out.append(indent, ' ');
      used = indent;
    }
    if (used > indent) {
      out += ' ';
      ++used;
    }
    out += word;
    used += word.size();
  }
  out += '\n';
}

}  // namespace

std::optional<std::int64_t> parse_java_number(std::string_view text, JavaType type) {
  if (text.starts_with('+') && text.size() > 1 && text[1] != '-') {
    text.remove_prefix(1);
  }
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) {
    return std::nullopt;
  }
  if (type == JavaType::kInteger && (number < std::numeric_limits<std::int32_t>::min() ||
                                     number > std::numeric_limits<std::int32_t>::max())) {
    return std::nullopt;
  }
  return number;
}

const JavaOptionRow* JavaOptions::row(std::string_view name) const {
  return find_row(rows_, name);
}

void JavaOptions::add(std::string_view name, std::optional<std::string> value) {
  given_[std::string(name)].push_back(std::move(value));
}

std::vector<std::string> JavaOptions::values(std::string_view name) const {
  std::vector<std::string> values;
  if (const auto found = given_.find(name); found != given_.end()) {
    for (const std::optional<std::string>& value : found->second) {
      if (value) {
        values.push_back(*value);
      }
    }
    return values;
  }
  const JavaOptionRow* const known = row(name);
  if (known != nullptr && !known->fallback.empty()) {
    values.emplace_back(known->fallback);
  }
  return values;
}

std::optional<std::string> JavaOptions::value(std::string_view name) const {
  std::vector<std::string> all = values(name);
  return all.empty() ? std::nullopt : std::optional(std::move(all.back()));
}

std::optional<std::int64_t> JavaOptions::number(std::string_view name) const {
  const std::optional<std::string> text = value(name);
  return text ? parse_java_number(*text, JavaType::kLong) : std::nullopt;
}

Result<void> check_java_values(std::span<const JavaOptionRow> rows,
                               std::span<const std::string_view> repeated,
                               const JavaOptions& options) {
  for (const JavaOptionRow& row : rows) {
    const std::vector<std::string> values = options.values(row.name);
    if (values.size() > 1 && std::ranges::find(repeated, row.name) == repeated.end()) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("Found multiple arguments for option {}, but you asked for only one",
                               row.name));
    }
    for (const std::string& value : values) {
      if (row.type != JavaType::kString && !parse_java_number(value, row.type)) {
        return Error(ErrorCode::kInvalidArgument,
                     fmt::format("Cannot parse argument '{}' of option {}", value, row.name));
      }
    }
  }
  return {};
}

Result<JavaOptions> parse_java_options(std::span<const JavaOptionRow> rows,
                                       std::span<const std::string> arguments) {
  JavaOptions options(rows);
  std::size_t at = 0;
  while (at < arguments.size()) {
    const std::string& word = arguments[at];
    if (word == "--") {
      for (++at; at < arguments.size(); ++at) {
        options.add_word(arguments[at]);
      }
      break;
    }
    if (looks_like_option(word)) {
      TRY(take_option(rows, arguments, at, options));
    } else {
      options.add_word(word);
      ++at;
    }
  }
  return options;
}

std::string java_options_help(std::span<const JavaOptionRow> rows, std::size_t columns) {
  std::vector<const JavaOptionRow*> sorted;
  for (const JavaOptionRow& row : rows) {
    sorted.push_back(&row);
  }
  std::ranges::sort(sorted, {}, [](const JavaOptionRow* row) { return row->name; });
  const auto shown = [](const JavaOptionRow& row) {
    const std::string of = row.described.empty()
                               ? std::string(type_name(row.type))
                               : fmt::format("{}: {}", type_name(row.type), row.described);
    switch (row.argument) {
      case JavaArgument::kNone:
        return fmt::format("--{}", row.name);
      case JavaArgument::kRequired:
        return fmt::format("--{} <{}>", row.name, of);
      case JavaArgument::kOptional:
        return fmt::format("--{} [{}]", row.name, of);
    }
    return std::string();
  };
  constexpr std::size_t kIndent = 40;
  std::string out;
  for (const JavaOptionRow* const row : sorted) {
    std::string left = shown(*row);
    if (left.size() + 1 >= kIndent) {
      out += left + "\n";
      left.clear();
    }
    out += pad_right(left, kIndent);
    append_wrapped(out,
                   row->fallback.empty()
                       ? std::string(row->sentence)
                       : fmt::format("{} (default: {})", row->sentence, row->fallback),
                   kIndent,
                   std::max(columns, kIndent + 30));
  }
  return out;
}

std::map<std::string, std::string> parse_key_values(std::span<const std::string> pairs) {
  std::map<std::string, std::string> values;
  for (const std::string& pair : pairs) {
    const std::size_t equals = pair.find('=');
    values[pair.substr(0, equals)] = equals == std::string::npos ? "" : pair.substr(equals + 1);
  }
  return values;
}

}  // namespace millrace::cli
