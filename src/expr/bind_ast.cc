#include "expr/bind_ast.h"

#include <utility>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/suggest.h"
#include "expr/bind_literal.h"
#include "sql/printer.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::TypeKind;

std::string_view function_of(sql::BinaryOperator op) {
  if (op == sql::BinaryOperator::kConcat) {
    return "concat";
  }
  return op == sql::BinaryOperator::kIntegralDivide ? "div" : sql::to_sql(op);
}

std::string_view function_of(sql::UnaryOperator op) {
  switch (op) {
    case sql::UnaryOperator::kPlus:
      return "+";
    case sql::UnaryOperator::kMinus:
      return "-";
    case sql::UnaryOperator::kBitNot:
      return "~";
    case sql::UnaryOperator::kNot:
      return "not";
  }
  return "";
}

std::string_view function_of(sql::LikeKind kind) {
  switch (kind) {
    case sql::LikeKind::kLike:
      return "like";
    case sql::LikeKind::kIlike:
      return "ilike";
    case sql::LikeKind::kRlike:
      return "rlike";
  }
  return "";
}

struct CastName {
  std::string_view name;
  TypeKind kind;
};

// int('7') is CAST('7' AS INT).
constexpr CastName kCasts[] = {
    {"boolean", TypeKind::kBoolean},
    {"tinyint", TypeKind::kTinyInt},
    {"smallint", TypeKind::kSmallInt},
    {"int", TypeKind::kInt},
    {"bigint", TypeKind::kBigInt},
    {"float", TypeKind::kFloat},
    {"double", TypeKind::kDouble},
    {"string", TypeKind::kString},
    {"binary", TypeKind::kBinary},
    {"date", TypeKind::kDate},
    {"timestamp", TypeKind::kTimestamp},
    {"decimal", TypeKind::kDecimal},
};

// Functions that may be written without brackets where no column has that name.
constexpr std::string_view kBare[] = {"current_date",
                                      "current_timestamp",
                                      "current_user",
                                      "current_time",
                                      "localtimestamp",
                                      "session_user",
                                      "user"};

class AstBinder {
 public:
  AstBinder(NameResolver& names, const BindAstOptions& options, Diagnostics& diagnostics)
      : names_(names), context_(options.context), file_(options.file), diagnostics_(diagnostics) {}

  ExpressionPtr bind(const sql::Expression& node) {
    ExpressionPtr known;
    if (names_.substitute(node, known) != Resolved::kNotMine) {
      return known;
    }
    const SourceSpan where = sql::to_span(node.position, file_);
    return std::visit([&](const auto& kind) { return bind_node(kind, node, where); }, node.node);
  }

 private:
  using Where = const SourceSpan&;
  using Node = const sql::Expression&;

  ExpressionPtr call(std::string_view name, std::vector<ExpressionPtr> args, Where where) {
    return bind_call(name, std::move(args), where, context_, diagnostics_);
  }

  ExpressionPtr text(std::string value, Where where) {
    return make_literal(Type(TypeKind::kString), data::Value(std::move(value)), where);
  }

  ExpressionPtr negated(ExpressionPtr value, bool negate, Where where) {
    return negate ? call("not", {std::move(value)}, where) : value;
  }

  ExpressionPtr fail(Where where,
                     std::string_view error_class,
                     std::string_view sqlstate,
                     std::string message) {
    diagnostics_.add({.code = "MR3006",
                      .error_class = std::string(error_class),
                      .sqlstate = std::string(sqlstate),
                      .where = where,
                      .message = std::move(message)});
    return nullptr;
  }

  std::vector<ExpressionPtr> bind_all(const std::vector<sql::ExpressionPtr>& nodes) {
    std::vector<ExpressionPtr> bound;
    bound.reserve(nodes.size());
    for (const sql::ExpressionPtr& node : nodes) {
      bound.push_back(bind(*node));
    }
    return bound;
  }

  ExpressionPtr bind_node(const sql::Literal& literal, Node, Where where) {
    return bind_literal(literal, where, context_, diagnostics_);
  }

  ExpressionPtr bind_node(const sql::IntervalLiteral& literal, Node, Where where) {
    return bind_interval(literal, where, diagnostics_);
  }

