// JSON text, written in order: what the page, the commands and control.sock answer with.
#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/json_text.h"

namespace millrace::console {

/// Puts commas where they belong; the caller sees to brackets. Owned by one thread.
class JsonOut {
 public:
  JsonOut& begin_object() { return open('{'); }

  JsonOut& end_object() { return close('}'); }

  JsonOut& begin_array() { return open('['); }

  JsonOut& end_array() { return close(']'); }

  JsonOut& key(std::string_view name) {
    comma();
    append_json_string(text_, name);
    text_ += ':';
    after_value_ = false;
    return *this;
  }

  JsonOut& value(std::string_view text) {
    comma();
    append_json_string(text_, text);
    return *this;
  }

  JsonOut& value(const char* text) { return value(std::string_view(text)); }

  JsonOut& value(const std::string& text) { return value(std::string_view(text)); }

  JsonOut& value(bool flag) { return raw(flag ? "true" : "false"); }

  template <std::integral T>
  JsonOut& value(T number) {
    return raw(fmt::format("{}", number));
  }

  /// Three digits after the point; null for what JSON has no number for.
  JsonOut& value(double number) {
    return raw(std::isfinite(number) ? fmt::format("{:.3f}", number) : "null");
  }

  JsonOut& null() { return raw("null"); }

  /// Text that is JSON already.
  JsonOut& raw(std::string_view json) {
    comma();
    text_ += json;
    return *this;
  }

  template <class T>
  JsonOut& field(std::string_view name, const T& content) {
    return key(name).value(content);
  }

  [[nodiscard]] const std::string& text() const { return text_; }

  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  JsonOut& open(char bracket) {
    comma();
    text_ += bracket;
    after_value_ = false;
    return *this;
  }

  JsonOut& close(char bracket) {
    text_ += bracket;
    after_value_ = true;
    return *this;
  }

  void comma() {
    if (after_value_) {
      text_ += ',';
    }
    after_value_ = true;
  }

  std::string text_;
  bool after_value_ = false;
};

}  // namespace millrace::console
