#include "project/detail/statement_rules.h"

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "config/codes.h"

namespace millrace::project::detail {

namespace {

constexpr std::string_view kRegistration = "PIPELINE_SQL_GRAPH_ELEMENT_REGISTRATION_ERROR";

/// Why a statement is refused.
struct Refusal {
  std::string code = {};
  std::string error_class = {};
  std::string message = {};
  std::string help = {};
  sql::Position position = {};
};

using Refusals = std::vector<Refusal>;

Refusal unsupported(std::string_view plan, const sql::Statement& statement, std::string help) {
  return {.code = std::string(config::kStatementRefused),
          .error_class = std::string(kRegistration),
          .message = fmt::format("Unsupported plan {} parsed from SQL query", plan),
          .help = std::move(help),
          .position = statement.position};
}

Refusal refused(std::string_view error_class, std::string message, const sql::Position& at) {
  return {.code = std::string(config::kStatementRefused),
          .error_class = std::string(error_class),
          .message = std::move(message),
          .position = at};
}

/// The rules of transformations/. One call a kind of statement.
struct TransformationRules {
  const sql::Statement& statement;
  Refusals refusals = {};

  void operator()(const sql::CreateDataset& dataset) {
    const std::string_view what = dataset.kind == sql::DatasetKind::kStreamingTable
                                      ? "CREATE STREAMING TABLE"
                                      : "CREATE MATERIALIZED VIEW";
    if (!dataset.clauses.options.empty()) {
      refusals.push_back(refused("PARSE_SYNTAX_ERROR",
                                 fmt::format("OPTIONS is not allowed in {}", what),
                                 dataset.clauses.options_position));
    }
    if (dataset.clauses.location) {
      refusals.push_back(refused("PARSE_SYNTAX_ERROR",
                                 fmt::format("LOCATION is not allowed in {}", what),
                                 dataset.clauses.location_position));
    }
    if (dataset.auto_cdc) {
      check_cdc(*dataset.auto_cdc);
    }
  }

  void operator()(const sql::CreateTable& table) {
    refusals.push_back(
        unsupported(table.query ? "CreateTableAsSelect" : "CreateTable",
                    statement,
                    table.query ? "a sink belongs into sinks/; a table of the pipeline is CREATE "
                                  "STREAMING TABLE"
                                : "a source belongs into sources/; a table of the pipeline is "
                                  "CREATE STREAMING TABLE"));
  }

  void operator()(const sql::CreateView& view) {
    if (view.global) {
      refusals.push_back(unsupported("CreateViewCommand", statement, "leave GLOBAL out"));
    } else if (view.temporary && view.name.parts.size() > 1) {
      refusals.push_back(refused("TEMP_VIEW_NAME_TOO_MANY_NAME_PARTS",
                                 "the name of a temporary view has one part",
                                 view.name.position));
    }
  }

  void operator()(const sql::CreateFlow& flow) {
    if (flow.name.parts.size() > 1) {
      refusals.push_back(refused("MULTIPART_FLOW_NAME_NOT_SUPPORTED",
                                 "the name of a flow has one part",
                                 flow.name.position));
    }
    if (const auto* cdc = std::get_if<sql::AutoCdcFlow>(&flow.body)) {
      check_cdc(cdc->auto_cdc);
      return;
    }
    const auto& insert = std::get<sql::InsertFlow>(flow.body);
    const auto refuse = [&](std::string_view text) {
      refusals.push_back(refused(kRegistration, std::string(text), insert.target.position));
    };
    if (insert.has_partition) {
      refuse("Partition spec may not be specified for flow target.");
    } else if (insert.has_columns) {
      refuse("Column schema may not be specified for flow target.");
    } else if (insert.overwrite) {
      refuse("INSERT OVERWRITE flows not supported.");
    } else if (insert.if_not_exists) {
      refuse("IF NOT EXISTS not supported for flows.");
    } else if (!insert.by_name) {
      refuse("Only INSERT INTO by name flows supported.");
    }
  }

  void operator()(const sql::SetConfiguration& /*set*/) {}

  void operator()(const sql::Use& use) {
    if (use.kind == sql::UseKind::kPlain) {
      refusals.push_back(
          unsupported("SetCatalogAndNamespace", statement, "write USE SCHEMA, or USE CATALOG"));
    }
  }

  void operator()(const sql::ShowTables& /*show*/) { refuse_query("ShowTables"); }

  void operator()(const sql::Describe& /*describe*/) { refuse_query("DescribeRelation"); }

  void operator()(const sql::Explain& /*explain*/) { refuse_query("ExplainCommand"); }

  void operator()(const sql::QueryStatement& /*query*/) { refuse_query("Project"); }

