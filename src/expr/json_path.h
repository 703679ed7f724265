// Paths into JSON text, as Spark's get_json_object and json_tuple follow them (which is how Hive
// did): `$`, `.name`, `['name']`, `[3]`, `[*]`.
//
// The text is read once, token by token, and copied where the path leads; no tree is built. All of
// the first value must be JSON, else there is no result.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::expr {

/// Immutable.
class JsonPath {
 public:
  /// Nothing when it is no path.
  static std::optional<JsonPath> parse(std::string_view text);

  /// What is there: strings without quotes, all else as compact JSON; several matches as an array.
  /// Nothing when nothing is there (or null), or the text is no JSON.
  [[nodiscard]] std::optional<std::string> find(std::string_view json) const;

 private:
  enum class Kind : std::uint8_t {
    kName,
    kIndex,
    kAnyElement,
    kAnyField
  };

  struct Step {
    Kind kind = Kind::kName;
    std::string name;
    std::int64_t index = 0;
  };

  friend class JsonPathWalk;

  std::vector<Step> steps_;
};

/// The values of these fields of an object, as get_json_object gives them: what json_tuple(json,
/// names …) yields. All nothing when the text is no object.
std::vector<std::optional<std::string>> json_tuple(std::string_view json,
                                                   std::span<const std::string_view> names);

/// How many elements an array has; nothing when the text is none.
std::optional<std::int32_t> json_array_length(std::string_view json);

/// The names of an object's fields; nothing when the text is none.
std::optional<std::vector<std::string>> json_object_keys(std::string_view json);

}  // namespace millrace::expr
