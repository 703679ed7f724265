#include "project/project.h"

#include <filesystem>
#include <map>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "config/codes.h"
#include "io/real_files.h"
#include "io/sim_files.h"
#include "project/init.h"

namespace millrace::project {
namespace {

constexpr std::string_view kSpec =
    "name: p\nstorage: file:///s\nlibraries:\n  - glob: {include: transformations/**}\n";
constexpr std::string_view kTable = "CREATE STREAMING TABLE t AS SELECT * FROM STREAM raw;\n";

using Texts = std::map<std::string, std::string>;

/// A disk with a project in /w/p. Owned by one thread.
class World {
 public:
  explicit World(const Texts& files) : disk_(1) {
    MUST(io::make_dirs(disk_, "/w/p"));
    for (const auto& [path, text] : files) {
      write("/w/p/" + path, text);
    }
  }

  void write(const std::string& path, const std::string& text) {
    MUST(io::make_dirs(disk_, io::parent_path(path)));
    MUST(io::write_atomically(disk_, path, text));
  }

  Project read(ProjectOptions options = {}) {
    diagnostics_ = {};
    if (options.start == ".") {
      options.start = "/w/p";
    }
    return read_project(disk_, options, diagnostics_);
  }

  /// "file:line:column: class message", one a line.
  [[nodiscard]] std::string findings() const {
    std::string all;
    for (const Diagnostic& found : diagnostics_.all()) {
      all += found.where.file + ":" + std::to_string(found.where.line) + ":" +
             std::to_string(found.where.column) + ": " +
             (found.severity == Severity::kWarning ? "warning: " : "") +
             (found.error_class.empty() ? "" : "[" + found.error_class + "] ") + found.message +
             "\n";
    }
    return all;
  }

  io::SimFiles& disk() { return disk_; }

