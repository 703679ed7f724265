#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "sql/detail/keywords.h"
#include "sql/detail/writer.h"
#include "sql/printer.h"

namespace millrace::sql::detail {
namespace {

struct OperatorText {
  BinaryOperator op;
  std::string_view text;
  Level level;
};

constexpr std::array kOperators = std::to_array<OperatorText>({
    {BinaryOperator::kMultiply, "*", Level::kMultiply},
    {BinaryOperator::kDivide, "/", Level::kMultiply},
    {BinaryOperator::kModulo, "%", Level::kMultiply},
    {BinaryOperator::kIntegralDivide, "DIV", Level::kMultiply},
    {BinaryOperator::kAdd, "+", Level::kAdd},
    {BinaryOperator::kSubtract, "-", Level::kAdd},
    {BinaryOperator::kConcat, "||", Level::kAdd},
    {BinaryOperator::kShiftLeft, "<<", Level::kShift},
    {BinaryOperator::kShiftRight, ">>", Level::kShift},
    {BinaryOperator::kShiftRightUnsigned, ">>>", Level::kShift},
    {BinaryOperator::kBitAnd, "&", Level::kBitAnd},
    {BinaryOperator::kBitXor, "^", Level::kBitXor},
    {BinaryOperator::kBitOr, "|", Level::kBitOr},
    {BinaryOperator::kEqual, "=", Level::kComparison},
    {BinaryOperator::kNullSafeEqual, "<=>", Level::kComparison},
    {BinaryOperator::kNotEqual, "<>", Level::kComparison},
    {BinaryOperator::kLess, "<", Level::kComparison},
    {BinaryOperator::kLessOrEqual, "<=", Level::kComparison},
    {BinaryOperator::kGreater, ">", Level::kComparison},
    {BinaryOperator::kGreaterOrEqual, ">=", Level::kComparison},
});

const OperatorText& operator_text(BinaryOperator op) {
  return *std::ranges::find(kOperators, op, &OperatorText::op);
}

Level next(Level level) {
  return static_cast<Level>(static_cast<int>(level) + 1);
}

constexpr std::array kUnitNames = std::to_array<std::string_view>({"YEAR",
                                                                   "MONTH",
                                                                   "WEEK",
                                                                   "DAY",
                                                                   "HOUR",
                                                                   "MINUTE",
                                                                   "SECOND",
                                                                   "MILLISECOND",
                                                                   "MICROSECOND",
                                                                   "NANOSECOND"});

Level level_of(const Expression& expression) {
  if (const auto* binary = expression.as<Binary>()) {
    return operator_text(binary->op).level;
  }
  if (const auto* logical = expression.as<Logical>()) {
    return logical->op == LogicalOperator::kAnd ? Level::kAnd : Level::kOr;
  }
  if (const auto* unary = expression.as<Unary>()) {
    return unary->op == UnaryOperator::kNot ? Level::kNot : Level::kUnary;
  }
  if (expression.as<Between>() != nullptr || expression.as<InList>() != nullptr ||
      expression.as<InSubquery>() != nullptr || expression.as<Like>() != nullptr ||
      expression.as<Is>() != nullptr) {
    return Level::kPredicate;
  }
  if (expression.as<Lambda>() != nullptr || expression.as<Alias>() != nullptr) {
    return Level::kAny;
  }
  return Level::kPrimary;
}

void write_in_brackets(Writer& writer, const Expression& expression) {
  writer << "(";
  write(writer, expression, Level::kAny);
  writer << ")";
}

std::string_view not_text(bool negated) {
  return negated ? " NOT" : "";
}

void write_number(Writer& writer, const Literal& literal) {
  const std::string& text = literal.text;
  const bool exponent = text.find_first_of("eE") != std::string::npos;
  writer << text;
  switch (literal.kind) {
    case LiteralKind::kTinyint:
      writer << "Y";
      break;
    case LiteralKind::kSmallint:
      writer << "S";
      break;
    case LiteralKind::kBigint:
      writer << "L";
      break;
    case LiteralKind::kFloat:
      writer << "F";
      break;
    case LiteralKind::kDouble:
      writer << (exponent ? "" : "D");
      break;
    case LiteralKind::kDecimal:
      writer << (exponent || text.find('.') == std::string::npos ? "BD" : "");
      break;
    case LiteralKind::kInteger:
    case LiteralKind::kNull:
    case LiteralKind::kBoolean:
    case LiteralKind::kString:
    case LiteralKind::kBinary:
    case LiteralKind::kDate:
    case LiteralKind::kTime:
    case LiteralKind::kTimestamp:
    case LiteralKind::kTimestampLtz:
    case LiteralKind::kTimestampNtz:
      break;
  }
}

void write_typed(Writer& writer, std::string_view type, const std::string& text) {
  writer << type << " ";
  write_string(writer, text);
}

// A column whose name would be taken for a keyword where it stands.
bool needs_brackets(const ColumnReference& column) {
  if (column.name.parts.size() != 1 || column.name.parts.front().quoted) {
    return false;
  }
  const Keyword keyword = find_keyword(column.name.parts.front().name);
  return stands_between_expressions(keyword) || keyword == Keyword::kAll ||
         keyword == Keyword::kInterval;
}

// GROUP BY ALL, ORDER BY ALL: in brackets it would be a column.
const ColumnReference* find_all(const Expression& expression) {
  const auto* column = expression.as<ColumnReference>();
  const bool all = column != nullptr && column->name.parts.size() == 1 &&
                   !column->name.parts.front().quoted &&
                   find_keyword(column->name.parts.front().name) == Keyword::kAll;
  return all ? column : nullptr;
}

// Writes one kind of node each. Owned by one thread.
class ExpressionWriter {
 public:
  explicit ExpressionWriter(Writer& writer) : w_(writer) {}

