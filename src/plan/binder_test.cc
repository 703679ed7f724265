#include "plan/binder.h"

#include <gtest/gtest.h>

#include "plan/flow_query.h"
#include "plan/pipeline.h"
#include "sql/parser.h"

namespace millrace::plan {
namespace {

/// t (a INT, b STRING, s STRUCT<x: INT, y: INT>, xs ARRAY<INT>) and u (b STRING, c INT). Immutable.
class Catalog final : public RelationResolver {
 public:
  Catalog() {
    using data::Type;
    using data::TypeKind;
    const data::Field x{.name = "x", .type = Type(TypeKind::kInt)};
    const data::Field y{.name = "y", .type = Type(TypeKind::kInt)};
    add("t",
        {{{.name = "a", .type = Type(TypeKind::kInt)},
          {.name = "b", .type = Type(TypeKind::kString)},
          {.name = "s", .type = Type::structure({x, y})},
          {.name = "xs", .type = Type::array(Type(TypeKind::kInt))}}});
    add("u",
        {{{.name = "b", .type = Type(TypeKind::kString)},
          {.name = "c", .type = Type(TypeKind::kInt)}}});
  }

  std::shared_ptr<const Relation> resolve(const std::vector<std::string>& parts,
                                          const SourceSpan& /*where*/,
                                          Diagnostics& /*diagnostics*/) override {
    const auto found = relations_.find(parts.back());
    return found == relations_.end() ? nullptr : found->second;
  }

  [[nodiscard]] std::vector<std::string> names() const override { return {"t", "u"}; }

 private:
  void add(const std::string& name, data::Schema schema) {
    auto relation = std::make_shared<Relation>();
    relation->name = name;
    relation->schema = std::move(schema);
    relations_[name] = std::move(relation);
  }