 private:
  io::SimFiles disk_;
  Diagnostics diagnostics_;
};

/// The findings about a spark-pipeline.yml of this text.
std::string spec_findings(std::string_view text) {
  World world(
      {{"spark-pipeline.yml", std::string(text)}, {"transformations/t.sql", std::string(kTable)}});
  (void)world.read();
  return world.findings();
}

TEST(Project, reads_every_folder) {
  World world({{"spark-pipeline.yml",
                "name: p\nstorage: file:///s\ncatalog: c\nschema: d\nlibraries:\n"
                "  - glob: {include: transformations/**}\nconfiguration:\n  millrace.x: \"1\"\n"},
               {"sources/raw.sql", "CREATE TABLE raw USING randomuser;"},
               {"transformations/a/t.sql", std::string(kTable)},
               {"transformations/__pycache__/x.pyc", "?"},
               {"sinks/out.sql", "CREATE TABLE o USING postgres AS SELECT * FROM STREAM t;"},
               {"dags/d.py", "dag"},
               {"dags/sub/e.yml", "dag"},
               {"dags/notes.txt", "no"},
               {"tests/t.yml", "given: []"},
               {"connections.yml", "a: b"},
               {"millrace.yml", "data: d\n"}});
  const Project project = world.read();
  EXPECT_EQ(world.findings(), "");
  EXPECT_EQ(project.name, "p");
  EXPECT_EQ(project.root, "/w/p");
  EXPECT_EQ(project.catalog, "c");
  EXPECT_EQ(project.database, "d");
  EXPECT_EQ(project.configuration.at("millrace.x").value, "1");
  EXPECT_EQ(project.configuration.at("millrace.x").where.line, 8);
  ASSERT_EQ(project.files.size(), 3U);
  EXPECT_EQ(project.files[0].path, "sources/raw.sql");
  EXPECT_EQ(project.files[1].path, "transformations/a/t.sql");
  EXPECT_EQ(project.files[1].kind, SqlFileKind::kTransformation);
  EXPECT_EQ(project.files[2].kind, SqlFileKind::kSink);
  EXPECT_EQ(project.files[2].script.statements.size(), 1U);
  EXPECT_EQ(project.dag_files, (std::vector<std::string>{"/w/p/dags/d.py", "/w/p/dags/sub/e.yml"}));
  EXPECT_EQ(project.test_files, (std::vector<std::string>{"/w/p/tests/t.yml"}));
  EXPECT_EQ(project.connections_path, "/w/p/connections.yml");
  EXPECT_EQ(project.data_path(), "/w/p/d");
  EXPECT_TRUE(project.texts.contains("sources/raw.sql"));
}

TEST(Project, is_found_from_a_folder_below_and_named_by_its_whole_path) {
  World world({{"spark-pipeline.yml", std::string(kSpec)},
               {"transformations/deep/t.sql", std::string(kTable)}});
  const Project project = world.read({.start = "/w/p/transformations/deep/"});
  EXPECT_EQ(project.root, "/w/p");
  EXPECT_EQ(project.files[0].path, "/w/p/transformations/deep/t.sql");
  EXPECT_EQ(world.read({.start = "/w/p/spark-pipeline.yml"}).root, "/w/p");
  EXPECT_EQ(world.read({.start = "/w/p/", .shown_start = "p"}).files[0].path,
            "p/transformations/deep/t.sql");
}

TEST(Project, folder_with_only_dags_is_one) {
  World world(Texts{{"dags/d.py", "dag"}});
  const Project project = world.read();
  EXPECT_EQ(world.findings(), "");
  EXPECT_TRUE(project.found());
  EXPECT_FALSE(project.has_pipeline());
  EXPECT_EQ(project.name, "p");
}

TEST(Project, folder_with_sources_and_transformations_is_one) {
  World world({{"sources/raw.sql", "CREATE TABLE raw USING faker;"},
               {"transformations/t.sql", std::string(kTable)}});
  const Project project = world.read();
  EXPECT_EQ(world.findings(), "");
  EXPECT_EQ(project.files.size(), 2U);
}

TEST(Project, folders_above_are_no_project_without_a_file) {
  World world({{"sources/raw.sql", "CREATE TABLE raw USING faker;"}, {"elsewhere/x", ""}});
  EXPECT_FALSE(world.read({.start = "/w/p/elsewhere"}).found());
  EXPECT_EQ(world.findings(),
            "/w/p/elsewhere:0:0: [PIPELINE_SPEC_FILE_NOT_FOUND] there is no project in "
            "\"/w/p/elsewhere\" or above it\n");
  EXPECT_FALSE(world.read({.start = "/nowhere"}).found());
}

TEST(Project, two_specs_are_one_too_many) {
  World world({{"spark-pipeline.yml", std::string(kSpec)},
               {"spark-pipeline.yaml", std::string(kSpec)},
               {"transformations/t.sql", std::string(kTable)}});
  (void)world.read();
  EXPECT_EQ(world.findings(),
            "/w/p/spark-pipeline.yaml:0:0: [MULTIPLE_PIPELINE_SPEC_FILES_FOUND] two specification "
            "files: \"/w/p/spark-pipeline.yml\" and \"/w/p/spark-pipeline.yaml\"\n");
}

TEST(Project, spec_of_an_older_preview_is_read_with_a_warning) {
  World world(
      {{"pipeline.yml", std::string(kSpec)}, {"transformations/t.sql", std::string(kTable)}});
  EXPECT_EQ(world.read().name, "p");
  EXPECT_EQ(world.findings(),
            "/w/p/pipeline.yml:1:1: warning: \"pipeline.yml\" is the name of an older preview\n");
}

TEST(Project, spec_can_be_named) {
  World world({{"other.yml", std::string(kSpec)}, {"transformations/t.sql", std::string(kTable)}});
  EXPECT_EQ(world.read({.spec = "other.yml"}).name, "p");
  EXPECT_EQ(world.findings(), "");
  EXPECT_FALSE(world.read({.spec = "none.yml"}).found());
}

TEST(Project, spec_conditions_are_those_of_spark) {
  EXPECT_EQ(
      spec_findings("name: p\nstorage: file:///s\nstorag: x\n"),
      "spark-pipeline.yml:3:1: [PIPELINE_SPEC_UNEXPECTED_FIELD] unexpected field \"storag\" in "
      "the pipeline's specification; did you mean \"storage\"?\n");
  EXPECT_EQ(
      spec_findings("libraries: []\n"),
      "spark-pipeline.yml:1:1: [PIPELINE_SPEC_MISSING_REQUIRED_FIELD] field \"name\" of the "
      "pipeline's specification is missing\n"
      "spark-pipeline.yml:1:1: [PIPELINE_SPEC_MISSING_REQUIRED_FIELD] field \"storage\" of the "
      "pipeline's specification is missing\n");
  for (const char* storage : {"s", "/abs", "file:rel", "://x"}) {
    EXPECT_NE(spec_findings(fmt::format("name: p\nstorage: \"{}\"\n", storage))
                  .find("spark-pipeline.yml:2:10: [PIPELINE_STORAGE_ROOT_INVALID]"),
              std::string::npos)
        << storage;
  }
  EXPECT_EQ(
      spec_findings("name: p\nstorage: s3a://b/c\nconfiguration: [a]\n"),
      "spark-pipeline.yml:3:16: [PIPELINE_SPEC_FIELD_NOT_DICT] field \"configuration\" must be "
      "a map, found a list\n");
  EXPECT_EQ(
      spec_findings("name: p\nstorage: s3a://b/c\nconfiguration:\n  a: 1\n  2: x\n  c: yes\n"),
      "spark-pipeline.yml:4:6: [PIPELINE_SPEC_DICT_VALUE_NOT_STRING] the value of \"a\" must be "
      "a text, found a number\n"
      "spark-pipeline.yml:5:3: [PIPELINE_SPEC_DICT_KEY_NOT_STRING] a key of \"configuration\" "
      "must be a text, found a number \"2\"\n"
      "spark-pipeline.yml:6:6: [PIPELINE_SPEC_DICT_VALUE_NOT_STRING] the value of \"c\" must be "
      "a text, found a boolean\n");
  for (const char* glob : {"transformations/**/*.sql", "transformations/*.sql", "**", "a?/**"}) {
    EXPECT_NE(
        spec_findings(
            fmt::format("name: p\nstorage: file:///s\nlibraries: [{{glob: {{include: \"{}\"}}}}]\n",
                        glob))
            .find("[PIPELINE_SPEC_INVALID_GLOB_PATTERN]"),
        std::string::npos)
        << glob;
  }
}

TEST(Project, syntax_error_in_the_spec_hides_nothing_and_adds_nothing) {
  World world({{"spark-pipeline.yml", "name: [p\n"}, {"sources/a.sql", "CREATE TABLE a USING;"}});
  (void)world.read();
  const std::string findings = world.findings();
  EXPECT_EQ(findings.find("MISSING_REQUIRED"), std::string::npos) << findings;
  EXPECT_NE(findings.find("sources/a.sql:1:"), std::string::npos) << findings;
}

TEST(Project, files_that_do_not_belong_under_a_library_are_refused) {
  World world({{"spark-pipeline.yml", std::string(kSpec)},
               {"transformations/t.sql", std::string(kTable)},
               {"transformations/README.md", "x"},
               {"transformations/p.py", "x"}});
  (void)world.read();
  EXPECT_EQ(
      world.findings(),
      "transformations/README.md:1:1: [PIPELINE_UNSUPPORTED_DEFINITIONS_FILE_EXTENSION] a file "
      "under the libraries is neither .sql nor .py; Spark refuses it\n"
      "transformations/p.py:1:1: a Python file of a pipeline is not read here\n");
}

TEST(Project, libraries_must_not_reach_sources) {
  World world({{"spark-pipeline.yml",
                "name: p\nstorage: file:///s\nlibraries:\n  - glob: {include: ./**}\n"},
               {"sources/raw.sql", "CREATE TABLE raw USING faker;"}});
  (void)world.read();
  EXPECT_NE(world.findings().find("sources/raw.sql:1:1: a library reaches into sources/"),
            std::string::npos)
      << world.findings();
}

TEST(Project, glob_without_files_and_missing_libraries_are_warnings) {
  World world({{"spark-pipeline.yml",
                "name: p\nstorage: file:///s\nlibraries:\n  - glob: {include: none/**}\n"},
               {"sinks/o.sql", "CREATE TABLE o USING x AS SELECT * FROM STREAM raw;"}});
  (void)world.read();
  EXPECT_EQ(world.findings(), "spark-pipeline.yml:4:21: warning: \"none/**\" matches no file\n");
  EXPECT_NE(
      spec_findings("name: p\nstorage: file:///s\n").find("warning: transformations/ is not read"),
      std::string::npos);
}

TEST(Project, without_a_table_it_is_empty) {
  World world({{"spark-pipeline.yml", std::string(kSpec)},
               {"sources/raw.sql", "CREATE TABLE raw USING faker;"},
               {"transformations/v.sql", "CREATE TEMPORARY VIEW v AS SELECT 1;"}});
  (void)world.read();
  EXPECT_EQ(world.findings(),
            "spark-pipeline.yml:0:0: [RUN_EMPTY_PIPELINE] the project defines no table and no "
            "sink\n");
}

TEST(Project, substitutes_in_sources_and_sinks_never_in_transformations) {
  World world({{"spark-pipeline.yml", std::string(kSpec)},
               {"secret", "hunter2\n"},
               {"sources/raw.sql",
                "CREATE TABLE raw USING http OPTIONS ('url' = '${URL}', 'password' = "
                "'${file:secret}');"},
               {"transformations/t.sql",
                "CREATE STREAMING TABLE t AS SELECT '${URL}' AS u FROM STREAM raw;"}});
  ProjectOptions options;
  options.settings.environment = {{"URL", "http://it's/"}};
  const Project project = world.read(options);
  ASSERT_EQ(world.findings(), "");
  const auto* table = project.files[0].script.statements.at(0).as<sql::CreateTable>();
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(table->clauses.options.at(0).value, "http://it's/");
  EXPECT_EQ(table->clauses.options.at(1).value, "hunter2");
  EXPECT_FALSE(project.files[0].is_secret(table->clauses.options[0].value_position));
  EXPECT_TRUE(project.files[0].is_secret(table->clauses.options[1].value_position));
  EXPECT_EQ(table->clauses.options[1].position.column, 56);
  EXPECT_NE(project.files[1].substituted.text.find("${URL}"), std::string::npos);
}

TEST(Project, a_broken_file_does_not_hide_the_next) {
  World world({{"spark-pipeline.yml", std::string(kSpec)},
               {"millrace.yml", "memory.mx: 1g\n"},
               {"sources/a.sql", "CREATE TABLE a USING http OPTIONS ('url' = '${NONE}');"},
               {"sources/b.sql", "CREATE TABEL b;"},
               {"transformations/t.sql", std::string(kTable) + "SELEC 1;"}});
  const Project project = world.read();
  const std::string findings = world.findings();
  for (const char* file :
       {"millrace.yml:1:1", "sources/a.sql:1:45", "sources/b.sql:1:", "transformations/t.sql:2:"}) {
    EXPECT_NE(findings.find(file), std::string::npos) << file << " in\n" << findings;
  }
  EXPECT_EQ(project.files.size(), 3U);
}

TEST(Project, statements_are_refused_where_they_do_not_belong) {
  World world(
      {{"spark-pipeline.yml", std::string(kSpec)},
       {"sources/a.sql",
        "CREATE TABLE a USING x AS SELECT 1;\nCREATE TABLE b (x INT);\n"
        "CREATE STREAMING TABLE c AS SELECT 1;\nSELECT 1;"},
       {"sinks/b.sql", "CREATE TABLE s USING x;"},
       {"transformations/t.sql",
        std::string(kTable) +
            "CREATE TABLE q USING x;\nSELECT 1;\nUSE d;\nUSE SCHEMA d;\n"
            "CREATE FLOW f AS INSERT INTO t SELECT * FROM STREAM raw;\n"
            "CREATE FLOW a.b AS INSERT INTO t BY NAME SELECT * FROM STREAM raw;\nDROP TABLE t;"}});
  (void)world.read();
  const std::string findings = world.findings();
  for (const char* expected :
       {"sources/a.sql:1:14: a source has no AS SELECT",
        "sources/a.sql:2:14: a source needs USING",
        "sources/a.sql:3:1: CREATE STREAMING TABLE belongs into transformations/",
        "sources/a.sql:4:1: only CREATE TABLE … USING … is allowed in sources/",
        "sinks/b.sql:1:14: a sink needs AS SELECT",
        "transformations/t.sql:2:1: [PIPELINE_SQL_GRAPH_ELEMENT_REGISTRATION_ERROR] Unsupported "
        "plan "
        "CreateTable parsed from SQL query",
        "transformations/t.sql:3:1: [PIPELINE_SQL_GRAPH_ELEMENT_REGISTRATION_ERROR] Unsupported "
        "plan "
        "Project parsed from SQL query",
        "transformations/t.sql:4:1: [PIPELINE_SQL_GRAPH_ELEMENT_REGISTRATION_ERROR] Unsupported "
        "plan "
        "SetCatalogAndNamespace parsed from SQL query",
        "Only INSERT INTO by name flows supported.",
        "[MULTIPART_FLOW_NAME_NOT_SUPPORTED]",
        "transformations/t.sql:8:1: [PIPELINE_SQL_GRAPH_ELEMENT_REGISTRATION_ERROR]"}) {
    EXPECT_NE(findings.find(expected), std::string::npos) << expected << " in\n" << findings;
  }
}

TEST(Project, files_in_the_wrong_place_are_warned_of) {
  World world({{"spark-pipeline.yml", std::string(kSpec)},
               {"transformations/t.sql", std::string(kTable)},
               {"sources/sub/a.sql", "CREATE TABLE a USING x;"},
               {"sources/b.py", "x"},
               {"sources/README.md", "fine"}});
  (void)world.read();
  EXPECT_EQ(world.findings(),
            "sources/b.py:1:1: warning: the file is not read: sources/ has .sql files only\n"
            "sources/sub/a.sql:1:1: warning: the file is not read: it lies in a folder below\n");
}

TEST(Project, limits_are_errors) {
  World world({{"spark-pipeline.yml", std::string(kSpec)},
               {"transformations/a/b/c/t.sql", std::string(kTable)},
               {"sources/long.sql", std::string(200, ' ')},
               {"sources/bytes.sql", "\xff"}});
  ProjectOptions options;
  options.limits = {.file_bytes_max = 100, .depth_max = 3};
  (void)world.read(options);
  const std::string findings = world.findings();
  EXPECT_NE(findings.find("sources/bytes.sql:1:1: the file is not UTF-8 text"), std::string::npos);
  EXPECT_NE(findings.find("sources/long.sql:1:1: the file has 200 bytes, at most 100 bytes"),
            std::string::npos);
  EXPECT_NE(findings.find("transformations/a/b/c:1:1: folders nested deeper than 3"),
            std::string::npos);
  options.limits = {.files_max = 2};
  (void)world.read(options);
  EXPECT_NE(world.findings().find("the project has more than 2 files"), std::string::npos);
  options.limits = {.total_bytes_max = 100};
  (void)world.read(options);
  EXPECT_NE(world.findings().find("more than 100 bytes in all"), std::string::npos);
}

TEST(Project, link_in_a_circle_is_found) {
  const std::filesystem::path root =
      std::filesystem::path(testing::TempDir()) / "millrace_project_circle";
  std::filesystem::remove_all(root);
  std::filesystem::create_directories(root / "transformations" / "a");
  std::filesystem::create_directory_symlink(root / "transformations",
                                            root / "transformations" / "a" / "back");
  io::RealFiles files;
  Diagnostics diagnostics;
  const Project project = read_project(files, {.start = root.string()}, diagnostics);
  ASSERT_EQ(diagnostics.error_count(), 1U);
  EXPECT_EQ(diagnostics.all()[0].where.file, "transformations/a/back");
  EXPECT_EQ(diagnostics.all()[0].message, "the folder is a link in a circle");
  std::filesystem::remove_all(root);
}

TEST(Project, refresh_options_exclude_each_other) {
  Diagnostics diagnostics;
  check_refresh({.refresh = {"a"}}, diagnostics);
  check_refresh({.full_refresh_all = true}, diagnostics);
  EXPECT_TRUE(diagnostics.empty());
  check_refresh({.full_refresh = {"a"}, .full_refresh_all = true}, diagnostics);
  ASSERT_EQ(diagnostics.all().size(), 1U);
  EXPECT_EQ(diagnostics.all()[0].error_class, "CONFLICTING_PIPELINE_REFRESH_OPTIONS");
}

TEST(Init, writes_a_project_that_reads_without_findings) {
  World world(Texts{});
  const std::vector<std::string> written = MUST(init_project(world.disk(), "/w/new_project/"));
  EXPECT_EQ(written.size(), 5U);
  const Project project = world.read({.start = "/w/new_project"});
  EXPECT_EQ(world.findings(), "");
  EXPECT_EQ(project.name, "new_project");
  EXPECT_EQ(project.storage, "file:///w/new_project/.millrace/spark");
  EXPECT_EQ(project.files.size(), 2U);
}

TEST(Init, never_overwrites) {
  World world(Texts{{"sources/users_api.sql", "mine"}});
  const Result<std::vector<std::string>> result = init_project(world.disk(), "/w/p");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kAlreadyExists);
  EXPECT_FALSE(MUST(io::exists(world.disk(), "/w/p/README.md")));
  EXPECT_EQ(MUST(io::read_all(world.disk(), "/w/p/sources/users_api.sql", 100)), "mine");
}

TEST(Init, refuses_names_that_need_quoting) {
  World world(Texts{});
  for (const char* path : {"/w/a b", "/w/.hidden", "/", "rel", "/w/ü", "/w/-x"}) {
    const Result<std::vector<std::string>> result = init_project(world.disk(), path);
    ASSERT_FALSE(result) << path;
    EXPECT_EQ(result.error().code(), ErrorCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace millrace::project
