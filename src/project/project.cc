#include "project/project.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "config/codes.h"
#include "config/text_positions.h"
#include "project/detail/folder.h"
#include "project/detail/spec.h"
#include "project/detail/statement_rules.h"

namespace millrace::project {

namespace {

using detail::Folder;
using detail::join;

constexpr std::array<std::string_view, 2> kSpecNames = {"spark-pipeline.yml",
                                                        "spark-pipeline.yaml"};
constexpr std::array<std::string_view, 2> kOldSpecNames = {"pipeline.yml", "pipeline.yaml"};
constexpr std::array<std::string_view, 4> kFolders = {
    "sources", "transformations", "sinks", "dags"};
constexpr std::string_view kLookedFor =
    "looked for spark-pipeline.yml, sources/, transformations/, sinks/, dags/ and millrace.yml; "
    "`millrace init NAME` makes a project";
constexpr std::string_view kDefaultLibrary = "transformations/**";

bool ends_with_any(std::string_view text, std::initializer_list<std::string_view> ends) {
  return std::any_of(
      ends.begin(), ends.end(), [&](std::string_view end) { return text.ends_with(end); });
}

std::string_view file_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0.
}

bool skip_cache(std::string_view name) {
  return name == "__pycache__";
}

/// Reads one project. Owned by one thread.
class ProjectReader {
 public:
  ProjectReader(io::Files& files, const ProjectOptions& options, Diagnostics& diagnostics)
      : files_(files), options_(options), diagnostics_(diagnostics) {}

  Project read() {
    if (!find()) {
      return std::move(project_);
    }
    folder_.emplace(files_, project_.root, shown_root(), options_.limits, diagnostics_);
    sources_ = {.variable = [this](const std::string& name) { return variable(name); },
                .file =
                    [this](const std::string& path) {
                      return secret_file(path);
                    }};
    read_settings();
    read_spec();
    read_outside("sources", SqlFileKind::kSource);
    read_libraries();
    read_outside("sinks", SqlFileKind::kSink);
    find_others();
    check_empty();
    return std::move(project_);
  }

 private:
  void report(std::string_view code,
              SourceSpan where,
              std::string error_class,
              std::string message,
              std::string_view help,
              Severity severity = Severity::kError) {
    diagnostics_.add({.code = std::string(code),
                      .severity = severity,
                      .error_class = std::move(error_class),
                      .where = std::move(where),
                      .message = std::move(message),
                      .help = std::string(help)});
  }

  // --- finding ---------------------------------------------------------------------------------

  bool find() {
    start_ = options_.start.empty() ? "." : options_.start;
    while (start_.size() > 1 && start_.ends_with('/')) {
      start_.pop_back();
    }
    if (!options_.spec.empty()) {
      return find_given_spec();
    }
    if (detail::is_file(files_, start_)) {
      start_ = io::parent_path(start_);
    }
    if (!detail::is_directory(files_, start_)) {
      report(config::kNoProject,
             {.file = start_},
             "PIPELINE_SPEC_FILE_NOT_FOUND",
             fmt::format("there is no folder \"{}\"", start_),
             "`millrace init NAME` makes a project");
      return false;
    }
    std::string folder = start_;
    for (std::size_t depth = 0; depth < 256; ++depth) {
      if (find_in(folder, folder == start_)) {
        project_.root = folder;
        return true;
      }
      std::string parent = io::parent_path(folder);
      if (parent == folder || folder == ".") {
        break;
      }
      folder = std::move(parent);
    }
    report(config::kNoProject,
           {.file = start_},
           "PIPELINE_SPEC_FILE_NOT_FOUND",
           fmt::format("there is no project in \"{}\" or above it", start_),
           kLookedFor);
    return false;
  }

  bool find_given_spec() {
    std::string path = join(detail::is_directory(files_, start_) ? start_ : "", options_.spec);
    if (!detail::is_file(files_, path)) {
      report(config::kSpecFile,
             {.file = path},
             "PIPELINE_SPEC_FILE_DOES_NOT_EXIST",
             fmt::format("there is no file \"{}\"", options_.spec),
             "--spec names the spark-pipeline.yml itself");
      return false;
    }
    project_.root = io::parent_path(path);
    project_.spec_path = std::move(path);
    return true;
  }

