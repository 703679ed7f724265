#include <algorithm>
#include <utility>

#include "sql/detail/writer.h"
#include "sql/printer.h"

namespace millrace::sql::detail {
namespace {

void write(Writer& writer, const SelectItem& item) {
  write(writer, item.value);
  write_names(writer, item.names, item.bracketed);
}

void write(Writer& writer, const QueryTerm& term);

void write_items(Writer& writer, const std::vector<SelectItem>& items) {
  writer.join(items, [](Writer& w, const SelectItem& item) { write(w, item); });
}

void write(Writer& writer, const TableAlias& alias) {
  writer << " AS ";
  write(writer, alias.name);
  if (!alias.columns.empty()) {
    writer << " ";
    write_bracketed(writer, alias.columns);
  }
}

void write(Writer& writer, const FrameBound& bound) {
  switch (bound.kind) {
    case FrameBoundKind::kUnboundedPreceding:
      writer << "UNBOUNDED PRECEDING";
      return;
    case FrameBoundKind::kUnboundedFollowing:
      writer << "UNBOUNDED FOLLOWING";
      return;
    case FrameBoundKind::kCurrentRow:
      writer << "CURRENT ROW";
      return;
    case FrameBoundKind::kPreceding:
    case FrameBoundKind::kFollowing:
      break;
  }
  write(writer, *bound.value, Level::kPredicate);
  writer << (bound.kind == FrameBoundKind::kPreceding ? " PRECEDING" : " FOLLOWING");
}

void write_windows(Writer& writer, const std::vector<NamedWindow>& windows) {
  if (windows.empty()) {
    return;
  }
  writer << " WINDOW ";
  writer.join(windows, [](Writer& w, const NamedWindow& named) {
    write(w, named.name);
    w << " AS ";
    write(w, named.window);
  });
}

void write_hints(Writer& writer, const std::vector<Hint>& hints) {
  if (hints.empty()) {
    return;
  }
  writer << "/*+ ";
  writer.join(hints, [](Writer& w, const Hint& hint) {
    write(w, hint.name);
    if (!hint.arguments.empty()) {
      write_bracketed(w, hint.arguments);
    }
  });
  writer << " */ ";
}

void write(Writer& writer, const GroupingElement& element);

void write_sets(Writer& writer, const std::vector<std::vector<ExpressionPtr>>& sets) {
  writer << " (";
  writer.join(sets,
              [](Writer& w, const std::vector<ExpressionPtr>& set) { write_bracketed(w, set); });
  writer << ")";
}

// In the brackets of GROUPING SETS, a set of its own has no words.
void write_nested(Writer& writer, const GroupingElement& element) {
  if (element.kind == GroupingKind::kGroupingSets && element.elements.empty() &&
      element.sets.size() == 1) {
    write_bracketed(writer, element.sets.front());
  } else {
    write(writer, element);
  }
}

void write(Writer& writer, const GroupingElement& element) {
  switch (element.kind) {
    case GroupingKind::kExpression:
      write_key(writer, element.sets.front().front());
      return;
    case GroupingKind::kRollup:
      writer << "ROLLUP";
      break;
    case GroupingKind::kCube:
      writer << "CUBE";
      break;
    case GroupingKind::kGroupingSets:
      writer << "GROUPING SETS";
      break;
  }
  if (element.elements.empty()) {
    write_sets(writer, element.sets);
    return;
  }
  writer << " (";
  writer.join(element.elements, write_nested);
  writer << ")";
}

void write(Writer& writer, const GroupBy& group_by) {
  writer << " GROUP BY ";
  writer.join(group_by.elements,
              [](Writer& w, const GroupingElement& element) { write(w, element); });
  switch (group_by.with) {
    case GroupingSuffix::kNone:
      break;
    case GroupingSuffix::kRollup:
      writer << " WITH ROLLUP";
      break;
    case GroupingSuffix::kCube:
      writer << " WITH CUBE";
      break;
  }
}

void write(Writer& writer, const LateralView& view) {
  writer << "LATERAL VIEW " << (view.outer ? "OUTER " : "");
  write(writer, view.function);
  write_bracketed(writer, view.arguments);
  if (view.table) {
    writer << " ";
    write(writer, *view.table);
  }
  if (!view.columns.empty()) {
    writer << " AS ";
    write_list(writer, view.columns);
  }
}

void write(Writer& writer, const Pivot& pivot) {
  writer << "PIVOT (";
  write_items(writer, pivot.aggregates);
  writer << " FOR ";
  write_bracketed(writer, pivot.columns);
  writer << " IN (";
  write_items(writer, pivot.values);
  writer << "))";
}

void write(Writer& writer, const UnpivotColumns& set) {
  if (set.columns.size() == 1) {
    write(writer, set.columns.front());
  } else {
    write_bracketed(writer, set.columns);
  }
  if (set.alias) {
    writer << " AS ";
    write(writer, *set.alias);
  }
}

void write(Writer& writer, const Unpivot& unpivot) {
  writer << "UNPIVOT " << (unpivot.include_nulls ? "INCLUDE NULLS (" : "(");
  if (unpivot.values.size() == 1) {
    write(writer, unpivot.values.front());
  } else {
    write_bracketed(writer, unpivot.values);
  }
  writer << " FOR ";
  write(writer, unpivot.name);
  writer << " IN (";
  writer.join(unpivot.columns, [](Writer& w, const UnpivotColumns& set) { write(w, set); });
  writer << "))";
}

void write(Writer& writer, const Sample& sample) {
  writer << "TABLESAMPLE (";
  switch (sample.kind) {
    case SampleKind::kPercent:
      writer << sample.amount << " PERCENT";
      break;
    case SampleKind::kRows:
      write(writer, sample.rows);
      writer << " ROWS";
      break;
    case SampleKind::kBucket:
      writer << "BUCKET " << sample.amount << " OUT OF " << sample.out_of;
      break;
  }
  writer << ")";
  if (!sample.seed.empty()) {
    writer << " REPEATABLE (" << sample.seed << ")";
  }
}

void write(Writer& writer, const Watermark& watermark) {
  writer << "WATERMARK ";
  write(writer, watermark.value);
  write_names(writer, watermark.names, /*bracketed=*/false);
  writer << " DELAY OF ";
  write(writer, watermark.delay);
}

std::string_view join_words(JoinType type) {
  switch (type) {
    case JoinType::kInner:
      return "JOIN ";
    case JoinType::kCross:
      return "CROSS JOIN ";
    case JoinType::kLeftOuter:
      return "LEFT JOIN ";
    case JoinType::kRightOuter:
      return "RIGHT JOIN ";
    case JoinType::kFullOuter:
      return "FULL JOIN ";
    case JoinType::kLeftSemi:
      return "LEFT SEMI JOIN ";
    case JoinType::kLeftAnti:
      return "LEFT ANTI JOIN ";
  }
  return "";
}

void write(Writer& writer, const JoinPart& join) {
  writer << (join.natural ? "NATURAL " : "") << join_words(join.type);
  write(writer, *join.right);
  if (join.on) {
    writer << " ON ";
    write(writer, join.on);
  }
  if (!join.columns.empty()) {
    writer << " USING ";
    write_bracketed(writer, join.columns);
  }
}

void write_from(Writer& writer, const FromClause& from) {
  if (!from.relations.empty()) {
    writer << "FROM ";
    writer.join(from.relations,
                [](Writer& w, const RelationPtr& relation) { write(w, *relation); });
  }
  bool first = from.relations.empty();
  for (const LateralView& view : from.lateral_views) {
    writer << (first ? "" : " ");
    write(writer, view);
    first = false;
  }
  if (from.pivot) {
    writer << " ";
    write(writer, *from.pivot);
  }
  if (from.unpivot) {
    writer << " ";
    write(writer, *from.unpivot);
  }
}

void write_after_from(Writer& writer, const Select& select) {
  if (select.where) {
    writer << " WHERE ";
    write(writer, select.where);
  }
  if (select.group_by) {
    write(writer, *select.group_by);
  }
  if (select.having) {
    writer << " HAVING ";
    write(writer, select.having);
  }
  if (select.qualify) {
    writer << " QUALIFY ";
    write(writer, select.qualify);
  }
  write_windows(writer, select.windows);
}

void write_organization(Writer& writer, const QueryOrganization& organization) {
  if (!organization.order_by.empty()) {
    writer << " ORDER BY ";
    write_list(writer, organization.order_by);
  }
  if (!organization.cluster_by.empty()) {
    writer << " CLUSTER BY ";
    write_list(writer, organization.cluster_by);
  }
  if (!organization.distribute_by.empty()) {
    writer << " DISTRIBUTE BY ";
    write_list(writer, organization.distribute_by);
  }
  if (!organization.sort_by.empty()) {
    writer << " SORT BY ";
    write_list(writer, organization.sort_by);
  }
  write_windows(writer, organization.windows);
  if (organization.limit_all) {
    writer << " LIMIT ALL";
  } else if (organization.limit) {
    writer << " LIMIT ";
    write(writer, organization.limit);
  }
  if (organization.offset) {
    writer << " OFFSET ";
    write(writer, organization.offset);
  }
}

std::string_view set_words(SetOperator op, bool all) {
  switch (op) {
    case SetOperator::kUnion:
      return all ? "UNION ALL " : "UNION ";
    case SetOperator::kIntersect:
      return all ? "INTERSECT ALL " : "INTERSECT ";
    case SetOperator::kExcept:
      return all ? "EXCEPT ALL " : "EXCEPT ";
  }
  return "";
}

// Writes one pipe operator each. Owned by one thread.
class PipeWriter {
 public:
  explicit PipeWriter(Writer& writer) : w_(writer) {}

