// From what a user wrote to checked values: one pass that adds every finding.
#include <algorithm>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/suggest.h"
#include "config/codes.h"
#include "config/detail/text.h"
#include "config/option_table.h"

namespace millrace::config {

namespace detail {

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view item = trim_blanks(text.substr(0, comma));
    if (!item.empty()) {
      items.emplace_back(item);
    }
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return items;
}

std::string join_names(const std::vector<std::string>& names, std::size_t limit) {
  std::string joined;
  for (std::size_t i = 0; i < names.size() && i < limit; ++i) {
    joined += (i == 0 ? "" : ", ") + names[i];
  }
  if (names.size() > limit) {
    joined += fmt::format(" and {} more", names.size() - limit);
  }
  return joined;
}

std::string shorten(std::string_view text) {
  constexpr std::size_t kLimit = 80;
  if (text.size() <= kLimit) {
    return std::string(text);
  }
  std::size_t cut = kLimit;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U) {
    --cut;
  }
  return std::string(text.substr(0, cut)) + "…";
}

namespace {

/// A value as a number that limits can be compared with.
std::optional<double> magnitude(const Option& option, std::string_view text) {
  switch (option.type) {
    case OptionType::kDouble:
      return parse_double(text);
    case OptionType::kInt:
      if (const auto value = parse_int(text)) {
        return static_cast<double>(*value);
      }
      return std::nullopt;
    case OptionType::kDuration:
      if (const auto value = parse_duration_ms(text, option.unit)) {
        return static_cast<double>(*value);
      }
      return std::nullopt;
    case OptionType::kBytes:
      if (const auto value = parse_bytes(text)) {
        return static_cast<double>(*value);
      }
      return std::nullopt;
    case OptionType::kString:
      return static_cast<double>(text.size());
    case OptionType::kList:
      return static_cast<double>(split_list(text).size());
    case OptionType::kBool:
    case OptionType::kEnum:
    case OptionType::kUrl:
    case OptionType::kHostPort:
    case OptionType::kHostPortList:
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<double> limit_of(const Option& option, std::string_view limit) {
  if (option.type == OptionType::kString || option.type == OptionType::kList) {
    return parse_double(limit);
  }
  return magnitude(option, limit);
}

bool is_url(std::string_view text) {
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos || colon == 0 || colon + 3 >= text.size()) {
    return false;
  }
  const bool scheme_ok =
      std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon), [](char c) {
        const char l = ascii_lower(c);
        return (l >= 'a' && l <= 'z') || (l >= '0' && l <= '9') || l == '+' || l == '-' || l == '.';
      });
  const bool bytes_ok = std::all_of(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) > 0x20; });
  return scheme_ok && bytes_ok;
}

std::string choice_names(const Option& option) {
  std::vector<std::string> names(option.choices.begin(), option.choices.end());
  return join_names(names);
}

bool find_choice(const Option& option, std::string_view text, std::string& canonical) {
  for (const std::string_view choice : option.choices) {
    if (equal_ignoring_case(choice, trim_blanks(text))) {
      canonical = choice;
      return true;
    }
  }
  return false;
}

/// The problem with the form of the value, or an empty text; `canonical` becomes the value to keep.
std::string check_form(const Option& option, std::string_view text, std::string& canonical) {
  bool ok = true;
  switch (option.type) {
    case OptionType::kString:
    case OptionType::kList:
      return {};
    case OptionType::kInt:
    case OptionType::kDouble:
    case OptionType::kDuration:
    case OptionType::kBytes:
      ok = magnitude(option, text).has_value();
      break;
    case OptionType::kBool:
      ok = parse_bool(text).has_value();
      break;
    case OptionType::kUrl:
      canonical = trim_blanks(text);
      ok = is_url(canonical);
      break;
    case OptionType::kHostPort:
      if (find_choice(option, text, canonical)) {
        return {};
      }
      ok = parse_host_port(text, option.default_port).has_value();
      break;
    case OptionType::kHostPortList: {
      const std::vector<std::string> items = split_list(text);
      ok = !items.empty() && std::all_of(items.begin(), items.end(), [&](const std::string& item) {
        return parse_host_port(item, option.default_port).has_value();
      });
      break;
    }
    case OptionType::kEnum:
      if (find_choice(option, text, canonical)) {
        return {};
      }
      return fmt::format(
          "expects one of {}{}",
          choice_names(option),
          did_you_mean(text,
                       std::vector<std::string>(option.choices.begin(), option.choices.end())));
  }
  return ok ? std::string{} : fmt::format("expects {}", describe(option.type));
}

