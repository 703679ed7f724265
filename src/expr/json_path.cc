#include "expr/json_path.h"

#include <algorithm>
#include <utility>

#include "base/utf8.h"
#include "format/json_tokenizer.h"

namespace millrace::expr {

using format::JsonToken;
using format::JsonTokenizer;

namespace {

constexpr std::size_t kStepsMax = 1000;

const format::JsonOptions& options() {
  static const format::JsonOptions kOptions;
  return kOptions;
}

// How a match is written: alone and without quotes, as JSON, or its elements into the array around.
enum class Style : std::uint8_t {
  kRaw,
  kQuoted,
  kFlatten
};

// JSON text being written: sets commas between the elements of the open arrays.
class JsonOutput {
 public:
  void begin_array() {
    comma();
    text_ += '[';
    first_ = true;
    ++depth_;
  }

  void end_array() {
    text_ += ']';
    first_ = false;
    --depth_;
  }

  void raw(std::string_view text) {
    comma();
    text_ += text;
    first_ = false;
  }

  // Copies the value at the current token; false on an error.
  bool copy(JsonTokenizer& json) {
    comma();
    first_ = false;
    return json.copy_structure(text_);
  }

  [[nodiscard]] std::string& text() { return text_; }

 private:
  void comma() {
    if (depth_ > 0 && !first_) {
      text_ += ',';
    }
  }

  std::string text_;
  int depth_ = 0;
  bool first_ = true;
};

}  // namespace

std::optional<JsonPath> JsonPath::parse(std::string_view text) {
  if (!text.starts_with('$')) {
    return std::nullopt;
  }
  JsonPath path;
  std::string_view rest = text.substr(1);
  while (!rest.empty()) {
    if (path.steps_.size() == kStepsMax) {
      return std::nullopt;
    }
    Step step;
    std::size_t used = 0;
    if (rest.starts_with(".*") || rest.starts_with("['*']")) {
      step.kind = Kind::kAnyField;
      used = rest[0] == '.' ? 2 : 5;
    } else if (rest.starts_with("['")) {
      const std::size_t close = rest.find_first_of("'?", 2);
      if (close == std::string_view::npos || close == 2 || !rest.substr(close).starts_with("']")) {
        return std::nullopt;
      }
      step.name = rest.substr(2, close - 2);
      used = close + 2;
    } else if (rest.starts_with("[*]")) {
      step.kind = Kind::kAnyElement;
      used = 3;
    } else if (rest[0] == '[') {
      const std::size_t close = rest.find(']');
      const std::string_view digits = rest.substr(1, close - 1);
      if (close == std::string_view::npos || digits.empty() || digits.size() > 18 ||
          !std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; })) {
        return std::nullopt;
      }
      step.kind = Kind::kIndex;
      for (const char c : digits) {
        step.index = step.index * 10 + (c - '0');
      }
      used = close + 1;
    } else if (rest[0] == '.') {
      used = std::min(rest.find_first_of(".[", 1), rest.size());
      step.name = rest.substr(1, used - 1);
      if (step.name.empty()) {
        return std::nullopt;
      }
    } else {
      return std::nullopt;
    }
    path.steps_.push_back(std::move(step));
    rest.remove_prefix(used);
  }
  return path;
}

// One text and one path. Each function begins at the first token of a value and ends at its last;
// true when something was written. Owned by one thread.
class JsonPathWalk {
 public:
  JsonPathWalk(JsonTokenizer& json, const std::vector<JsonPath::Step>& steps)
      : json_(json), steps_(steps) {}

  bool value(JsonOutput& out, Style style, std::size_t step) {
    if (step == steps_.size()) {
      return end_of_path(out, style);
    }
    const JsonPath::Kind kind = steps_[step].kind;
    if (json_.token() == JsonToken::kObjectBegin && kind == JsonPath::Kind::kName) {
      return field(out, style, step);
    }
    if (json_.token() == JsonToken::kArrayBegin && kind == JsonPath::Kind::kIndex) {
      return element(out, style, step);
    }
    if (json_.token() == JsonToken::kArrayBegin && kind == JsonPath::Kind::kAnyElement) {
      return any_element(out, style, step);
    }
    skip();
    return false;
  }

  [[nodiscard]] bool failed() const { return failed_; }

 private:
  void skip() { failed_ = !json_.skip_children() || failed_; }

  // Goes on to the next element; false at the end of the array or after an error.
  bool next_element() {
    const JsonToken token = json_.next();
    failed_ = failed_ || token == JsonToken::kError || token == JsonToken::kEnd;
    return !failed_ && token != JsonToken::kArrayEnd;
  }

  bool end_of_path(JsonOutput& out, Style style) {
    if (json_.token() == JsonToken::kString && style == Style::kRaw) {
      out.raw(json_.text());
      return true;
    }
    if (json_.token() == JsonToken::kArrayBegin && style == Style::kFlatten) {
      bool written = false;
      while (next_element()) {
        written = value(out, style, steps_.size()) || written;
      }
      return written;
    }
    failed_ = !out.copy(json_) || failed_;
    return !failed_;
  }