  void operator()(const PipeSelect& select) {
    w_ << "SELECT " << (select.distinct ? "DISTINCT " : "");
    write_items(w_, select.items);
    write_windows(w_, select.windows);
  }

  void operator()(const PipeExtend& extend) {
    w_ << "EXTEND ";
    write_items(w_, extend.items);
  }

  void operator()(const PipeSet& set) {
    w_ << "SET ";
    w_.join(set.assignments, [](Writer& writer, const PipeAssignment& assignment) {
      write(writer, assignment.column);
      writer << " = ";
      write(writer, assignment.value);
    });
  }

  void operator()(const PipeDrop& drop) {
    w_ << "DROP ";
    write_list(w_, drop.columns);
  }

  void operator()(const PipeAs& as) {
    w_ << "AS ";
    write(w_, as.name);
  }

  void operator()(const PipeWhere& where) {
    w_ << "WHERE ";
    write(w_, where.condition);
  }

  void operator()(const PipeAggregate& aggregate) {
    w_ << "AGGREGATE";
    if (!aggregate.items.empty()) {
      w_ << " ";
      write_items(w_, aggregate.items);
    }
    if (!aggregate.keys.empty()) {
      w_ << " GROUP BY ";
      write_items(w_, aggregate.keys);
    }
  }

  void operator()(const PipeSetOperation& operation) {
    w_ << set_words(operation.op, operation.all);
    write(w_, *operation.right);
  }