  /// Whether this folder is a project. Above the start only a file makes it one: a folder called
  /// `sources` somewhere up there may be anything.
  bool find_in(const std::string& folder, bool is_start) {
    const auto present = [&](std::span<const std::string_view> names) {
      std::vector<std::string> found;
      for (const std::string_view name : names) {
        if (detail::is_file(files_, join(folder, name))) {
          found.push_back(join(folder, name));
        }
      }
      return found;
    };
    std::vector<std::string> specs = present(kSpecNames);
    const bool old = specs.empty();
    if (old) {
      specs = present(kOldSpecNames);
    }
    if (specs.size() > 1) {
      report(config::kSpecFile,
             {.file = specs.back()},
             "MULTIPLE_PIPELINE_SPEC_FILES_FOUND",
             fmt::format("two specification files: \"{}\" and \"{}\"", specs[0], specs[1]),
             "keep spark-pipeline.yml");
    }
    if (!specs.empty()) {
      project_.spec_path = specs.front();
      if (old) {
        report(config::kOldSpecName,
               {.file = specs.front(), .line = 1, .column = 1},
               "",
               fmt::format("\"{}\" is the name of an older preview", file_name(specs.front())),
               "rename it to spark-pipeline.yml",
               Severity::kWarning);
      }
      return true;
    }
    if (detail::is_file(files_, join(folder, "millrace.yml"))) {
      return true;
    }
    return is_start && std::any_of(kFolders.begin(), kFolders.end(), [&](std::string_view name) {
             return detail::is_directory(files_, join(folder, name));
           });
  }

  /// Files are named as the user would: below the folder where the command was started.
  [[nodiscard]] std::string shown_root() const {
    return project_.root == start_ ? options_.shown_start : project_.root;
  }

  // --- substitution ----------------------------------------------------------------------------

  std::optional<std::string> variable(const std::string& name) const {
    const auto found = options_.settings.environment.find(name);
    return found == options_.settings.environment.end() ? std::nullopt
                                                        : std::optional<std::string>(found->second);
  }

  Result<std::string> secret_file(const std::string& path) {
    return io::read_all(files_, folder_->full(path), config::SubstitutionSources::kMaxFileBytes);
  }

  // --- files -----------------------------------------------------------------------------------

  std::optional<std::string> read_text(std::string_view path) {
    std::optional<std::string> text = folder_->read(path);
    if (text) {
      project_.texts[folder_->shown(path)] = *text;
    }
    return text;
  }

  void read_settings() {
    config::SettingsInput input = options_.settings;
    std::vector<std::string> paths;
    for (const std::string_view name : {"millrace.yml", "millrace.yaml"}) {
      if (folder_->has_file(name)) {
        paths.emplace_back(name);
      }
    }
    for (const Folder::Item& item : folder_->list("conf.d")) {
      if (!item.is_directory && ends_with_any(item.path, {".yml", ".yaml"})) {
        paths.push_back(item.path);
      }
    }
    for (const std::string& path : paths) {
      if (std::optional<std::string> text = read_text(path)) {
        input.files.push_back({.path = folder_->shown(path), .text = std::move(*text)});
      }
    }
    input.read_file = sources_.file;
    project_.settings = config::read_settings(input, diagnostics_);
  }

  void read_spec() {
    if (project_.spec_path.empty()) {
      std::string_view root = project_.root;
      project_.name = root == "." || root == "/" ? "project" : std::string(file_name(root));
      libraries_.push_back({.include = std::string(kDefaultLibrary), .where = {}});
      return;
    }
    const std::string name(file_name(project_.spec_path));
    const std::optional<std::string> text = read_text(name);
    if (!text) {
      return;
    }
    detail::Spec spec = detail::read_spec(*text, folder_->shown(name), sources_, diagnostics_);
    project_.name = std::move(spec.name);
    project_.storage = std::move(spec.storage);
    project_.catalog = std::move(spec.catalog);
    project_.database = std::move(spec.database);
    project_.configuration = std::move(spec.configuration);
    libraries_ = std::move(spec.libraries);
    if (libraries_.empty() && spec.complete && !diagnostics_.has_errors() &&
        folder_->has_folder("transformations")) {
      folder_->report(config::kSpecGlob,
                      name,
                      "transformations/ is not read, because there are no libraries",
                      "add `libraries: [{glob: {include: transformations/**}}]`",
                      Severity::kWarning);
    }
  }

