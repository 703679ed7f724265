#include <algorithm>
#include <array>
#include <utility>

#include "sql/detail/grammar.h"

namespace millrace::sql::detail {
namespace {

struct UnsupportedStart {
  Keyword first;
  Keyword second;  // kNone: any
  std::string_view plan;
};

// Statements that Spark parses and a pipeline file may not hold, with the names of Spark's plans.
constexpr std::array kUnsupported = std::to_array<UnsupportedStart>({
    {Keyword::kInsert, Keyword::kNone, "InsertIntoStatement"},
    {Keyword::kDelete, Keyword::kNone, "DeleteFromTable"},
    {Keyword::kUpdate, Keyword::kNone, "UpdateTable"},
    {Keyword::kMerge, Keyword::kNone, "MergeIntoTable"},
    {Keyword::kDrop, Keyword::kTable, "DropTable"},
    {Keyword::kDrop, Keyword::kView, "DropView"},
    {Keyword::kDrop, Keyword::kFunction, "DropFunction"},
    {Keyword::kDrop, Keyword::kIndex, "DropIndex"},
    {Keyword::kDrop, Keyword::kTemporary, "DropVariable"},
    {Keyword::kDrop, Keyword::kNone, "DropNamespace"},
    {Keyword::kAlter, Keyword::kTable, "AlterTable"},
    {Keyword::kAlter, Keyword::kView, "AlterView"},
    {Keyword::kAlter, Keyword::kNone, "SetNamespaceProperties"},
    {Keyword::kTruncate, Keyword::kNone, "TruncateTable"},
    {Keyword::kCache, Keyword::kNone, "CacheTable"},
    {Keyword::kUncache, Keyword::kNone, "UncacheTable"},
    {Keyword::kClear, Keyword::kNone, "ClearCacheCommand"},
    {Keyword::kRefresh, Keyword::kNone, "RefreshTable"},
    {Keyword::kAnalyze, Keyword::kNone, "AnalyzeTable"},
    {Keyword::kLoad, Keyword::kNone, "LoadData"},
    {Keyword::kMsck, Keyword::kNone, "RepairTable"},
    {Keyword::kRepair, Keyword::kNone, "RepairTable"},
    {Keyword::kAdd, Keyword::kNone, "AddFilesCommand"},
    {Keyword::kList, Keyword::kNone, "ListFilesCommand"},
    {Keyword::kComment, Keyword::kOn, "CommentOnTable"},
    {Keyword::kDeclare, Keyword::kNone, "CreateVariable"},
    {Keyword::kReset, Keyword::kNone, "ResetCommand"},
    {Keyword::kExecute, Keyword::kImmediate, "ExecuteImmediateQuery"},
    {Keyword::kReplace, Keyword::kTable, "ReplaceTable"},
    {Keyword::kBegin, Keyword::kNone, "CompoundBody"},
    {Keyword::kCall, Keyword::kNone, "Call"},
    {Keyword::kGrant, Keyword::kNone, "Grant"},
    {Keyword::kRevoke, Keyword::kNone, "Revoke"},
    {Keyword::kShow, Keyword::kNone, "ShowCommand"},
});

std::string raw_text(const Cursor& cursor, std::size_t start, std::size_t end) {
  if (cursor.failed() || end <= start) {
    return {};
  }
  const Token& first = cursor.token(start);
  const Token& last = cursor.token(end - 1);
  return std::string(cursor.source().substr(first.offset, last.offset + last.size - first.offset));
}

// Moves to the end of the statement; inside BEGIN … END a semicolon is no end.
void skip_statement(Cursor& cursor) {
  int depth = 0;
  while (!cursor.is(TokenKind::kEnd) && (depth > 0 || !cursor.is(Symbol::kSemicolon))) {
    if (cursor.is_any({Keyword::kBegin, Keyword::kCase})) {
      ++depth;
    } else if (cursor.is(Keyword::kEnd) &&
               !cursor.is_any(
                   {Keyword::kIf, Keyword::kWhile, Keyword::kFor, Keyword::kLoop, Keyword::kRepeat},
                   1)) {
      depth = std::max(depth - 1, 0);
    }
    cursor.take();
  }
}

std::string unquote(const Cursor& cursor, std::size_t start, std::size_t end) {
  if (end == start + 1 && cursor.token(start).kind == TokenKind::kQuoted) {
    return decode_quoted_name(cursor.text(cursor.token(start)));
  }
  return raw_text(cursor, start, end);
}

StatementNode read_set(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  cursor.take();
  if (cursor.is(Keyword::kCatalog) && cursor.is_name(1)) {
    return read_unsupported(cursor, start, "SetCatalogCommand");
  }
  if (cursor.is_any({Keyword::kVariable, Keyword::kVar}) && cursor.is_name(1)) {
    return read_unsupported(cursor, start, "SetVariable");
  }
  SetConfiguration set;
  const std::size_t key = cursor.mark();
  while (!cursor.at_end() && !cursor.is(Symbol::kEqual)) {
    cursor.take();
  }
  if (cursor.at_end()) {
    return read_unsupported(cursor, start, "SetCommand");  // SET, SET key, SET TIME ZONE …
  }
  if (cursor.mark() == key) {
    cursor.fail_expected("the name of a setting: SET key = value");
    return set;
  }
  set.key = unquote(cursor, key, cursor.mark());
  set.key_position = cursor.since(key);
  cursor.take();
  const std::size_t value = cursor.mark();
  while (!cursor.at_end()) {
    cursor.take();
  }
  set.value = unquote(cursor, value, cursor.mark());
  set.value_position = cursor.since(value);
  return set;
}

StatementNode read_use(Cursor& cursor) {
  cursor.take();
  Use use{.kind = UseKind::kPlain, .name = {}};
  if (cursor.is_name(1)) {
    if (cursor.accept(Keyword::kNamespace) || cursor.accept(Keyword::kDatabase) ||
        cursor.accept(Keyword::kSchema)) {
      use.kind = UseKind::kNamespace;
    } else if (cursor.accept(Keyword::kCatalog)) {
      use.kind = UseKind::kCatalog;
    }
  }
  use.name = cursor.expect_name();
  return use;
}

StatementNode read_show(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  cursor.take();
  if (!cursor.accept(Keyword::kTables)) {
    return read_unsupported(cursor, start, "ShowCommand");
  }
  ShowTables show;
  if (cursor.accept(Keyword::kFrom) || cursor.accept(Keyword::kIn)) {
    show.in = cursor.expect_name();
  }
  const bool like = cursor.accept(Keyword::kLike);
  if (like || cursor.is(TokenKind::kString)) {
    show.like = cursor.expect_string();
  }
  return show;
}

StatementNode read_describe(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  cursor.take();
  const bool other = cursor.is_any({Keyword::kFunction,
                                    Keyword::kQuery,
                                    Keyword::kNamespace,
                                    Keyword::kDatabase,
                                    Keyword::kSchema}) &&
                     cursor.is_name(1);
  if (other || (at_query(cursor) && !cursor.is(Keyword::kTable))) {
    return read_unsupported(cursor, start, "DescribeCommand");
  }
  Describe describe;
  if (cursor.is_name(1)) {
    cursor.accept(Keyword::kTable);
  }
  if (cursor.is_name(1)) {
    describe.extended = cursor.accept(Keyword::kExtended) || cursor.accept(Keyword::kFormatted);
  }
  describe.name = cursor.expect_name();
  return describe;
}

StatementNode read_explain(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  cursor.take();
  Explain explain;
  if (cursor.accept(Keyword::kExtended)) {
    explain.mode = ExplainMode::kExtended;
  } else if (cursor.accept(Keyword::kFormatted)) {
    explain.mode = ExplainMode::kFormatted;
  } else if (cursor.accept(Keyword::kCost)) {
    explain.mode = ExplainMode::kCost;
  } else if (cursor.accept(Keyword::kCodegen)) {
    explain.mode = ExplainMode::kCodegen;
  }
  if (!at_query(cursor) && !cursor.is(Symbol::kLeftParen) && !cursor.at_end() &&
      cursor.is_any({Keyword::kCreate, Keyword::kInsert, Keyword::kSet, Keyword::kUse})) {
    return read_unsupported(cursor, start, "ExplainCommand");
  }
  explain.query = read_query(cursor);
  return explain;
}

const UnsupportedStart* find_unsupported(const Cursor& cursor) {
  const auto* found = std::ranges::find_if(kUnsupported, [&](const UnsupportedStart& start) {
    return cursor.is(start.first) && (start.second == Keyword::kNone || cursor.is(start.second, 1));
  });
  return found == kUnsupported.end() ? nullptr : found;
}

void refuse_start(Cursor& cursor) {
  for (const Keyword keyword : {Keyword::kSelect,
                                Keyword::kFrom,
                                Keyword::kWith,
                                Keyword::kValues,
                                Keyword::kTable,
                                Keyword::kCreate,
                                Keyword::kSet,
                                Keyword::kUse,
                                Keyword::kShow,
                                Keyword::kDescribe,
                                Keyword::kExplain,
                                Keyword::kInsert,
                                Keyword::kDelete,
                                Keyword::kUpdate,
                                Keyword::kMerge,
                                Keyword::kDrop,
                                Keyword::kAlter}) {
    cursor.note_expected(keyword);
  }
  cursor.fail_expected("a statement: CREATE …, SELECT …, SET key = value, USE …");
}

}  // namespace

Unsupported read_unsupported(Cursor& cursor, std::size_t start, std::string_view plan) {
  cursor.skip_to(start);
  skip_statement(cursor);
  return {.plan = std::string(plan), .text = raw_text(cursor, start, cursor.mark())};
}

StatementNode read_statement(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  if (at_query(cursor) || cursor.is(Symbol::kLeftParen)) {
    return QueryStatement{.query = read_query(cursor)};
  }
  if (cursor.is(Keyword::kCreate)) {
    return read_create(cursor);
  }
  if (cursor.is(Keyword::kSet)) {
    return read_set(cursor);
  }
  if (cursor.is(Keyword::kUse)) {
    return read_use(cursor);
  }
  if (cursor.is(Keyword::kShow)) {
    return read_show(cursor);
  }
  if (cursor.is_any({Keyword::kDescribe, Keyword::kDesc})) {
    return read_describe(cursor);
  }
  if (cursor.is(Keyword::kExplain)) {
    return read_explain(cursor);
  }
  if (const UnsupportedStart* unsupported = find_unsupported(cursor)) {
    return read_unsupported(cursor, start, unsupported->plan);
  }
  refuse_start(cursor);
  return Unsupported{};
}

}  // namespace millrace::sql::detail