  std::map<std::string, std::shared_ptr<const Relation>> relations_;
};

NodePtr bound(std::string_view sql, Diagnostics& diagnostics) {
  const sql::QueryPtr tree = sql::parse_query(sql, "q.sql", diagnostics);
  Catalog catalog;
  BindOptions options;
  options.file = "q.sql";
  return tree ? bind_query(*tree, catalog, options, diagnostics) : nullptr;
}

// "a:int,b:string", or "CLASS 1:8; …" when it does not bind.
std::string columns(std::string_view sql) {
  Diagnostics diagnostics;
  if (const NodePtr query = bound(sql, diagnostics)) {
    std::string text = query->schema.to_string();
    return text.substr(7, text.size() - 8);
  }
  std::string text;
  for (const Diagnostic& found : diagnostics.all()) {
    text += (text.empty() ? "" : "; ") + found.error_class + " " +
            std::to_string(found.where.line) + ":" + std::to_string(found.where.column);
  }
  return text;
}

std::string plan(std::string_view sql) {
  Diagnostics diagnostics;
  const NodePtr query = bound(sql, diagnostics);
  return query ? plan_text(*query) : columns(sql);
}

TEST(Binder, finds_columns_without_case_and_through_aliases) {
  EXPECT_EQ(columns("SELECT A, t.B FROM t"), "A:int,B:string");
  EXPECT_EQ(columns("SELECT z.a FROM t AS z"), "a:int");
  EXPECT_EQ(columns("SELECT z.one FROM u AS z(one, two)"), "one:string");
  EXPECT_EQ(columns("SELECT t.s.x, s.y AS why FROM t"), "x:int,why:int");
  EXPECT_EQ(columns("SELECT a AS n, n + 1 AS m FROM t"), "n:int,m:int");
  EXPECT_EQ(columns("FROM u"), "b:string,c:int");
}

TEST(Binder, expands_stars) {
  EXPECT_EQ(columns("SELECT * FROM u"), "b:string,c:int");
  EXPECT_EQ(columns("SELECT u.*, a FROM t, u"), "b:string,c:int,a:int");
  EXPECT_EQ(columns("SELECT * EXCEPT (s, xs) FROM t"), "a:int,b:string");
  EXPECT_EQ(columns("SELECT s.* FROM t"), "x:int,y:int");
  EXPECT_EQ(columns("SELECT * EXCEPT (q) FROM u"), "UNRESOLVED_COLUMN.WITH_SUGGESTION 1:18");
  EXPECT_EQ(columns("SELECT q.* FROM u"), "CANNOT_RESOLVE_STAR_EXPAND 1:8");
}

TEST(Binder, names_the_place_of_names_that_do_not_resolve) {
  EXPECT_EQ(columns("SELECT aa FROM t"), "UNRESOLVED_COLUMN.WITH_SUGGESTION 1:8");
  EXPECT_EQ(columns("SELECT a FROM tt"), "TABLE_OR_VIEW_NOT_FOUND 1:15");
  EXPECT_EQ(columns("SELECT z.a FROM t"), "UNRESOLVED_COLUMN.WITH_SUGGESTION 1:8");
  EXPECT_EQ(columns("SELECT t.a FROM t AS z"), "UNRESOLVED_COLUMN.WITH_SUGGESTION 1:8");
  EXPECT_EQ(columns("SELECT b FROM t, u"), "AMBIGUOUS_REFERENCE 1:8");
  EXPECT_EQ(columns("SELECT nofunction(a) FROM t"), "UNRESOLVED_ROUTINE 1:8");
  EXPECT_EQ(columns("SELECT z.one FROM u AS z(one)"), "ASSIGNMENT_ARITY_MISMATCH 1:24");
  EXPECT_EQ(columns("SELECT x FROM (SELECT a AS x FROM t) WHERE a = 1"),
            "UNRESOLVED_COLUMN.WITH_SUGGESTION 1:44");
}

TEST(Binder, reports_all_errors_of_a_select_list) {
  EXPECT_EQ(columns("SELECT aa,\n  bb FROM t"),
            "UNRESOLVED_COLUMN.WITH_SUGGESTION 1:8; UNRESOLVED_COLUMN.WITH_SUGGESTION 2:3");
}

TEST(Binder, groups_by_position_alias_expression_and_all) {
  EXPECT_EQ(columns("SELECT b, count(*) FROM t GROUP BY 1"), "b:string,count(1):bigint");
  EXPECT_EQ(columns("SELECT upper(b) AS k, sum(a) FROM t GROUP BY k"), "k:string,sum(a):bigint");
  EXPECT_EQ(columns("SELECT a % 2 + 1 AS r, max(b) FROM t GROUP BY a % 2"), "r:int,max(b):string");
  EXPECT_EQ(columns("SELECT b, a + 1 AS n, count(*) AS c FROM t GROUP BY ALL"),
            "b:string,n:int,c:bigint");
  EXPECT_EQ(columns("SELECT sum(a) + count(*) AS n FROM t"), "n:bigint");
}

TEST(Binder, refuses_what_grouping_cannot_give) {
  EXPECT_EQ(columns("SELECT a, sum(a) FROM t"), "MISSING_GROUP_BY 1:8");
  EXPECT_EQ(columns("SELECT a, sum(a) FROM t GROUP BY b"), "MISSING_AGGREGATION 1:8");
  EXPECT_EQ(columns("SELECT a FROM t GROUP BY 2"), "GROUP_BY_POS_OUT_OF_RANGE 1:26");
  EXPECT_EQ(columns("SELECT sum(a) FROM t GROUP BY 1"), "GROUP_BY_AGGREGATE 1:31");
  EXPECT_EQ(columns("SELECT sum(max(a)) FROM t"), "NESTED_AGGREGATE_FUNCTION 1:12");
  EXPECT_EQ(columns("SELECT a FROM t WHERE sum(a) > 1"), "INVALID_WHERE_CONDITION 1:23");
  EXPECT_EQ(columns("SELECT b FROM t GROUP BY b HAVING a > 1"), "MISSING_AGGREGATION 1:35");
  EXPECT_EQ(columns("SELECT b FROM t GROUP BY b HAVING count(*)"),
            "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN 1:35");
}

TEST(Binder, expands_stars_in_aggregates) {
  EXPECT_EQ(plan("SELECT count(*), count(DISTINCT u.*) AS n FROM u"),
            "Project count(1) BIGINT, n BIGINT\n"
            "  Aggregate by 0 expressions: count, count\n"
            "    Scan u\n");
}

TEST(Binder, orders_by_columns_that_are_not_selected) {
  EXPECT_EQ(plan("SELECT a FROM t ORDER BY b DESC, a + 1"),
            "Project a INT\n"
            "  Sort by 2 keys\n"
            "    Project a INT, sort key STRING, sort key INT\n"
            "      Scan t\n");
  EXPECT_EQ(plan("SELECT a AS n FROM t ORDER BY n, 1"),
            "Sort by 2 keys\n"
            "  Project n INT\n"
            "    Scan t\n");
  EXPECT_EQ(plan("SELECT b FROM t GROUP BY b HAVING count(*) > 1 ORDER BY sum(a)"),
            "Project b STRING\n"
            "  Sort by 1 keys\n"
            "    Project b STRING, sort key BIGINT\n"
            "      Filter (count > 1)\n"
            "        Aggregate by 1 expressions: count, sum\n"
            "          Scan t\n");
  EXPECT_EQ(plan("SELECT a, b FROM t ORDER BY ALL"),
            "Sort by 2 keys\n"
            "  Project a INT, b STRING\n"
            "    Scan t\n");
  EXPECT_EQ(columns("SELECT DISTINCT a FROM t ORDER BY b"),
            "UNRESOLVED_COLUMN.WITHOUT_SUGGESTION 1:35");
  EXPECT_EQ(columns("SELECT a FROM t ORDER BY 3"), "ORDER_BY_POS_OUT_OF_RANGE 1:26");
  EXPECT_EQ(columns("SELECT a FROM t UNION SELECT c FROM u ORDER BY a"), "a:int");
}

TEST(Binder, joins_using_shared_columns) {
  EXPECT_EQ(columns("SELECT * EXCEPT (s, xs) FROM t JOIN u USING (b)"), "b:string,a:int,c:int");
  EXPECT_EQ(columns("SELECT * EXCEPT (s, xs) FROM t NATURAL JOIN u"), "b:string,a:int,c:int");
  EXPECT_EQ(columns("SELECT b, t.b AS tb, u.b AS ub FROM t LEFT JOIN u USING (b)"),
            "b:string,tb:string,ub:string");
  EXPECT_EQ(columns("SELECT b, t.b AS tb, c FROM t FULL JOIN u USING (b)"),
            "b:string,tb:string,c:int");
  EXPECT_EQ(columns("SELECT * EXCEPT (s, xs) FROM t NATURAL FULL JOIN u"), "b:string,a:int,c:int");
  EXPECT_EQ(columns("SELECT z.b, z.c FROM (t JOIN u USING (b)) AS z"), "b:string,c:int");
  EXPECT_EQ(columns("SELECT * FROM t JOIN u USING (c)"), "UNRESOLVED_USING_COLUMN_FOR_JOIN 1:17");
  EXPECT_EQ(columns("SELECT a FROM t JOIN u ON a"), "JOIN_CONDITION_IS_NOT_BOOLEAN_TYPE 1:27");
  EXPECT_EQ(columns("SELECT a FROM t LEFT SEMI JOIN u ON t.b = u.b"), "a:int");
  EXPECT_EQ(columns("SELECT c FROM t LEFT ANTI JOIN u ON t.b = u.b"),
            "UNRESOLVED_COLUMN.WITH_SUGGESTION 1:8");
}

TEST(Binder, takes_equal_columns_of_a_condition_as_keys) {
  EXPECT_EQ(plan("SELECT a FROM t JOIN u ON t.b = u.b AND u.c > t.a AND upper(u.b) = t.b"),
            "Project a INT\n"
            "  Join inner, 2 equal keys, condition\n"
            "    Scan t\n"
            "    Scan u\n");
  EXPECT_EQ(plan("SELECT a FROM t JOIN u ON t.b = 'x' OR t.b = u.b"),
            "Project a INT\n"
            "  Join inner, 0 equal keys, condition\n"
            "    Scan t\n"
            "    Scan u\n");
}

TEST(Binder, names_queries_by_with) {
  EXPECT_EQ(columns("WITH v AS (SELECT a AS n FROM t) SELECT v.n FROM v"), "n:int");
  EXPECT_EQ(columns("WITH v(p, q) AS (SELECT * FROM u) SELECT q FROM v"), "q:int");
  EXPECT_EQ(columns("WITH v AS (SELECT 1 AS x), w AS (SELECT x + 1 AS y FROM v) SELECT * FROM w"),
            "y:int");
  EXPECT_EQ(columns("WITH t AS (SELECT 1 AS one) SELECT * FROM t"), "one:int");
  EXPECT_EQ(columns("WITH v AS (SELECT zz FROM t) SELECT 1"),
            "UNRESOLVED_COLUMN.WITH_SUGGESTION 1:19");
}

TEST(Binder, generates_rows_beside_their_row) {
  EXPECT_EQ(columns("SELECT a, x FROM t LATERAL VIEW explode(xs) e AS x"), "a:int,x:int");
  EXPECT_EQ(columns("SELECT e.x, y FROM t LATERAL VIEW explode(xs) e AS x LATERAL VIEW "
                    "explode(array(x)) f AS y"),
            "x:int,y:int");
  EXPECT_EQ(columns("SELECT a, posexplode(xs) FROM t"), "a:int,pos:int,col:int");
  EXPECT_EQ(columns("SELECT posexplode(xs) AS (p, v) FROM t"), "p:int,v:int");
  EXPECT_EQ(columns("SELECT explode(xs) + 1 FROM t"), "UNSUPPORTED_GENERATOR.OUTSIDE_SELECT 1:8");
  EXPECT_EQ(columns("SELECT posexplode(xs) AS (p) FROM t"), "UDTF_ALIAS_NUMBER_MISMATCH 1:8");
  EXPECT_EQ(columns("SELECT a AS (p, q) FROM t"), "MULTI_ALIAS_WITHOUT_GENERATOR 1:8");
}

TEST(Binder, turns_in_and_exists_into_joins) {
  EXPECT_EQ(plan("SELECT a FROM t WHERE b IN (SELECT b FROM u) AND a > 1"),
            "Project a INT\n"
            "  Filter (a > 1)\n"
            "    Join left semi, 1 equal keys\n"
            "      Scan t\n"
            "      Project b STRING\n"
            "        Scan u\n");
  EXPECT_EQ(columns("SELECT a FROM t WHERE b IN (SELECT b, c FROM u)"),
            "DATATYPE_MISMATCH.IN_SUBQUERY_LENGTH_MISMATCH 1:23");
  EXPECT_EQ(columns("SELECT a FROM t WHERE xs IN (SELECT c FROM u)"),
            "DATATYPE_MISMATCH.IN_SUBQUERY_DATA_TYPE_MISMATCH 1:23");
  EXPECT_EQ(columns("SELECT a FROM t WHERE NOT EXISTS (SELECT 1 FROM u)"), "a:int");
}

TEST(Binder, brings_both_sides_of_a_set_operation_to_one_type) {
  EXPECT_EQ(columns("SELECT a FROM t UNION ALL SELECT 1.5"), "a:decimal(11,1)");
  EXPECT_EQ(columns("SELECT a, b FROM t UNION ALL SELECT c FROM u"), "NUM_COLUMNS_MISMATCH 1:20");
  EXPECT_EQ(columns("SELECT a FROM t UNION ALL SELECT xs FROM t"), "INCOMPATIBLE_COLUMN_TYPE 1:17");
}

TEST(Binder, checks_values_limits_and_table_functions) {
  EXPECT_EQ(columns("SELECT * FROM VALUES (1, 'x'), (2.5, NULL)"),
            "col1:decimal(11,1),col2:string");
  EXPECT_EQ(columns("SELECT * FROM VALUES (1, 2), (1)"),
            "INVALID_INLINE_TABLE.NUM_COLUMNS_MISMATCH 1:31");
  EXPECT_EQ(columns("SELECT a FROM t LIMIT -1"), "INVALID_LIMIT_LIKE_EXPRESSION 1:23");
  EXPECT_EQ(columns("SELECT a FROM t LIMIT a"), "UNRESOLVED_COLUMN.WITHOUT_SUGGESTION 1:23");
  EXPECT_EQ(columns("SELECT * FROM range(1, 2, 0)"), "WRONG_NUM_ARGS.WITHOUT_SUGGESTION 1:15");
  EXPECT_EQ(columns("SELECT * FROM nothing(1)"), "UNRESOLVABLE_TABLE_VALUED_FUNCTION 1:15");
  EXPECT_EQ(columns("SELECT a FROM t WHERE a"), "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN 1:23");
}

TEST(Binder, names_calls_over_windows_as_spark_does) {
  EXPECT_EQ(columns("SELECT lag(a) OVER (PARTITION BY b ORDER BY a DESC) FROM t"),
            "lag(a, 1, NULL) OVER (PARTITION BY b ORDER BY a DESC NULLS LAST ROWS BETWEEN -1 "
            "FOLLOWING AND -1 FOLLOWING):int");
  EXPECT_EQ(columns("SELECT sum(a) OVER w FROM t WINDOW w AS (PARTITION BY b)"),
            "sum(a) OVER (PARTITION BY b ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED "
            "FOLLOWING):bigint");
  EXPECT_EQ(columns("SELECT count(*) OVER (ORDER BY a ROWS 2 PRECEDING) AS n FROM t"), "n:bigint");
}

TEST(Binder, shares_a_window_between_calls_with_the_same_order) {
  EXPECT_EQ(plan("SELECT rank() OVER (ORDER BY a) AS r, sum(a) OVER (ORDER BY a) AS s, "
                 "max(a) OVER () AS m FROM t"),
            "Project r INT, s BIGINT, m INT\n"
            "  Window by 0 expressions, 0 keys: max\n"
            "    Window by 0 expressions, 1 keys: rank, sum\n"
            "      Scan t\n");
}

TEST(Binder, makes_joins_of_correlated_subqueries) {
  EXPECT_EQ(plan("SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.b = t.b)"),
            "Project a INT\n"
            "  Join left semi, 1 equal keys\n"
            "    Scan t\n"
            "    Project 1 INT, b STRING\n"
            "      Scan u\n");
  EXPECT_EQ(columns("SELECT a, (SELECT max(c) FROM u WHERE u.b = t.b) AS m FROM t"), "a:int,m:int");
  EXPECT_EQ(columns("SELECT a, (SELECT max(c) FROM u WHERE u.c > t.a) FROM t"),
            "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.CORRELATED_COLUMN_IS_NOT_ALLOWED_IN_PREDICATE"
            " 1:39");
  EXPECT_EQ(columns("SELECT a FROM t JOIN u ON EXISTS (SELECT 1 FROM u)"),
            "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.UNSUPPORTED_CORRELATED_SCALAR_SUBQUERY 1:27");
}

TEST(Binder, refuses_on_a_stream_what_needs_all_rows) {
  Diagnostics diagnostics;
  for (const std::string_view sql : {"SELECT rank() OVER (ORDER BY a) FROM STREAM t",
                                     "SELECT explode(xs) FROM STREAM t GROUP BY ROLLUP (xs)"}) {
    const NodePtr query = bound(sql, diagnostics);
    EXPECT_TRUE(!query || !check_stream(*query, diagnostics)) << sql;
  }
  ASSERT_FALSE(diagnostics.empty());
  EXPECT_EQ(diagnostics.all()[0].error_class, "NON_TIME_WINDOW_NOT_SUPPORTED_IN_STREAMING");
}

TEST(Binder, says_what_it_does_not_do_yet_with_its_place) {
  EXPECT_EQ(columns("SELECT a FROM t CLUSTER BY a"), "UNSUPPORTED_FEATURE 1:1");
  EXPECT_EQ(columns("SELECT * FROM t PIVOT (sum(a) FOR b IN ('x'))"), "UNSUPPORTED_FEATURE 1:15");
  EXPECT_EQ(columns("SELECT a FROM t TABLESAMPLE (10 PERCENT)"), "UNSUPPORTED_FEATURE 1:17");
}

}  // namespace
}  // namespace millrace::plan