  void operator()(const JoinPart& join) { write(w_, join); }

  void operator()(const Pivot& pivot) { write(w_, pivot); }

  void operator()(const Unpivot& unpivot) { write(w_, unpivot); }

  void operator()(const Sample& sample) { write(w_, sample); }

  void operator()(const LateralView& view) { write(w_, view); }

  void operator()(const QueryOrganization& organization) {
    Writer inner;
    write_organization(inner, organization);
    w_ << std::string_view(inner.take()).substr(1);  // Without its leading space.
  }

 private:
  Writer& w_;
};

// Writes one kind of term each. Owned by one thread.
class TermWriter {
 public:
  explicit TermWriter(Writer& writer) : w_(writer) {}

  void operator()(const Select& select) {
    if (select.from_first) {
      write_from(w_, *select.from);
      w_ << (select.items.empty() ? "" : " ");
    }
    if (!select.items.empty()) {
      w_ << "SELECT ";
      write_hints(w_, select.hints);
      w_ << (select.distinct ? "DISTINCT " : "");
      write_items(w_, select.items);
    }
    if (!select.from_first && select.from) {
      w_ << " ";
      write_from(w_, *select.from);
    }
    write_after_from(w_, select);
  }

  void operator()(const SetOperation& operation) {
    write(w_, *operation.left);
    w_ << " " << set_words(operation.op, operation.all);
    write(w_, *operation.right);
  }

  void operator()(const Values& values) {
    w_ << "VALUES ";
    write_list(w_, values.rows);
    if (values.alias) {
      write(w_, *values.alias);
    }
  }

  void operator()(const TableTerm& table) {
    w_ << "TABLE ";
    write(w_, table.name);
  }

  void operator()(const BracketedQuery& bracketed) {
    w_ << "(";
    write(w_, *bracketed.query);
    w_ << ")";
  }

  void operator()(const PipedQuery& piped) {
    write(w_, *piped.input);
    for (const PipeOperator& pipe : piped.operators) {
      w_ << " |> ";
      std::visit(PipeWriter(w_), pipe.node);
    }
  }