  ExpressionPtr bind_node(const sql::ColumnReference& reference, Node, Where where) {
    const sql::Name& name = reference.name;
    std::size_t used = 1;
    ExpressionPtr value = variable(name.parts.front(), where);
    if (value == nullptr) {
      switch (names_.column(name, used, value)) {
        case Resolved::kFailed:
          return nullptr;
        case Resolved::kNotMine:
          value = bare_function(name, where);
          return value != nullptr ? value : unresolved(name, where);
        case Resolved::kDone:
          break;
      }
    }
    for (std::size_t i = used; value != nullptr && i < name.parts.size(); ++i) {
      value = call("getfield", {std::move(value), text(name.parts[i].name, where)}, where);
    }
    return value;
  }

  // A parameter of a lambda around, innermost first.
  ExpressionPtr variable(const sql::Identifier& name, Where where) {
    for (std::size_t depth = 0; depth < scopes_.size(); ++depth) {
      const auto& fields = scopes_[scopes_.size() - 1 - depth];
      for (std::size_t i = 0; i < fields.size(); ++i) {
        if (equal_ignoring_case(fields[i].name, name.name)) {
          return make_lambda_variable(i, depth, fields[i], where);
        }
      }
    }
    return nullptr;
  }

  ExpressionPtr bare_function(const sql::Name& name, Where where) {
    if (name.parts.size() == 1 && !name.parts.front().quoted) {
      for (const std::string_view bare : kBare) {
        if (equal_ignoring_case(bare, name.parts.front().name)) {
          return call(bare, {}, where);
        }
      }
    }
    return nullptr;
  }

  ExpressionPtr unresolved(const sql::Name& name, Where where) {
    std::string written;
    for (const sql::Identifier& part : name.parts) {
      written += fmt::format("{}`{}`", written.empty() ? "" : ".", part.name);
    }
    const std::vector<std::string> candidates = names_.column_names();
    if (candidates.empty()) {
      return fail(where,
                  "UNRESOLVED_COLUMN.WITHOUT_SUGGESTION",
                  "42703",
                  fmt::format("A column, variable, or function parameter with name {} cannot be "
                              "resolved.",
                              written));
    }
    std::string proposals;
    for (const std::string& candidate : suggest(name.parts.back().name, candidates)) {
      proposals += fmt::format("{}`{}`", proposals.empty() ? "" : ", ", candidate);
    }
    if (proposals.empty()) {
      for (std::size_t i = 0; i < candidates.size() && i < 5; ++i) {
        proposals += fmt::format("{}`{}`", proposals.empty() ? "" : ", ", candidates[i]);
      }
    }
    return fail(where,
                "UNRESOLVED_COLUMN.WITH_SUGGESTION",
                "42703",
                fmt::format("A column, variable, or function parameter with name {} cannot be "
                            "resolved. Did you mean one of the following? [{}].",
                            written,
                            proposals));
  }

  ExpressionPtr bind_node(const sql::Star&, Node, Where where) {
    return fail(
        where, "INVALID_USAGE_OF_STAR_OR_REGEX", "42000", "Invalid usage of '*' in an expression.");
  }

  ExpressionPtr bind_node(const sql::Parameter& parameter, Node, Where where) {
    ExpressionPtr value;
    if (names_.parameter(parameter, value) != Resolved::kNotMine) {
      return value;
    }
    return fail(
        where,
        "UNBOUND_SQL_PARAMETER",
        "42P02",
        fmt::format("Found the unbound parameter: {}.",
                    parameter.name.empty() ? std::to_string(parameter.ordinal) : parameter.name));
  }

  ExpressionPtr bind_node(const sql::Unary& unary, Node, Where where) {
    return call(function_of(unary.op), {bind(*unary.operand)}, where);
  }

  ExpressionPtr bind_node(const sql::Binary& binary, Node, Where where) {
    ExpressionPtr left = bind(*binary.left);
    ExpressionPtr right = bind(*binary.right);
    return call(function_of(binary.op), {std::move(left), std::move(right)}, where);
  }

  ExpressionPtr bind_node(const sql::Logical& logical, Node, Where where) {
    return call(
        logical.op == sql::LogicalOperator::kAnd ? "and" : "or", bind_all(logical.operands), where);
  }

