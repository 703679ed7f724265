// What an option table says, for people and for editors: help on a terminal, a table for the
// documentation, JSON Schema.
#pragma once

#include <string>
#include <string_view>

#include "config/option_table.h"

namespace millrace::config {

/// Two columns, name and what there is to know of it, wrapped at `width` columns.
std::string render_help(const OptionTable& table, std::size_t width = 100);

/// A Markdown table: option, type, default, limits, meaning.
std::string render_markdown(const OptionTable& table);

/// JSON Schema (draft 2020-12) of a map with these options, whether their names are written with
/// dots or as maps in maps. `id` is its $id. Every document that the parser accepts is accepted,
/// but for names in another case and names of `also`.
std::string render_json_schema(const OptionTable& table, std::string_view id);

/// "duration, at least 100 ms, default 10 s": one row's type, limits and default.
std::string summary(const Option& option);

}  // namespace millrace::config