  void operator()(const Literal& literal) {
    switch (literal.kind) {
      case LiteralKind::kNull:
        w_ << "NULL";
        break;
      case LiteralKind::kBoolean:
        w_ << (literal.text == "true" ? "TRUE" : "FALSE");
        break;
      case LiteralKind::kString:
        write_string(w_, literal.text);
        break;
      case LiteralKind::kBinary:
        write_binary(literal.text);
        break;
      case LiteralKind::kDate:
        write_typed(w_, "DATE", literal.text);
        break;
      case LiteralKind::kTime:
        write_typed(w_, "TIME", literal.text);
        break;
      case LiteralKind::kTimestamp:
        write_typed(w_, "TIMESTAMP", literal.text);
        break;
      case LiteralKind::kTimestampLtz:
        write_typed(w_, "TIMESTAMP_LTZ", literal.text);
        break;
      case LiteralKind::kTimestampNtz:
        write_typed(w_, "TIMESTAMP_NTZ", literal.text);
        break;
      case LiteralKind::kInteger:
      case LiteralKind::kTinyint:
      case LiteralKind::kSmallint:
      case LiteralKind::kBigint:
      case LiteralKind::kDecimal:
      case LiteralKind::kFloat:
      case LiteralKind::kDouble:
        write_number(w_, literal);
        break;
    }
  }

  void operator()(const IntervalLiteral& interval) {
    w_ << "INTERVAL ";
    if (interval.fields.empty()) {
      write_string(w_, interval.text);
      return;
    }
    w_.join(
        interval.fields,
        [](Writer& writer, const IntervalField& field) {
          if (field.quoted) {
            write_string(writer, field.value);
          } else {
            writer << field.value;
          }
          writer << " " << to_sql(field.unit);
        },
        " ");
    if (interval.to) {
      w_ << " TO " << to_sql(*interval.to);
    }
  }

  void operator()(const ColumnReference& column) {
    const bool brackets = needs_brackets(column);
    w_ << (brackets ? "(" : "");
    write(w_, column.name);
    w_ << (brackets ? ")" : "");
  }

  void operator()(const Star& star) {
    for (const Identifier& part : star.qualifier) {
      write(w_, part);
      w_ << ".";
    }
    w_ << "*";
    if (!star.except.empty()) {
      w_ << " EXCEPT ";
      write_bracketed(w_, star.except);
    }
  }

  void operator()(const Parameter& parameter) {
    w_ << (parameter.name.empty() ? "?" : ":");
    if (!parameter.name.empty()) {
      write(w_, Identifier{.name = parameter.name, .quoted = false, .position = {}});
    }
  }

  void operator()(const Unary& unary) {
    switch (unary.op) {
      case UnaryOperator::kNot:
        w_ << "NOT ";
        write(w_, *unary.operand, Level::kNot);
        return;
      case UnaryOperator::kPlus:
        w_ << "+";
        break;
      case UnaryOperator::kMinus:
        w_ << "-";
        break;
      case UnaryOperator::kBitNot:
        w_ << "~";
        break;
    }
    // -5 would be a literal, and --a a comment.
    const bool brackets =
        unary.op == UnaryOperator::kMinus &&
        (unary.operand->as<Literal>() != nullptr || unary.operand->as<Unary>() != nullptr ||
         starts_with_number(*unary.operand));
    if (brackets) {
      write_in_brackets(w_, *unary.operand);
    } else {
      write(w_, *unary.operand, Level::kUnary);
    }
  }