std::string_view counted(OptionType type) {
  if (type == OptionType::kString) {
    return " bytes";
  }
  return type == OptionType::kList ? " items" : "";
}

}  // namespace

std::vector<ValueFinding> check_value(const Option& option,
                                      std::string_view text,
                                      std::string& canonical) {
  canonical = text;
  if (std::string problem = check_form(option, text, canonical); !problem.empty()) {
    return {{.form = true, .problem = std::move(problem)}};
  }
  const std::optional<double> value = magnitude(option, text);
  if (!value) {
    return {};
  }
  const std::optional<double> minimum = limit_of(option, option.minimum);
  if (!option.minimum.empty() && minimum && *value < *minimum) {
    return {
        {.form = false,
         .problem = fmt::format("must be at least {}{}", option.minimum, counted(option.type))}};
  }
  const std::optional<double> maximum = limit_of(option, option.maximum);
  if (!option.maximum.empty() && maximum && *value > *maximum) {
    return {{.form = false,
             .problem = fmt::format("must be at most {}{}", option.maximum, counted(option.type))}};
  }
  return {};
}

}  // namespace detail

/// Reads the entries of one table. Owned by one thread.
class OptionParser {
 public:
  OptionParser(const OptionTable& table, Diagnostics& diagnostics)
      : table_(table), diagnostics_(diagnostics), values_(table) {
    for (const Option& option : table.options) {
      names_.emplace_back(option.name);
    }
  }

  void read(const OptionEntry& entry) {
    std::string star;
    const Option* option = table_.find(entry.key, &star);
    if (option == nullptr) {
      add_unknown(entry);
      return;
    }
    seen_.emplace_back(option->name);
    if (is_second(entry, *option, star)) {
      return;
    }
    if (option->no_effect) {
      add(config::kNoEffect,
          entry.where,
          fmt::format("option \"{}\" of {} has no effect here", entry.key, table_.subject),
          std::string(option->sentence),
          Severity::kNote);
    }
    OptionValues::Value value{.option = option, .star = std::move(star)};
    value.where = entry.value_where.line != 0 ? entry.value_where : entry.where;
    value.secret = entry.secret || option->secret;
    const std::vector<detail::ValueFinding> findings =
        detail::check_value(*option, entry.value, value.text);
    for (const detail::ValueFinding& finding : findings) {
      const std::string found =
          value.secret ? "a secret" : '"' + detail::shorten(entry.value) + '"';
      add(finding.form ? config::kWrongValue : config::kOutOfRange,
          value.where,
          fmt::format("option \"{}\" of {} {}, found {}",
                      entry.key,
                      table_.subject,
                      finding.problem,
                      found),
          help_for(*option));
    }
    places_.push_back({.option = option, .star = value.star, .where = entry.where});
    if (findings.empty()) {
      values_.given_.push_back(std::move(value));
    }
  }

  void check_missing(const SourceSpan& whole) {
    for (const Option& option : table_.options) {
      if (option.required && !is_seen(option.name)) {
        add(config::kMissingOption,
            whole,
            fmt::format("option \"{}\" of {} is missing", option.name, table_.subject),
            help_for(option));
      }
    }
    for (const OptionGroup& group : table_.groups) {
      check_group(group, whole);
    }
  }

  OptionValues take() { return std::move(values_); }

 private:
  struct Place {
    const Option* option;
    std::string star;
    SourceSpan where;
  };

  void add(std::string_view code,
           const SourceSpan& where,
           std::string message,
           std::string help,
           Severity severity = Severity::kError) {
    diagnostics_.add({.code = std::string(code),
                      .severity = severity,
                      .where = where,
                      .message = std::move(message),
                      .help = std::move(help)});
  }

