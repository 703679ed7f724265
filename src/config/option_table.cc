#include "config/option_table.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/assert.h"
#include "config/detail/text.h"

namespace millrace::config {

namespace {

/// Whether `name` is `pattern` with its `*` replaced by one or more characters, which go to `star`.
bool matches(std::string_view pattern, std::string_view name, std::string* star) {
  const std::size_t at = pattern.find('*');
  if (at == std::string_view::npos) {
    return equal_ignoring_case(pattern, name);
  }
  const std::string_view before = pattern.substr(0, at);
  const std::string_view after = pattern.substr(at + 1);
  if (name.size() <= before.size() + after.size() ||
      !equal_ignoring_case(before, name.substr(0, before.size())) ||
      !equal_ignoring_case(after, name.substr(name.size() - after.size()))) {
    return false;
  }
  if (star != nullptr) {
    *star = name.substr(before.size(), name.size() - before.size() - after.size());
  }
  return true;
}

bool is_pattern(const Option& option) {
  return option.name.find('*') != std::string_view::npos;
}

void check_row(const OptionTable& table, const Option& option, std::vector<std::string>& wrong) {
  const std::string what = fmt::format("{}: {}", table.subject, option.name);
  if (option.name.empty()) {
    wrong.push_back(fmt::format("{}: a row without name", table.subject));
  }
  if (option.sentence.empty() || !option.sentence.ends_with('.')) {
    wrong.push_back(what + ": the sentence is missing or has no full stop");
  }
  if (option.required && !option.default_value.empty()) {
    wrong.push_back(what + ": required and with a default");
  }
  if (option.type != OptionType::kHostPort &&
      (option.type == OptionType::kEnum) == option.choices.empty()) {
    wrong.push_back(what + ": choices belong to an enumeration");
  }
  std::string canonical;
  for (const std::string_view value : {option.default_value, option.example}) {
    if (!value.empty() && !detail::check_value(option, value, canonical).empty()) {
      wrong.push_back(fmt::format("{}: default or example \"{}\" is refused", what, value));
    }
  }
  Option limit = option;
  limit.minimum = limit.maximum = {};
  if (limit.type == OptionType::kString || limit.type == OptionType::kList) {
    limit.type = OptionType::kInt;
  }
  for (const std::string_view value : {option.minimum, option.maximum}) {
    if (!value.empty() && !detail::check_value(limit, value, canonical).empty()) {
      wrong.push_back(fmt::format("{}: the limit \"{}\" cannot be read", what, value));
    }
  }
}

}  // namespace

const Option* OptionTable::find(std::string_view name, std::string* matched) const {
  for (const Option& option : options) {
    if (is_pattern(option)) {
      continue;
    }
    if (equal_ignoring_case(option.name, name)) {
      return &option;
    }
    for (const std::string_view other : option.also) {
      if (equal_ignoring_case(other, name)) {
        return &option;
      }
    }
  }
  for (const Option& option : options) {
    if (is_pattern(option) && matches(option.name, name, matched)) {
      return &option;
    }
  }
  return nullptr;
}

std::vector<std::string> check_table(const OptionTable& table) {
  std::vector<std::string> wrong;
  std::set<std::string> names;
  for (const Option& option : table.options) {
    check_row(table, option, wrong);
    std::vector<std::string_view> all = option.also;
    all.push_back(option.name);
    for (const std::string_view name : all) {
      if (!names.insert(ascii_lower(name)).second) {
        wrong.push_back(fmt::format("{}: two rows are called {}", table.subject, name));
      }
    }
  }
  for (const ForeignSpelling& foreign : table.foreign) {
    if (table.find(foreign.wrote) != nullptr) {
      wrong.push_back(
          fmt::format("{}: {} is both an option and foreign", table.subject, foreign.wrote));
    }
  }
  for (const OptionGroup& group : table.groups) {
    for (const std::string_view name : group.names) {
      if (table.find(name) == nullptr) {
        wrong.push_back(fmt::format("{}: a group names {}, no option", table.subject, name));
      }
    }
  }
  return wrong;
}

const Option& OptionValues::row(std::string_view name, std::span<const OptionType> types) const {
  for (const Option& option : table_->options) {
    if (option.name != name) {
      continue;
    }
    MR_ASSERT(types.empty() || std::find(types.begin(), types.end(), option.type) != types.end(),
              "option {} of {} is read as another type than its row has",
              name,
              table_->subject);
    return option;
  }
  MR_ASSERT(false, "{} has no option {}", table_->subject, name);
  return table_->options.front();
}

const OptionValues::Value* OptionValues::find_given(const Option& option) const {
  for (const Value& value : given_) {
    if (value.option == &option) {
      return &value;
    }
  }
  return nullptr;
}

std::string_view OptionValues::text_of(const Option& option) const {
  const Value* value = find_given(option);
  return value != nullptr ? std::string_view(value->text) : option.default_value;
}

bool OptionValues::given(std::string_view name) const {
  return find_given(row(name, {})) != nullptr;
}

bool OptionValues::has(std::string_view name) const {
  const Option& option = row(name, {});
  return find_given(option) != nullptr || !option.default_value.empty();
}

std::string OptionValues::text(std::string_view name) const {
  return std::string(text_of(row(name, {})));
}

std::int64_t OptionValues::integer(std::string_view name) const {
  static constexpr OptionType kTypes[] = {OptionType::kInt};
  return parse_int(text_of(row(name, kTypes))).value_or(0);
}

double OptionValues::number(std::string_view name) const {
  static constexpr OptionType kTypes[] = {OptionType::kDouble, OptionType::kInt};
  return parse_double(text_of(row(name, kTypes))).value_or(0);
}

bool OptionValues::flag(std::string_view name) const {
  static constexpr OptionType kTypes[] = {OptionType::kBool};
  return parse_bool(text_of(row(name, kTypes))).value_or(false);
}

std::int64_t OptionValues::duration_ms(std::string_view name) const {
  static constexpr OptionType kTypes[] = {OptionType::kDuration};
  const Option& option = row(name, kTypes);
  return parse_duration_ms(text_of(option), option.unit).value_or(0);
}

std::int64_t OptionValues::bytes(std::string_view name) const {
  static constexpr OptionType kTypes[] = {OptionType::kBytes};
  return parse_bytes(text_of(row(name, kTypes))).value_or(0);
}

std::size_t OptionValues::choice(std::string_view name) const {
  static constexpr OptionType kTypes[] = {OptionType::kEnum};
  const Option& option = row(name, kTypes);
  const auto found = std::find(option.choices.begin(), option.choices.end(), text_of(option));
  return found == option.choices.end()
             ? 0
             : static_cast<std::size_t>(std::distance(option.choices.begin(), found));
}

HostPort OptionValues::host_port(std::string_view name) const {
  static constexpr OptionType kTypes[] = {OptionType::kHostPort};
  const Option& option = row(name, kTypes);
  const std::string_view value = text_of(option);
  if (std::find(option.choices.begin(), option.choices.end(), value) != option.choices.end()) {
    return {};
  }
  return parse_host_port(value, option.default_port).value_or(HostPort{});
}

std::vector<HostPort> OptionValues::host_ports(std::string_view name) const {
  static constexpr OptionType kTypes[] = {OptionType::kHostPortList, OptionType::kHostPort};
  const Option& option = row(name, kTypes);
  std::vector<HostPort> addresses;
  for (const std::string& item : detail::split_list(text_of(option))) {
    if (std::optional<HostPort> address = parse_host_port(item, option.default_port)) {
      addresses.push_back(std::move(*address));
    }
  }
  return addresses;
}

std::vector<std::string> OptionValues::list(std::string_view name) const {
  static constexpr OptionType kTypes[] = {OptionType::kList};
  return detail::split_list(text_of(row(name, kTypes)));
}

std::vector<OptionValues::Match> OptionValues::matching(std::string_view name) const {
  const Option& option = row(name, {});
  std::vector<Match> matched;
  for (const Value& value : given_) {
    if (value.option == &option) {
      matched.push_back({.star = value.star, .value = value.text, .where = value.where});
    }
  }
  return matched;
}

SourceSpan OptionValues::where(std::string_view name) const {
  const Value* value = find_given(row(name, {}));
  return value != nullptr ? value->where : SourceSpan{};
}

std::vector<std::pair<std::string, std::string>> OptionValues::shown() const {
  std::vector<std::pair<std::string, std::string>> all;
  for (const Value& value : given_) {
    std::string name(value.option->name);
    if (const std::size_t star = name.find('*'); star != std::string::npos) {
      name.replace(star, 1, value.star);
    }
    all.emplace_back(std::move(name),
                     value.secret || value.option->secret ? std::string("******") : value.text);
  }
  return all;
}

}  // namespace millrace::config