  void operator()(const Binary& binary) {
    const OperatorText& op = operator_text(binary.op);
    write(w_, *binary.left, op.level);
    w_ << " " << op.text << " ";
    write(w_, *binary.right, next(op.level));
  }

  void operator()(const Logical& logical) {
    const bool is_and = logical.op == LogicalOperator::kAnd;
    const Level level = is_and ? Level::kNot : Level::kAnd;
    w_.join(
        logical.operands,
        [level](Writer& writer, const ExpressionPtr& operand) { write(writer, *operand, level); },
        is_and ? " AND " : " OR ");
  }

  void operator()(const Between& between) {
    write(w_, *between.value, Level::kComparison);
    w_ << not_text(between.negated) << " BETWEEN ";
    write(w_, *between.low, Level::kComparison);
    w_ << " AND ";
    write(w_, *between.high, Level::kComparison);
  }

  void operator()(const InList& in) {
    write(w_, *in.value, Level::kComparison);
    w_ << not_text(in.negated) << " IN ";
    write_bracketed(w_, in.list);
  }

  void operator()(const InSubquery& in) {
    write(w_, *in.value, Level::kComparison);
    w_ << not_text(in.negated) << " IN (";
    write(w_, *in.query);
    w_ << ")";
  }

  void operator()(const Like& like) {
    write(w_, *like.value, Level::kComparison);
    w_ << not_text(like.negated);
    switch (like.kind) {
      case LikeKind::kLike:
        w_ << " LIKE ";
        break;
      case LikeKind::kIlike:
        w_ << " ILIKE ";
        break;
      case LikeKind::kRlike:
        w_ << " RLIKE ";
        break;
    }
    if (like.quantifier != LikeQuantifier::kOne) {
      w_ << (like.quantifier == LikeQuantifier::kAny ? "ANY " : "ALL ");
      write_bracketed(w_, like.patterns);
      return;
    }
    write(w_, *like.patterns.front(), Level::kComparison);
    if (like.escape) {
      w_ << " ESCAPE ";
      write_string(w_, *like.escape);
    }
  }

  void operator()(const Is& is) {
    write(w_, *is.value, Level::kComparison);
    w_ << " IS" << not_text(is.negated);
    switch (is.kind) {
      case IsKind::kNull:
        w_ << " NULL";
        break;
      case IsKind::kTrue:
        w_ << " TRUE";
        break;
      case IsKind::kFalse:
        w_ << " FALSE";
        break;
      case IsKind::kUnknown:
        w_ << " UNKNOWN";
        break;
    }
  }

  void operator()(const Case& node) {
    w_ << "CASE";
    if (node.operand) {
      w_ << " ";
      write(w_, node.operand);
    }
    for (const CaseBranch& branch : node.branches) {
      w_ << " WHEN ";
      write(w_, branch.condition);
      w_ << " THEN ";
      write(w_, branch.result);
    }
    if (node.otherwise) {
      w_ << " ELSE ";
      write(w_, node.otherwise);
    }
    w_ << " END";
  }

  void operator()(const Cast& cast) {
    w_ << (cast.attempt ? "TRY_CAST(" : "CAST(");
    write(w_, cast.value);
    w_ << " AS ";
    write(w_, cast.type);
    w_ << ")";
  }

  void operator()(const FunctionCall& call) {
    write(w_, call.name);
    w_ << "(" << (call.distinct ? "DISTINCT " : "");
    write_arguments(call);
    w_ << ")";
    if (!call.within_group.empty()) {
      w_ << " WITHIN GROUP (ORDER BY ";
      write_list(w_, call.within_group);
      w_ << ")";
    }
    if (call.filter) {
      w_ << " FILTER (WHERE ";
      write(w_, call.filter);
      w_ << ")";
    }
    if (call.nulls != NullTreatment::kDefault) {
      w_ << (call.nulls == NullTreatment::kIgnore ? " IGNORE NULLS" : " RESPECT NULLS");
    }
    if (call.over) {
      w_ << " OVER ";
      write(w_, *call.over);
    }
  }

  void operator()(const Lambda& lambda) {
    if (lambda.parameters.size() == 1) {
      write(w_, lambda.parameters.front());
    } else {
      write_bracketed(w_, lambda.parameters);
    }
    w_ << " -> ";
    write(w_, lambda.body);
  }

  void operator()(const FieldAccess& access) {
    write_base(*access.value, /*field=*/true);
    w_ << ".";
    write(w_, access.field);
  }