  ExpressionPtr bind_node(const sql::Between& between, Node, Where where) {
    ExpressionPtr value = bind(*between.value);
    ExpressionPtr low = bind(*between.low);
    ExpressionPtr high = bind(*between.high);
    return negated(call("between", {std::move(value), std::move(low), std::move(high)}, where),
                   between.negated,
                   where);
  }

  ExpressionPtr bind_node(const sql::InList& in, Node, Where where) {
    std::vector<ExpressionPtr> args = {bind(*in.value)};
    for (const sql::ExpressionPtr& element : in.list) {
      args.push_back(bind(*element));
    }
    return negated(call("in", std::move(args), where), in.negated, where);
  }

  ExpressionPtr bind_node(const sql::InSubquery& in, Node, Where where) {
    ExpressionPtr value;
    const Resolved resolved = names_.in_subquery(in, where, value);
    return resolved == Resolved::kNotMine ? no_subquery(where) : value;
  }

  ExpressionPtr bind_node(const sql::Subquery& subquery, Node, Where where) {
    ExpressionPtr value;
    const Resolved resolved = names_.subquery(*subquery.query, subquery.kind, where, value);
    return resolved == Resolved::kNotMine ? no_subquery(where) : value;
  }

  ExpressionPtr no_subquery(Where where) {
    return fail(where,
                "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY",
                "0A000",
                "A subquery cannot stand here.");
  }

  ExpressionPtr bind_node(const sql::Like& like, Node, Where where) {
    const ExpressionPtr value = bind(*like.value);
    std::vector<ExpressionPtr> tests;
    for (const sql::ExpressionPtr& pattern : like.patterns) {
      std::vector<ExpressionPtr> args = {value, bind(*pattern)};
      if (like.escape && like.kind != sql::LikeKind::kRlike) {
        args.push_back(text(*like.escape, where));
      }
      tests.push_back(
          negated(call(function_of(like.kind), std::move(args), where), like.negated, where));
    }
    if (tests.size() == 1) {
      return tests.front();
    }
    return call(
        like.quantifier == sql::LikeQuantifier::kAny ? "or" : "and", std::move(tests), where);
  }

  ExpressionPtr bind_node(const sql::Is& is, Node, Where where) {
    ExpressionPtr value = bind(*is.value);
    switch (is.kind) {
      case sql::IsKind::kNull:
        return call(is.negated ? "isnotnull" : "isnull", {std::move(value)}, where);
      case sql::IsKind::kTrue:
        return call(is.negated ? "isnottrue" : "istrue", {std::move(value)}, where);
      case sql::IsKind::kFalse:
        return call(is.negated ? "isnotfalse" : "isfalse", {std::move(value)}, where);
      case sql::IsKind::kUnknown:
        value = bind_cast(std::move(value),
                          Type(TypeKind::kBoolean),
                          CastMode::kImplicit,
                          where,
                          context_,
                          diagnostics_);
        return call(is.negated ? "isnotnull" : "isnull", {std::move(value)}, where);
    }
    return nullptr;
  }

  ExpressionPtr bind_node(const sql::Case& node, Node, Where where) {
    const ExpressionPtr operand = node.operand ? bind(*node.operand) : nullptr;
    std::vector<ExpressionPtr> args;
    for (const sql::CaseBranch& branch : node.branches) {
      ExpressionPtr condition = bind(*branch.condition);
      args.push_back(node.operand ? call("=", {operand, std::move(condition)}, where)
                                  : std::move(condition));
      args.push_back(bind(*branch.result));
    }
    if (node.otherwise) {
      args.push_back(bind(*node.otherwise));
    }
    return call("case", std::move(args), where);
  }

  ExpressionPtr bind_node(const sql::Cast& cast, Node, Where where) {
    ExpressionPtr value = bind(*cast.value);
    const auto type = type_of(cast.type, file_, diagnostics_);
    if (!type) {
      return nullptr;
    }
    return bind_cast(std::move(value),
                     *type,
                     cast.attempt ? CastMode::kTry : CastMode::kAnsi,
                     where,
                     context_,
                     diagnostics_);
  }

