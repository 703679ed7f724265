// YAML into a tree of nodes that know where they were written.
//
// What a node is: the text of its scalar as written, and whether it was quoted. Types are decided
// by whoever reads it (yaml_reader.h), or by scalar_type(), which answers as PyYAML does, because
// the same files are read by Spark and Airflow, which use it.
//
// Aliases are expanded: an alias is a copy of the anchor's node and says where that was written.
// `<<` merges maps as YAML 1.1 does. A key twice in one map is an error that names both places.
// Substitution (substitution.h) happens inside scalars, after parsing: a value never changes the
// structure of the document.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "config/substitution.h"

namespace millrace::config {

enum class YamlKind : std::uint8_t {
  kNull,
  kScalar,
  kList,
  kMap
};

enum class YamlScalarType : std::uint8_t {
  kNull,
  kBool,
  kInt,
  kFloat,
  kTimestamp,
  kString
};

std::string_view to_string(YamlKind kind);

struct YamlEntry;

/// One value of a document. Immutable once read.
struct YamlNode {
  // Defined where YamlEntry is complete.
  YamlNode();
  YamlNode(const YamlNode& other);
  YamlNode(YamlNode&& other) noexcept;
  YamlNode& operator=(const YamlNode& other);
  YamlNode& operator=(YamlNode&& other) noexcept;
  ~YamlNode();

  YamlKind kind = YamlKind::kNull;
  bool plain = true;    ///< Of a scalar: neither quoted nor a block.
  bool secret = false;  ///< Text that came out of a secret file: never shown.
  std::string text = {};
  std::string tag = {};  ///< "!custom"; empty when none was written.
  std::vector<YamlNode> items;
  std::vector<YamlEntry> entries;
  int line = 0;
  int column = 0;
  int end = 0;
  const std::string* file = nullptr;

  [[nodiscard]] SourceSpan where() const;

  [[nodiscard]] bool is_map() const { return kind == YamlKind::kMap; }

  [[nodiscard]] bool is_list() const { return kind == YamlKind::kList; }

  [[nodiscard]] bool is_scalar() const { return kind == YamlKind::kScalar; }

  [[nodiscard]] bool is_null() const { return kind == YamlKind::kNull; }

  /// The value of a key, or null.
  [[nodiscard]] const YamlNode* find(std::string_view key) const;
  /// The entry of a key, or null.
  [[nodiscard]] const YamlEntry* entry(std::string_view key) const;
  /// What PyYAML would make of it: kString for everything quoted, and for maps and lists.
  [[nodiscard]] YamlScalarType scalar_type() const;
};

struct YamlEntry {
  YamlNode key = {};
  YamlNode value = {};
  bool merged = false;  ///< Came in through `<<`.
};

/// A file's tree. Nodes point into it: move it, do not copy it. Immutable once read.
struct YamlDocument {
  std::unique_ptr<const std::string> file = {};
  YamlNode root = {};
  /// False after a syntax error or a limit: the root is what came before. Whoever reads such a
  /// document does not report what is missing.
  bool complete = true;
};

struct YamlOptions {
  std::size_t max_bytes = 4U * 1024 * 1024;
  std::size_t max_nodes = 200'000;  ///< After aliases are expanded.
  std::size_t max_depth = 64;
  /// Null: `${…}` stays as it is.
  const SubstitutionSources* substitution = nullptr;
};

/// Reads the first and only document of the text; an empty text is a null root. Never throws.
YamlDocument parse_yaml(std::string_view text,
                        const std::string& file,
                        Diagnostics& diagnostics,
                        const YamlOptions& options = {});

}  // namespace millrace::config
