#include <algorithm>
#include <utility>

#include "sql/detail/writer.h"
#include "sql/printer.h"

namespace millrace::sql::detail {
namespace {

void write_comment(Writer& writer, const std::optional<std::string>& comment) {
  if (comment) {
    writer << " COMMENT ";
    write_string(writer, *comment);
  }
}

void write_column(Writer& writer, const ColumnDefinition& column) {
  write(writer, column.name);
  writer << " ";
  write(writer, column.type);
  writer << (column.not_null ? " NOT NULL" : "");
  if (column.default_value) {
    writer << " DEFAULT ";
    // A NOT or COMMENT after it must not be taken for a part of it.
    write(writer, *column.default_value, Level::kComparison);
  }
  if (column.generated) {
    writer << " GENERATED ALWAYS AS (";
    write(writer, column.generated);
    writer << ")";
  }
  write_comment(writer, column.comment);
}

void write_columns(Writer& writer, const std::vector<ColumnDefinition>& columns) {
  if (!columns.empty()) {
    writer << " (";
    writer.join(columns, write_column);
    writer << ")";
  }
}

void write_clauses(Writer& writer, const TableClauses& clauses) {
  if (clauses.provider) {
    writer << " USING ";
    write(writer, *clauses.provider);
  }
  if (!clauses.options.empty()) {
    writer << " OPTIONS ";
    write_properties(writer, clauses.options);
  }
  if (!clauses.partitioned_by.empty()) {
    writer << " PARTITIONED BY ";
    write_bracketed(writer, clauses.partitioned_by);
  }
  if (!clauses.cluster_by.empty()) {
    writer << " CLUSTER BY ";
    write_bracketed(writer, clauses.cluster_by);
  }
  write_comment(writer, clauses.comment);
  if (!clauses.properties.empty()) {
    writer << " TBLPROPERTIES ";
    write_properties(writer, clauses.properties);
  }
  if (clauses.location) {
    writer << " LOCATION ";
    write_string(writer, *clauses.location);
  }
  if (clauses.collation) {
    writer << " DEFAULT COLLATION ";
    write(writer, *clauses.collation);
  }
}

void write_selection(Writer& writer, const ColumnSelection& selection) {
  writer << (selection.except ? "* EXCEPT " : "");
  write_bracketed(writer, selection.columns);
}

// From FROM on.
void write_cdc(Writer& writer, const AutoCdc& cdc) {
  writer << "FROM ";
  write(writer, *cdc.source);
  writer << " KEYS ";
  write_bracketed(writer, cdc.keys);
  if (cdc.delete_when) {
    writer << " APPLY AS DELETE WHEN ";
    write(writer, cdc.delete_when);
  }
  if (cdc.sequence_by) {
    writer << " SEQUENCE BY ";
    write(writer, cdc.sequence_by);
  }
  if (cdc.columns) {
    writer << " COLUMNS ";
    write_selection(writer, *cdc.columns);
  }
  if (cdc.scd_type) {
    writer << " STORED AS SCD TYPE " << std::to_string(*cdc.scd_type);
  }
  if (cdc.track_history) {
    writer << " TRACK HISTORY ON ";
    write_selection(writer, *cdc.track_history);
  }
}

void write_query(Writer& writer, const QueryPtr& query) {
  if (query) {
    writer << " AS ";
    write(writer, *query);
  }
}

std::string_view if_not_exists(bool there) {
  return there ? "IF NOT EXISTS " : "";
}

void write_insert(Writer& writer, const InsertFlow& insert) {
  writer << (insert.overwrite ? "INSERT OVERWRITE " : "INSERT INTO ");
  write(writer, insert.target);
  writer << (insert.has_partition ? " PARTITION ()" : "")
         << (insert.if_not_exists ? " IF NOT EXISTS" : "") << (insert.by_name ? " BY NAME" : "")
         << (insert.has_columns ? " ()" : "") << " ";
  write(writer, *insert.query);
}

// A setting's key or value goes as it is where no character of it could end it.
void write_setting(Writer& writer, const std::string& text) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == ':' || c == ',';
  };
  if (std::ranges::all_of(text, plain)) {
    writer << text;
  } else {
    write(writer, Identifier{.name = text, .quoted = true, .position = {}});
  }
}

// Writes one kind of statement each. Owned by one thread.
class StatementWriter {
 public:
  explicit StatementWriter(Writer& writer) : w_(writer) {}