  ExpressionPtr bind_node(const sql::FunctionCall& function, Node, Where where) {
    ExpressionPtr handled;
    if (names_.call(function, where, handled) != Resolved::kNotMine) {
      return handled;
    }
    const std::string& name = function.name.parts.back().name;
    if (function.name.parts.size() > 1) {
      return fail(where,
                  "UNRESOLVED_ROUTINE",
                  "42883",
                  fmt::format("Cannot resolve routine `{}` with a qualified name.", name));
    }
    if (!check_clauses(function, name, where)) {
      return nullptr;
    }
    if (equal_ignoring_case(name, "struct")) {
      return bind_struct(function, where);
    }
    for (const CastName& cast : kCasts) {
      if (equal_ignoring_case(cast.name, name) && function.arguments.size() == 1) {
        const Type type = cast.kind == TypeKind::kDecimal ? Type::decimal(10, 0) : Type(cast.kind);
        return bind_cast(bind(*function.arguments[0].value),
                         type,
                         CastMode::kAnsi,
                         where,
                         context_,
                         diagnostics_);
      }
    }
    return bind_arguments(function, name, where);
  }

  // What only aggregates and windows may have; a Diagnostic when it is there.
  bool check_clauses(const sql::FunctionCall& function, const std::string& name, Where where) {
    std::string_view clause;
    if (function.distinct) {
      clause = "DISTINCT";
    } else if (!function.within_group.empty()) {
      clause = "WITHIN GROUP (ORDER BY ...)";
    } else if (function.filter) {
      clause = "FILTER CLAUSE";
    } else if (function.nulls != sql::NullTreatment::kDefault) {
      clause = "IGNORE NULLS";
    } else if (function.over) {
      clause = "OVER";
    }
    if (!clause.empty()) {
      (void)fail(
          where,
          "INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX",
          "42000",
          fmt::format("Invalid SQL syntax: The function `{}` does not support {}.", name, clause));
      return false;
    }
    for (const sql::Argument& argument : function.arguments) {
      if (argument.name) {
        (void)fail(where,
                   "NAMED_PARAMETERS_NOT_SUPPORTED",
                   "4274K",
                   fmt::format("Named parameters are not supported for function `{}`; please retry "
                               "the query with positional arguments to the function call instead.",
                               name));
        return false;
      }
    }
    return true;
  }

  // struct(a, 1 AS b): named_struct('a', a, 'b', 1).
  ExpressionPtr bind_struct(const sql::FunctionCall& function, Where where) {
    std::vector<ExpressionPtr> args;
    for (std::size_t i = 0; i < function.arguments.size(); ++i) {
      const sql::Expression& node = *function.arguments[i].value;
      args.push_back(text(field_name(node, i), where));
      args.push_back(bind(node));
    }
    return call("named_struct", std::move(args), where);
  }

  static std::string field_name(const sql::Expression& node, std::size_t index) {
    if (const auto* alias = node.as<sql::Alias>(); alias != nullptr && !alias->names.empty()) {
      return alias->names.front().name;
    }
    if (const auto* column = node.as<sql::ColumnReference>()) {
      return column->name.parts.back().name;
    }
    if (const auto* field = node.as<sql::FieldAccess>()) {
      return field->field.name;
    }
    return fmt::format("col{}", index + 1);
  }

  // Lambdas come after the other arguments, whose types are those of their parameters.
  ExpressionPtr bind_arguments(const sql::FunctionCall& function,
                               const std::string& name,
                               Where where) {
    std::vector<ExpressionPtr> args;
    const Function* known = find_function(name);
    for (const sql::Argument& argument : function.arguments) {
      const auto* lambda = argument.value->as<sql::Lambda>();
      if (lambda == nullptr) {
        args.push_back(bind(*argument.value));
      } else if (known != nullptr && known->lambda_parameters != nullptr) {
        args.push_back(bind_lambda(*known, *lambda, args, where));
      } else {
        args.push_back(bind(*argument.value));
      }
      if (args.back() == nullptr) {
        return nullptr;
      }
    }
    return call(name, std::move(args), where);
  }

