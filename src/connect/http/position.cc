#include "connect/http/detail/position.h"

#include <simdjson.h>

#include "base/json_text.h"

namespace millrace::connect::http::detail {
namespace {

void append_text(std::string& json, std::string_view name, const std::string& value) {
  if (!value.empty()) {
    json.append(",\"").append(name).append("\":");
    append_json_string(json, value);
  }
}

std::string text_or_empty(const simdjson::dom::object& object, std::string_view name) {
  std::string_view text;
  return object[name].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

}  // namespace

std::string format_position(const Position& position) {
  std::string json = "{\"rounds\":" + std::to_string(position.rounds);
  if (position.page) {
    json += ",\"page\":" + std::to_string(*position.page);
  }
  if (position.part > 0) {
    json += ",\"part\":" + std::to_string(position.part);
  }
  append_text(json, "next", position.next);
  append_text(json, "etag", position.etag);
  append_text(json, "modified", position.last_modified);
  return json + "}";
}

std::optional<Position> parse_position(std::string_view cursor) {
  Position position;
  if (cursor.empty()) {
    return position;
  }
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(cursor.data(), cursor.size()).get(object) != simdjson::SUCCESS ||
      object["rounds"].get(position.rounds) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  std::uint64_t page = 0;
  if (object["page"].get(page) == simdjson::SUCCESS) {
    position.page = page;
  }
  position.part = object["part"].get(position.part) == simdjson::SUCCESS ? position.part : 0;
  position.next = text_or_empty(object, "next");
  position.etag = text_or_empty(object, "etag");
  position.last_modified = text_or_empty(object, "modified");
  return position;
}

}  // namespace millrace::connect::http::detail
