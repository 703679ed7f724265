#include "connector/json_slices.h"

#include <algorithm>

#include <fmt/format.h>
#include <simdjson.h>

#include "base/ascii.h"

namespace millrace::connector {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr int kDepthMax = 1'000;  // Below simdjson's own limit, which a debug build asserts.

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && is_ascii_digit(text[at])) {
    ++at;
  }
  return at;
}

// RFC 8259 §6, of any length.
bool is_number(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const std::size_t whole = skip_digits(text, at);
  if (whole == at || (text[at] == '0' && whole > at + 1)) {
    return false;
  }
  at = whole;
  if (at < text.size() && text[at] == '.') {
    const std::size_t fraction = skip_digits(text, at + 1);
    if (fraction == at + 1) {
      return false;
    }
    at = fraction;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    const bool sign = at + 1 < text.size() && (text[at + 1] == '+' || text[at + 1] == '-');
    const std::size_t digits = at + (sign ? 2 : 1);
    at = skip_digits(text, digits);
    if (at == digits) {
      return false;
    }
  }
  return at == text.size();
}

simdjson::error_code check_scalar(std::string_view token) {
  token = trim_blanks(token);
  if (token.starts_with('"')) {
    // A closed string is all that the structure needs.
    return token.size() > 1 && token.ends_with('"') ? simdjson::SUCCESS : simdjson::TAPE_ERROR;
  }
  const bool good = token == "true" || token == "false" || token == "null" || is_number(token);
  return good ? simdjson::SUCCESS : simdjson::TAPE_ERROR;
}

// Walks everything once.
// NOLINTNEXTLINE(misc-no-recursion): kDepthMax bounds it.
simdjson::error_code check_value(ondemand::value value, int depth) {
  if (depth > kDepthMax) {
    return simdjson::DEPTH_ERROR;
  }
  ondemand::json_type type{};
  if (const auto code = value.type().get(type)) {
    return code;
  }
  if (type == ondemand::json_type::array) {
    ondemand::array array;
    if (const auto code = value.get_array().get(array)) {
      return code;
    }
    for (auto element : array) {
      ondemand::value child;
      if (const auto code = element.get(child)) {
        return code;
      }
      if (const auto code = check_value(child, depth + 1)) {
        return code;
      }
    }
    return simdjson::SUCCESS;
  }
  if (type != ondemand::json_type::object) {
    return check_scalar(value.raw_json_token());
  }
  ondemand::object object;
  if (const auto code = value.get_object().get(object)) {
    return code;
  }
  for (auto field : object) {
    ondemand::value child;
    if (const auto code = field.value().get(child)) {
      return code;
    }
    if (const auto code = check_value(child, depth + 1)) {
      return code;
    }
  }
  return simdjson::SUCCESS;
}

simdjson::error_code check_document(ondemand::document& document, std::string_view body) {
  bool scalar = false;
  if (const auto code = document.is_scalar().get(scalar)) {
    return code;
  }
  if (scalar) {
    std::string_view token;
    if (const auto code = document.raw_json_token().get(token)) {
      return code;
    }
    const bool whole = trim_blanks(token) == trim_blanks(body);
    return whole ? check_scalar(token) : simdjson::TRAILING_CONTENT;
  }
  ondemand::value root;
  if (const auto code = document.get_value().get(root)) {
    return code;
  }
  if (const auto code = check_value(root, 1)) {
    return code;
  }
  const bool at_end = document.current_location().error() == simdjson::OUT_OF_BOUNDS;
  return at_end ? simdjson::SUCCESS : simdjson::TRAILING_CONTENT;
}

simdjson::error_code raw_text(ondemand::value value, std::string_view& text) {
  const auto code = simdjson::to_json_string(value).get(text);
  text = trim_blanks(text);
  return code;
}

simdjson::error_code text_of(ondemand::value value, std::optional<std::string>& text) {
  ondemand::json_type type{};
  if (const auto code = value.type().get(type)) {
    return code;
  }
  if (type == ondemand::json_type::null) {
    text.reset();
    return simdjson::SUCCESS;
  }
  std::string_view view;
  const auto code =
      type == ondemand::json_type::string ? value.get_string().get(view) : raw_text(value, view);
  if (code == simdjson::SUCCESS) {
    text = std::string(view);
  }
  return code;
}

JsonSlices failed(SliceProblem problem, std::string reason) {
  JsonSlices slices;
  slices.problem = problem;
  slices.reason = std::move(reason);
  return slices;
}

}  // namespace

struct JsonSlicer::Rep {
  ondemand::parser whole;
  ondemand::parser part;

  simdjson::error_code cut_list(ondemand::value list, JsonSlices& slices) const {
    ondemand::array array;
    if (const auto code = list.get_array().get(array)) {
      return code;
    }
    for (auto element : array) {
      ondemand::value record;
      if (const auto code = element.get(record)) {
        return code;
      }
      std::string_view text;
      if (const auto code = raw_text(record, text)) {
        return code;
      }
      slices.records.push_back(text);
    }
    return simdjson::SUCCESS;
  }

  // The value at a pointer of a text that has room behind its end.
  std::optional<std::string> find_text(std::string_view json,
                                       std::size_t room,
                                       const std::string& pointer) {
    ondemand::document document;
    ondemand::value value;
    std::optional<std::string> text;
    const simdjson::padded_string_view padded(json.data(), json.size(), json.size() + room);
    if (part.iterate(padded).get(document) != simdjson::SUCCESS ||
        document.at_pointer(pointer).get(value) != simdjson::SUCCESS ||
        text_of(value, text) != simdjson::SUCCESS) {
      return std::nullopt;
    }
    return text;
  }
};

JsonSlicer::JsonSlicer() : rep_(std::make_unique<Rep>()) {}

JsonSlicer::~JsonSlicer() = default;

JsonSlices JsonSlicer::cut(std::string& body, const SliceRequest& request) {
  body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  const simdjson::padded_string_view padded(body.data(), body.size(), body.capacity());
  const auto not_json = [](simdjson::error_code code) {
    return failed(SliceProblem::kNotJson,
                  fmt::format("the answer is not JSON: {}", simdjson::error_message(code)));
  };
  ondemand::document document;
  if (const auto code = rep_->whole.iterate(padded).get(document)) {
    return not_json(code);
  }
  if (const auto code = check_document(document, body)) {
    return not_json(code);
  }
  document.rewind();
  JsonSlices slices;
  if (request.records.empty() && document.type().value_unsafe() != ondemand::json_type::array) {
    slices.records.push_back(trim_blanks(body));
  } else {
    ondemand::value list;
    const auto found = request.records.empty() ? document.get_value().get(list)
                                               : document.at_pointer(request.records).get(list);
    if (found != simdjson::SUCCESS) {
      return failed(SliceProblem::kNoSuchPlace,
                    fmt::format("nothing is at {} of the answer", request.records));
    }
    if (rep_->cut_list(list, slices) != simdjson::SUCCESS) {
      return failed(SliceProblem::kNotAList,
                    fmt::format("what is at {} of the answer is no list", request.records));
    }
  }
  const char* end = body.data() + body.size();
  if (!request.key.empty()) {
    for (const std::string_view record : slices.records) {
      const auto behind = static_cast<std::size_t>(end - (record.data() + record.size()));
      slices.keys.push_back(
          rep_->find_text(record, behind + simdjson::SIMDJSON_PADDING, request.key));
    }
  }
  if (!request.next.empty()) {
    slices.next = rep_->find_text(body, simdjson::SIMDJSON_PADDING, request.next);
  }
  return slices;
}

}  // namespace millrace::connector