  void operator()(const Subscript& subscript) {
    write_base(*subscript.value, /*field=*/false);
    w_ << "[";
    write(w_, *subscript.index, Level::kComparison);
    w_ << "]";
  }

  void operator()(const JsonExtract& extract) {
    write(w_, *extract.value, Level::kPrimary);
    w_ << ":";
    bool first = true;
    for (const JsonPathStep& step : extract.path) {
      write_step(step, first);
      first = false;
    }
  }

  void operator()(const Collate& collate) {
    write(w_, *collate.value, Level::kPrimary);
    w_ << " COLLATE ";
    write(w_, collate.collation);
  }

  void operator()(const RowConstructor& row) { write_bracketed(w_, row.values); }

  void operator()(const Subquery& subquery) {
    switch (subquery.kind) {
      case SubqueryKind::kScalar:
        break;
      case SubqueryKind::kExists:
        w_ << "EXISTS ";
        break;
      case SubqueryKind::kTable:
        w_ << "TABLE ";
        break;
    }
    w_ << "(";
    write(w_, *subquery.query);
    w_ << ")";
  }

  void operator()(const Alias& alias) {
    write(w_, alias.value);
    write_names(w_, alias.names, alias.bracketed);
  }

 private:
  void write_binary(const std::string& bytes) {
    w_ << "X'";
    for (const char byte : bytes) {
      w_ << fmt::format("{:02X}", static_cast<unsigned char>(byte));
    }
    w_ << "'";
  }

  // -5[0] is a subscript of the literal -5; so -(5[0]) needs its brackets.
  static bool starts_with_number(const Expression& expression) {
    if (const auto* subscript = expression.as<Subscript>()) {
      return starts_with_number(*subscript->value);
    }
    if (const auto* extract = expression.as<JsonExtract>()) {
      return starts_with_number(*extract->value);
    }
    if (const auto* collate = expression.as<Collate>()) {
      return starts_with_number(*collate->value);
    }
    return expression.as<Literal>() != nullptr;
  }

  // What stands before `.field` or `[index]`, which would go on a number or a JSON path.
  void write_base(const Expression& base, bool field) {
    const bool brackets = base.as<JsonExtract>() != nullptr || base.as<Literal>() != nullptr ||
                          base.as<Collate>() != nullptr || base.as<IntervalLiteral>() != nullptr ||
                          base.as<Star>() != nullptr ||
                          (field && base.as<ColumnReference>() != nullptr);
    if (brackets) {
      write_in_brackets(w_, base);
    } else {
      write(w_, base, Level::kPrimary);
    }
  }

  void write_step(const JsonPathStep& step, bool first) {
    switch (step.kind) {
      case JsonPathKind::kIndex:
        w_ << fmt::format("[{}]", step.index);
        return;
      case JsonPathKind::kWildcard:
        w_ << "[*]";
        return;
      case JsonPathKind::kField:
        break;
    }
    if (step.quoted) {
      w_ << "[";
      write_string(w_, step.name);
      w_ << "]";
    } else {
      w_ << (first ? "" : ".") << step.name;
    }
  }

  static bool is_call_of(const FunctionCall& call, std::initializer_list<std::string_view> names) {
    if (call.name.parts.size() != 1 || call.name.parts.front().quoted) {
      return false;
    }
    const std::string_view written = call.name.parts.front().name;
    return std::ranges::any_of(names, [&](std::string_view name) {
      return std::ranges::equal(written, name, [](char a, char b) { return (a | 0x20) == b; });
    });
  }

  void write_arguments(const FunctionCall& call) {
    // The unit of these is a word, and of those the first argument is no full expression.
    const bool adds =
        is_call_of(call, {"timestampadd", "timestampdiff"}) && call.arguments.size() == 3;
    const Literal* unit = adds ? call.arguments.front().value->as<Literal>() : nullptr;
    const bool worded = is_call_of(call, {"trim", "position", "overlay", "substr", "substring"});
    bool first = true;
    for (const Argument& argument : call.arguments) {
      w_ << (first ? "" : ", ");
      if (first && unit != nullptr) {
        w_ << unit->text;
      } else if (first && worded && !argument.name) {
        write(w_, *argument.value, Level::kComparison);
      } else {
        write(w_, argument);
      }
      first = false;
    }
  }

