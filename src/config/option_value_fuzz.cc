// Any bytes as every kind of value, and as options "key=value" a line: what is accepted reads back.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "config/option_table.h"
#include "config/settings.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace config = millrace::config;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto ms = config::parse_duration_ms(text, "ms")) {
    MR_ASSERT(*ms >= 0, "a negative duration");
    const auto again = config::parse_duration_ms(config::format_duration_ms(*ms));
    MR_ASSERT(*ms > 1'000'000'000'000 || again == ms, "{} ms does not read back", *ms);
  }
  if (const auto bytes = config::parse_bytes(text)) {
    MR_ASSERT(*bytes >= 0, "a negative size");
    (void)config::format_bytes(*bytes);
  }
  if (const auto address = config::parse_host_port(text, 1)) {
    MR_ASSERT(config::parse_host_port(config::to_string(*address)) == *address, "address");
  }
  (void)config::parse_double(text);
  (void)config::parse_bool(text);
  (void)config::parse_int(text);
  std::vector<config::OptionEntry> entries;
  for (std::string_view rest = text; !rest.empty() && entries.size() < 100;) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const std::string_view key = line.substr(0, line.find('='));
    entries.push_back({.key = std::string(key),
                       .value = std::string(line.substr(std::min(line.size(), key.size() + 1)))});
  }
  millrace::Diagnostics diagnostics;
  const config::OptionValues values =
      config::parse_options(config::settings_table(), entries, diagnostics);
  (void)values.shown();
  MR_ASSERT(values.bytes("min.free") >= 0, "a size below its minimum");
  return 0;
}
