#include "project/init.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "project/detail/folder.h"

namespace millrace::project {

namespace {

constexpr std::string_view kSource =
    R"(-- Live users, made by a generator that answers as randomuser.me does: no network is needed.
CREATE TABLE users_api (
  gender STRING,
  name STRUCT<title: STRING, first: STRING, last: STRING>,
  location STRUCT<city: STRING, country: STRING>,
  email STRING,
  login STRUCT<uuid: STRING, username: STRING>,
  dob STRUCT<date: STRING, age: INT>
) USING randomuser OPTIONS ('rowsPerSecond' = '10');
)";

constexpr std::string_view kTransformation =
    R"(-- One row a user. Apache Spark 4.1+ reads this file unchanged.
CREATE STREAMING TABLE users TBLPROPERTIES ('millrace.key' = 'id') AS
SELECT
  login.uuid AS id,
  name.first AS first_name,
  name.last AS last_name,
  gender,
  location.city AS city,
  location.country AS country,
  email,
  dob.age AS age
FROM STREAM users_api
WHERE login.uuid IS NOT NULL;
)";

constexpr std::string_view kReadme = R"(# {0}

Live users → topic `users_api` → Spark SQL → topic and table `users`, one row a user.

```
millrace validate          # reads everything, starts nothing
millrace run               # runs until you stop it; the console is at http://127.0.0.1:8080
millrace sql "SELECT country, count(*) FROM users GROUP BY country"
sqlite3 .millrace/tables.db "SELECT * FROM users LIMIT 3"
```

| file | what |
| --- | --- |
| `sources/users_api.sql` | where the records come from |
| `transformations/users.sql` | what is made of them |
| `spark-pipeline.yml` | name and files of the project, as Spark has them |

More belongs into `sinks/` (where rows go besides `tables.db`), `dags/` (when things run), `tests/`
and `millrace.yml` (listeners, data directory, limits).
)";

bool is_project_name(std::string_view name) {
  if (name.empty() || name.size() > 100 || name.starts_with('.') || name.starts_with('-')) {
    return false;
  }
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
}

}  // namespace

std::vector<InitFile> init_files(std::string_view name, std::string_view absolute_path) {
  const std::string spec = fmt::format(
      "name: \"{}\"\n"
      "storage: \"file://{}/.millrace/spark\"  # used on Spark only\n"
      "libraries:\n"
      "  - glob:\n"
      "      include: transformations/**\n",
      name,
      absolute_path);
  return {{.path = "README.md", .text = fmt::format(kReadme, name)},
          {.path = "spark-pipeline.yml", .text = spec},
          {.path = "sources/users_api.sql", .text = std::string(kSource)},
          {.path = "transformations/users.sql", .text = std::string(kTransformation)},
          {.path = ".gitignore", .text = ".millrace/\n"}};
}

Result<std::vector<std::string>> init_project(io::Files& files, const std::string& path) {
  const std::string_view trimmed(path.data(), path.find_last_not_of('/') + 1);
  const std::string_view name = trimmed.substr(trimmed.rfind('/') + 1);
  if (!is_project_name(name)) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("\"{}\" cannot be the name of a project: letters, digits, _ - and . "
                             "only, at most 100",
                             name));
  }
  if (!path.starts_with('/') || path.find_first_of("\"\\\n") != std::string::npos) {
    return Error(ErrorCode::kInvalidArgument, "the path must be absolute and without quotes");
  }
  const std::vector<InitFile> all = init_files(name, trimmed);
  for (const InitFile& file : all) {
    const std::string full = detail::join(trimmed, file.path);
    if (TRY(io::exists(files, full))) {
      return Error(ErrorCode::kAlreadyExists,
                   fmt::format("\"{}\" is there already; nothing was written", full));
    }
  }
  std::vector<std::string> written;
  for (const InitFile& file : all) {
    const std::string full = detail::join(trimmed, file.path);
    TRY(io::make_dirs(files, io::parent_path(full)));
    const auto handle = TRY_DOING(files.open(full, io::OpenMode::kExclusive), "write " + full);
    TRY_DOING(handle->pwrite(file.text, 0), "write " + full);
    written.push_back(file.path);
  }
  return written;
}

}  // namespace millrace::project
