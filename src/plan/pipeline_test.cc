#include "plan/pipeline.h"

#include <gtest/gtest.h>

#include "io/files.h"
#include "io/sim_files.h"

namespace millrace::plan {
namespace {

const connector::ConnectorRegistry& connectors() {
  static const config::OptionTable kOptions{
      .subject = "numbers source",
      .options = {{.name = "rows", .type = config::OptionType::kInt, .sentence = "How many."}}};
  static const connector::ConnectorInfo kNumbers{
      .name = "numbers",
      .description = "For the test.",
      .options = &kOptions,
      .guarantee =
          [](const config::OptionValues& values) {
            return connector::FeedGuarantee{.guarantee = values.given("rows")
                                                             ? connector::Guarantee::kExactly
                                                             : connector::Guarantee::kAtLeastOnce,
                                            .why = "numbers without a stable id"};
          },
  };
  static const connector::ConnectorRegistry kRegistry({&kNumbers});
  return kRegistry;
}

/// A project of one source file and one transformation file, bound.
class Bound {
 public:
  Bound(const std::string& sources, const std::string& transformations) : disk_(1) {
    write("spark-pipeline.yml",
          "name: p\nstorage: file:///s\nlibraries:\n  - glob: {include: transformations/**}\n");
    if (!sources.empty()) {
      write("sources/s.sql", sources);
    }
    write("transformations/t.sql", transformations);
    Diagnostics diagnostics;
    project_ = project::read_project(disk_, {.start = "/w/p"}, diagnostics);
    pipeline_ = bind_project(project_, connectors(), diagnostics);
    for (const Diagnostic& found : diagnostics.all()) {
      findings_ += (findings_.empty() ? "" : "; ") +
                   found.where.file.substr(found.where.file.rfind('/') + 1) + ":" +
                   std::to_string(found.where.line) + ":" + std::to_string(found.where.column) +
                   " " + (found.severity == Severity::kError ? "" : "(no error) ") +
                   found.error_class;
      messages_ += found.message + "\n" + found.help + "\n";
    }
  }

  /// "t.sql:1:8 CLASS; …"
  [[nodiscard]] const std::string& findings() const { return findings_; }

  [[nodiscard]] const Pipeline& pipeline() const { return pipeline_; }

  [[nodiscard]] bool says(std::string_view text) const {
    return messages_.find(text) != std::string::npos;
  }

 private:
  void write(const std::string& path, const std::string& text) {
    const std::string whole = "/w/p/" + path;
    MUST(io::make_dirs(disk_, io::parent_path(whole)));
    MUST(io::write_atomically(disk_, whole, text));
  }

