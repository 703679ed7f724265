// Pipes: `FROM t |> WHERE … |> AGGREGATE … |> SELECT …`. Each operator is bound over what the one
// before it gave, as the clause of a query that it is.
#include <algorithm>
#include <utility>

#include "base/suggest.h"
#include "expr/bind.h"
#include "plan/detail/query_binder.h"

namespace millrace::plan::detail {

using expr::ExpressionPtr;

Bound QueryBinder::piped(const sql::PipedQuery& query) {
  Bound bound = term(*query.input, nullptr);
  for (const sql::PipeOperator& op : query.operators) {
    if (bound) {
      bound = pipe(std::move(bound), op);
    }
  }
  return bound;
}

Bound QueryBinder::pipe(Bound input, const sql::PipeOperator& op) {
  struct Binding {
    QueryBinder& binder;
    Bound input;
    const sql::Position position;

    Bound operator()(const sql::PipeSelect& op) { return binder.pipe_select(std::move(input), op); }

    Bound operator()(const sql::PipeExtend& op) { return binder.pipe_extend(std::move(input), op); }

    Bound operator()(const sql::PipeSet& op) {
      return binder.pipe_set(std::move(input), op, position);
    }

    Bound operator()(const sql::PipeDrop& drop) { return binder.pipe_drop(std::move(input), drop); }

    Bound operator()(const sql::PipeAs& as) {
      for (ScopeColumn& column : input.columns) {
        column.qualifier = as.name.name;
      }
      return std::move(input);
    }

    Bound operator()(const sql::PipeWhere& where) {
      return binder.where(std::move(input), *where.condition);
    }

    Bound operator()(const sql::PipeAggregate& aggregate) {
      return binder.pipe_aggregate(std::move(input), aggregate);
    }

    Bound operator()(const sql::PipeSetOperation& set) {
      Bound right = binder.term(*set.right, nullptr);
      return binder.combine(
          std::move(input), std::move(right), set.op, set.all, binder.span(position));
    }

    Bound operator()(const sql::JoinPart& part) {
      if (part.right->lateral) {
        return binder.lateral(std::move(input), *part.right, part);
      }
      Bound right = binder.relation(*part.right);
      return right ? binder.join(std::move(input), std::move(right), part) : Bound{};
    }

    Bound operator()(const sql::LateralView& view) { return binder.lateral_view(input, view); }

    Bound operator()(const sql::QueryOrganization& organization) {
      if (!organization.cluster_by.empty() || !organization.distribute_by.empty() ||
          !organization.sort_by.empty()) {
        return binder.unsupported("CLUSTER BY, DISTRIBUTE BY or SORT BY", position);
      }
      if (!organization.order_by.empty()) {
        input = binder.order_output(std::move(input), organization);
      }
      return input ? binder.limit(std::move(input), organization) : Bound{};
    }

    Bound operator()(const sql::Pivot& /*op*/) { return binder.unsupported("PIVOT", position); }

    Bound operator()(const sql::Unpivot& /*op*/) { return binder.unsupported("UNPIVOT", position); }

    Bound operator()(const sql::Sample& /*op*/) {
      return binder.unsupported("TABLESAMPLE", position);
    }
  };

  return std::visit(Binding{*this, std::move(input), op.position}, op.node);
}

Bound QueryBinder::pipe_select(Bound input, const sql::PipeSelect& select) {
  SelectParts parts{.distinct = select.distinct};
  for (const sql::SelectItem& item : select.items) {
    parts.items.push_back(&item);
  }
  for (const sql::NamedWindow& window : select.windows) {
    parts.windows.push_back(&window);
  }
  return select_from(std::move(input), parts, nullptr);
}

// The columns keep their qualifiers, the new ones have none.
Bound QueryBinder::pipe_extend(Bound input, const sql::PipeExtend& extend) {
  SelectParts parts{.every_column = true};
  for (const sql::SelectItem& item : extend.items) {
    parts.items.push_back(&item);
  }
  std::vector<std::string> qualifiers;
  for (const ScopeColumn& column : input.columns) {
    if (!column.hidden && !column.computed) {
      qualifiers.push_back(column.qualifier);
    }
  }
  Bound bound = select_from(std::move(input), parts, nullptr);
  for (std::size_t column = 0; bound && column < qualifiers.size(); ++column) {
    bound.columns[column].qualifier = qualifiers[column];
  }
  return bound;
}

// Assignments see those before them.
Bound QueryBinder::pipe_set(Bound input, const sql::PipeSet& set, const sql::Position& position) {
  for (const sql::PipeAssignment& assignment : set.assignments) {
    const std::string& name = assignment.column.parts.back().name;
    const Lookup lookup = find_column(input, assignment.column.parts);
    if (lookup.column == nullptr || lookup.ambiguous) {
      return fail("UNRESOLVED_COLUMN.WITHOUT_SUGGESTION",
                  "42703",
                  span(assignment.column.position),
                  "SET names no column: `" + name + "`",
                  "|> EXTEND adds a column");
    }
    const ExpressionPtr value = scalar(input, *assignment.value);
    if (!value) {
      return {};
    }
    Project project;
    data::Schema schema = input.node->schema;
    for (std::size_t column = 0; column < schema.fields.size(); ++column) {
      data::Field& field = schema.fields[column];
      if (column == lookup.column->index) {
        field.type = value->type;
        field.nullable = value->nullable;
        project.columns.push_back(value);
      } else {
        project.columns.push_back(
            expr::make_column(column, field.name, field.type, field.nullable));
      }
    }
    input.node = std::make_shared<Node>(Node{.op = std::move(project),
                                             .schema = std::move(schema),
                                             .inputs = {input.node},
                                             .streaming = input.node->streaming,
                                             .where = span(position)});
  }
  return input;
}

Bound QueryBinder::pipe_drop(Bound input, const sql::PipeDrop& drop) {
  for (const sql::Identifier& name : drop.columns) {
    const auto named = [&](const ScopeColumn& column) {
      return same_name(column.name, name.name);
    };
    if (std::ranges::none_of(input.columns, named)) {
      return fail("UNRESOLVED_COLUMN.WITHOUT_SUGGESTION",
                  "42703",
                  span(name.position),
                  "DROP names no column: `" + name.name + "`");
    }
    std::erase_if(input.columns, named);
  }
  const SelectParts parts{.every_column = true};
  std::vector<std::string> qualifiers;
  for (const ScopeColumn& column : input.columns) {
    if (!column.hidden && !column.computed) {
      qualifiers.push_back(column.qualifier);
    }
  }
  Bound bound = select_from(std::move(input), parts, nullptr);
  for (std::size_t column = 0; bound && column < bound.columns.size(); ++column) {
    bound.columns[column].qualifier = qualifiers[column];
  }
  return bound;
}

// The keys come first, then the aggregates.
Bound QueryBinder::pipe_aggregate(Bound input, const sql::PipeAggregate& aggregate) {
  SelectParts parts;
  for (const sql::SelectItem& key : aggregate.keys) {
    parts.items.push_back(&key);
    parts.keys.push_back(key.value.get());
  }
  for (const sql::SelectItem& item : aggregate.items) {
    parts.items.push_back(&item);
  }
  return select_from(std::move(input), parts, nullptr);
}

}  // namespace millrace::plan::detail