  void operator()(const CreateDataset& dataset) {
    w_ << "CREATE "
       << (dataset.kind == DatasetKind::kStreamingTable ? "STREAMING TABLE " : "MATERIALIZED VIEW ")
       << if_not_exists(dataset.if_not_exists);
    write(w_, dataset.name);
    write_columns(w_, dataset.columns);
    write_clauses(w_, dataset.clauses);
    if (dataset.auto_cdc) {
      w_ << " FLOW AUTO CDC ";
      write_cdc(w_, *dataset.auto_cdc);
    }
    write_query(w_, dataset.query);
  }

  void operator()(const CreateTable& table) {
    w_ << "CREATE TABLE " << if_not_exists(table.if_not_exists);
    write(w_, table.name);
    write_columns(w_, table.columns);
    write_clauses(w_, table.clauses);
    write_query(w_, table.query);
  }

  void operator()(const CreateView& view) {
    w_ << "CREATE " << (view.or_replace ? "OR REPLACE " : "") << (view.global ? "GLOBAL " : "")
       << (view.temporary ? "TEMPORARY " : "") << "VIEW " << if_not_exists(view.if_not_exists);
    write(w_, view.name);
    if (!view.columns.empty()) {
      w_ << " (";
      w_.join(view.columns, [](Writer& writer, const ViewColumn& column) {
        write(writer, column.name);
        write_comment(writer, column.comment);
      });
      w_ << ")";
    }
    write_comment(w_, view.comment);
    if (!view.properties.empty()) {
      w_ << " TBLPROPERTIES ";
      write_properties(w_, view.properties);
    }
    write_query(w_, view.query);
  }

  void operator()(const CreateFlow& flow) {
    w_ << "CREATE FLOW ";
    write(w_, flow.name);
    write_comment(w_, flow.comment);
    w_ << " AS ";
    if (const auto* insert = std::get_if<InsertFlow>(&flow.body)) {
      write_insert(w_, *insert);
    } else if (const auto* cdc = std::get_if<AutoCdcFlow>(&flow.body)) {
      w_ << "AUTO CDC INTO ";
      write(w_, cdc->target);
      w_ << " ";
      write_cdc(w_, cdc->auto_cdc);
    }
  }

  void operator()(const SetConfiguration& set) {
    w_ << "SET ";
    if (set.key.empty()) {
      w_ << "``";
    } else {
      write_setting(w_, set.key);
    }
    w_ << " = ";
    write_setting(w_, set.value);
  }

  void operator()(const Use& use) {
    switch (use.kind) {
      case UseKind::kNamespace:
        w_ << "USE NAMESPACE ";
        break;
      case UseKind::kCatalog:
        w_ << "USE CATALOG ";
        break;
      case UseKind::kPlain:
        w_ << "USE ";
        break;
    }
    write(w_, use.name);
  }

  void operator()(const ShowTables& show) {
    w_ << "SHOW TABLES";
    if (show.in) {
      w_ << " IN ";
      write(w_, *show.in);
    }
    if (show.like) {
      w_ << " LIKE ";
      write_string(w_, *show.like);
    }
  }

  void operator()(const Describe& describe) {
    w_ << "DESCRIBE TABLE " << (describe.extended ? "EXTENDED " : "");
    write(w_, describe.name);
  }

  void operator()(const Explain& explain) {
    w_ << "EXPLAIN ";
    switch (explain.mode) {
      case ExplainMode::kSimple:
        break;
      case ExplainMode::kExtended:
        w_ << "EXTENDED ";
        break;
      case ExplainMode::kFormatted:
        w_ << "FORMATTED ";
        break;
      case ExplainMode::kCost:
        w_ << "COST ";
        break;
      case ExplainMode::kCodegen:
        w_ << "CODEGEN ";
        break;
    }
    write(w_, *explain.query);
  }

  void operator()(const QueryStatement& statement) { write(w_, *statement.query); }

  void operator()(const Unsupported& unsupported) { w_ << unsupported.text; }

 private:
  Writer& w_;
};

}  // namespace
}  // namespace millrace::sql::detail

namespace millrace::sql {

std::string to_sql(const Statement& statement) {
  detail::Writer writer;
  std::visit(detail::StatementWriter(writer), statement.node);
  return writer.take();
}

}  // namespace millrace::sql
