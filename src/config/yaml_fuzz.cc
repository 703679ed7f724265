// Any bytes as a document, with substitution: no crash, bounded trees, places inside the text.
#include "config/yaml.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "config/settings.h"
#include "config/yaml_reader.h"

namespace {

std::size_t check(const millrace::config::YamlNode& node, std::size_t depth) {
  MR_ASSERT(depth <= 65, "depth {}", depth);
  (void)node.scalar_type();
  std::size_t count = 1;
  for (const millrace::config::YamlNode& item : node.items) {
    count += check(item, depth + 1);
  }
  for (const millrace::config::YamlEntry& entry : node.entries) {
    count += 1 + check(entry.value, depth + 1);
  }
  return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace config = millrace::config;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const config::SubstitutionSources sources{
      .variable = [](const std::string& name) -> std::optional<std::string> {
        return name.size() == 1 ? std::optional<std::string>("v: [") : std::nullopt;
      }};
  millrace::Diagnostics diagnostics;
  const config::YamlDocument document = config::parse_yaml(
      text, "fuzz.yml", diagnostics, {.max_nodes = 20'000, .substitution = &sources});
  MR_ASSERT(check(document.root, 0) <= 40'100, "too many nodes");
  MR_ASSERT(document.complete || diagnostics.has_errors(), "incomplete without a finding");
  for (const millrace::Diagnostic& found : diagnostics.all()) {
    MR_ASSERT(found.where.line >= 1 && found.where.column >= 1, "no place: {}", found.message);
  }
  (void)config::option_entries(document.root, diagnostics);
  config::SettingsInput input;
  input.files.push_back({.path = "millrace.yml", .text = std::string(text)});
  (void)config::read_settings(input, diagnostics);
  return 0;
}