  void add_unknown(const OptionEntry& entry) {
    for (const ForeignSpelling& foreign : table_.foreign) {
      if (!equal_ignoring_case(foreign.wrote, entry.key)) {
        continue;
      }
      seen_.emplace_back(foreign.use);  // So that what it stands for is not reported as missing.
      add(config::kForeignSpelling,
          entry.where,
          fmt::format(
              "unknown option \"{}\" of {}; use \"{}\"", entry.key, table_.subject, foreign.use),
          fmt::format("options of {} are {}", table_.subject, detail::join_names(names_)));
      return;
    }
    std::vector<std::string> candidates;
    for (const Option& option : table_.options) {
      candidates.emplace_back(option.name);
      candidates.insert(candidates.end(), option.also.begin(), option.also.end());
    }
    for (std::string& near : suggest(entry.key, candidates)) {
      seen_.push_back(std::move(near));
    }
    add(config::kUnknownOption,
        entry.where,
        fmt::format("unknown option \"{}\" of {}{}",
                    detail::shorten(entry.key),
                    table_.subject,
                    did_you_mean(entry.key, candidates)),
        names_.empty()
            ? fmt::format("{} has no options", table_.subject)
            : fmt::format("options of {} are {}", table_.subject, detail::join_names(names_)));
  }

  bool is_second(const OptionEntry& entry, const Option& option, const std::string& star) {
    for (const Place& place : places_) {
      if (place.option != &option || place.star != star) {
        continue;
      }
      add(config::kOptionTwice,
          entry.where,
          place.where.line == 0
              ? fmt::format("option \"{}\" of {} is given twice", entry.key, table_.subject)
              : fmt::format("option \"{}\" of {} is given twice, first at {}:{}:{}",
                            entry.key,
                            table_.subject,
                            place.where.file,
                            place.where.line,
                            place.where.column),
          "keep one of them");
      return true;
    }
    return false;
  }

  [[nodiscard]] bool is_seen(std::string_view name) const {
    return std::find(seen_.begin(), seen_.end(), name) != seen_.end();
  }

  void check_group(const OptionGroup& group, const SourceSpan& whole) {
    std::vector<const Place*> given;
    bool any_seen = false;
    for (const std::string_view name : group.names) {
      any_seen = any_seen || is_seen(name);
      for (const Place& place : places_) {
        if (place.option->name == name) {
          given.push_back(&place);
          break;
        }
      }
    }
    const std::vector<std::string> names(group.names.begin(), group.names.end());
    if (given.size() > 1) {
      add(config::kOptionConflict,
          given.back()->where,
          fmt::format("options \"{}\" and \"{}\" of {} exclude each other",
                      given.front()->option->name,
                      given.back()->option->name,
                      table_.subject),
          fmt::format("give one of {}", detail::join_names(names)));
    } else if (group.required && given.empty() && !any_seen) {
      add(config::kMissingOption,
          whole,
          fmt::format("{} needs one of the options {}", table_.subject, detail::join_names(names)),
          "");
    }
  }

  static std::string help_for(const Option& option) {
    std::string help(option.sentence);
    if (!option.minimum.empty() && !option.maximum.empty()) {
      help += fmt::format(" From {} to {}.", option.minimum, option.maximum);
    }
    if (!option.default_value.empty()) {
      help += fmt::format(" Default {}.", option.default_value);
    }
    if (!option.example.empty()) {
      help += fmt::format(" Example: '{}' = '{}'", option.name, option.example);
    }
    return help;
  }

  const OptionTable& table_;
  Diagnostics& diagnostics_;
  OptionValues values_;
  std::vector<std::string> names_;
  std::vector<std::string> seen_;  // Given, or meant: no follow-on finding about these.
  std::vector<Place> places_;
};

OptionValues parse_options(const OptionTable& table,
                           std::span<const OptionEntry> entries,
                           Diagnostics& diagnostics,
                           const SourceSpan& whole) {
  OptionParser parser(table, diagnostics);
  for (const OptionEntry& entry : entries) {
    parser.read(entry);
  }
  parser.check_missing(whole);
  return parser.take();
}

}  // namespace millrace::config
