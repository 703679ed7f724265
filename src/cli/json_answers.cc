#include "cli/json_answers.h"

#include <utility>

#include <simdjson.h>

#include "base/ascii.h"
#include "base/bytes.h"
#include "base/utf8.h"

namespace millrace::cli {
namespace {

namespace dom = simdjson::dom;

Error not_understood(simdjson::error_code code) {
  return Error(
      ErrorCode::kCorruption,
      std::string("the answer is no JSON of the expected form: ") + simdjson::error_message(code));
}

Cell text_of(const dom::element& element) {
  if (element.is_null()) {
    return std::nullopt;
  }
  std::string_view text;
  if (element.get(text) == simdjson::SUCCESS) {
    return std::string(text);
  }
  return simdjson::minify(element);
}

std::string text_member(const dom::element& object, std::string_view name) {
  std::string_view text;
  return object[name].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

int int_member(const dom::element& object, std::string_view name) {
  std::int64_t number = 0;
  return object[name].get(number) == simdjson::SUCCESS ? static_cast<int>(number) : 0;
}

bool is_number_type(std::string_view type) {
  return type == "tinyint" || type == "smallint" || type == "int" || type == "bigint" ||
         type == "float" || type == "double" || type.starts_with("decimal");
}

// A scalar keeps the digits that were written: 1.0E10 stays 1.0E10.
Result<Cell> cell_of(simdjson::ondemand::value value) {
  simdjson::ondemand::json_type type{};
  if (const auto code = value.type().get(type); code != simdjson::SUCCESS) {
    return not_understood(code);
  }
  if (type == simdjson::ondemand::json_type::string) {
    std::string_view text;
    if (const auto code = value.get_string().get(text); code != simdjson::SUCCESS) {
      return not_understood(code);
    }
    return Cell(text);
  }
  std::string_view raw;
  if (type == simdjson::ondemand::json_type::array) {
    simdjson::ondemand::array list;
    const auto code = value.get_array().get(list);
    if (code != simdjson::SUCCESS || list.raw_json().get(raw) != simdjson::SUCCESS) {
      return not_understood(code);
    }
    return Cell(raw);
  }
  if (type == simdjson::ondemand::json_type::object) {
    simdjson::ondemand::object members;
    const auto code = value.get_object().get(members);
    if (code != simdjson::SUCCESS || members.raw_json().get(raw) != simdjson::SUCCESS) {
      return not_understood(code);
    }
    return Cell(raw);
  }
  raw = value.raw_json_token();
  raw = raw.substr(0, raw.find_last_not_of(" \t\r\n") + 1);
  return raw == "null" ? Cell() : Cell(raw);
}

// JSON has BINARY as base64; people read text, or bytes as Spark shows them: [00 FF].
std::string binary_text(std::string_view base64) {
  const std::optional<std::string> bytes = from_base64(base64);
  if (!bytes || is_valid_utf8(*bytes)) {
    return bytes.value_or(std::string(base64));
  }
  std::string text = "[";
  for (const char c : *bytes) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    text += text.size() == 1 ? "" : " ";
    text += {kDigits[byte >> 4U], kDigits[byte & 15U]};
  }
  return text + "]";
}

Result<void> read_columns(simdjson::ondemand::object& reply, SqlReply& into) {
  simdjson::ondemand::array columns;
  if (const auto code = reply["columns"].get(columns); code != simdjson::SUCCESS) {
    return not_understood(code);
  }
  for (auto item : columns) {
    simdjson::ondemand::object column;
    std::string_view name;
    std::string_view type;
    if (item.get(column) != simdjson::SUCCESS || column["name"].get(name) != simdjson::SUCCESS) {
      return not_understood(simdjson::INCORRECT_TYPE);
    }
    into.table.columns.push_back({.name = std::string(name)});
    if (column["type"].get(type) == simdjson::SUCCESS) {
      into.table.columns.back().right = is_number_type(type);
      into.table.columns.back().binary = type == "binary";
    }
  }
  return {};
}

Result<void> read_rows(simdjson::ondemand::object& reply, SqlReply& into) {
  simdjson::ondemand::array rows;
  if (const auto code = reply["rows"].get(rows); code != simdjson::SUCCESS) {
    return not_understood(code);
  }
  for (auto item : rows) {
    simdjson::ondemand::array cells;
    if (const auto code = item.get(cells); code != simdjson::SUCCESS) {
      return not_understood(code);
    }
    std::vector<Cell> row;
    for (auto cell : cells) {
      simdjson::ondemand::value value;
      if (const auto code = cell.get(value); code != simdjson::SUCCESS) {
        return not_understood(code);
      }
      row.push_back(TRY(cell_of(value)));
      const std::size_t column = row.size() - 1;
      if (row.back() && column < into.table.columns.size() && into.table.columns[column].binary) {
        row.back() = binary_text(*row.back());
      }
    }
    row.resize(into.table.columns.size());
    into.table.rows.push_back(std::move(row));
  }
  return {};
}

std::optional<Diagnostic> read_error(std::string_view json, std::string_view file) {
  dom::parser parser;
  dom::element root;
  dom::element error;
  if (parser.parse(simdjson::padded_string(json)).get(root) != simdjson::SUCCESS ||
      root["error"].get(error) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  const int column = int_member(error, "column");
  const int end = int_member(error, "end_column");
  return Diagnostic{.code = text_member(error, "code"),
                    .error_class = text_member(error, "class"),
                    .sqlstate = text_member(error, "sqlstate"),
                    .where = {.file = std::string(file),
                              .line = int_member(error, "line"),
                              .column = column,
                              .end = end},
                    .message = text_member(error, "message"),
                    .help = text_member(error, "help")};
}

}  // namespace

Result<SqlReply> parse_sql_reply(std::string_view json, std::string_view file) {
  SqlReply reply;
  reply.json = std::string(json);
  if (json.starts_with("{\"error\"")) {
    reply.error = read_error(json, file);
    return reply;
  }
  const simdjson::padded_string padded(json);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  if (const auto code = parser.iterate(padded).get(document); code != simdjson::SUCCESS) {
    return not_understood(code);
  }
  if (const auto code = document.get(object); code != simdjson::SUCCESS) {
    return not_understood(code);
  }
  TRY(read_columns(object, reply));
  TRY(read_rows(object, reply));
  bool truncated = false;
  reply.truncated = object["truncated"].get(truncated) == simdjson::SUCCESS && truncated;
  return reply;
}

Result<std::vector<SqlReply>> parse_sql_replies(std::string_view body, std::string_view file) {
  const simdjson::padded_string padded(body);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  simdjson::ondemand::array results;
  if (const auto code = parser.iterate(padded).get(document); code != simdjson::SUCCESS) {
    return not_understood(code);
  }
  if (const auto code = document["results"].get(results); code != simdjson::SUCCESS) {
    return not_understood(code);
  }
  std::vector<SqlReply> replies;
  for (auto item : results) {
    simdjson::ondemand::object object;
    std::string_view raw;
    if (const auto code = item.get(object); code != simdjson::SUCCESS) {
      return not_understood(code);
    }
    if (const auto code = object.raw_json().get(raw); code != simdjson::SUCCESS) {
      return not_understood(code);
    }
    replies.push_back(TRY(parse_sql_reply(raw, file)));
  }
  return replies;
}

Result<TextTable> table_of_array(std::string_view body,
                                 std::string_view name,
                                 std::span<const std::string_view> columns) {
  dom::parser parser;
  dom::element root;
  if (const auto code = parser.parse(simdjson::padded_string(body)).get(root);
      code != simdjson::SUCCESS) {
    return not_understood(code);
  }
  dom::array items;
  const auto found = name.empty() ? root.get(items) : root[name].get(items);
  if (found != simdjson::SUCCESS) {
    return not_understood(found);
  }
  TextTable table;
  for (const std::string_view column : columns) {
    table.columns.push_back({.name = ascii_upper(column)});
  }
  for (const dom::element item : items) {
    std::vector<Cell> row;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      dom::element member;
      const bool there = item[columns[i]].get(member) == simdjson::SUCCESS;
      row.push_back(there ? text_of(member) : Cell());
      table.columns[i].right = table.columns[i].right || (there && member.is_number());
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

Result<std::vector<std::string>> elements_of(std::string_view body, std::string_view name) {
  dom::parser parser;
  dom::array items;
  dom::element root;
  if (const auto code = parser.parse(simdjson::padded_string(body)).get(root);
      code != simdjson::SUCCESS) {
    return not_understood(code);
  }
  if (const auto code = root[name].get(items); code != simdjson::SUCCESS) {
    return not_understood(code);
  }
  std::vector<std::string> texts;
  for (const dom::element item : items) {
    texts.push_back(simdjson::minify(item));
  }
  return texts;
}

std::optional<std::string> member_of(std::string_view body, std::string_view name) {
  dom::parser parser;
  dom::element root;
  dom::element member;
  if (parser.parse(simdjson::padded_string(body)).get(root) != simdjson::SUCCESS ||
      root[name].get(member) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  return text_of(member);
}

std::string error_of(std::string_view body) {
  return member_of(body, "error").value_or(std::string(body));
}

}  // namespace millrace::cli