  bool field(JsonOutput& out, Style style, std::size_t step) {
    bool written = false;
    while (!failed_) {
      const JsonToken token = json_.next();
      if (token == JsonToken::kObjectEnd) {
        break;
      }
      const bool wanted =
          token == JsonToken::kName && !written && json_.text() == steps_[step].name;
      const JsonToken begin = token == JsonToken::kName ? json_.next() : token;
      if (begin == JsonToken::kError || begin == JsonToken::kEnd) {
        failed_ = true;
      } else if (wanted && begin != JsonToken::kNull) {
        written = value(out, style, step + 1);
      } else {
        skip();
      }
    }
    return written;
  }

  bool element(JsonOutput& out, Style style, std::size_t step) {
    const bool many =
        step + 1 < steps_.size() && steps_[step + 1].kind == JsonPath::Kind::kAnyElement;
    bool written = false;
    for (std::int64_t index = 0; next_element(); ++index) {
      if (index == steps_[step].index) {
        written = value(out, many ? Style::kQuoted : style, step + 1);
      } else {
        skip();
      }
    }
    return written;
  }

  bool any_element(JsonOutput& out, Style style, std::size_t step) {
    const bool twice =
        step + 1 < steps_.size() && steps_[step + 1].kind == JsonPath::Kind::kAnyElement;
    if (twice || style == Style::kQuoted) {
      out.begin_array();
      bool written = false;
      while (next_element()) {
        written = (twice ? value(out, Style::kFlatten, step + 2)
                         : value(out, Style::kQuoted, step + 1)) ||
                  written;
      }
      out.end_array();
      return written;
    }
    // A single match is written without an array around it.
    JsonOutput matches;
    matches.begin_array();
    int count = 0;
    while (next_element()) {
      count += value(matches, style == Style::kRaw ? Style::kQuoted : style, step + 1) ? 1 : 0;
    }
    matches.end_array();
    const std::string_view text = matches.text();
    if (count > 0) {
      out.raw(count > 1 ? text : text.substr(1, text.size() - 2));
    }
    return count > 0;
  }

  JsonTokenizer& json_;
  const std::vector<JsonPath::Step>& steps_;
  bool failed_ = false;
};

std::optional<std::string> JsonPath::find(std::string_view json) const {
  const std::string valid = is_valid_utf8(json) ? std::string() : to_valid_utf8(json);
  JsonTokenizer tokens(valid.empty() ? json : std::string_view(valid), options());
  const JsonToken first = tokens.next();
  if (first == JsonToken::kEnd || first == JsonToken::kError) {
    return std::nullopt;
  }
  JsonPathWalk walk(tokens, steps_);
  JsonOutput out;
  const bool written = walk.value(out, Style::kRaw, 0);
  return written && !walk.failed() ? std::optional(std::move(out.text())) : std::nullopt;
}

std::vector<std::optional<std::string>> json_tuple(std::string_view json,
                                                   std::span<const std::string_view> names) {
  std::vector<std::optional<std::string>> none(names.size());
  const std::string valid = to_valid_utf8(json);
  JsonTokenizer tokens(valid, options());
  if (tokens.next() != JsonToken::kObjectBegin) {
    return none;
  }
  std::vector<std::optional<std::string>> values = none;
  while (true) {
    const JsonToken token = tokens.next();
    if (token == JsonToken::kObjectEnd) {
      return values;
    }
    if (token != JsonToken::kName) {
      return none;
    }
    const auto name =
        static_cast<std::size_t>(std::ranges::find(names, tokens.text()) - names.begin());
    const JsonToken begin = tokens.next();
    if (name == names.size() || begin == JsonToken::kNull) {
      if (!tokens.skip_children()) {
        return none;
      }
      continue;
    }
    std::string text;
    if (begin == JsonToken::kString) {
      text = tokens.text();
    } else if (!tokens.copy_structure(text)) {
      return none;
    }
    for (std::size_t i = name; i < names.size(); ++i) {
      values[i] = names[i] == names[name] ? std::optional(text) : values[i];
    }
  }
}

std::optional<std::int32_t> json_array_length(std::string_view json) {
  const std::string valid = to_valid_utf8(json);
  JsonTokenizer tokens(valid, options());
  if (tokens.next() != JsonToken::kArrayBegin) {
    return std::nullopt;
  }
  std::int32_t length = 0;
  while (true) {
    const JsonToken token = tokens.next();
    if (token == JsonToken::kArrayEnd) {
      return length;
    }
    if (token == JsonToken::kError || token == JsonToken::kEnd || !tokens.skip_children()) {
      return std::nullopt;
    }
    ++length;
  }
}

std::optional<std::vector<std::string>> json_object_keys(std::string_view json) {
  const std::string valid = to_valid_utf8(json);
  JsonTokenizer tokens(valid, options());
  if (tokens.next() != JsonToken::kObjectBegin) {
    return std::nullopt;
  }
  std::vector<std::string> keys;
  while (true) {
    const JsonToken token = tokens.next();
    if (token == JsonToken::kObjectEnd) {
      return keys;
    }
    if (token != JsonToken::kName) {
      return std::nullopt;
    }
    keys.emplace_back(tokens.text());
    const JsonToken begin = tokens.next();
    if (begin == JsonToken::kError || begin == JsonToken::kEnd || !tokens.skip_children()) {
      return std::nullopt;
    }
  }
}

}  // namespace millrace::expr
