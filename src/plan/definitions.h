// What the statements of a project define, before any query is bound: each name once, with its
// place.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "project/project.h"
#include "sql/statement_ast.h"

namespace millrace::plan {

enum class DefinitionKind : std::uint8_t {
  kSource,
  kStreamingTable,
  kMaterializedView,
  kView
};

/// A query that fills a table: of its own statement, or of CREATE FLOW.
struct FlowDefinition {
  std::string name = {};
  std::string target = {};
  const sql::Query* query = nullptr;
  std::string file = {};
  std::size_t ordinal = 0;  ///< Of the statement in its file: SET before it applies.
  SourceSpan where = {};
  SourceSpan target_where = {};
};

struct Definition {
  DefinitionKind kind = DefinitionKind::kSource;
  std::string name = {};
  bool temporary = false;  ///< A view.
  const sql::CreateTable* source = nullptr;
  const sql::CreateDataset* dataset = nullptr;
  const sql::CreateView* view = nullptr;
  const project::SqlFile* sql_file = nullptr;
  std::string file = {};
  SourceSpan where = {};
};

/// Names are compared without case.
struct Definitions {
  std::map<std::string, Definition> by_name = {};  ///< Key: the name in lower case.
  std::vector<std::string> order = {};             ///< Keys as they were defined.
  std::vector<FlowDefinition> flows = {};

  /// SET key = value, by file: ordinal of the statement, key, value.
  struct Setting {
    std::size_t ordinal = 0;
    std::string key = {};
    std::string value = {};
  };

  std::map<std::string, std::vector<Setting>> settings = {};
};

/// Collects them and refuses what a pipeline file may not hold, with Spark's words.
Definitions collect_definitions(const project::Project& project, Diagnostics& diagnostics);

std::string to_lower(std::string_view text);

}  // namespace millrace::plan
