// The first line is a pattern, the rest a text. Both are hostile; a compiled pattern also formats.
#include "data/datetime_pattern.h"

#include <cstdint>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t line = std::min(input.find('\n'), input.size());
  const std::string_view text = input.substr(std::min(line + 1, input.size()));
  const auto parser = data::DatetimePattern::for_parsing(input.substr(0, line));
  if (parser) {
    (void)parser->parse_timestamp(text, data::Zone());
    (void)parser->parse_date(text);
  }
  const auto printer = data::DatetimePattern::for_formatting(input.substr(0, line));
  if (printer) {
    std::string out;
    for (const std::int64_t micros : {INT64_MIN, std::int64_t{-1}, std::int64_t{1}, INT64_MAX}) {
      printer->format_local(out, micros);
    }
  }
  return 0;
}
