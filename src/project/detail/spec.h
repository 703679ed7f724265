// spark-pipeline.yml, with Spark's conditions.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "config/substitution.h"
#include "project/project.h"

namespace millrace::project::detail {

/// One `glob: {include: …}`.
struct Library {
  std::string include;  ///< "transformations/**" or "a/b.sql"; valid.
  SourceSpan where;
};

struct Spec {
  std::string name = {};
  std::string storage = {};
  std::string catalog = {};
  std::string database = {};
  std::map<std::string, ConfigurationValue> configuration = {};
  std::vector<Library> libraries = {};
  bool complete = true;  ///< False after a syntax error: what is missing may be behind it.
};

Spec read_spec(std::string_view text,
               const std::string& file,
               const config::SubstitutionSources& sources,
               Diagnostics& diagnostics);

/// Whether Spark takes it: a plain path, or "<dir>/**".
bool is_library_glob(std::string_view include);

}  // namespace millrace::project::detail
