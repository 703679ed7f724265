// Any bytes as a path and a text: no crash, and a whole document is found by "$" exactly when its
// fields can be listed or its elements counted, or it is a scalar.
#include "expr/json_path.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t line = input.find('\n');
  const std::string_view json = line == std::string_view::npos ? input : input.substr(line + 1);
  if (const auto path = millrace::expr::JsonPath::parse(input.substr(0, line))) {
    (void)path->find(json);
  }
  const bool whole = millrace::expr::JsonPath::parse("$")->find(json).has_value();
  const bool keys = millrace::expr::json_object_keys(json).has_value();
  const bool elements = millrace::expr::json_array_length(json).has_value();
  if ((keys || elements) && !whole) {
    std::abort();
  }
  return 0;
}