  ExpressionPtr bind_lambda(const Function& function,
                            const sql::Lambda& lambda,
                            std::vector<ExpressionPtr>& args,
                            Where where) {
    CallSite site(function.name, args, where, context_, diagnostics_);
    auto fields = function.lambda_parameters(site, lambda.parameters.size());
    if (!fields) {
      return nullptr;
    }
    if (fields->size() != lambda.parameters.size()) {
      return fail(where,
                  "INVALID_LAMBDA_FUNCTION_CALL.NUM_ARGS_MISMATCH",
                  "42K0D",
                  fmt::format("Invalid lambda function call. A higher order function expects {} "
                              "arguments, but got {}.",
                              fields->size(),
                              lambda.parameters.size()));
    }
    for (std::size_t i = 0; i < fields->size(); ++i) {
      (*fields)[i].name = lambda.parameters[i].name;
    }
    scopes_.push_back(std::move(*fields));
    ExpressionPtr body = bind(*lambda.body);
    scopes_.pop_back();
    return body == nullptr ? nullptr
                           : make_lambda(std::move(body), lambda.parameters.size(), where);
  }

  ExpressionPtr bind_node(const sql::Lambda&, Node, Where where) {
    return fail(where,
                "INVALID_LAMBDA_FUNCTION_CALL.NON_HIGHER_ORDER_FUNCTION",
                "42K0D",
                "Invalid lambda function call. A lambda function should only be used in a higher "
                "order function.");
  }

  ExpressionPtr bind_node(const sql::FieldAccess& access, Node, Where where) {
    return call("getfield", {bind(*access.value), text(access.field.name, where)}, where);
  }

  ExpressionPtr bind_node(const sql::Subscript& subscript, Node, Where where) {
    ExpressionPtr value = bind(*subscript.value);
    ExpressionPtr index = bind(*subscript.index);
    return call("getitem", {std::move(value), std::move(index)}, where);
  }

  ExpressionPtr bind_node(const sql::JsonExtract& extract, Node, Where where) {
    std::string path = "$";
    for (const sql::JsonPathStep& step : extract.path) {
      switch (step.kind) {
        case sql::JsonPathKind::kField:
          path += step.quoted ? fmt::format("['{}']", step.name) : fmt::format(".{}", step.name);
          break;
        case sql::JsonPathKind::kIndex:
          path += fmt::format("[{}]", step.index);
          break;
        case sql::JsonPathKind::kWildcard:
          path += "[*]";
          break;
      }
    }
    return call("get_json_object", {bind(*extract.value), text(std::move(path), where)}, where);
  }

  ExpressionPtr bind_node(const sql::Collate& collate, Node, Where where) {
    if (equal_ignoring_case(collate.collation.parts.back().name, "UTF8_BINARY")) {
      return bind(*collate.value);
    }
    return fail(where,
                "UNSUPPORTED_FEATURE.COLLATION",
                "0A000",
                "Strings are compared byte by byte; other collations are not supported.");
  }

  ExpressionPtr bind_node(const sql::RowConstructor& row, Node, Where where) {
    std::vector<ExpressionPtr> args;
    for (std::size_t i = 0; i < row.values.size(); ++i) {
      args.push_back(text(field_name(*row.values[i], i), where));
      args.push_back(bind(*row.values[i]));
    }
    return call("named_struct", std::move(args), where);
  }

  ExpressionPtr bind_node(const sql::Alias& alias, Node, Where) { return bind(*alias.value); }

  NameResolver& names_;
  const BindContext& context_;
  const std::string& file_;
  Diagnostics& diagnostics_;
  std::vector<std::vector<data::Field>> scopes_;  // Parameters of the lambdas around.
};

}  // namespace

Resolved NameResolver::substitute(const sql::Expression&, ExpressionPtr&) {
  return Resolved::kNotMine;
}

Resolved NameResolver::parameter(const sql::Parameter&, ExpressionPtr&) {
  return Resolved::kNotMine;
}

ExpressionPtr bind_expression(const sql::Expression& expression,
                              NameResolver& names,
                              const BindAstOptions& options,
                              Diagnostics& diagnostics) {
  return AstBinder(names, options, diagnostics).bind(expression);
}

}  // namespace millrace::expr