  io::SimFiles disk_;
  project::Project project_;
  Pipeline pipeline_;
  std::string findings_;
  std::string messages_;
};

constexpr auto kSource = "CREATE TABLE raw (id INT, name STRING) USING numbers;\n";

std::string findings(const std::string& transformations, const std::string& sources = kSource) {
  return Bound(sources, transformations).findings();
}

TEST(Pipeline, binds_sources_tables_views_and_flows) {
  const Bound bound(kSource,
                    "CREATE TEMPORARY VIEW v AS SELECT id, upper(name) AS name FROM STREAM raw;\n"
                    "CREATE STREAMING TABLE t TBLPROPERTIES ('millrace.key' = 'id') AS\n"
                    "  SELECT * FROM STREAM v WHERE id > 1;\n"
                    "CREATE MATERIALIZED VIEW m AS SELECT name, count(*) AS n FROM t GROUP BY "
                    "name;\n");
  EXPECT_EQ(bound.findings(), "");
  const Pipeline& pipeline = bound.pipeline();
  ASSERT_EQ(pipeline.sources.size(), 1U);
  ASSERT_EQ(pipeline.tables.size(), 2U);
  ASSERT_EQ(pipeline.flows.size(), 2U);
  const auto table = pipeline.find("T");
  ASSERT_TRUE(table);
  EXPECT_EQ(table->schema.to_string(), "struct<id:int,name:string>");
  EXPECT_EQ(table->key, std::vector<std::size_t>{0});
  EXPECT_FALSE(table->schema.fields[0].nullable);
  EXPECT_EQ(pipeline.find("m")->schema.to_string(), "struct<name:string,n:bigint>");
  EXPECT_EQ(pipeline.find("v")->kind, RelationKind::kTemporaryView);
  EXPECT_EQ(pipeline.find("nothing"), nullptr);
}

TEST(Pipeline, binds_in_the_order_of_need_not_of_the_file) {
  EXPECT_EQ(findings("CREATE MATERIALIZED VIEW m AS SELECT * FROM t;\n"
                     "CREATE STREAMING TABLE t AS SELECT * FROM STREAM v;\n"
                     "CREATE TEMPORARY VIEW v AS SELECT * FROM STREAM raw;\n"),
            "");
}

TEST(Pipeline, refuses_a_name_that_is_defined_twice) {
  const Bound bound(kSource,
                    "CREATE STREAMING TABLE t AS SELECT id FROM STREAM raw;\n"
                    "CREATE TEMPORARY VIEW T AS SELECT * FROM STREAM raw;\n");
  EXPECT_EQ(bound.findings(), "t.sql:2:23 PIPELINE_DUPLICATE_IDENTIFIERS.OUTPUT");
  EXPECT_TRUE(bound.says("the first definition is at transformations/t.sql:1:24"));
  EXPECT_EQ(findings("CREATE STREAMING TABLE raw AS SELECT 1 AS id;\n"),
            "t.sql:1:24 PIPELINE_DUPLICATE_IDENTIFIERS.OUTPUT");
  EXPECT_EQ(findings("CREATE STREAMING TABLE t;\n"
                     "CREATE FLOW f AS INSERT INTO t BY NAME SELECT * FROM STREAM raw;\n"
                     "CREATE FLOW f AS INSERT INTO t BY NAME SELECT * FROM STREAM raw;\n"),
            "t.sql:3:13 PIPELINE_DUPLICATE_IDENTIFIERS.FLOW");
  EXPECT_EQ(findings("CREATE STREAMING TABLE t;\n"
                     "CREATE FLOW raw AS INSERT INTO t BY NAME SELECT * FROM STREAM raw;\n"),
            "t.sql:2:13 PIPELINE_DUPLICATE_IDENTIFIERS.FLOW");
}

TEST(Pipeline, refuses_views_that_read_each_other) {
  EXPECT_EQ(findings("CREATE MATERIALIZED VIEW a AS SELECT * FROM b;\n"
                     "CREATE MATERIALIZED VIEW b AS SELECT * FROM a;\n"),
            "t.sql:2:45 PIPELINE_GRAPH_NOT_TOPOLOGICALLY_SORTED");
  EXPECT_EQ(findings("CREATE STREAMING TABLE t AS SELECT * FROM STREAM t;\n"),
            "t.sql:1:50 PIPELINE_GRAPH_NOT_TOPOLOGICALLY_SORTED");
}

TEST(Pipeline, suggests_a_table_for_one_that_is_missing) {
  const Bound bound(kSource, "CREATE STREAMING TABLE t AS SELECT * FROM STREAM rav;\n");
  EXPECT_EQ(bound.findings(), "t.sql:1:50 TABLE_OR_VIEW_NOT_FOUND");
  EXPECT_TRUE(bound.says("did you mean \"raw\"?"));
}

TEST(Pipeline, refuses_a_flow_into_a_table_that_is_missing) {
  EXPECT_EQ(findings("CREATE STREAMING TABLE tt AS SELECT * FROM STREAM raw;\n"
                     "CREATE FLOW f AS INSERT INTO t BY NAME SELECT * FROM STREAM raw;\n"),
            "t.sql:2:30 TABLE_OR_VIEW_NOT_FOUND");
}

TEST(Pipeline, refuses_a_table_that_nothing_writes_to) {
  EXPECT_EQ(findings("CREATE STREAMING TABLE t (id INT);\n"),
            "t.sql:1:24 PIPELINE_DATASET_WITHOUT_FLOW");
}

TEST(Pipeline, refuses_batch_and_stream_in_the_wrong_place) {
  EXPECT_EQ(findings("CREATE STREAMING TABLE t AS SELECT * FROM raw;\n"),
            "t.sql:1:24 INVALID_FLOW_QUERY_TYPE.BATCH_RELATION_FOR_STREAMING_TABLE");
  EXPECT_EQ(findings("CREATE MATERIALIZED VIEW m AS SELECT * FROM STREAM raw;\n"),
            "t.sql:1:26 INVALID_FLOW_QUERY_TYPE.STREAMING_RELATION_FOR_MATERIALIZED_VIEW");
  EXPECT_EQ(findings("CREATE VIEW v AS SELECT * FROM STREAM raw;\n"),
            "t.sql:1:13 INVALID_FLOW_QUERY_TYPE.STREAMING_RELATION_FOR_PERSISTED_VIEW");
  EXPECT_EQ(findings("CREATE TEMPORARY VIEW v AS SELECT * FROM raw;\n"
                     "CREATE STREAMING TABLE t AS SELECT * FROM STREAM v;\n"),
            "t.sql:2:50 INVALID_STREAM_RELATION");
}

TEST(Pipeline, refuses_a_key_that_is_no_plain_column) {
  const Bound bound(kSource,
                    "CREATE STREAMING TABLE t\n  TBLPROPERTIES ('millrace.key' = 'idd')\n"
                    "  AS SELECT * FROM STREAM raw;\n");
  EXPECT_EQ(bound.findings(), "t.sql:2:35 UNRESOLVED_COLUMN.WITH_SUGGESTION");
  EXPECT_TRUE(bound.says("did you mean \"id\"?"));
  EXPECT_EQ(findings("CREATE STREAMING TABLE t TBLPROPERTIES ('millrace.key' = 'x')\n"
                     "  AS SELECT array(id) AS x FROM STREAM raw;\n"),
            "t.sql:1:58 DATATYPE_MISMATCH");
}

TEST(Pipeline, refuses_two_relations_with_one_topic) {
  const Bound bound(kSource,
                    "CREATE STREAMING TABLE t TBLPROPERTIES ('topic' = 'raw')\n"
                    "  AS SELECT * FROM STREAM raw;\n");
  EXPECT_EQ(bound.findings(), "t.sql:1:24 TOPIC_CLASH");
  EXPECT_TRUE(bound.says("t and raw have the same topic raw"));
}

TEST(Pipeline, refuses_connectors_and_options_that_do_not_exist) {
  const std::string table = "CREATE STREAMING TABLE t AS SELECT * FROM STREAM raw;\n";
  const Bound connector("CREATE TABLE raw (id INT) USING nubmers;\n", table);
  EXPECT_EQ(connector.findings(), "s.sql:1:33 DATA_SOURCE_NOT_FOUND; t.sql:1:50 (no error) ");
  EXPECT_TRUE(connector.says("did you mean \"numbers\"?"));
  const Bound option("CREATE TABLE raw (id INT) USING numbers\n  OPTIONS (rosw '3');\n", table);
  EXPECT_EQ(option.findings().substr(0, 11), "s.sql:2:12 ");
  EXPECT_TRUE(option.says("did you mean \"rows\"?"));
  const Bound value("CREATE TABLE raw (id INT) USING numbers\n  OPTIONS (rows 'x');\n", table);
  EXPECT_EQ(value.findings().substr(0, 11), "s.sql:2:17 ");
  const Bound cluster("CREATE TABLE raw USING kafka OPTIONS (kafka.bootstrap.servers 'a:1');\n",
                      table);
  EXPECT_EQ(cluster.findings().substr(0, 45), "s.sql:1:39 UNSUPPORTED_FEATURE.KAFKA_CLUSTER;");
}

TEST(Pipeline, refuses_columns_that_the_table_lacks_and_names_the_remedy) {
  const Bound bound(kSource, "CREATE STREAMING TABLE t (id INT) AS SELECT * FROM STREAM raw;\n");
  EXPECT_EQ(bound.findings(), "t.sql:1:45 INCOMPATIBLE_DATA_FOR_TABLE.EXTRA_COLUMNS");
  EXPECT_TRUE(bound.says("SELECT * EXCEPT (name)"));
}

TEST(Pipeline, fits_a_query_to_its_table_by_name) {
  const Bound bound(kSource,
                    "CREATE STREAMING TABLE t (name STRING, more DOUBLE, id BIGINT) AS\n"
                    "  SELECT * FROM STREAM raw;\n");
  EXPECT_EQ(bound.findings(), "");
  EXPECT_EQ(bound.pipeline().flows[0].query->schema.to_string(),
            "struct<name:string,more:double,id:bigint>");
  EXPECT_EQ(findings("CREATE STREAMING TABLE t (name INT) AS SELECT name FROM STREAM raw;\n")
                .substr(0, 10),
            "t.sql:1:47");
}

TEST(Pipeline, merges_the_columns_of_several_flows) {
  const Bound bound(kSource,
                    "CREATE STREAMING TABLE t;\n"
                    "CREATE FLOW f AS INSERT INTO t BY NAME SELECT id FROM STREAM raw;\n"
                    "CREATE FLOW g AS INSERT INTO t BY NAME SELECT name, id * 2L AS id FROM "
                    "STREAM raw;\n");
  EXPECT_EQ(bound.findings(), "");
  EXPECT_EQ(bound.pipeline().find("t")->schema.to_string(), "struct<id:bigint,name:string>");
  EXPECT_EQ(findings("CREATE STREAMING TABLE t;\n"
                     "CREATE FLOW f AS INSERT INTO t BY NAME SELECT id FROM STREAM raw;\n"
                     "CREATE FLOW g AS INSERT INTO t BY NAME SELECT array(1) AS id FROM "
                     "STREAM raw;\n"),
            "t.sql:3:13 UNABLE_TO_INFER_PIPELINE_TABLE_SCHEMA");
}

TEST(Pipeline, refuses_two_columns_of_one_name) {
  EXPECT_EQ(findings("CREATE STREAMING TABLE t AS SELECT id, name AS ID FROM STREAM raw;\n"),
            "t.sql:1:24 COLUMN_ALREADY_EXISTS");
  EXPECT_EQ(findings("CREATE STREAMING TABLE t (a INT, A INT) AS SELECT id AS a FROM STREAM "
                     "raw;\n"),
            "t.sql:1:34 COLUMN_ALREADY_EXISTS");
}

TEST(Pipeline, refuses_operators_that_a_flow_cannot_run) {
  const std::string unsupported = " UNSUPPORTED_FEATURE.STREAMING_OPERATOR";
  const auto place = [&](const std::string& query) {
    std::string found = findings("CREATE STREAMING TABLE t AS\n" + query + ";\n");
    const std::size_t at = found.find(unsupported);
    return at == std::string::npos ? "other: " + found : found.substr(0, at);
  };
  EXPECT_EQ(place("SELECT count(*) AS n FROM STREAM raw"), "t.sql:2:8");
  EXPECT_EQ(place("SELECT DISTINCT id FROM STREAM raw"), "t.sql:2:17");
  EXPECT_EQ(place("SELECT id FROM STREAM raw ORDER BY id"), "t.sql:2:8");
  EXPECT_EQ(place("SELECT id FROM STREAM raw LIMIT 3"), "t.sql:2:33");
  EXPECT_EQ(place("SELECT a.id FROM STREAM raw a JOIN raw b ON a.id = b.id"), "t.sql:2:31");
  EXPECT_EQ(place("SELECT id FROM STREAM raw UNION ALL SELECT id FROM raw"), "t.sql:2:27");
  EXPECT_EQ(place("SELECT id FROM STREAM raw EXCEPT SELECT id FROM raw"), "t.sql:2:27");
}

TEST(Pipeline, refuses_a_view_with_the_wrong_number_of_columns) {
  EXPECT_EQ(findings("CREATE VIEW v (a) AS SELECT * FROM raw;\n"),
            "t.sql:1:13 CREATE_VIEW_COLUMN_ARITY_MISMATCH");
}

TEST(Pipeline, refuses_statements_that_a_pipeline_file_may_not_hold) {
  const std::string refused = "t.sql:1:1 PIPELINE_SQL_GRAPH_ELEMENT_REGISTRATION_ERROR";
  EXPECT_EQ(findings("SELECT 1;\n"), refused);
  EXPECT_EQ(findings("CREATE TABLE x USING json AS SELECT 1;\n"), refused);
  EXPECT_EQ(findings("SHOW TABLES;\n"), refused);
  EXPECT_EQ(findings("CREATE STREAMING TABLE t;\nCREATE FLOW f AS INSERT INTO t SELECT * FROM "
                     "STREAM raw;\n"),
            "t.sql:2:30 PIPELINE_SQL_GRAPH_ELEMENT_REGISTRATION_ERROR; "
            "t.sql:1:24 PIPELINE_DATASET_WITHOUT_FLOW");
  EXPECT_EQ(findings("CREATE FLOW a.f AS INSERT INTO t BY NAME SELECT * FROM STREAM raw;\n"),
            "t.sql:1:13 MULTIPART_FLOW_NAME_NOT_SUPPORTED");
}

TEST(Pipeline, reports_every_fault_of_every_statement) {
  EXPECT_EQ(findings("CREATE STREAMING TABLE a AS SELECT idd FROM STREAM raw;\n"
                     "CREATE STREAMING TABLE b AS SELECT * FROM STREAM rav;\n"
                     "CREATE STREAMING TABLE c AS SELECT * FROM STREAM a;\n"),
            "t.sql:1:36 UNRESOLVED_COLUMN.WITH_SUGGESTION; t.sql:2:50 TABLE_OR_VIEW_NOT_FOUND; "
            "t.sql:3:50 (no error) ");
}

TEST(Pipeline, applies_settings_to_the_statements_behind_them) {
  const Bound bound(kSource,
                    "CREATE MATERIALIZED VIEW a AS SELECT CAST('x' AS INT) AS v FROM raw;\n"
                    "SET spark.sql.session.timeZone = Asia/Tokyo;\n"
                    "CREATE MATERIALIZED VIEW b AS SELECT TIMESTAMP'2024-01-01 09:00:00' AS v "
                    "FROM raw;\n");
  EXPECT_EQ(bound.findings(), "");
  const auto& flow = bound.pipeline().flows[1];
  const auto* project = std::get_if<Project>(&flow.query->op);
  ASSERT_TRUE(project != nullptr && project->columns[0]->is_literal());
  EXPECT_EQ(project->columns[0]->value.integer(), 1'704'067'200'000'000);
}

TEST(Pipeline, warns_when_there_are_only_sources) {
  EXPECT_EQ(findings("").substr(findings("").rfind(' ') + 1), "RUN_EMPTY_PIPELINE");
}

TEST(MaterializedView, cannot_have_other_rows_in_each_recomputation) {
  const Bound bound(kSource,
                    "CREATE TEMPORARY VIEW v AS SELECT id, uuid() AS u FROM raw;\n"
                    "CREATE MATERIALIZED VIEW m AS SELECT u, id FROM v;\n");
  EXPECT_EQ(bound.findings(), "t.sql:1:39 UNSUPPORTED_FEATURE.NONDETERMINISTIC_MATERIALIZED_VIEW");
  EXPECT_TRUE(bound.says("uuid() would give its rows other values each time"));
  EXPECT_EQ(findings("CREATE MATERIALIZED VIEW m AS\n"
                     "  SELECT name, max(1 + rand()) AS r FROM raw GROUP BY name;\n"),
            "t.sql:2:24 UNSUPPORTED_FEATURE.NONDETERMINISTIC_MATERIALIZED_VIEW");
  EXPECT_EQ(
      findings("CREATE MATERIALIZED VIEW m AS SELECT id, current_timestamp() AS t FROM raw;\n"),
      "");
}

TEST(MaterializedView, says_how_often_it_is_recomputed) {
  const auto interval = [](const std::string& text) {
    return Bound(kSource,
                 "CREATE MATERIALIZED VIEW m\n  TBLPROPERTIES ('millrace.refresh.interval' = '" +
                     text + "') AS SELECT id FROM raw;\n");
  };
  const Bound seconds = interval("5 s");
  ASSERT_EQ(seconds.findings(), "");
  EXPECT_EQ(seconds.pipeline().flows[0].refresh_interval_ms, 5'000);
  EXPECT_EQ(interval("soon").findings(), "t.sql:2:48 INVALID_PROPERTY_VALUE");
  EXPECT_EQ(interval("2 days").findings(), "t.sql:2:48 INVALID_PROPERTY_VALUE");
}

TEST(MaterializedView, has_one_query) {
  EXPECT_EQ(findings("CREATE MATERIALIZED VIEW m AS SELECT id FROM raw;\n"
                     "CREATE FLOW f AS INSERT INTO m BY NAME SELECT id FROM raw;\n"),
            "t.sql:2:13 MATERIALIZED_VIEW_WITH_MULTIPLE_QUERIES");
}

TEST(Guarantee, is_that_of_the_weakest_source_on_the_way) {
  const Bound bound(std::string(kSource) +
                        "CREATE TABLE sure (id INT, name STRING) USING numbers OPTIONS (rows 3);\n",
                    "CREATE STREAMING TABLE t AS SELECT * FROM STREAM raw;\n"
                    "CREATE STREAMING TABLE u AS SELECT * FROM STREAM t;\n"
                    "CREATE STREAMING TABLE w AS SELECT * FROM STREAM sure;\n");
  ASSERT_EQ(bound.findings(), "");
  ASSERT_EQ(bound.pipeline().flows.size(), 3U);
  EXPECT_EQ(bound.pipeline().flows[1].guarantee, Guarantee::kAtLeastOnce);
  EXPECT_EQ(bound.pipeline().flows[1].guarantee_reason, "source raw: numbers without a stable id");
  EXPECT_EQ(bound.pipeline().flows[2].guarantee, Guarantee::kExactly);
}

TEST(Explain, prints_the_way_of_the_record) {
  const Bound bound(kSource,
                    "CREATE STREAMING TABLE t TBLPROPERTIES ('millrace.key' = 'id') AS\n"
                    "  SELECT id, x FROM STREAM raw LATERAL VIEW explode(split(name, ',')) e AS x\n"
                    "  WHERE id > 1;\n"
                    "CREATE MATERIALIZED VIEW m AS\n"
                    "  SELECT t.x, count(*) AS n FROM t JOIN range(9) r ON t.id = r.id\n"
                    "  GROUP BY t.x ORDER BY n DESC LIMIT 5;\n");
  ASSERT_EQ(bound.findings(), "");
  EXPECT_EQ(explain_text(bound.pipeline()),
            R"(pipeline p

source raw USING numbers → topic raw
  columns: id INT, name STRING

flow t → table t (topic t, key id)
  guarantee: at_least_once: source raw: numbers without a stable id
  plan:
    Project id INT, x STRING
      Project id INT, x STRING
        Filter (id > 1)
          Generate explode
            Stream raw

flow m → materialized view m (topic m)
  guarantee: at_least_once: source raw: numbers without a stable id
  recomputed: when its inputs change, at most every 1 s
  plan:
    Limit 5 offset 0
      Sort by 1 keys
        Project x STRING, n BIGINT
          Aggregate by 1 expressions: count
            Join inner, 1 equal keys
              Scan t
              Range 0 to 9 by 1
)");
}

TEST(Explain, gives_the_same_as_json) {
  const Bound bound(kSource, "CREATE STREAMING TABLE t AS SELECT id FROM STREAM raw;\n");
  EXPECT_EQ(explain_json(bound.pipeline()),
            R"({"pipeline":"p","sources":[{"name":"raw","topic":"raw","using":"numbers",)"
            R"("schema":"struct<id:int,name:string>","key":""}],"tables":[{"name":"t",)"
            R"("topic":"t","schema":"struct<id:int>","key":""}],"flows":[{"name":"t",)"
            R"("target":"t","guarantee":"at_least_once",)"
            R"("why":"source raw: numbers without a stable id",)"
            R"("plan":"Project id INT\n  Stream raw\n","inputs":["raw"]}]})");
}

}  // namespace
}  // namespace millrace::plan
