#include "format/json_options.h"

#include <string_view>

#include <fmt/core.h>

#include "base/ascii.h"

namespace millrace::format {
namespace {

Error bad_option(std::string_view name, std::string_view value, std::string_view expected) {
  return {ErrorCode::kInvalidArgument,
          fmt::format("option {} must be {}: '{}'", name, expected, value)};
}

Result<void> read_flag(std::string_view name, std::string_view value, bool& flag) {
  const std::string word = ascii_lower(value);
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
    const std::string key = ascii_lower(name);
    if (const auto flag = flags.find(key); flag != flags.end()) {
      TRY(read_flag(name, value, *flag->second));
    } else if (const auto text = texts.find(key); text != texts.end()) {
      *text->second = value;
    } else if (key == "mode") {
      const std::string mode = ascii_lower(value);
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
    } else if (key == "locale" && ascii_lower(value) != "en-us" && ascii_lower(value) != "en") {
      return bad_option(name, value, "en-US, the only locale");
    }
  }
  return result;
}

}  // namespace millrace::format
