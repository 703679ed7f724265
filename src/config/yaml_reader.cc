#include "config/yaml_reader.h"

#include <algorithm>
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

namespace millrace::config {

namespace {

std::string found_text(const YamlNode& value) {
  if (value.secret) {
    return "a secret";
  }
  return value.is_scalar() ? '"' + detail::shorten(value.text) + '"'
                           : std::string(to_string(value.kind));
}

void flatten(const YamlNode& map,
             const std::string& prefix,
             std::vector<OptionEntry>& entries,
             Diagnostics& diagnostics) {
  for (const YamlEntry& entry : map.entries) {
    const std::string name = prefix + entry.key.text;
    const YamlNode& value = entry.value;
    if (value.is_map()) {
      flatten(value, name + '.', entries, diagnostics);
      continue;
    }
    OptionEntry option{.key = name,
                       .value = value.text,
                       .where = entry.key.where(),
                       .value_where = value.where(),
                       .secret = value.secret};
    for (const YamlNode& item : value.items) {
      if (!item.is_scalar() || item.text.find(',') != std::string::npos) {
        diagnostics.add(
            {.code = std::string(kYamlWrongKind),
             .where = item.where(),
             .message = fmt::format(
                 "\"{}\" takes a list of texts without commas, found {}", name, found_text(item))});
        continue;
      }
      option.value += (option.value.empty() ? "" : ",") + item.text;
      option.secret = option.secret || item.secret;
    }
    if (!value.is_null()) {
      entries.push_back(std::move(option));
    }
  }
}

}  // namespace

YamlReader::YamlReader(const YamlNode& node, std::string subject, Diagnostics& diagnostics)
    : node_(node), subject_(std::move(subject)), diagnostics_(diagnostics) {
  if (!node.is_map() && !node.is_null()) {
    diagnostics_.add(
        {.code = std::string(kYamlWrongKind),
         .where = node.where(),
         .message = fmt::format("{} must be a map, found {}", subject_, found_text(node)),
         .help = "write `key: value` lines"});
  }
}

const YamlNode* YamlReader::ask(std::string_view key) {
  asked_.emplace_back(key);
  const YamlNode* value = node_.find(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

void YamlReader::refuse(const YamlNode& value, std::string_view key, std::string_view problem) {
  diagnostics_.add(
      {.code = std::string(kWrongValue),
       .where = value.where(),
       .message = fmt::format(
           "key \"{}\" of {} {}, found {}", key, subject_, problem, found_text(value))});
}

const YamlNode* YamlReader::any(std::string_view key) {
  return ask(key);
}

const YamlNode* YamlReader::map(std::string_view key) {
  const YamlNode* value = ask(key);
  if (value != nullptr && !value->is_map()) {
    refuse(*value, key, "must be a map");
    return nullptr;
  }
  return value;
}

const YamlNode* YamlReader::list(std::string_view key) {
  const YamlNode* value = ask(key);
  if (value != nullptr && !value->is_list()) {
    refuse(*value, key, "must be a list");
    return nullptr;
  }
  return value;
}

const YamlNode* YamlReader::scalar(std::string_view key, std::string_view expects) {
  const YamlNode* value = ask(key);
  if (value != nullptr && !value->is_scalar()) {
    refuse(*value, key, fmt::format("expects {}", expects));
    return nullptr;
  }
  return value;
}

std::optional<std::string> YamlReader::text(std::string_view key) {
  const YamlNode* value = scalar(key, "a text");
  return value == nullptr ? std::nullopt : std::optional<std::string>(value->text);
}

std::optional<std::int64_t> YamlReader::integer(std::string_view key,
                                                std::int64_t minimum,
                                                std::int64_t maximum) {
  const YamlNode* value = scalar(key, "a whole number");
  if (value == nullptr) {
    return std::nullopt;
  }
  const std::optional<std::int64_t> number = parse_int(value->text);
  if (!number) {
    refuse(*value, key, "expects a whole number");
    return std::nullopt;
  }
  if (*number < minimum || *number > maximum) {
    refuse(*value,
           key,
           *number < minimum ? fmt::format("must be at least {}", minimum)
                             : fmt::format("must be at most {}", maximum));
    return std::nullopt;
  }
  return number;
}

std::optional<double> YamlReader::number(std::string_view key) {
  const YamlNode* value = scalar(key, "a number");
  if (value == nullptr) {
    return std::nullopt;
  }
  const std::optional<double> number = parse_double(value->text);
  if (!number) {
    refuse(*value, key, "expects a number");
  }
  return number;
}

std::optional<bool> YamlReader::flag(std::string_view key) {
  const YamlNode* value = scalar(key, "true or false");
  if (value == nullptr) {
    return std::nullopt;
  }
  const std::string word = ascii_lower(value->text);
  if (word == "true" || word == "yes" || word == "on") {
    return true;
  }
  if (word == "false" || word == "no" || word == "off") {
    return false;
  }
  refuse(*value, key, "expects true or false");
  return std::nullopt;
}

std::optional<std::int64_t> YamlReader::duration_ms(std::string_view key) {
  const YamlNode* value = scalar(key, describe(OptionType::kDuration));
  if (value == nullptr) {
    return std::nullopt;
  }
  const std::optional<std::int64_t> ms = parse_duration_ms(value->text);
  if (!ms) {
    refuse(*value, key, fmt::format("expects {}", describe(OptionType::kDuration)));
  }
  return ms;
}

std::vector<std::string> YamlReader::texts(std::string_view key) {
  std::vector<std::string> all;
  const YamlNode* value = ask(key);
  if (value == nullptr) {
    return all;
  }
  if (value->is_scalar()) {
    all.push_back(value->text);
  } else if (!value->is_list()) {
    refuse(*value, key, "must be a list of texts");
  }
  for (const YamlNode& item : value->items) {
    if (item.is_scalar()) {
      all.push_back(item.text);
    } else {
      refuse(item, key, "must be a list of texts");
    }
  }
  return all;
}

const YamlNode* YamlReader::required(std::string_view key) {
  const YamlNode* value = ask(key);
  if (value == nullptr && (node_.is_map() || node_.is_null())) {
    missing_.emplace_back(key);
  }
  return value;
}

std::string YamlReader::required_text(std::string_view key) {
  if (required(key) == nullptr) {
    return {};
  }
  return text(key).value_or("");
}

void YamlReader::foreign(std::string_view wrote, std::string_view use) {
  const YamlEntry* entry = node_.entry(wrote);
  if (entry == nullptr) {
    return;
  }
  asked_.emplace_back(wrote);
  meant_.emplace_back(use);
  diagnostics_.add(
      {.code = std::string(kForeignSpelling),
       .where = entry->key.where(),
       .message = fmt::format("unknown key \"{}\" in {}; use \"{}\"", wrote, subject_, use)});
}

void YamlReader::ignore(std::string_view key) {
  asked_.emplace_back(key);
}

void YamlReader::finish() {
  std::vector<std::string> known;
  for (const std::string& key : asked_) {
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      known.push_back(key);
    }
  }
  for (const YamlEntry& entry : node_.entries) {
    const std::string& key = entry.key.text;
    if (std::find(known.begin(), known.end(), key) != known.end()) {
      continue;
    }
    for (const std::string& near : suggest(key, known)) {
      meant_.push_back(near);  // Misspelt: one finding is enough.
    }
    diagnostics_.add(
        {.code = std::string(kUnknownOption),
         .where = entry.key.where(),
         .message = fmt::format("unknown key \"{}\" in {}{}",
                                detail::shorten(key),
                                subject_,
                                did_you_mean(key, known)),
         .help = fmt::format("keys of {} are {}", subject_, detail::join_names(known))});
  }
  for (const std::string& key : missing_) {
    if (std::find(meant_.begin(), meant_.end(), key) != meant_.end()) {
      continue;
    }
    diagnostics_.add({.code = std::string(kYamlMissingKey),
                      .where = node_.where(),
                      .message = fmt::format("key \"{}\" of {} is missing", key, subject_)});
  }
  missing_.clear();
}

std::vector<OptionEntry> option_entries(const YamlNode& map, Diagnostics& diagnostics) {
  std::vector<OptionEntry> entries;
  flatten(map, "", entries, diagnostics);
  return entries;
}

}  // namespace millrace::config
