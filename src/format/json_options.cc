#include "format/json_options.h"

#include <algorithm>
#include <string_view>

#include <fmt/core.h>

#include "data/number_text.h"

namespace millrace::format {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return result;
}

Error bad_option(std::string_view name, std::string_view value, std::string_view expected) {
  return {ErrorCode::kInvalidArgument,
          fmt::format("option {} must be {}: '{}'", name, expected, value)};
}

Result<void> read_flag(std::string_view name, std::string_view value, bool& flag) {
  const std::string word = lower(value);
  if (word != "true" && word != "false") {
    return bad_option(name, value, "true or false");
  }
  flag = word == "true";
  return {};
}

}  // namespace

Result<JsonOptions> JsonOptions::from_text(const TextOptions& options, const data::Zone& session) {
  JsonOptions result;
  result.zone = session;
  const std::map<std::string, bool*, std::less<>> flags{
      {"allowsinglequotes", &result.allow_single_quotes},
      {"allownonnumericnumbers", &result.allow_non_numeric_numbers},
      {"allowcomments", &result.allow_comments},
      {"allowunquotedfieldnames", &result.allow_unquoted_field_names},
      {"allownumericleadingzeros", &result.allow_numeric_leading_zeros},
      {"allowbackslashescapinganycharacter", &result.allow_backslash_escaping_any_character},
      {"allowunquotedcontrolchars", &result.allow_unquoted_control_chars},
      {"prefersdecimal", &result.prefers_decimal},
      {"primitivesasstring", &result.primitives_as_string},
  };
  const std::map<std::string, std::string*, std::less<>> texts{
      {"columnnameofcorruptrecord", &result.corrupt_column},
      {"timestampformat", &result.timestamp_format},
      {"timestampntzformat", &result.timestamp_ntz_format},
      {"dateformat", &result.date_format},
  };
  for (const auto& [name, value] : options) {
    const std::string key = lower(name);
    if (const auto flag = flags.find(key); flag != flags.end()) {
      TRY(read_flag(name, value, *flag->second));
    } else if (const auto text = texts.find(key); text != texts.end()) {
      *text->second = value;
    } else if (key == "mode") {
      const std::string mode = lower(value);
      if (mode != "permissive" && mode != "failfast") {
        return bad_option(name, value, "PERMISSIVE or FAILFAST");
      }
      result.mode = mode == "failfast" ? ParseMode::kFailFast : ParseMode::kPermissive;
    } else if (key == "timezone") {
      const std::optional<data::Zone> zone = data::Zone::find(value);
      if (!zone) {
        return bad_option(name, value, "a time zone");
      }
      result.zone = *zone;
    } else if (key == "locale" && lower(value) != "en-us" && lower(value) != "en") {
      return bad_option(name, value, "en-US, the only locale");
    }
  }
  return result;
}

}  // namespace millrace::format
