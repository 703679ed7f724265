// The tree of a statement: those of a pipeline's transformations (Spark Declarative Pipelines), of
// sources/ and sinks/, and of the interactive command. What Spark refuses in a pipeline file is an
// Unsupported statement, which whoever reads the project refuses with Spark's text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sql/query_ast.h"

namespace millrace::sql {

/// `name TYPE [NOT NULL] [COMMENT 's'] [DEFAULT e] [GENERATED ALWAYS AS (e)]`.
struct ColumnDefinition {
  Identifier name;
  TypeName type;
  bool not_null = false;
  std::optional<std::string> comment;
  ExpressionPtr default_value;
  ExpressionPtr generated;

  friend bool operator==(const ColumnDefinition&, const ColumnDefinition&) = default;
};

/// The clauses of a table, in any order, each at most once.
struct TableClauses {
  std::optional<Name> provider;               ///< USING
  std::vector<Property> options;              ///< OPTIONS (…)
  std::vector<ExpressionPtr> partitioned_by;  ///< columns, or transforms as calls
  std::vector<Name> cluster_by;
  std::optional<std::string> comment;
  std::vector<Property> properties;  ///< TBLPROPERTIES (…)
  std::optional<std::string> location;
  std::optional<Name> collation;  ///< DEFAULT COLLATION
  NodePosition options_position;
  NodePosition location_position;
  NodePosition provider_position;

  friend bool operator==(const TableClauses&, const TableClauses&) = default;
};

/// COLUMNS (…), COLUMNS * EXCEPT (…), TRACK HISTORY ON (…), TRACK HISTORY ON * EXCEPT (…).
struct ColumnSelection {
  bool except = false;
  std::vector<Name> columns;
  NodePosition position;

  friend bool operator==(const ColumnSelection&, const ColumnSelection&) = default;
};

/// AUTO CDC. A missing SEQUENCE BY (null) is for the reader of the project to refuse
/// (MISSING_CLAUSES_FOR_OPERATION).
struct AutoCdc {
  RelationPtr source;
  std::vector<Name> keys;
  ExpressionPtr delete_when;  ///< APPLY AS DELETE WHEN
  ExpressionPtr sequence_by;
  std::optional<ColumnSelection> columns;
  std::optional<int> scd_type;  ///< 1 or 2
  std::optional<ColumnSelection> track_history;
  NodePosition position;

  friend bool operator==(const AutoCdc&, const AutoCdc&) = default;
};

enum class DatasetKind : std::uint8_t {
  kStreamingTable,
  kMaterializedView
};

/// CREATE STREAMING TABLE, CREATE MATERIALIZED VIEW. At most one of query and auto_cdc.
struct CreateDataset {
  DatasetKind kind = DatasetKind::kStreamingTable;
  bool if_not_exists = false;
  Name name;
  std::vector<ColumnDefinition> columns;
  TableClauses clauses;
  QueryPtr query;
  Box<AutoCdc> auto_cdc;

  friend bool operator==(const CreateDataset&, const CreateDataset&) = default;
};

/// CREATE TABLE: a source (no query), or a sink (with one).
struct CreateTable {
  bool if_not_exists = false;
  Name name;
  std::vector<ColumnDefinition> columns;
  TableClauses clauses;
  QueryPtr query;

  friend bool operator==(const CreateTable&, const CreateTable&) = default;
};

/// A column of CREATE VIEW v (a COMMENT 's', b).
struct ViewColumn {
  Identifier name;
  std::optional<std::string> comment;

  friend bool operator==(const ViewColumn&, const ViewColumn&) = default;
};

/// CREATE [OR REPLACE] [[GLOBAL] TEMPORARY] VIEW.
struct CreateView {
  bool or_replace = false;
  bool global = false;
  bool temporary = false;
  bool if_not_exists = false;
  Name name;
  std::vector<ViewColumn> columns;
  std::optional<std::string> comment;
  std::vector<Property> properties;
  QueryPtr query;

  friend bool operator==(const CreateView&, const CreateView&) = default;
};

/// The INSERT of a flow. Only INSERT INTO t BY NAME is legal; the flags say what else was written,
/// so that it can be refused with Spark's words.
struct InsertFlow {
  Name target;
  bool by_name = false;
  bool overwrite = false;
  bool if_not_exists = false;
  bool has_partition = false;
  bool has_columns = false;
  QueryPtr query;

  friend bool operator==(const InsertFlow&, const InsertFlow&) = default;
};

struct AutoCdcFlow {
  Name target;
  AutoCdc auto_cdc;

  friend bool operator==(const AutoCdcFlow&, const AutoCdcFlow&) = default;
};

/// CREATE FLOW name [COMMENT 's'] AS ….
struct CreateFlow {
  Name name;
  std::optional<std::string> comment;
  std::variant<InsertFlow, AutoCdcFlow> body;

  friend bool operator==(const CreateFlow&, const CreateFlow&) = default;
};

/// SET key = value; the value is the text as written, trimmed.
struct SetConfiguration {
  std::string key;
  std::string value;
  NodePosition key_position;
  NodePosition value_position;

  friend bool operator==(const SetConfiguration&, const SetConfiguration&) = default;
};

enum class UseKind : std::uint8_t {
  kNamespace,
  kCatalog,
  kPlain
};

/// USE NAMESPACE|DATABASE|SCHEMA db (kNamespace), USE CATALOG c, or USE db (kPlain).
struct Use {
  UseKind kind = UseKind::kNamespace;
  Name name;

  friend bool operator==(const Use&, const Use&) = default;
};

struct ShowTables {
  std::optional<Name> in;
  std::optional<std::string> like;

  friend bool operator==(const ShowTables&, const ShowTables&) = default;
};

/// DESCRIBE [TABLE] [EXTENDED] name.
struct Describe {
  bool extended = false;
  Name name;

  friend bool operator==(const Describe&, const Describe&) = default;
};

enum class ExplainMode : std::uint8_t {
  kSimple,
  kExtended,
  kFormatted,
  kCost,
  kCodegen
};

struct Explain {
  ExplainMode mode = ExplainMode::kSimple;
  QueryPtr query;

  friend bool operator==(const Explain&, const Explain&) = default;
};

struct QueryStatement {
  QueryPtr query;

  friend bool operator==(const QueryStatement&, const QueryStatement&) = default;
};

/// A statement that Spark knows and a pipeline does not run. `plan` is the name of Spark's plan
/// node ("InsertIntoStatement"), `text` the statement as written.
struct Unsupported {
  std::string plan;
  std::string text;

  friend bool operator==(const Unsupported&, const Unsupported&) = default;
};

using StatementNode = std::variant<CreateDataset,
                                   CreateTable,
                                   CreateView,
                                   CreateFlow,
                                   SetConfiguration,
                                   Use,
                                   ShowTables,
                                   Describe,
                                   Explain,
                                   QueryStatement,
                                   Unsupported>;

/// One statement. `begin` and `size` are its bytes in the text that was parsed, without the
/// semicolon.
struct Statement {
  StatementNode node;
  std::string file;
  NodePosition position;
  std::size_t begin = 0;
  std::size_t size = 0;

  template <class T>
  [[nodiscard]] const T* as() const {
    return std::get_if<T>(&node);
  }

  template <class T>
  [[nodiscard]] T* as() {
    return std::get_if<T>(&node);
  }

  friend bool operator==(const Statement& a, const Statement& b) { return a.node == b.node; }
};

}  // namespace millrace::sql
