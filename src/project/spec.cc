#include "project/detail/spec.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/suggest.h"
#include "config/codes.h"
#include "config/yaml.h"

namespace millrace::project::detail {

namespace {

using config::YamlEntry;
using config::YamlNode;
using config::YamlScalarType;

constexpr std::array<std::string_view, 7> kFields = {
    "name", "storage", "catalog", "database", "schema", "configuration", "libraries"};

std::string_view type_name(const YamlNode& node) {
  if (node.is_map() || node.is_list()) {
    return to_string(node.kind);
  }
  switch (node.scalar_type()) {
    case YamlScalarType::kNull:
      return "nothing";
    case YamlScalarType::kBool:
      return "a boolean";
    case YamlScalarType::kInt:
    case YamlScalarType::kFloat:
      return "a number";
    case YamlScalarType::kTimestamp:
      return "a date";
    case YamlScalarType::kString:
      return "a text";
  }
  return "nothing";
}

bool is_text(const YamlNode& node) {
  return node.is_scalar() && node.scalar_type() == YamlScalarType::kString;
}

/// Reads the fields of one document. Owned by one thread.
class SpecReader {
 public:
  SpecReader(const YamlNode& root, Spec& spec, Diagnostics& diagnostics)
      : root_(root), spec_(spec), diagnostics_(diagnostics) {}

  void read() {
    if (!root_.is_map() && !root_.is_null()) {
      report(config::kYamlWrongKind,
             root_.where(),
             "",
             fmt::format("the pipeline's specification must be a map, found {}",
                         to_string(root_.kind)),
             "write `name: …`, `storage: …` and `libraries: …`");
      return;
    }
    check_fields();
    spec_.name = required("name", "name: my_pipeline");
    spec_.storage = required("storage", "storage: file:///var/lib/my_pipeline");
    check_storage();
    spec_.catalog = optional("catalog");
    spec_.database = optional("database");
    const std::string schema = optional("schema");
    if (spec_.database.empty()) {
      spec_.database = schema;
    }
    read_configuration();
    read_libraries();
  }

 private:
  void report(std::string_view code,
              SourceSpan where,
              std::string error_class,
              std::string message,
              std::string help) {
    diagnostics_.add({.code = std::string(code),
                      .error_class = std::move(error_class),
                      .where = std::move(where),
                      .message = std::move(message),
                      .help = std::move(help)});
  }

  void check_fields() {
    const std::vector<std::string> fields(kFields.begin(), kFields.end());
    for (const YamlEntry& entry : root_.entries) {
      const std::string& name = entry.key.text;
      if (std::find(fields.begin(), fields.end(), name) != fields.end()) {
        continue;
      }
      for (std::string& near : suggest(name, fields)) {
        meant_.push_back(std::move(near));
      }
      report(
          config::kSpecField,
          entry.key.where(),
          "PIPELINE_SPEC_UNEXPECTED_FIELD",
          fmt::format("unexpected field \"{}\" in the pipeline's specification{}",
                      name,
                      did_you_mean(name, fields)),
          fmt::format("fields are {}; settings of Millrace belong into millrace.yml, or with the "
                      "prefix millrace. into configuration",
                      fmt::join(fields, ", ")));
    }
  }

  std::string text_of(const YamlNode& node, std::string_view field) {
    if (node.is_scalar()) {
      return node.text;
    }
    report(config::kSpecField,
           node.where(),
           "",
           fmt::format("field \"{}\" must be a text, found {}", field, type_name(node)),
           "");
    return {};
  }

  std::string optional(std::string_view field) {
    const YamlNode* node = root_.find(field);
    return node == nullptr || node->is_null() ? std::string{} : text_of(*node, field);
  }

  std::string required(std::string_view field, std::string_view example) {
    const YamlNode* node = root_.find(field);
    if (node != nullptr && !node->is_null()) {
      return text_of(*node, field);
    }
    const bool meant = std::find(meant_.begin(), meant_.end(), field) != meant_.end();
    if (spec_.complete && !meant) {
      SourceSpan where = root_.where();
      where.line = std::max(where.line, 1);
      where.column = std::max(where.column, 1);
      report(config::kSpecField,
             std::move(where),
             "PIPELINE_SPEC_MISSING_REQUIRED_FIELD",
             fmt::format("field \"{}\" of the pipeline's specification is missing", field),
             fmt::format("for example `{}`", example));
    }
    return {};
  }

  void check_storage() {
    if (spec_.storage.empty()) {
      return;
    }
    const std::size_t colon = spec_.storage.find(':');
    const bool has_scheme = colon != std::string::npos && colon > 0 &&
                            std::all_of(spec_.storage.begin(),
                                        spec_.storage.begin() + static_cast<std::ptrdiff_t>(colon),
                                        [](char c) {
                                          return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                                 (c >= '0' && c <= '9') || c == '+' || c == '.' ||
                                                 c == '-';
                                        });
    if (has_scheme && spec_.storage.substr(colon + 1).starts_with('/')) {
      return;
    }
    report(
        config::kSpecField,
        root_.find("storage")->where(),
        "PIPELINE_STORAGE_ROOT_INVALID",
        fmt::format("storage must be an absolute path with a scheme, found \"{}\"", spec_.storage),
        "for example file:///var/lib/my_pipeline; it is used on Spark only");
  }