 private:
  Writer& w_;
};

void write(Writer& writer, const QueryTerm& term) {
  std::visit(TermWriter(writer), term.node);
}

// Writes one kind of relation each. Owned by one thread.
class RelationWriter {
 public:
  explicit RelationWriter(Writer& writer) : w_(writer) {}

  void operator()(const TableRelation& table) { write(w_, table.name); }

  void operator()(const SubqueryRelation& subquery) {
    w_ << "(";
    write(w_, *subquery.query);
    w_ << ")";
  }

  void operator()(const BracketedRelation& bracketed) {
    w_ << "(";
    write(w_, *bracketed.relation);
    w_ << ")";
  }

  void operator()(const FunctionRelation& function) {
    write(w_, function.name);
    write_bracketed(w_, function.arguments);
  }

  void operator()(const ValuesRelation& values) {
    w_ << "VALUES ";
    write_list(w_, values.rows);
  }

  void operator()(const JoinRelation& join) {
    write(w_, *join.left);
    w_ << " ";
    write(w_, join.join);
  }

  void operator()(const PivotRelation& pivot) {
    write(w_, *pivot.input);
    w_ << " ";
    write(w_, pivot.pivot);
  }

  void operator()(const UnpivotRelation& unpivot) {
    write(w_, *unpivot.input);
    w_ << " ";
    write(w_, unpivot.unpivot);
  }

 private:
  Writer& w_;
};

}  // namespace

void write(Writer& writer, const WindowSpecification& window) {
  if (window.name) {
    write(writer, *window.name);
    return;
  }
  std::string_view space;
  writer << "(";
  if (!window.partition_by.empty()) {
    writer << "PARTITION BY ";
    write_list(writer, window.partition_by);
    space = " ";
  }
  if (!window.order_by.empty()) {
    writer << space << "ORDER BY ";
    write_list(writer, window.order_by);
    space = " ";
  }
  if (window.frame) {
    writer << space << (window.frame->unit == FrameUnit::kRows ? "ROWS" : "RANGE") << " BETWEEN ";
    write(writer, window.frame->start);
    writer << " AND ";
    write(writer, window.frame->end);
  }
  writer << ")";
}

void write(Writer& writer, const Property& property) {
  write_string(writer, property.key);
  if (!property.has_value) {
    return;
  }
  writer << " = ";
  if (property.expression) {
    write(writer, property.expression);
  } else if (property.quoted) {
    write_string(writer, property.value);
  } else {
    writer << property.value;
  }
}

void write_properties(Writer& writer, const std::vector<Property>& properties) {
  write_bracketed(writer, properties);
}

void write(Writer& writer, const Relation& relation) {
  writer << (relation.lateral ? "LATERAL " : "") << (relation.stream ? "STREAM " : "");
  std::visit(RelationWriter(writer), relation.node);
  if (relation.unsupported) {
    writer << " " << relation.unsupported->text;
  }
  if (!relation.options.empty()) {
    writer << " WITH ";
    write_properties(writer, relation.options);
  }
  if (relation.identified_by) {
    writer << " IDENTIFIED BY ";
    write(writer, *relation.identified_by);
  }
  if (relation.sample) {
    writer << " ";
    write(writer, *relation.sample);
  }
  if (relation.watermark) {
    writer << " ";
    write(writer, *relation.watermark);
  }
  if (relation.alias) {
    write(writer, *relation.alias);
  }
}

void write(Writer& writer, const Query& query) {
  if (!query.with.empty()) {
    writer << "WITH " << (query.recursive ? "RECURSIVE " : "");
    writer.join(query.with, [](Writer& w, const CommonTableExpression& cte) {
      write(w, cte.name);
      if (!cte.columns.empty()) {
        w << " ";
        write_bracketed(w, cte.columns);
      }
      w << " AS (";
      write(w, *cte.query);
      w << ")";
    });
    writer << " ";
  }
  write(writer, *query.term);
  write_organization(writer, query.organization);
}

}  // namespace millrace::sql::detail

namespace millrace::sql {

std::string to_sql(const Query& query) {
  detail::Writer writer;
  detail::write(writer, query);
  return writer.take();
}

std::string to_sql(const Relation& relation) {
  detail::Writer writer;
  detail::write(writer, relation);
  return writer.take();
}

}  // namespace millrace::sql