  void add_sql(std::string_view path, SqlFileKind kind) {
    std::optional<std::string> text = read_text(path);
    if (!text) {
      return;
    }
    SqlFile file{.path = folder_->shown(path), .kind = kind, .text = std::move(*text)};
    if (kind == SqlFileKind::kTransformation) {
      file.substituted.text = file.text;
      file.script = sql::parse_script(file.text, file.path, diagnostics_);
    } else {
      file.substituted = config::substitute(
          file.text, config::SubstitutionSyntax::kSql, sources_, file.path, diagnostics_);
      const config::TextPositions original(file.text);
      const auto position = [&](std::size_t offset) -> sql::Position {
        const config::TextPlace place = original.at(file.substituted.origin(offset));
        return {.line = place.line, .column = place.column};
      };
      file.script =
          file.substituted.changed()
              ? sql::parse_script(file.substituted.text, file.path, diagnostics_, position)
              : sql::parse_script(file.substituted.text, file.path, diagnostics_);
    }
    detail::check_statements(file, diagnostics_);
    project_.files.push_back(std::move(file));
  }

  /// sources/ or sinks/: the .sql files that lie in it.
  void read_outside(std::string_view name, SqlFileKind kind) {
    for (const Folder::Item& item : folder_->list(name)) {
      if (item.is_directory) {
        warn_of_folder(item.path);
      } else if (item.path.ends_with(".sql")) {
        add_sql(item.path, kind);
      } else if (ends_with_any(item.path, {".py", ".SQL", ".yml", ".yaml"})) {
        folder_->report(config::kMisplacedFile,
                        item.path,
                        fmt::format("the file is not read: {}/ has .sql files only", name),
                        "rename or move it",
                        Severity::kWarning);
      }
    }
  }

  void warn_of_folder(const std::string& path) {
    const std::vector<std::string> below = folder_->walk(path, skip_cache);
    for (const std::string& file : below) {
      if (file.ends_with(".sql")) {
        folder_->report(config::kMisplacedFile,
                        file,
                        "the file is not read: it lies in a folder below",
                        fmt::format("move it to {}/", path.substr(0, path.find('/'))),
                        Severity::kWarning);
      }
    }
  }

  void read_libraries() {
    std::vector<std::string> paths;
    for (const detail::Library& library : libraries_) {
      add_library(library, paths);
    }
    std::sort(paths.begin(), paths.end());
    paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
    for (const std::string& path : paths) {
      add_library_file(path);
    }
  }

  void add_library(const detail::Library& library, std::vector<std::string>& paths) {
    std::string_view include = library.include;
    while (include.starts_with("./")) {
      include.remove_prefix(2);
    }
    std::vector<std::string> found;
    if (include.ends_with("**")) {
      include.remove_suffix(include == "**" ? 2 : 3);
      found = folder_->walk(include, skip_cache);
    } else if (folder_->has_file(include)) {
      found.emplace_back(include);
    }
    if (found.empty() && library.where.line != 0) {
      report(config::kSpecGlob,
             library.where,
             "",
             fmt::format("\"{}\" matches no file", library.include),
             "paths start at the folder of spark-pipeline.yml",
             Severity::kWarning);
    }
    paths.insert(paths.end(), found.begin(), found.end());
  }