  void read_configuration() {
    const YamlNode* node = root_.find("configuration");
    if (node == nullptr || node->is_null()) {
      return;
    }
    if (!node->is_map()) {
      report(config::kSpecField,
             node->where(),
             "PIPELINE_SPEC_FIELD_NOT_DICT",
             fmt::format("field \"configuration\" must be a map, found {}", type_name(*node)),
             "write `key: \"value\"` lines below it");
      return;
    }
    for (const YamlEntry& entry : node->entries) {
      if (!is_text(entry.key)) {
        report(config::kSpecField,
               entry.key.where(),
               "PIPELINE_SPEC_DICT_KEY_NOT_STRING",
               fmt::format("a key of \"configuration\" must be a text, found {} \"{}\"",
                           type_name(entry.key),
                           entry.key.text),
               "write it in quotes");
      } else if (!is_text(entry.value)) {
        report(config::kSpecField,
               entry.value.where(),
               "PIPELINE_SPEC_DICT_VALUE_NOT_STRING",
               fmt::format("the value of \"{}\" must be a text, found {}",
                           entry.key.text,
                           type_name(entry.value)),
               entry.value.is_scalar() && !entry.value.secret
                   ? fmt::format("write \"{}\" in quotes", entry.value.text)
                   : std::string("write a text in quotes"));
      } else {
        spec_.configuration[entry.key.text] = {.value = entry.value.text,
                                               .where = entry.value.where()};
      }
    }
  }

  void refuse_library(const YamlNode& node, std::string_view problem) {
    report(config::kSpecField,
           node.where(),
           "",
           fmt::format("{}, found {}", problem, type_name(node)),
           "a library is `- glob: {include: transformations/**}`");
  }

  void read_libraries() {
    const YamlNode* node = root_.find("libraries");
    if (node == nullptr || node->is_null()) {
      return;
    }
    if (!node->is_list()) {
      refuse_library(*node, "field \"libraries\" must be a list");
      return;
    }
    for (const YamlNode& item : node->items) {
      read_library(item);
    }
  }

  void read_library(const YamlNode& item) {
    if (!item.is_map()) {
      refuse_library(item, "a library must be a map");
      return;
    }
    check_only_key(item, "glob", "a library");
    const YamlNode* glob = item.find("glob");
    if (glob == nullptr) {
      return;
    }
    if (!glob->is_map()) {
      refuse_library(*glob, "a glob must be a map");
      return;
    }
    check_only_key(*glob, "include", "a glob");
    const YamlNode* include = glob->find("include");
    if (include == nullptr) {
      return;
    }
    if (!include->is_scalar()) {
      refuse_library(*include, "\"include\" must be a text");
    } else if (!is_library_glob(include->text)) {
      report(config::kSpecGlob,
             include->where(),
             "PIPELINE_SPEC_INVALID_GLOB_PATTERN",
             fmt::format("\"{}\" is neither a file nor a folder with all below it", include->text),
             "Spark takes a plain path, or <dir>/** and no other wildcard");
    } else {
      spec_.libraries.push_back({.include = include->text, .where = include->where()});
    }
  }

  /// A map with exactly one key.
  void check_only_key(const YamlNode& map, std::string_view key, std::string_view what) {
    bool has = false;
    for (const YamlEntry& entry : map.entries) {
      has = has || entry.key.text == key;
      if (entry.key.text != key) {
        const std::string known[] = {std::string(key)};
        report(config::kSpecField,
               entry.key.where(),
               "PIPELINE_SPEC_UNEXPECTED_FIELD",
               fmt::format("unexpected field \"{}\" in {}{}",
                           entry.key.text,
                           what,
                           did_you_mean(entry.key.text, known)),
               "a library is `- glob: {include: transformations/**}`");
      }
    }
    if (!has && map.entries.empty()) {
      refuse_library(map, fmt::format("{} needs \"{}\"", what, key));
    }
  }

  const YamlNode& root_;
  Spec& spec_;
  Diagnostics& diagnostics_;
  std::vector<std::string> meant_;
};

}  // namespace

bool is_library_glob(std::string_view include) {
  if (include.ends_with("/**")) {
    include.remove_suffix(3);
  }
  return !include.empty() && include.find_first_of("*?[]{}") == std::string_view::npos;
}

Spec read_spec(std::string_view text,
               const std::string& file,
               const config::SubstitutionSources& sources,
               Diagnostics& diagnostics) {
  Spec spec;
  const config::YamlDocument document =
      config::parse_yaml(text, file, diagnostics, {.substitution = &sources});
  spec.complete = document.complete;
  YamlNode empty;
  empty.file = &file;
  const YamlNode& root = document.root.file == nullptr ? empty : document.root;
  SpecReader(root, spec, diagnostics).read();
  return spec;
}

}  // namespace millrace::project::detail
