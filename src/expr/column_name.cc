// The names that Spark gives select items without an alias: the SQL of the expression, with what
// its parser wrote in other words ("a || b" is concat(a, b), count(*) is count(1)).
#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "expr/bind_ast.h"
#include "sql/printer.h"

namespace millrace::expr {
namespace {

template <class List>
std::string join(const List& list, std::string_view separator = ", ") {
  std::string text;
  bool first = true;
  for (const auto& element : list) {
    text += fmt::format("{}{}", first ? "" : separator, column_name(*element));
    first = false;
  }
  return text;
}

std::string negated(std::string text, bool negate) {
  return negate ? fmt::format("(NOT {})", text) : text;
}

std::string type_text(const sql::TypeName& type) {
  Diagnostics ignored;
  const auto bound = type_of(type, "", ignored);
  return bound ? bound->to_sql() : type.name;
}

std::string name_of(const sql::Literal& literal) {
  switch (literal.kind) {
    case sql::LiteralKind::kNull:
      return "NULL";
    case sql::LiteralKind::kDate:
      return fmt::format("DATE '{}'", literal.text);
    case sql::LiteralKind::kTime:
      return fmt::format("TIME '{}'", literal.text);
    case sql::LiteralKind::kTimestamp:
    case sql::LiteralKind::kTimestampLtz:
      return fmt::format("TIMESTAMP '{}'", literal.text);
    case sql::LiteralKind::kTimestampNtz:
      return fmt::format("TIMESTAMP_NTZ '{}'", literal.text);
    case sql::LiteralKind::kBinary: {
      std::string text = "X'";
      for (const char byte : literal.text) {
        text += fmt::format("{:02X}", static_cast<unsigned char>(byte));
      }
      return text + "'";
    }
    case sql::LiteralKind::kBoolean:
    case sql::LiteralKind::kInteger:
    case sql::LiteralKind::kTinyint:
    case sql::LiteralKind::kSmallint:
    case sql::LiteralKind::kBigint:
    case sql::LiteralKind::kDecimal:
    case sql::LiteralKind::kFloat:
    case sql::LiteralKind::kDouble:
    case sql::LiteralKind::kString:
      break;
  }
  return literal.text;
}

std::string name_of(const sql::IntervalLiteral& interval) {
  if (interval.fields.empty()) {
    return fmt::format("INTERVAL '{}'", interval.text);
  }
  std::string text = "INTERVAL";
  for (const sql::IntervalField& field : interval.fields) {
    text += fmt::format(" '{}' {}", field.value, sql::to_sql(field.unit));
  }
  return interval.to ? fmt::format("{} TO {}", text, sql::to_sql(*interval.to)) : text;
}

std::string name_of(const sql::ColumnReference& column) {
  return column.name.parts.back().name;
}

std::string name_of(const sql::Star&) {
  return "1";
}

std::string name_of(const sql::Parameter& parameter) {
  return parameter.name.empty() ? "?" : ":" + parameter.name;
}

std::string name_of(const sql::Unary& unary) {
  std::string operand = column_name(*unary.operand);
  switch (unary.op) {
    case sql::UnaryOperator::kPlus:
      return fmt::format("(+ {})", operand);
    case sql::UnaryOperator::kMinus:
      return fmt::format("(- {})", operand);
    case sql::UnaryOperator::kBitNot:
      return "~" + operand;
    case sql::UnaryOperator::kNot:
      return fmt::format("(NOT {})", operand);
  }
  return operand;
}

std::string name_of(const sql::Binary& binary) {
  const std::string left = column_name(*binary.left);
  const std::string right = column_name(*binary.right);
  if (binary.op == sql::BinaryOperator::kConcat) {
    return fmt::format("concat({}, {})", left, right);
  }
  if (binary.op == sql::BinaryOperator::kNotEqual) {
    return fmt::format("(NOT ({} = {}))", left, right);
  }
  const bool whole = binary.op == sql::BinaryOperator::kIntegralDivide;
  return fmt::format("({} {} {})", left, whole ? "div" : sql::to_sql(binary.op), right);
}

std::string name_of(const sql::Logical& logical) {
  const std::string_view word = logical.op == sql::LogicalOperator::kAnd ? "AND" : "OR";
  std::string text = column_name(*logical.operands.front());
  for (std::size_t i = 1; i < logical.operands.size(); ++i) {
    text = fmt::format("({} {} {})", text, word, column_name(*logical.operands[i]));
  }
  return text;
}

std::string name_of(const sql::Between& between) {
  return negated(fmt::format("between({}, {}, {})",
                             column_name(*between.value),
                             column_name(*between.low),
                             column_name(*between.high)),
                 between.negated);
}

std::string name_of(const sql::InList& in) {
  return negated(fmt::format("({} IN ({}))", column_name(*in.value), join(in.list)), in.negated);
}

std::string name_of(const sql::InSubquery& in) {
  return negated(fmt::format("({} IN (listquery()))", column_name(*in.value)), in.negated);
}

std::string name_of(const sql::Like& like) {
  const std::string value = column_name(*like.value);
  std::string text;
  for (const sql::ExpressionPtr& pattern : like.patterns) {
    const std::string right = column_name(*pattern);
    std::string one;
    switch (like.kind) {
      case sql::LikeKind::kLike:
        one = fmt::format("{} LIKE {}", value, right);
        break;
      case sql::LikeKind::kIlike:
        one = fmt::format("ilike({}, {})", value, right);
        break;
      case sql::LikeKind::kRlike:
        one = fmt::format("RLIKE({}, {})", value, right);
        break;
    }
    one = negated(std::move(one), like.negated);
    text = text.empty() ? one
                        : fmt::format("({} {} {})",
                                      text,
                                      like.quantifier == sql::LikeQuantifier::kAny ? "OR" : "AND",
                                      one);
  }
  return text;
}

std::string name_of(const sql::Is& is) {
  std::string value = column_name(*is.value);
  switch (is.kind) {
    case sql::IsKind::kNull:
    case sql::IsKind::kUnknown:
      return fmt::format("({} IS {}NULL)", value, is.negated ? "NOT " : "");
    case sql::IsKind::kTrue:
      return negated(fmt::format("({} <=> true)", value), is.negated);
    case sql::IsKind::kFalse:
      return negated(fmt::format("({} <=> false)", value), is.negated);
  }
  return value;
}

std::string name_of(const sql::Case& node) {
  std::string text = "CASE";
  for (const sql::CaseBranch& branch : node.branches) {
    const std::string condition = column_name(*branch.condition);
    text += fmt::format(
        " WHEN {} THEN {}",
        node.operand ? fmt::format("({} = {})", column_name(*node.operand), condition) : condition,
        column_name(*branch.result));
  }
  if (node.otherwise) {
    text += fmt::format(" ELSE {}", column_name(*node.otherwise));
  }
  return text + " END";
}

std::string name_of(const sql::Cast& cast) {
  return fmt::format("{}({} AS {})",
                     cast.attempt ? "TRY_CAST" : "CAST",
                     column_name(*cast.value),
                     type_text(cast.type));
}

std::string order_of(const std::vector<sql::SortItem>& items) {
  std::string text;
  for (const sql::SortItem& item : items) {
    const bool descending = item.direction == sql::SortDirection::kDescending;
    const bool first = item.nulls == sql::NullsOrder::kFirst ||
                       (item.nulls == sql::NullsOrder::kDefault && !descending);
    text += fmt::format("{}{} {} NULLS {}",
                        text.empty() ? "" : ", ",
                        column_name(*item.value),
                        descending ? "DESC" : "ASC",
                        first ? "FIRST" : "LAST");
  }
  return text;
}

/// A function whose name in a header has another number of arguments than the call.
struct ShownArguments {
  std::string_view function;
  std::size_t given;             ///< The call has so many, or (`absent` empty) more.
  std::string_view absent = {};  ///< The default that is written behind them.
};

constexpr ShownArguments kShownArguments[] = {
    {"percentile", 2, ", 1"},
    {"sort_array", 1, ", true"},
    {"listagg", 1, ", NULL"},
    {"string_agg", 1, ", NULL"},
    {"approx_count_distinct", 1},
    {"approx_top_k", 1, ", 5, 10000"},
    {"approx_top_k", 2, ", 10000"},
    {"any_value", 1},
    {"first", 1},
    {"first_value", 1},
    {"last", 1},
    {"last_value", 1},
};

bool equals_lower(std::string_view name, std::string_view lower) {
  return std::ranges::equal(name, lower, {}, [](unsigned char letter) {
    return static_cast<char>(std::tolower(letter));
  });
}

std::string arguments_of(const sql::FunctionCall& call) {
  const std::string& name = call.name.parts.back().name;
  const auto* shown = std::ranges::find_if(kShownArguments, [&](const ShownArguments& row) {
    return equals_lower(name, row.function) &&
           (row.absent.empty() || row.given == call.arguments.size());
  });
  const bool special = shown != std::end(kShownArguments);
  const bool cut = special && shown->absent.empty();
  std::string args;
  for (std::size_t at = 0; at < call.arguments.size() && !(cut && at == shown->given); ++at) {
    args += (at == 0 ? "" : ", ") + column_name(*call.arguments[at].value);
  }
  return special && call.arguments.size() == shown->given ? args.append(shown->absent) : args;
}

constexpr std::string_view kFrameEdges[] = {
    "UNBOUNDED PRECEDING", "PRECEDING", "CURRENT ROW", "FOLLOWING", "UNBOUNDED FOLLOWING"};

std::string name_of(const sql::FrameBound& bound) {
  const std::string_view edge = kFrameEdges[static_cast<std::size_t>(bound.kind)];
  if (!bound.value) {
    return std::string(edge);
  }
  // Spark counts rows before the current one as negative.
  return fmt::format("{}{} FOLLOWING",
                     bound.kind == sql::FrameBoundKind::kPreceding ? "-" : "",
                     column_name(*bound.value));
}

// The frame as written, or the one that the function has without.
std::string frame_of(const sql::FunctionCall& call, const sql::WindowSpecification& window) {
  if (window.frame) {
    const sql::WindowFrame& frame = *window.frame;
    return fmt::format("{} BETWEEN {} AND {}",
                       frame.unit == sql::FrameUnit::kRows ? "ROWS" : "RANGE",
                       name_of(frame.start),
                       name_of(frame.end));
  }
  const std::string& name = call.name.parts.back().name;
  const bool lag = equals_lower(name, "lag");
  if (lag || equals_lower(name, "lead")) {
    const std::string offset =
        call.arguments.size() > 1 ? column_name(*call.arguments[1].value) : "1";
    const std::string edge = fmt::format("{}{} FOLLOWING", lag ? "-" : "", offset);
    return fmt::format("ROWS BETWEEN {} AND {}", edge, edge);
  }
  for (const std::string_view ranking :
       {"row_number", "rank", "dense_rank", "percent_rank", "ntile"}) {
    if (equals_lower(name, ranking)) {
      return "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW";
    }
  }
  return window.order_by.empty() ? "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"
                                 : "RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW";
}

std::string over_of(const sql::FunctionCall& call, const sql::WindowSpecification& window) {
  if (window.name) {
    return " OVER " + window.name->name;
  }
  std::string text;
  if (!window.partition_by.empty()) {
    text += "PARTITION BY " + join(window.partition_by) + " ";
  }
  if (!window.order_by.empty()) {
    text += "ORDER BY " + order_of(window.order_by) + " ";
  }
  return fmt::format(" OVER ({}{})", text, frame_of(call, window));
}

// Spark shows the ranks in capitals, and all arguments of lag and lead.
std::string called(const sql::FunctionCall& call, std::string args) {
  std::string name = call.name.parts.back().name;
  if (call.over) {
    for (const std::string_view rank : {"rank", "dense_rank", "percent_rank"}) {
      if (equals_lower(name, rank)) {
        std::ranges::transform(name, name.begin(), [](unsigned char letter) {
          return static_cast<char>(std::toupper(letter));
        });
      }
    }
    if (equals_lower(name, "lag") || equals_lower(name, "lead")) {
      args += call.arguments.size() < 2 ? ", 1" : "";
      args += call.arguments.size() < 3 ? ", NULL" : "";
    }
  }
  return fmt::format("{}({}{})", name, call.distinct ? "DISTINCT " : "", args);
}

std::string without_over(const sql::FunctionCall& call) {
  const std::string args = arguments_of(call);
  std::string text = called(call, args);
  if (!call.within_group.empty()) {
    text += fmt::format(" WITHIN GROUP (ORDER BY {})", order_of(call.within_group));
  }
  if (call.filter) {
    text += fmt::format(" FILTER (WHERE {})", column_name(*call.filter));
  }
  return text;
}

std::string name_of(const sql::FunctionCall& call) {
  return without_over(call) + (call.over ? over_of(call, *call.over) : "");
}

std::string name_of(const sql::Lambda& lambda) {
  std::string parameters;
  for (const sql::Identifier& parameter : lambda.parameters) {
    parameters += fmt::format(", namedlambdavariable({})", parameter.name);
  }
  return fmt::format("lambdafunction({}{})", column_name(*lambda.body), parameters);
}

std::string name_of(const sql::FieldAccess& access) {
  return fmt::format("{}.{}", column_name(*access.value), access.field.name);
}

std::string name_of(const sql::Subscript& subscript) {
  return fmt::format("{}[{}]", column_name(*subscript.value), column_name(*subscript.index));
}

std::string name_of(const sql::JsonExtract& extract) {
  return column_name(*extract.value);
}

std::string name_of(const sql::Collate& collate) {
  return fmt::format(
      "collate({}, {})", column_name(*collate.value), collate.collation.parts.back().name);
}

std::string name_of(const sql::RowConstructor& row) {
  return fmt::format("struct({})", join(row.values));
}

std::string name_of(const sql::Subquery& subquery) {
  return subquery.kind == sql::SubqueryKind::kExists ? "exists()" : "scalarsubquery()";
}

std::string name_of(const sql::Alias& alias) {
  return alias.names.empty() ? column_name(*alias.value) : alias.names.front().name;
}

}  // namespace

std::string column_name(const sql::Expression& expression) {
  if (const auto* access = expression.as<sql::FieldAccess>()) {
    return access->field.name;
  }
  return std::visit([](const auto& node) { return name_of(node); }, expression.node);
}

std::string column_name(const sql::FunctionCall& call, const sql::WindowSpecification& over) {
  return without_over(call) + over_of(call, over);
}

}  // namespace millrace::expr