  Writer& w_;
};

bool is_plain_name(std::string_view name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && std::ranges::all_of(name, plain) &&
         !std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
}

void write_field(Writer& writer, const TypeField& field) {
  write(writer, field.name);
  writer << ": ";
  write(writer, field.type);
  writer << (field.not_null ? " NOT NULL" : "");
  if (field.comment) {
    writer << " COMMENT ";
    write_string(writer, *field.comment);
  }
}

}  // namespace

void write_string(Writer& writer, std::string_view text) {
  writer << "'";
  for (const char c : text) {
    switch (c) {
      case '\'':
        writer << "''";
        break;
      case '\\':
        writer << R"(\\)";
        break;
      case '\n':
        writer << R"(\n)";
        break;
      case '\r':
        writer << R"(\r)";
        break;
      case '\t':
        writer << R"(\t)";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          writer << fmt::format("\\u{:04X}", static_cast<unsigned char>(c));
        } else {
          writer << std::string_view(&c, 1);
        }
    }
  }
  writer << "'";
}

void write(Writer& writer, const Identifier& identifier) {
  if (!identifier.quoted && is_plain_name(identifier.name)) {
    writer << identifier.name;
    return;
  }
  writer << "`";
  for (const char c : identifier.name) {
    writer << (c == '`' ? "``" : std::string_view(&c, 1));
  }
  writer << "`";
}

void write(Writer& writer, const Name& name) {
  writer.join(name.parts, kWriteEach, ".");
}

void write(Writer& writer, const TypeName& type) {
  writer << type.name;
  if (type.from) {
    writer << " " << to_sql(*type.from);
  }
  if (type.to) {
    writer << " TO " << to_sql(*type.to);
  }
  if (!type.parameters.empty()) {
    writer << "(";
    writer.join(type.parameters, [](Writer& w, int value) { w << std::to_string(value); });
    writer << ")";
  }
  if (!type.children.empty()) {
    writer << "<";
    write_list(writer, type.children);
    writer << ">";
  }
  if (type.name == "STRUCT") {
    writer << "<";
    writer.join(type.fields, write_field);
    writer << ">";
  }
  if (!type.collation.empty()) {
    writer << " COLLATE ";
    write(writer, Identifier{.name = type.collation, .quoted = false, .position = {}});
  }
}

void write(Writer& writer, const Expression& expression, Level level) {
  if (level_of(expression) < level) {
    write_in_brackets(writer, expression);
    return;
  }
  std::visit(ExpressionWriter(writer), expression.node);
}

void write(Writer& writer, const ExpressionPtr& expression) {
  write(writer, *expression, Level::kAny);
}

void write(Writer& writer, const Argument& argument) {
  if (argument.name) {
    write(writer, *argument.name);
    writer << " => ";
  }
  write(writer, argument.value);
}

void write_key(Writer& writer, const ExpressionPtr& key) {
  if (const ColumnReference* all = find_all(*key)) {
    write(writer, all->name);
  } else {
    write(writer, key);
  }
}

void write(Writer& writer, const SortItem& item) {
  write_key(writer, item.value);
  switch (item.direction) {
    case SortDirection::kDefault:
      break;
    case SortDirection::kAscending:
      writer << " ASC";
      break;
    case SortDirection::kDescending:
      writer << " DESC";
      break;
  }
  switch (item.nulls) {
    case NullsOrder::kDefault:
      break;
    case NullsOrder::kFirst:
      writer << " NULLS FIRST";
      break;
    case NullsOrder::kLast:
      writer << " NULLS LAST";
      break;
  }
}

void write_names(Writer& writer, const std::vector<Identifier>& names, bool bracketed) {
  if (names.empty()) {
    return;
  }
  writer << " AS ";
  if (bracketed || names.size() > 1) {
    write_bracketed(writer, names);
  } else {
    write(writer, names.front());
  }
}

}  // namespace millrace::sql::detail

namespace millrace::sql {

std::string to_sql(const Expression& expression) {
  detail::Writer writer;
  detail::write(writer, expression, detail::Level::kAny);
  return writer.take();
}

std::string to_sql(const TypeName& type) {
  detail::Writer writer;
  detail::write(writer, type);
  return writer.take();
}

std::string to_sql(const Name& name) {
  detail::Writer writer;
  detail::write(writer, name);
  return writer.take();
}

std::string to_sql(const Identifier& identifier) {
  detail::Writer writer;
  detail::write(writer, identifier);
  return writer.take();
}

std::string_view to_sql(BinaryOperator op) {
  return detail::operator_text(op).text;
}

std::string_view to_sql(IntervalUnit unit) {
  return detail::kUnitNames.at(static_cast<std::size_t>(unit));
}

std::string to_sql_string(const std::string& text) {
  detail::Writer writer;
  detail::write_string(writer, text);
  return writer.take();
}

}  // namespace millrace::sql
