// A project folder, found and read: what its files say, with every place kept, and every finding of
// every file in one pass. What the statements mean is decided by `plan`; what DAG files say by
// `jobs`: here they are only found.
//
//   spark-pipeline.yml     name, storage, libraries (Spark's file and Spark's error classes)
//   sources/*.sql          CREATE TABLE … USING …              ${…} is substituted
//   transformations/**     what the libraries name; as Spark reads it: nothing is substituted
//   sinks/*.sql            CREATE TABLE … USING … AS SELECT …  ${…} is substituted
//   dags/**/*.py, *.yml    found, not read
//   tests/*.yml            found, not read
//   connections.yml        found, not read
//   millrace.yml, conf.d/  settings of the process
//
// A folder with only dags/, or only sources/ and transformations/, is a project too: without
// spark-pipeline.yml its name is the folder's and its library is transformations/**.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "config/settings.h"
#include "config/substitution.h"
#include "io/files.h"
#include "sql/parser.h"

namespace millrace::project {

enum class SqlFileKind : std::uint8_t {
  kSource,
  kTransformation,
  kSink
};

/// One SQL file, parsed. Places in `script` are those of the text as written.
struct SqlFile {
  /// As messages name it (ProjectOptions::shown_start).
  std::string path = {};
  SqlFileKind kind = SqlFileKind::kTransformation;
  std::string text = {};                 ///< As written.
  config::Substituted substituted = {};  ///< What was parsed; Statement::begin counts in its text.
  sql::ParsedScript script = {};         ///< Without the statements that had an error.

  /// Whether what was written there came out of a secret file, and must not be shown.
  [[nodiscard]] bool is_secret(const sql::Position& value) const;
};

/// A value of `configuration:`, with its place.
struct ConfigurationValue {
  std::string value;
  SourceSpan where;
};

/// Limits of a folder; beyond them is an error, never a silent part.
struct ProjectLimits {
  std::size_t file_bytes_max = 4U * 1024 * 1024;
  std::size_t total_bytes_max = 64U * 1024 * 1024;
  std::size_t files_max = 10'000;
  std::size_t depth_max = 32;
};

/// What the command line says about a project.
struct ProjectOptions {
  /// The folder to begin at: absolute, so that its parents can be searched. It, or a file in it.
  std::string start = ".";
  /// How messages name that folder ("examples/users", as the user typed it); empty: not at all,
  /// paths then begin below it. A project found in a parent is named by its whole path.
  std::string shown_start = {};
  /// --spec: the spec file itself; empty: it is searched.
  std::string spec = {};
  /// The environment, --set and the machine's memory. Its files are filled from the folder.
  config::SettingsInput settings = {};
  ProjectLimits limits = {};
};

/// A project as it was understood. Move-only. Owned by one thread until it is read, then Immutable.
struct Project {
  std::string name = {};
  /// The folder; empty: there is no project (and a Diagnostic says so).
  std::string root = {};
  /// spark-pipeline.yml; empty: the folder has none.
  std::string spec_path = {};
  std::string storage = {};
  std::string catalog = {};
  std::string database = {};
  std::map<std::string, ConfigurationValue> configuration = {};
  config::Settings settings = {};
  /// Sources, then transformations, then sinks; each in the order of their paths.
  std::vector<SqlFile> files = {};
  std::vector<std::string> dag_files = {};
  std::vector<std::string> test_files = {};
  /// connections.yml, .yaml or .json; empty: none.
  std::string connections_path = {};
  /// Every text that was read, by the name in Diagnostics, for source lines and carets.
  SourceTexts texts = {};

  [[nodiscard]] bool found() const { return !root.empty(); }

  /// Whether there is something to run besides DAGs.
  [[nodiscard]] bool has_pipeline() const { return !files.empty(); }

  /// The absolute data directory.
  [[nodiscard]] std::string data_path() const;
};

/// Finds and reads the project; adds every Diagnostic of every file.
Project read_project(io::Files& files, const ProjectOptions& options, Diagnostics& diagnostics);

/// What --refresh, --full-refresh and --full-refresh-all were given.
struct RefreshOptions {
  std::vector<std::string> refresh = {};
  std::vector<std::string> full_refresh = {};
  bool full_refresh_all = false;
};

/// CONFLICTING_PIPELINE_REFRESH_OPTIONS.
void check_refresh(const RefreshOptions& options, Diagnostics& diagnostics);

}  // namespace millrace::project