  void add_library_file(const std::string& path) {
    const bool outside = path.starts_with("sources/") || path.starts_with("sinks/");
    if (outside) {
      folder_->report(config::kSpecGlob,
                      path,
                      "a library reaches into sources/ or sinks/, which Spark must not see",
                      "name transformations/** only");
    } else if (path.ends_with(".sql")) {
      add_sql(path, SqlFileKind::kTransformation);
    } else if (path.ends_with(".py")) {
      folder_->report(config::kFileExtension,
                      path,
                      "a Python file of a pipeline is not read here",
                      "write it as SQL, or run it on Spark: `millrace submit --remote`");
    } else {
      diagnostics_.add(
          {.code = std::string(config::kFileExtension),
           .error_class = "PIPELINE_UNSUPPORTED_DEFINITIONS_FILE_EXTENSION",
           .where = {.file = folder_->shown(path), .line = 1, .column = 1},
           .message = "a file under the libraries is neither .sql nor .py; Spark refuses it",
           .help = "move it out of the folder"});
    }
  }

  void find_others() {
    const auto skip = [](std::string_view name) {
      return name == "__pycache__" || name.starts_with('.');
    };
    for (std::string& path : folder_->walk("dags", skip)) {
      if (ends_with_any(path, {".py", ".yml", ".yaml"})) {
        project_.dag_files.push_back(folder_->full(path));
      }
    }
    for (const Folder::Item& item : folder_->list("tests")) {
      if (!item.is_directory && ends_with_any(item.path, {".yml", ".yaml"})) {
        project_.test_files.push_back(folder_->full(item.path));
      }
    }
    for (const std::string_view name :
         {"connections.yml", "connections.yaml", "connections.json"}) {
      if (project_.connections_path.empty() && folder_->has_file(name)) {
        project_.connections_path = folder_->full(name);
      }
    }
  }

  /// A pipeline that makes nothing is an error; a folder with only DAGs is not.
  void check_empty() {
    const bool only_dags = project_.files.empty() && !project_.dag_files.empty();
    const bool only_settings = project_.files.empty() && project_.spec_path.empty();
    if (diagnostics_.has_errors() || only_dags || only_settings) {
      return;
    }
    if (std::none_of(project_.files.begin(), project_.files.end(), detail::has_dataset)) {
      report(config::kEmptyPipeline,
             {.file = project_.spec_path.empty() ? folder_->shown("transformations")
                                                 : folder_->shown(file_name(project_.spec_path))},
             "RUN_EMPTY_PIPELINE",
             "the project defines no table and no sink",
             "add CREATE STREAMING TABLE … AS SELECT … FROM STREAM … to transformations/");
    }
  }

  io::Files& files_;
  const ProjectOptions& options_;
  Diagnostics& diagnostics_;
  Project project_;
  std::string start_;
  std::optional<Folder> folder_;
  config::SubstitutionSources sources_;
  std::vector<detail::Library> libraries_;
};

}  // namespace

bool SqlFile::is_secret(const sql::Position& value) const {
  if (!substituted.has_secrets()) {
    return false;
  }
  const config::TextPositions positions(text);
  const std::size_t begin = positions.offset_of({.line = value.line, .column = value.column});
  const std::size_t end = value.end > value.column
                              ? positions.offset_of({.line = value.line, .column = value.end})
                              : begin + 1;
  return std::any_of(substituted.pieces.begin(),
                     substituted.pieces.end(),
                     [&](const config::Substituted::Piece& piece) {
                       return piece.secret && piece.from < end && piece.until > begin;
                     });
}

std::string Project::data_path() const {
  return join(root, settings.data);
}

Project read_project(io::Files& files, const ProjectOptions& options, Diagnostics& diagnostics) {
  return ProjectReader(files, options, diagnostics).read();
}

void check_refresh(const RefreshOptions& options, Diagnostics& diagnostics) {
  if (options.full_refresh_all && (!options.refresh.empty() || !options.full_refresh.empty())) {
    diagnostics.add(
        {.code = std::string(config::kRefreshConflict),
         .error_class = "CONFLICTING_PIPELINE_REFRESH_OPTIONS",
         .where = {.file = "--full-refresh-all"},
         .message = fmt::format("--full-refresh-all and {} exclude each other",
                                options.full_refresh.empty() ? "--refresh" : "--full-refresh"),
         .help = "use one of them"});
  }
}

}  // namespace millrace::project
