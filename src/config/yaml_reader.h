// Reads a map of a document by asking for its keys; what was never asked for is unknown, and that
// is an error with a suggestion.
//
//   YamlReader reader(document.root, "dead letter policy", diagnostics);
//   const std::string topic = reader.required_text("topic");
//   const std::int64_t keep_ms = reader.duration_ms("keep").value_or(604'800'000);
//   reader.finish();
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "config/option_table.h"
#include "config/yaml.h"

namespace millrace::config {

/// Every finding becomes a Diagnostic; a getter then answers as if the key were absent. A key with
/// nothing behind it (`topic:`) is absent. The node must live as long. Owned by one thread.
class YamlReader {
 public:
  /// A node that is no map is reported once (nothing at all is an empty map).
  YamlReader(const YamlNode& node, std::string subject, Diagnostics& diagnostics);

  /// The value of any kind, or null.
  const YamlNode* any(std::string_view key);
  const YamlNode* map(std::string_view key);
  const YamlNode* list(std::string_view key);
  std::optional<std::string> text(std::string_view key);
  std::optional<std::int64_t> integer(std::string_view key,
                                      std::int64_t minimum = INT64_MIN,
                                      std::int64_t maximum = INT64_MAX);
  std::optional<double> number(std::string_view key);
  /// true, false, yes, no, on, off.
  std::optional<bool> flag(std::string_view key);
  std::optional<std::int64_t> duration_ms(std::string_view key);
  /// A list of texts, or one text, which is a list of one.
  std::vector<std::string> texts(std::string_view key);
  /// Reports the key when it is missing and yields an empty text.
  std::string required_text(std::string_view key);
  const YamlNode* required(std::string_view key);

  /// A key of other tools: an error that says what to use.
  void foreign(std::string_view wrote, std::string_view use);
  /// Accepts the key without reading it.
  void ignore(std::string_view key);

  /// Reports every key that nobody asked for.
  void finish();

  /// Adds an error about a key's value: "`problem`, found …".
  void refuse(const YamlNode& value, std::string_view key, std::string_view problem);

 private:
  const YamlNode* ask(std::string_view key);
  const YamlNode* scalar(std::string_view key, std::string_view expects);

  const YamlNode& node_;
  std::string subject_;
  Diagnostics& diagnostics_;
  std::vector<std::string> asked_;
  std::vector<std::string> missing_;
  std::vector<std::string> meant_;  // By a foreign spelling: not reported as missing.
};

/// The entries of a map for parse_options: maps inside become names with dots, a list of texts one
/// text with commas; what an option cannot be (a list of maps) is reported.
std::vector<OptionEntry> option_entries(const YamlNode& map, Diagnostics& diagnostics);

}  // namespace millrace::config
