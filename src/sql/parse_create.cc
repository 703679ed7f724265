// CREATE …: datasets, views, flows, tables.
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "sql/detail/grammar.h"

namespace millrace::sql::detail {
namespace {

bool accept_if_not_exists(Cursor& cursor) {
  if (!cursor.is(Keyword::kIf) || !(cursor.is(Keyword::kNot, 1) || cursor.is(Symbol::kBang, 1))) {
    return false;
  }
  cursor.take();
  cursor.take();
  cursor.expect(Keyword::kExists);
  return true;
}

ColumnDefinition read_column(Cursor& cursor) {
  ColumnDefinition column;
  if (cursor.is(Keyword::kConstraint) && cursor.is_name(1)) {
    cursor.fail(kUnsupportedFeature,
                Cursor::position_of(cursor.peek()),
                "Constraints of a table are not supported",
                "filter with WHERE; rejected records go to the dead letters");
  }
  column.name = cursor.expect_identifier();
  column.type = read_type(cursor);
  while (!cursor.failed()) {
    if (cursor.is(Keyword::kNot) || cursor.is(Symbol::kBang)) {
      cursor.take();
      cursor.expect(Keyword::kNull);
      column.not_null = true;
    } else if (cursor.accept(Keyword::kComment)) {
      column.comment = cursor.expect_string();
    } else if (cursor.accept(Keyword::kDefault)) {
      column.default_value = read_expression(cursor);
    } else if (cursor.accept(Keyword::kGenerated)) {
      cursor.expect(Keyword::kAlways);
      cursor.expect(Keyword::kAs);
      cursor.expect(Symbol::kLeftParen);
      column.generated = read_expression(cursor);
      cursor.expect(Symbol::kRightParen);
    } else {
      break;
    }
  }
  return column;
}

std::vector<ColumnDefinition> read_columns(Cursor& cursor) {
  if (!cursor.is(Symbol::kLeftParen) || at_bracketed_query(cursor)) {
    return {};
  }
  return read_bracketed_list(cursor, read_column);
}

void refuse_second(Cursor& cursor, bool there, std::size_t at, std::string_view clause) {
  if (there) {
    cursor.fail(kDuplicateClause,
                cursor.since(at),
                fmt::format("Found duplicate clauses: {}", clause),
                "remove one of them");
  }
}

// One clause; false where none begins.
bool read_clause(Cursor& cursor, TableClauses& clauses) {
  const std::size_t at = cursor.mark();
  if (cursor.accept(Keyword::kUsing)) {
    refuse_second(cursor, clauses.provider.has_value(), at, "USING");
    clauses.provider = cursor.expect_name();
    clauses.provider_position = cursor.since(at);
  } else if (cursor.accept(Keyword::kOptions)) {
    refuse_second(cursor, !clauses.options.empty(), at, "OPTIONS");
    clauses.options = read_properties(cursor);
    clauses.options_position = cursor.since(at);
  } else if (cursor.accept(Keyword::kPartitioned)) {
    refuse_second(cursor, !clauses.partitioned_by.empty(), at, "PARTITIONED BY");
    cursor.expect(Keyword::kBy);
    clauses.partitioned_by = read_bracketed_list(cursor, read_expression);
  } else if (cursor.accept(Keyword::kCluster)) {
    refuse_second(cursor, !clauses.cluster_by.empty(), at, "CLUSTER BY");
    cursor.expect(Keyword::kBy);
    clauses.cluster_by = read_bracketed_list(cursor, read_name);
  } else if (cursor.accept(Keyword::kComment)) {
    refuse_second(cursor, clauses.comment.has_value(), at, "COMMENT");
    clauses.comment = cursor.expect_string();
  } else if (cursor.accept(Keyword::kTblproperties)) {
    refuse_second(cursor, !clauses.properties.empty(), at, "TBLPROPERTIES");
    clauses.properties = read_properties(cursor);
  } else if (cursor.accept(Keyword::kLocation)) {
    refuse_second(cursor, clauses.location.has_value(), at, "LOCATION");
    clauses.location = cursor.expect_string();
    clauses.location_position = cursor.since(at);
  } else if (cursor.accept(Keyword::kDefault)) {
    refuse_second(cursor, clauses.collation.has_value(), at, "DEFAULT COLLATION");
    cursor.expect(Keyword::kCollation);
    clauses.collation = cursor.expect_name();
  } else {
    return false;
  }
  return true;
}

TableClauses read_clauses(Cursor& cursor) {
  TableClauses clauses;
  while (!cursor.failed() && read_clause(cursor, clauses)) {
  }
  return clauses;
}

// [AS] query; null without.
QueryPtr read_as_query(Cursor& cursor) {
  if (cursor.accept(Keyword::kAs) || at_query(cursor) || cursor.is(Symbol::kLeftParen)) {
    return read_query(cursor);
  }
  return nullptr;
}

StatementNode read_dataset(Cursor& cursor, DatasetKind kind) {
  CreateDataset dataset;
  dataset.kind = kind;
  dataset.if_not_exists = accept_if_not_exists(cursor);
  dataset.name = cursor.expect_name();
  dataset.columns = read_columns(cursor);
  dataset.clauses = read_clauses(cursor);
  if (kind == DatasetKind::kMaterializedView) {
    cursor.expect(Keyword::kAs);
    dataset.query = read_query(cursor);
  } else if (cursor.accept(Keyword::kFlow)) {
    dataset.auto_cdc = make_box(read_auto_cdc(cursor));
  } else {
    dataset.query = read_as_query(cursor);
  }
  return dataset;
}

StatementNode read_table(Cursor& cursor, std::size_t start) {
  CreateTable table;
  table.if_not_exists = accept_if_not_exists(cursor);
  table.name = cursor.expect_name();
  if (cursor.is(Keyword::kLike)) {
    return read_unsupported(cursor, start, "CreateTableLike");
  }
  table.columns = read_columns(cursor);
  table.clauses = read_clauses(cursor);
  table.query = read_as_query(cursor);
  return table;
}

ViewColumn read_view_column(Cursor& cursor) {
  ViewColumn column;
  column.name = cursor.expect_identifier();
  if (cursor.accept(Keyword::kComment)) {
    column.comment = cursor.expect_string();
  }
  return column;
}

StatementNode read_view(Cursor& cursor, std::size_t start, CreateView view) {
  view.if_not_exists = accept_if_not_exists(cursor);
  view.name = cursor.expect_name();
  if (cursor.is(Keyword::kUsing)) {
    return read_unsupported(cursor, start, "CreateTempViewUsing");
  }
  if (cursor.is(Symbol::kLeftParen)) {
    const std::size_t match = cursor.peek().match;
    if (match != 0 && cursor.token(match + 1).keyword == Keyword::kUsing) {
      return read_unsupported(cursor, start, "CreateTempViewUsing");
    }
    view.columns = read_bracketed_list(cursor, read_view_column);
  }
  while (!cursor.failed()) {
    const std::size_t at = cursor.mark();
    if (cursor.accept(Keyword::kComment)) {
      refuse_second(cursor, view.comment.has_value(), at, "COMMENT");
      view.comment = cursor.expect_string();
    } else if (cursor.accept(Keyword::kTblproperties)) {
      refuse_second(cursor, !view.properties.empty(), at, "TBLPROPERTIES");
      view.properties = read_properties(cursor);
    } else {
      break;
    }
  }
  cursor.expect(Keyword::kAs);
  view.query = read_query(cursor);
  return view;
}

void skip_brackets(Cursor& cursor) {
  const std::size_t match = cursor.peek().match;
  cursor.expect(Symbol::kLeftParen);
  if (!cursor.failed() && match != 0) {
    cursor.skip_to(match);
  }
  cursor.expect(Symbol::kRightParen);
}

InsertFlow read_insert(Cursor& cursor) {
  InsertFlow insert;
  insert.overwrite = cursor.accept(Keyword::kOverwrite);
  if (insert.overwrite) {
    cursor.accept(Keyword::kInto);
  } else {
    cursor.expect(Keyword::kInto);
  }
  if (cursor.is_name(1) && !cursor.is(Keyword::kBy, 1)) {
    cursor.accept(Keyword::kTable);
  }
  insert.target = cursor.expect_name();
  if (cursor.accept(Keyword::kPartition)) {
    insert.has_partition = true;
    skip_brackets(cursor);
  }
  insert.if_not_exists = accept_if_not_exists(cursor);
  insert.by_name = cursor.accept(Keyword::kBy, Keyword::kName);
  if (!insert.by_name && cursor.is(Symbol::kLeftParen) && !at_bracketed_query(cursor)) {
    insert.has_columns = true;
    skip_brackets(cursor);
  }
  insert.query = read_query(cursor);
  return insert;
}

StatementNode read_flow(Cursor& cursor) {
  CreateFlow flow;
  flow.name = cursor.expect_name();
  if (cursor.accept(Keyword::kComment)) {
    flow.comment = cursor.expect_string();
  }
  cursor.expect(Keyword::kAs);
  if (cursor.accept(Keyword::kInsert)) {
    flow.body = read_insert(cursor);
  } else if (cursor.is(Keyword::kAuto, Keyword::kCdc)) {
    AutoCdcFlow cdc;
    cursor.take();
    cursor.take();
    cursor.expect(Keyword::kInto);
    cdc.target = cursor.expect_name();
    cdc.auto_cdc = read_auto_cdc(cursor);
    flow.body = std::move(cdc);
  } else {
    cursor.note_expected(Keyword::kInsert);
    cursor.note_expected(Keyword::kAuto);
    cursor.fail_expected("INSERT INTO … BY NAME or AUTO CDC INTO …");
  }
  return flow;
}

ColumnSelection read_selection(Cursor& cursor, std::size_t at) {
  ColumnSelection selection;
  if (cursor.accept(Symbol::kStar)) {
    cursor.expect(Keyword::kExcept);
    selection.except = true;
  }
  selection.columns = read_bracketed_list(cursor, read_name);
  selection.position = cursor.since(at);
  return selection;
}

int read_scd_type(Cursor& cursor) {
  cursor.expect(Keyword::kAs);
  cursor.expect(Keyword::kScd);
  cursor.expect(Keyword::kType);
  const bool one = cursor.is(TokenKind::kInteger) && cursor.text(cursor.peek()) == "1";
  const bool two = cursor.is(TokenKind::kInteger) && cursor.text(cursor.peek()) == "2";
  if (!one && !two) {
    cursor.fail_expected("1 or 2");
  }
  cursor.take();
  return one ? 1 : 2;
}

bool read_cdc_clause(Cursor& cursor, AutoCdc& cdc) {
  const std::size_t at = cursor.mark();
  if (cursor.accept(Keyword::kApply)) {
    refuse_second(cursor, static_cast<bool>(cdc.delete_when), at, "APPLY AS DELETE WHEN");
    cursor.expect(Keyword::kAs);
    cursor.expect(Keyword::kDelete);
    cursor.expect(Keyword::kWhen);
    cdc.delete_when = read_expression(cursor);
  } else if (cursor.accept(Keyword::kSequence)) {
    refuse_second(cursor, static_cast<bool>(cdc.sequence_by), at, "SEQUENCE BY");
    cursor.expect(Keyword::kBy);
    cdc.sequence_by = read_expression(cursor);
  } else if (cursor.accept(Keyword::kColumns)) {
    refuse_second(cursor, cdc.columns.has_value(), at, "COLUMNS");
    cdc.columns = read_selection(cursor, at);
  } else if (cursor.accept(Keyword::kStored)) {
    refuse_second(cursor, cdc.scd_type.has_value(), at, "STORED AS SCD TYPE");
    cdc.scd_type = read_scd_type(cursor);
  } else if (cursor.accept(Keyword::kTrack)) {
    refuse_second(cursor, cdc.track_history.has_value(), at, "TRACK HISTORY ON");
    cursor.expect(Keyword::kHistory);
    cursor.expect(Keyword::kOn);
    cdc.track_history = read_selection(cursor, at);
  } else {
    return false;
  }
  return true;
}

bool accept_temporary(Cursor& cursor) {
  return cursor.accept(Keyword::kTemporary) || cursor.accept(Keyword::kTemp);
}

}  // namespace

// At AUTO CDC, or at the FROM after `AUTO CDC INTO t`.
AutoCdc read_auto_cdc(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  AutoCdc cdc;
  if (!cursor.is(Keyword::kFrom)) {
    cursor.expect(Keyword::kAuto);
    cursor.expect(Keyword::kCdc);
  }
  cursor.expect(Keyword::kFrom);
  cursor.keys_is_clause = true;
  cdc.source = read_relation_primary(cursor);
  cursor.keys_is_clause = false;
  cursor.expect(Keyword::kKeys);
  cdc.keys = read_bracketed_list(cursor, read_name);
  while (!cursor.failed() && read_cdc_clause(cursor, cdc)) {
  }
  cdc.position = cursor.since(start);
  return cdc;
}

StatementNode read_create(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  cursor.take();
  CreateView view;
  view.or_replace = cursor.accept(Keyword::kOr);
  if (view.or_replace) {
    cursor.expect(Keyword::kReplace);
  }
  if (!view.or_replace) {
    if (cursor.accept(Keyword::kStreaming, Keyword::kTable)) {
      return read_dataset(cursor, DatasetKind::kStreamingTable);
    }
    if (cursor.accept(Keyword::kMaterialized, Keyword::kView)) {
      return read_dataset(cursor, DatasetKind::kMaterializedView);
    }
    if (cursor.accept(Keyword::kFlow)) {
      return read_flow(cursor);
    }
    if (cursor.accept(Keyword::kTable)) {
      return read_table(cursor, start);
    }
  } else if (cursor.is(Keyword::kTable)) {
    return read_unsupported(cursor, start, "ReplaceTable");
  }
  view.global = cursor.accept(Keyword::kGlobal);
  view.temporary = accept_temporary(cursor);
  if (cursor.accept(Keyword::kView)) {
    return read_view(cursor, start, std::move(view));
  }
  if (cursor.is(Keyword::kFunction)) {
    return read_unsupported(cursor, start, "CreateUserDefinedFunction");
  }
  if (cursor.is_any({Keyword::kSchema, Keyword::kDatabase, Keyword::kNamespace})) {
    return read_unsupported(cursor, start, "CreateNamespace");
  }
  if (cursor.is(Keyword::kIndex)) {
    return read_unsupported(cursor, start, "CreateIndex");
  }
  if (cursor.is(Keyword::kExternal, Keyword::kTable)) {
    return read_unsupported(cursor, start, "CreateTable");
  }
  cursor.fail_expected("STREAMING TABLE, MATERIALIZED VIEW, VIEW, TEMPORARY VIEW, FLOW or TABLE");
  return Unsupported{};
}

}  // namespace millrace::sql::detail
