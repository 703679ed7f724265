// FROM: relations, joins, LATERAL VIEW, table functions.
#include <algorithm>
#include <optional>
#include <utility>

#include "base/suggest.h"
#include "expr/bind.h"
#include "plan/definitions.h"
#include "plan/detail/query_binder.h"
#include "plan/detail/rewrite.h"

namespace millrace::plan::detail {

using expr::ExpressionPtr;

namespace {

std::string name_text(const sql::Name& name) {
  std::string text;
  for (const sql::Identifier& part : name.parts) {
    text += (text.empty() ? "`" : ".`") + part.name + "`";
  }
  return text;
}

JoinKind kind_of(sql::JoinType type) {
  switch (type) {
    case sql::JoinType::kInner:
      return JoinKind::kInner;
    case sql::JoinType::kCross:
      return JoinKind::kCross;
    case sql::JoinType::kLeftOuter:
      return JoinKind::kLeft;
    case sql::JoinType::kRightOuter:
      return JoinKind::kRight;
    case sql::JoinType::kFullOuter:
      return JoinKind::kFull;
    case sql::JoinType::kLeftSemi:
      return JoinKind::kLeftSemi;
    case sql::JoinType::kLeftAnti:
      return JoinKind::kLeftAnti;
  }
  return JoinKind::kInner;
}

bool left_only(JoinKind kind) {
  return kind == JoinKind::kLeftSemi || kind == JoinKind::kLeftAnti;
}

// The columns of a join: those of both sides, nullable where the other side may have no match.
data::Schema join_schema(const Node& left, const Node& right, JoinKind kind) {
  data::Schema schema = left.schema;
  for (data::Field& field : schema.fields) {
    field.nullable = field.nullable || kind == JoinKind::kRight || kind == JoinKind::kFull;
  }
  if (!left_only(kind)) {
    for (data::Field field : right.schema.fields) {
      field.nullable = field.nullable || kind == JoinKind::kLeft || kind == JoinKind::kFull;
      schema.fields.push_back(std::move(field));
    }
  }
  return schema;
}

}  // namespace

Bound QueryBinder::from(const sql::FromClause& from) {
  if (from.pivot || from.unpivot) {
    return unsupported("PIVOT and UNPIVOT",
                       from.pivot ? from.pivot->position : from.unpivot->position);
  }
  Bound bound;
  for (const sql::RelationPtr& part : from.relations) {
    if (part->lateral && bound) {
      sql::JoinPart cross;
      cross.type = sql::JoinType::kCross;
      cross.position = part->position;
      bound = lateral(std::move(bound), *part, cross);
      if (!bound) {
        return {};
      }
      continue;
    }
    Bound next = relation(*part);
    if (!next) {
      return {};
    }
    if (!bound) {
      bound = std::move(next);
      continue;
    }
    sql::JoinPart cross;
    cross.type = sql::JoinType::kCross;
    cross.position = part->position;
    bound = join(std::move(bound), std::move(next), cross);
    if (!bound) {
      return {};
    }
  }
  for (const sql::LateralView& view : from.lateral_views) {
    bound = lateral_view(bound, view);
    if (!bound) {
      return {};
    }
  }
  return bound;
}

Bound QueryBinder::lateral_view(const Bound& input, const sql::LateralView& view) {
  return generate(input,
                  {.name = lower_name(view.function),
                   .arguments = view.arguments,
                   .outer = view.outer,
                   .qualifier = view.table ? view.table->name : "",
                   .names = view.columns,
                   .position = view.position});
}

Bound QueryBinder::relation(const sql::Relation& relation) {
  if (relation.unsupported) {
    return unsupported(relation.unsupported->text, relation.unsupported->position);
  }
  if (relation.sample) {
    return unsupported("TABLESAMPLE", relation.sample->position);
  }
  Bound bound;
  if (const auto* named = relation.as<sql::TableRelation>()) {
    bound = table(*named, relation);
  } else if (const auto* subquery = relation.as<sql::SubqueryRelation>()) {
    bound = query(*subquery->query);
    for (ScopeColumn& column : bound.columns) {
      column.qualifier.clear();
    }
  } else if (const auto* brackets = relation.as<sql::BracketedRelation>()) {
    bound = this->relation(*brackets->relation);
  } else if (const auto* rows = relation.as<sql::ValuesRelation>()) {
    bound = values(rows->rows, relation.position);
  } else if (const auto* joined = relation.as<sql::JoinRelation>()) {
    Bound left = this->relation(*joined->left);
    if (joined->join.right->lateral) {
      bound = left ? lateral(std::move(left), *joined->join.right, joined->join) : Bound{};
    } else {
      Bound right = this->relation(*joined->join.right);
      if (!left || !right) {
        return {};
      }
      bound = join(std::move(left), std::move(right), joined->join);
    }
  } else if (const auto* function = relation.as<sql::FunctionRelation>()) {
    bound = table_function(*function, relation);
  } else {
    return unsupported("PIVOT and UNPIVOT", relation.position);
  }
  if (bound && relation.watermark) {
    bound = watermark(std::move(bound), *relation.watermark);
  }
  if (!bound || !relation.alias) {
    return bound;
  }
  // Behind an alias the twins of USING columns have no name.
  std::erase_if(bound.columns, [](const ScopeColumn& column) { return column.hidden; });
  const auto& names = relation.alias->columns;
  if (!names.empty() && names.size() != bound.columns.size()) {
    return fail("ASSIGNMENT_ARITY_MISMATCH",
                "42802",
                span(relation.alias->name.position),
                "the relation has " + std::to_string(bound.columns.size()) +
                    " columns, its alias names " + std::to_string(names.size()));
  }
  for (std::size_t column = 0; column < bound.columns.size(); ++column) {
    bound.columns[column].qualifier = relation.alias->name.name;
    if (!names.empty()) {
      bound.columns[column].name = names[column].name;
    }
  }
  return bound;
}

Bound QueryBinder::table(const sql::TableRelation& table, const sql::Relation& relation) {
  const SourceSpan where = span(table.name.position);
  if (table.name.parts.size() == 1) {
    for (auto scope = ctes_.rbegin(); scope != ctes_.rend(); ++scope) {
      if (const auto cte = scope->find(to_lower(table.name.parts[0].name)); cte != scope->end()) {
        Bound bound = cte->second.bound;
        for (ScopeColumn& column : bound.columns) {
          column.qualifier = table.name.parts[0].name;
        }
        return bound;
      }
    }
  }
  std::vector<std::string> parts;
  parts.reserve(table.name.parts.size());
  for (const sql::Identifier& part : table.name.parts) {
    parts.push_back(part.name);
  }
  const std::size_t errors = diagnostics_.error_count();
  const std::shared_ptr<const Relation> found = resolver_.resolve(parts, where, diagnostics_);
  if (!found) {
    if (diagnostics_.error_count() == errors && !resolver_.failed(parts)) {
      return fail("TABLE_OR_VIEW_NOT_FOUND",
                  "42P01",
                  where,
                  "The table or view " + name_text(table.name) + " cannot be found" +
                      did_you_mean(parts.back(), resolver_.names()),
                  "sources are in sources/, tables and views in transformations/");
    }
    // Whoever reported why it is not there has made the error; this query only follows.
    if (diagnostics_.error_count() == errors) {
      diagnostics_.add({.code = "MR1221",
                        .severity = Severity::kNote,
                        .where = where,
                        .message = "not looked at, because " + parts.back() + " has errors"});
    }
    return {};
  }
  if (found->query) {
    Bound bound{.node = found->query, .columns = scope_of(found->schema, found->name)};
    if (relation.stream && !found->query->streaming) {
      return fail("INVALID_STREAM_RELATION",
                  "42000",
                  where,
                  "the view " + found->name + " is no stream",
                  "read it without STREAM, or let its query read FROM STREAM");
    }
    return bound;
  }
  Scan scan{.relation = found};
  for (std::size_t column = 0; column < found->schema.fields.size(); ++column) {
    scan.columns.push_back(column);
  }
  for (const sql::Property& option : relation.options) {
    scan.options.emplace_back(option.key, option.value);
  }
  return {.node = std::make_shared<Node>(Node{.op = std::move(scan),
                                              .schema = found->schema,
                                              .streaming = relation.stream,
                                              .where = where}),
          .columns = scope_of(found->schema, found->name)};
}

Bound QueryBinder::table_function(const sql::FunctionRelation& function,
                                  const sql::Relation& relation) {
  const std::string name = lower_name(function.name);
  static const Bound kNothing{
      .node = std::make_shared<Node>(Node{.op = Values{.rows = {{}}}, .schema = {}})};
  if (is_generator(name)) {
    return generate(kNothing,
                    {.name = name, .arguments = function.arguments, .position = relation.position});
  }
  if (name != "range") {
    return fail("UNRESOLVABLE_TABLE_VALUED_FUNCTION",
                "42883",
                span(function.name.position),
                "Could not resolve `" + name + "` to a table-valued function",
                "there are range, explode, posexplode, inline, stack and json_tuple");
  }
  std::vector<std::int64_t> numbers;
  for (const sql::Argument& argument : function.arguments) {
    const ExpressionPtr value = scalar(kNothing, *argument.value);
    if (!value) {
      return {};
    }
    if (!value->is_literal() || !value->type.is_integral() || value->value.is_null()) {
      return fail("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
                  "42K09",
                  span(argument.value->position),
                  "range takes constant whole numbers");
    }
    numbers.push_back(value->value.integer());
  }
  if (numbers.empty() || numbers.size() > 4 || (numbers.size() > 2 && numbers[2] == 0)) {
    return fail("WRONG_NUM_ARGS.WITHOUT_SUGGESTION",
                "42605",
                span(relation.position),
                "range takes (end), (start, end) or (start, end, step) with a step other than 0");
  }
  Range range;
  range.start = numbers.size() > 1 ? numbers[0] : 0;
  range.end = numbers.size() > 1 ? numbers[1] : numbers[0];
  range.step = numbers.size() > 2 ? numbers[2] : 1;
  const data::Schema schema{
      {{.name = "id", .type = data::Type(data::TypeKind::kBigInt), .nullable = false}}};
  return {.node = std::make_shared<Node>(
              Node{.op = range, .schema = schema, .where = span(relation.position)}),
          .columns = scope_of(schema, "")};
}

// Derives the event-time column where the clause names one; a flow without state needs no more.
Bound QueryBinder::watermark(Bound input, const sql::Watermark& watermark) {
  if (watermark.names.size() > 1) {
    return fail("CANNOT_USE_MULTI_ALIASES_IN_WATERMARK_CLAUSE",
                "42000",
                span(watermark.position),
                "WATERMARK takes one name");
  }
  const ExpressionPtr time = scalar(input, *watermark.value);
  if (!time) {
    return {};
  }
  if (time->type.kind() != data::TypeKind::kTimestamp &&
      time->type.kind() != data::TypeKind::kTimestampNtz) {
    return fail(
        "EVENT_TIME_IS_NOT_ON_TIMESTAMP_TYPE",
        "42K09",
        span(watermark.value->position),
        "The event time has the invalid type " + time->type.to_sql() + ", but expected TIMESTAMP");
  }
  if (watermark.names.empty()) {
    if (time->kind != expr::ExpressionKind::kColumn) {
      return fail("REQUIRES_EXPLICIT_NAME_IN_WATERMARK_CLAUSE",
                  "42000",
                  span(watermark.value->position),
                  "The watermark clause requires an explicit name for an expression",
                  "write WATERMARK … AS name DELAY OF …");
    }
    return input;
  }
  Project project;
  data::Schema schema = input.node->schema;
  for (std::size_t column = 0; column < schema.fields.size(); ++column) {
    const data::Field& field = schema.fields[column];
    project.columns.push_back(
        expr::make_column(column, field.name, field.type, field.nullable, input.node->where));
  }
  project.columns.push_back(time);
  schema.fields.push_back(
      {.name = watermark.names[0].name, .type = time->type, .nullable = time->nullable});
  input.columns.push_back({.qualifier = input.columns.empty() ? "" : input.columns[0].qualifier,
                           .name = watermark.names[0].name,
                           .index = schema.fields.size() - 1});
  input.node = std::make_shared<Node>(Node{.op = std::move(project),
                                           .schema = std::move(schema),
                                           .inputs = {input.node},
                                           .streaming = input.node->streaming,
                                           .where = span(watermark.position)});
  return input;
}

// Takes `left = right` out of the condition as keys; the rest stays.
void QueryBinder::split_condition(const ExpressionPtr& condition,
                                  std::size_t left_columns,
                                  Join& join) {
  constexpr std::size_t kEnd = kSpecialColumns;
  std::vector<ExpressionPtr> rest;
  for (const ExpressionPtr& part : conjuncts(condition)) {
    const bool equal = part->kind == expr::ExpressionKind::kCall && part->name == "=";
    const ExpressionPtr* left = equal ? &part->args[0] : nullptr;
    const ExpressionPtr* right = equal ? &part->args[1] : nullptr;
    if (equal && !uses_only(**left, 0, left_columns)) {
      std::swap(left, right);
    }
    if (equal && uses_only(**left, 0, left_columns) && uses_only(**right, left_columns, kEnd)) {
      join.left_keys.push_back(*left);
      join.right_keys.push_back(shift_columns(*right, -static_cast<std::ptrdiff_t>(left_columns)));
    } else {
      rest.push_back(part);
    }
  }
  for (ExpressionPtr& part : rest) {
    join.residual =
        join.residual
            ? expr::bind_call(
                  "and", {join.residual, part}, part->where, options_.context, diagnostics_)
            : std::move(part);
  }
}

Bound QueryBinder::join(Bound left, Bound right, const sql::JoinPart& part) {
  const JoinKind kind = kind_of(part.type);
  if (part.natural || !part.columns.empty()) {
    return using_join(std::move(left), std::move(right), part, kind);
  }
  Bound both;
  both.columns = left.columns;
  const std::size_t left_columns = left.node->schema.fields.size();
  for (ScopeColumn column : right.columns) {
    column.index += left_columns;
    both.columns.push_back(std::move(column));
  }
  Join join{.kind = kind};
  // The condition sees both sides, also where the result has one only.
  both.node = std::make_shared<Node>(
      Node{.op = Values{}, .schema = join_schema(*left.node, *right.node, JoinKind::kInner)});
  if (part.on) {
    ExpressionPtr condition = scalar(both, *part.on);
    if (condition && condition->type.kind() != data::TypeKind::kBoolean) {
      return fail("JOIN_CONDITION_IS_NOT_BOOLEAN_TYPE",
                  "42K0E",
                  span(part.on->position),
                  "the condition of the join is " + condition->type.to_sql() + ", not BOOLEAN");
    }
    if (!condition) {
      return {};
    }
    split_condition(condition, left_columns, join);
  }
  both.node =
      std::make_shared<Node>(Node{.op = std::move(join),
                                  .schema = join_schema(*left.node, *right.node, kind),
                                  .inputs = {left.node, right.node},
                                  .streaming = left.node->streaming || right.node->streaming,
                                  .where = span(part.position)});
  if (left_only(kind)) {
    both.columns = left.columns;
  }
  return both;
}

namespace {

// The columns that USING names, or for NATURAL those that both sides have.
std::vector<std::string> shared_names(const Bound& left,
                                      const Bound& right,
                                      const sql::JoinPart& part) {
  std::vector<std::string> names;
  names.reserve(part.columns.size());
  for (const sql::Identifier& column : part.columns) {
    names.push_back(column.name);
  }
  if (part.natural) {
    for (const ScopeColumn& column : left.columns) {
      if (std::ranges::any_of(right.columns, [&](const ScopeColumn& other) {
            return same_name(column.name, other.name);
          })) {
        names.push_back(column.name);
      }
    }
  }
  return names;
}

}  // namespace

// USING (a) and NATURAL: the common columns come first and once; their twins are reached with a
// qualifier only.
Bound QueryBinder::using_join(Bound left, Bound right, const sql::JoinPart& part, JoinKind kind) {
  Join join{.kind = kind};
  const std::size_t left_columns = left.node->schema.fields.size();
  std::vector<ScopeColumn> first;
  std::vector<std::size_t> twins;  // The columns of the right side that `first` stands for, too.
  Bound both{.columns = left.columns};
  for (ScopeColumn column : right.columns) {
    column.index += left_columns;
    both.columns.push_back(std::move(column));
  }
  for (const std::string& name : shared_names(left, right, part)) {
    const auto one = [&](const Bound& side) -> const ScopeColumn* {
      const Lookup lookup =
          find_column(side, {sql::Identifier{.name = name, .quoted = false, .position = {}}});
      return lookup.ambiguous ? nullptr : lookup.column;
    };
    const ScopeColumn* a = one(left);
    const ScopeColumn* b = one(right);
    if (a == nullptr || b == nullptr) {
      return fail("UNRESOLVED_USING_COLUMN_FOR_JOIN",
                  "42703",
                  span(part.position),
                  "USING column `" + name + "` cannot be resolved on the " +
                      (a == nullptr ? "left" : "right") + " side of the join");
    }
    const ExpressionPtr equal =
        expr::bind_call("=",
                        {column_of(left, *a, span(part.position)),
                         shift_columns(column_of(right, *b, span(part.position)),
                                       static_cast<std::ptrdiff_t>(left_columns))},
                        span(part.position),
                        options_.context,
                        diagnostics_);
    if (!equal) {
      return {};
    }
    split_condition(equal, left_columns, join);
    const bool take_right = kind == JoinKind::kRight;
    first.push_back({.name = name, .index = take_right ? b->index + left_columns : a->index});
    twins.push_back(b->index + left_columns);
    for (ScopeColumn& column : both.columns) {
      column.hidden =
          column.hidden || column.index == a->index || column.index == b->index + left_columns;
    }
  }
  both.node =
      std::make_shared<Node>(Node{.op = std::move(join),
                                  .schema = join_schema(*left.node, *right.node, kind),
                                  .inputs = {left.node, right.node},
                                  .streaming = left.node->streaming || right.node->streaming,
                                  .where = span(part.position)});
  if (left_only(kind)) {
    both.columns = left.columns;
    return both;
  }
  if (kind == JoinKind::kFull && !add_shared(both, first, twins, span(part.position))) {
    return {};
  }
  both.columns.insert(both.columns.begin(), first.begin(), first.end());
  return both;
}

// FULL JOIN … USING: a shared column has the value of the side that has the row.
bool QueryBinder::add_shared(Bound& both,
                             std::vector<ScopeColumn>& shared,
                             const std::vector<std::size_t>& twins,
                             const SourceSpan& where) {
  Project project;
  data::Schema schema = both.node->schema;
  const auto column_at = [&](std::size_t index) {
    const data::Field& field = both.node->schema.fields[index];
    return expr::make_column(index, field.name, field.type, field.nullable, where);
  };
  for (std::size_t column = 0; column < schema.fields.size(); ++column) {
    project.columns.push_back(column_at(column));
  }
  for (std::size_t number = 0; number < shared.size(); ++number) {
    ExpressionPtr value =
        expr::bind_call("coalesce",
                        {column_at(shared[number].index), column_at(twins[number])},
                        where,
                        options_.context,
                        diagnostics_);
    if (!value) {
      return false;
    }
    shared[number].index = schema.fields.size();
    schema.fields.push_back(
        {.name = shared[number].name, .type = value->type, .nullable = value->nullable});
    project.columns.push_back(std::move(value));
  }
  both.node = std::make_shared<Node>(Node{.op = std::move(project),
                                          .schema = std::move(schema),
                                          .inputs = {both.node},
                                          .streaming = both.node->streaming,
                                          .where = where});
  return true;
}

bool QueryBinder::is_generator(std::string_view name) {
  static constexpr std::string_view kNames[] = {"explode",
                                                "explode_outer",
                                                "posexplode",
                                                "posexplode_outer",
                                                "inline",
                                                "inline_outer",
                                                "stack",
                                                "json_tuple"};
  return std::ranges::find(kNames, name) != std::end(kNames);
}

namespace {

// More rows of one call of stack would be a slip, and could fill the memory.
constexpr std::int64_t kStackRowsMax = 10'000;

/// The number of rows of stack(n, …): a literal INT from 1 to kStackRowsMax; else 0.
std::size_t stack_rows(const std::vector<ExpressionPtr>& args) {
  const bool counts = args[0]->type.kind() == data::TypeKind::kInt && args[0]->is_literal() &&
                      !args[0]->value.is_null() && args[0]->value.integer() > 0 &&
                      args[0]->value.integer() <= kStackRowsMax;
  return counts ? static_cast<std::size_t>(args[0]->value.integer()) : 0;
}

std::size_t stack_width(const std::vector<ExpressionPtr>& args) {
  const std::size_t rows = stack_rows(args);
  return rows == 0 ? 0 : (args.size() - 1 + rows - 1) / rows;
}

/// The first type of a column of stack(…) that is not that of a bare NULL.
data::Type stack_type(const std::vector<ExpressionPtr>& args, std::size_t column) {
  for (std::size_t at = column + 1; at < args.size(); at += stack_width(args)) {
    if (!args[at]->type.is_void()) {
      return args[at]->type;
    }
  }
  return {};
}

/// Gives bare nulls the type of their column.
void type_stack_nulls(std::vector<ExpressionPtr>& args) {
  const std::size_t width = stack_width(args);
  for (std::size_t at = 1; width != 0 && at < args.size(); ++at) {
    if (args[at]->type.is_void() && args[at]->is_literal()) {
      args[at] =
          expr::make_literal(stack_type(args, (at - 1) % width), data::Value(), args[at]->where);
    }
  }
}

/// Empty when the values of one column are of several types.
std::vector<data::Field> stack_fields(const std::vector<ExpressionPtr>& args) {
  std::vector<data::Field> fields;
  const std::size_t width = stack_width(args);
  fields.reserve(width);
  for (std::size_t column = 0; column < width; ++column) {
    fields.push_back({.name = "col" + std::to_string(column), .type = stack_type(args, column)});
  }
  for (std::size_t at = 1; width != 0 && at < args.size(); ++at) {
    if (!(args[at]->type == fields[(at - 1) % width].type)) {
      return {};
    }
  }
  return fields;
}

/// The columns that a generator gives; empty when its arguments are of the wrong type.
std::vector<data::Field> generated_fields(const std::string& name,
                                          const std::vector<ExpressionPtr>& args) {
  using data::Type;
  using data::TypeKind;
  const Type& first = args[0]->type;
  std::vector<data::Field> fields;
  if (name == "json_tuple") {
    const bool texts = std::ranges::all_of(
        args, [](const ExpressionPtr& arg) { return arg->type.kind() == TypeKind::kString; });
    for (std::size_t at = 1; texts && at < args.size(); ++at) {
      fields.push_back({.name = "c" + std::to_string(at - 1), .type = Type(TypeKind::kString)});
    }
    return fields;
  }
  if (name == "stack") {
    return stack_fields(args);
  }
  if (name.starts_with("inline")) {
    if (first.kind() == TypeKind::kArray && first.element().kind() == TypeKind::kStruct) {
      fields = first.element().fields();
    }
    return fields;
  }
  if (name.starts_with("pos")) {
    fields.push_back({.name = "pos", .type = Type(TypeKind::kInt)});
  }
  if (first.kind() == TypeKind::kArray) {
    fields.push_back({.name = "col", .type = first.element()});
  } else if (first.kind() == TypeKind::kMap) {
    fields.push_back({.name = "key", .type = first.key()});
    fields.push_back({.name = "value", .type = first.value()});
  } else {
    fields.clear();
  }
  return fields;
}

}  // namespace

Bound QueryBinder::generate(const Bound& input, const GeneratorCall& call) {
  const std::string& name = call.name;
  if (!is_generator(name)) {
    return fail("UNRESOLVED_ROUTINE",
                "42883",
                span(call.position),
                "`" + name + "` is no generator",
                "there are explode, posexplode, inline, stack and json_tuple");
  }
  Generate generate{.generator = name, .outer = call.outer};
  if (name.ends_with("_outer")) {
    generate.generator = name.substr(0, name.size() - 6);
    generate.outer = true;
  }
  for (const sql::Argument& argument : call.arguments) {
    ExpressionPtr value = scalar(input, *argument.value);
    if (!value) {
      return {};
    }
    generate.args.push_back(std::move(value));
  }
  const bool several = name == "stack" || name == "json_tuple";
  if (several ? generate.args.size() < 2 : generate.args.size() != 1) {
    return fail("WRONG_NUM_ARGS.WITHOUT_SUGGESTION",
                "42605",
                span(call.position),
                "The `" + name + "` requires " + (several ? "> 1" : "1") +
                    " parameters but the actual number is " + std::to_string(generate.args.size()));
  }
  if (name == "stack") {
    type_stack_nulls(generate.args);
  }
  const std::vector<data::Field> fields = generated_fields(name, generate.args);
  if (fields.empty()) {
    return fail("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
                "42K09",
                span(call.position),
                "the arguments of " + name + " do not fit",
                "explode takes an array or map, inline an array of structs, stack a count up "
                "to 10000 and values of one type a column, json_tuple a text and names");
  }
  if (!call.names.empty() && call.names.size() != fields.size()) {
    return fail("UDTF_ALIAS_NUMBER_MISMATCH",
                "42K0E",
                span(call.position),
                name + " gives " + std::to_string(fields.size()) + " columns, " +
                    std::to_string(call.names.size()) + " names are given");
  }
  Bound bound{.columns = input.columns};
  data::Schema schema = input.node->schema;
  for (std::size_t column = 0; column < fields.size(); ++column) {
    data::Field field = fields[column];
    field.nullable = true;
    if (!call.names.empty()) {
      field.name = call.names[column].name;
    }
    bound.columns.push_back(
        {.qualifier = call.qualifier, .name = field.name, .index = schema.fields.size()});
    schema.fields.push_back(std::move(field));
  }
  bound.node = std::make_shared<Node>(Node{.op = std::move(generate),
                                           .schema = std::move(schema),
                                           .inputs = {input.node},
                                           .streaming = input.node->streaming,
                                           .where = span(call.position)});
  return bound;
}

}  // namespace millrace::plan::detail
