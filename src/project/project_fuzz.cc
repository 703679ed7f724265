// Any bytes as the files of a project: the input is cut at NUL bytes into spark-pipeline.yml,
// millrace.yml, a source, a transformation and a sink.
#include "project/project.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "io/sim_files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using millrace::project::Project;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  millrace::io::SimFiles disk(1);
  for (const char* path : {"/p/spark-pipeline.yml",
                           "/p/millrace.yml",
                           "/p/sources/a.sql",
                           "/p/transformations/b.sql",
                           "/p/sinks/c.sql"}) {
    const std::string_view text = rest.substr(0, rest.find('\0'));
    rest.remove_prefix(std::min(rest.size(), text.size() + 1));
    MUST(millrace::io::make_dirs(disk, millrace::io::parent_path(path)));
    MUST(millrace::io::write_atomically(disk, path, text));
  }
  millrace::Diagnostics diagnostics;
  const Project project = millrace::project::read_project(disk, {.start = "/p"}, diagnostics);
  MR_ASSERT(project.found(), "the project is not found");
  for (const millrace::project::SqlFile& file : project.files) {
    for (const millrace::sql::Statement& statement : file.script.statements) {
      MR_ASSERT(statement.begin + statement.size <= file.substituted.text.size(), "past the text");
      (void)file.is_secret(statement.position);
    }
  }
  (void)millrace::format_diagnostics(diagnostics, project.texts);
  return 0;
}
