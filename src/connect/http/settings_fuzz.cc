// Any bytes as options "key=value" a line, as a cursor and as a Link header.
#include "connect/http/detail/settings.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "connect/http/detail/answer.h"
#include "connect/http/detail/position.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace detail = millrace::connect::http::detail;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto position = detail::parse_position(text)) {
    MR_ASSERT(detail::parse_position(detail::format_position(*position)) == position, "position");
  }
  (void)detail::find_next_link({{"link", std::string(text)}, {"link", "<a>; rel=next"}});
  std::vector<millrace::config::OptionEntry> entries;
  for (std::string_view rest = text; !rest.empty() && entries.size() < 100;) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const std::string_view key = line.substr(0, line.find('='));
    entries.push_back({.key = std::string(key),
                       .value = std::string(line.substr(std::min(line.size(), key.size() + 1)))});
  }
  millrace::Diagnostics diagnostics;
  const auto values = millrace::config::parse_options(detail::option_table(), entries, diagnostics);
  detail::check_settings(values, diagnostics);
  const detail::Settings settings = detail::read_settings(values);
  MR_ASSERT(settings.request.limits.body_bytes > 0, "a limit of nothing");
  return 0;
}
