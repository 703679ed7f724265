// The server's answers (JSON text), taken apart for people.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "cli/text_table.h"

namespace millrace::cli {

/// The answer to one statement.
struct SqlReply {
  std::string json = {};  ///< As it came: one object.
  TextTable table = {};
  bool truncated = false;
  /// The error; then there is no table.
  std::optional<Diagnostic> error = {};
};

/// {"results":[…]} of /sql. kCorruption when it is something else.
Result<std::vector<SqlReply>> parse_sql_replies(std::string_view body, std::string_view file);
/// One object of it.
Result<SqlReply> parse_sql_reply(std::string_view json, std::string_view file);

/// The members `columns` of each object of the array `name` ("" = the whole text is the array) as a
/// table: texts as they are, lists and objects as JSON, what is missing as nothing.
Result<TextTable> table_of_array(std::string_view body,
                                 std::string_view name,
                                 std::span<const std::string_view> columns);

/// Each element of the array `name`, as JSON text.
Result<std::vector<std::string>> elements_of(std::string_view body, std::string_view name);

/// A member as text; nothing when it is missing or null.
std::optional<std::string> member_of(std::string_view body, std::string_view name);

/// The sentence of {"error":"…"}, else the text itself.
std::string error_of(std::string_view body);

}  // namespace millrace::cli
