#include "cli/record_reader.h"

#include <array>
#include <tuple>

#include <fmt/format.h>
#include <simdjson.h>

#include "base/bytes.h"
#include "cli/wrong_input.h"

namespace millrace::cli {
namespace {

using Json = simdjson::dom::element;

// Null, a text, or {"base64": "…"}; of anything else nothing.
Result<std::optional<std::string>> bytes_of(const Json& element, std::string_view name) {
  std::string_view text;
  if (element.is_null()) {
    return std::optional<std::string>();
  }
  if (element.get(text) == simdjson::SUCCESS) {
    return std::optional(std::string(text));
  }
  if (element["base64"].get(text) == simdjson::SUCCESS) {
    if (std::optional<std::string> bytes = from_base64(text)) {
      return bytes;
    }
    return wrong_input(fmt::format("\"{}\" has no valid base64", name));
  }
  return wrong_input(fmt::format("\"{}\" is a text, null or {{\"base64\": \"…\"}}", name));
}

Result<std::optional<std::string>> member_bytes(const Json& record, std::string_view name) {
  Json element;
  if (record[name].get(element) != simdjson::SUCCESS) {
    return std::optional<std::string>();
  }
  return bytes_of(element, name);
}

Result<void> read_headers(const Json& record, ReadRecord& into) {
  Json element;
  if (record["headers"].get(element) != simdjson::SUCCESS || element.is_null()) {
    return {};
  }
  simdjson::dom::array list;
  if (element.get(list) != simdjson::SUCCESS) {
    return wrong_input("\"headers\" is a list of {\"key\": …, \"value\": …}");
  }
  for (const Json header : list) {
    std::string_view key;
    if (header["key"].get(key) != simdjson::SUCCESS) {
      return wrong_input("a header needs a \"key\" that is a text");
    }
    std::optional<std::string> value = TRY(member_bytes(header, "value"));
    into.headers.emplace_back(std::string(key), std::move(value));
  }
  return {};
}

Result<std::optional<std::int64_t>> member_number(const Json& record, std::string_view name) {
  Json element;
  if (record[name].get(element) != simdjson::SUCCESS || element.is_null()) {
    return std::optional<std::int64_t>();
  }
  std::int64_t number = 0;
  if (element.get(number) != simdjson::SUCCESS || number < 0) {
    return wrong_input(fmt::format("\"{}\" is a whole number from 0 on", name));
  }
  return std::optional(number);
}

}  // namespace

Result<LineRecordReader> LineRecordReader::make(const Properties& properties) {
  LineRecordReader reader;
  reader.parse_key_ = is_true(properties, "parse.key");
  reader.parse_headers_ = is_true(properties, "parse.headers");
  reader.ignore_error_ = is_true(properties, "ignore.error");
  reader.key_separator_ = property_or(properties, "key.separator", "\t");
  reader.headers_delimiter_ = property_or(properties, "headers.delimiter", "\t");
  reader.headers_separator_ = property_or(properties, "headers.separator", ",");
  reader.headers_key_separator_ = property_or(properties, "headers.key.separator", ":");
  if (const auto marker = properties.find("null.marker"); marker != properties.end()) {
    reader.null_marker_ = marker->second;
  }
  using Pair = std::tuple<std::string_view, std::string_view, bool>;
  const std::array pairs = {
      Pair{"headers.delimiter",
           "headers.separator",
           reader.headers_delimiter_ == reader.headers_separator_},
      Pair{"headers.delimiter",
           "headers.key.separator",
           reader.headers_delimiter_ == reader.headers_key_separator_},
      Pair{"headers.separator",
           "headers.key.separator",
           reader.headers_separator_ == reader.headers_key_separator_},
      Pair{"null.marker", "key.separator", reader.is_null(reader.key_separator_)},
      Pair{"null.marker", "headers.separator", reader.is_null(reader.headers_separator_)},
      Pair{"null.marker", "headers.delimiter", reader.is_null(reader.headers_delimiter_)},
      Pair{"null.marker", "headers.key.separator", reader.is_null(reader.headers_key_separator_)}};
  for (const auto& [left, right, equal] : pairs) {
    if (equal) {
      return wrong_input(fmt::format("{} and {} may not be equal", left, right));
    }
  }
  return reader;
}

bool LineRecordReader::is_null(std::string_view text) const {
  return null_marker_ == text;
}

Result<std::optional<std::string_view>> LineRecordReader::take(bool wanted,
                                                               std::string_view& rest,
                                                               std::string_view separator,
                                                               std::string_view name,
                                                               std::string_view line) const {
  if (!wanted) {
    return std::optional<std::string_view>();
  }
  const std::size_t end = rest.find(separator);
  if (end == std::string_view::npos) {
    if (ignore_error_) {
      return std::optional<std::string_view>();
    }
    return wrong_input(fmt::format("No {} found on line number {}: '{}'", name, line_, line));
  }
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(end + separator.size());
  return std::optional(part);
}

// As Java's split(): empty parts at the end are left out.
Result<void> LineRecordReader::split_headers(std::string_view text, ReadRecord& record) const {
  while (!headers_separator_.empty() && text.ends_with(headers_separator_)) {
    text.remove_suffix(headers_separator_.size());
  }
  bool more = true;
  while (more) {
    const std::size_t end = headers_separator_.empty() ? text.npos : text.find(headers_separator_);
    const std::string_view pair = text.substr(0, end);
    more = end != text.npos;
    text.remove_prefix(more ? end + headers_separator_.size() : text.size());
    const std::size_t colon = pair.find(headers_key_separator_);
    if (colon == pair.npos) {
      if (!ignore_error_) {
        return wrong_input(fmt::format(
            "No header key separator found in pair '{}' on line number {}", pair, line_));
      }
      record.headers.emplace_back(std::string(pair), std::nullopt);
      continue;
    }
    const std::string_view key = pair.substr(0, colon);
    const std::string_view value = pair.substr(colon + headers_key_separator_.size());
    if (is_null(key)) {
      return wrong_input(fmt::format(
          "Header keys should not be equal to the null marker '{}' as they can't be null",
          *null_marker_));
    }
    record.headers.emplace_back(std::string(key),
                                is_null(value) ? std::nullopt : std::optional(std::string(value)));
  }
  return {};
}

Result<ReadRecord> LineRecordReader::read(std::string_view line) {
  ++line_;
  ReadRecord record;
  std::string_view rest = line;
  const std::optional<std::string_view> headers =
      TRY(take(parse_headers_, rest, headers_delimiter_, "headers delimiter", line));
  const std::optional<std::string_view> key =
      TRY(take(parse_key_, rest, key_separator_, "key separator", line));
  if (key && !is_null(*key)) {
    record.key = std::string(*key);
  }
  if (!is_null(rest)) {
    record.value = std::string(rest);
  }
  if (headers && !is_null(*headers)) {
    TRY(split_headers(*headers, record));
  }
  return record;
}

Result<ReadRecord> read_json_record(std::string_view line) {
  simdjson::dom::parser parser;
  Json root;
  const simdjson::padded_string padded(line);
  if (const auto error = parser.parse(padded).get(root); error != simdjson::SUCCESS) {
    return wrong_input(fmt::format("not a line of JSON: {}", simdjson::error_message(error)));
  }
  if (!root.is_object()) {
    return wrong_input("a record is a JSON object with \"key\", \"value\" and \"headers\"");
  }
  ReadRecord record;
  record.key = TRY(member_bytes(root, "key"));
  record.value = TRY(member_bytes(root, "value"));
  const std::optional<std::int64_t> partition = TRY(member_number(root, "partition"));
  record.timestamp_ms = TRY(member_number(root, "timestamp"));
  TRY(read_headers(root, record));
  if (partition) {
    if (*partition > INT32_MAX) {
      return wrong_input("\"partition\" is too large");
    }
    record.partition = static_cast<std::int32_t>(*partition);
  }
  return record;
}

}  // namespace millrace::cli