  void operator()(const sql::Unsupported& other) {
    refusals.push_back(unsupported(
        other.plan,
        statement,
        "a pipeline has CREATE STREAMING TABLE, CREATE MATERIALIZED VIEW, CREATE [TEMPORARY] VIEW, "
        "CREATE FLOW, SET and USE"));
  }

  void refuse_query(std::string_view plan) {
    refusals.push_back(unsupported(plan, statement, "run it with `millrace sql`"));
  }

  void check_cdc(const sql::AutoCdc& cdc) {
    if (!cdc.sequence_by) {
      refusals.push_back(
          refused("MISSING_CLAUSES_FOR_OPERATION", "AUTO CDC needs SEQUENCE BY", cdc.position));
    }
  }
};

/// The rules of sources/ and sinks/.
struct OutsideRules {
  const sql::Statement& statement;
  bool sink = false;
  Refusals refusals = {};

  void refuse(std::string message, std::string help, const sql::Position& at) {
    refusals.push_back({.code = std::string(config::kStatementRefused),
                        .message = std::move(message),
                        .help = std::move(help),
                        .position = at});
  }

  void operator()(const sql::CreateTable& table) {
    if (!table.clauses.provider) {
      refuse(sink ? "a sink needs USING" : "a source needs USING",
             sink ? "CREATE TABLE name USING postgres OPTIONS ('table' = '…') AS SELECT …"
                  : "CREATE TABLE name USING http OPTIONS ('url' = '…')",
             table.name.position);
    }
    if (sink && !table.query) {
      refuse("a sink needs AS SELECT",
             "say what goes into it: AS SELECT * FROM STREAM t",
             table.name.position);
    } else if (!sink && table.query) {
      refuse("a source has no AS SELECT", "a sink belongs into sinks/", table.name.position);
    }
    if (table.name.parts.size() > 1) {
      refuse("a name has one part here", "", table.name.position);
    }
  }

  void operator()(const sql::CreateDataset& dataset) {
    refuse(
        fmt::format("{} belongs into transformations/",
                    dataset.kind == sql::DatasetKind::kStreamingTable ? "CREATE STREAMING TABLE"
                                                                      : "CREATE MATERIALIZED VIEW"),
        "Spark reads that folder and must see it",
        statement.position);
  }

  void operator()(const sql::CreateView& /*view*/) {
    refuse("CREATE VIEW belongs into transformations/",
           "Spark reads that folder and must see it",
           statement.position);
  }

  void operator()(const sql::CreateFlow& /*flow*/) {
    refuse("CREATE FLOW belongs into transformations/",
           "Spark reads that folder and must see it",
           statement.position);
  }

  template <class Other>
  void operator()(const Other& /*other*/) {
    refuse(sink ? "only CREATE TABLE … USING … AS SELECT is allowed in sinks/"
                : "only CREATE TABLE … USING … is allowed in sources/",
           sink ? "CREATE TABLE name USING postgres OPTIONS ('table' = '…') AS SELECT …"
                : "CREATE TABLE name USING http OPTIONS ('url' = '…')",
           statement.position);
  }
};

Refusals check(const sql::Statement& statement, SqlFileKind kind) {
  if (kind == SqlFileKind::kTransformation) {
    TransformationRules rules{.statement = statement};
    std::visit(rules, statement.node);
    return std::move(rules.refusals);
  }
  OutsideRules rules{.statement = statement, .sink = kind == SqlFileKind::kSink};
  std::visit(rules, statement.node);
  return std::move(rules.refusals);
}

}  // namespace

void check_statements(SqlFile& file, Diagnostics& diagnostics) {
  std::vector<sql::Statement> kept;
  for (sql::Statement& statement : file.script.statements) {
    Refusals refusals = check(statement, file.kind);
    for (Refusal& refusal : refusals) {
      const sql::Position& at = refusal.position.line == 0 ? statement.position : refusal.position;
      diagnostics.add({.code = std::move(refusal.code),
                       .error_class = std::move(refusal.error_class),
                       .where = sql::to_span(at, file.path),
                       .message = std::move(refusal.message),
                       .help = std::move(refusal.help)});
    }
    if (refusals.empty()) {
      kept.push_back(std::move(statement));
    }
  }
  file.script.statements = std::move(kept);
}

bool has_dataset(const SqlFile& file) {
  for (const sql::Statement& statement : file.script.statements) {
    const auto* view = statement.as<sql::CreateView>();
    const bool table =
        statement.as<sql::CreateDataset>() != nullptr ||
        (file.kind == SqlFileKind::kSink && statement.as<sql::CreateTable>() != nullptr);
    if (table || (view != nullptr && !view->temporary)) {
      return true;
    }
  }
  return false;
}

}  // namespace millrace::project::detail
