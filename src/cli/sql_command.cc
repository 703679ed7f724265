// `millrace sql`: over control.sock when a process has the data directory, on the opened directory
// when none has, on files alone when there is no project.
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/json_text.h"
#include "cli/commands.h"
#include "cli/json_answers.h"
#include "server/commands.h"
#include "server/sql_session.h"

namespace millrace::cli {
namespace {

constexpr std::size_t kQueryBytesMax = 16U << 20U;

/// The statements, and how messages name them.
struct Query {
  std::string text = {};
  std::string name = "query";
};

Result<Query> read_query(World& world) {
  const auto file = world.invocation.value("file");
  if (!file) {
    return Query{.text = world.invocation.words.front()};
  }
  Query query;
  query.name = *file == "-" ? "stdin" : *file;
  if (*file == "-") {
    query.text = TRY(read_stdin(kQueryBytesMax));
  } else {
    query.text = TRY_DOING(io::read_all(world.files, absolute_path(*file), kQueryBytesMax),
                           fmt::format("read \"{}\"", *file));
  }
  return query;
}

/// Shows the answers one by one. Owned by one thread.
class Printer {
 public:
  Printer(World& world, const Query& query)
      : world_(world), output_(world.invocation.value("output").value_or("table")) {
    texts_[query.name] = query.text;
  }

  /// False when no more is wanted.
  bool print(const SqlReply& reply) {
    failed_ = failed_ || reply.error.has_value();
    if (output_ == "json") {
      return world_.out.write(reply.json + "\n");
    }
    if (reply.error) {
      say(format_error(*reply.error));
      return true;
    }
    if (reply.truncated) {
      say(fmt::format("note: only the first {} rows", reply.table.rows.size()));
    }
    if (output_ == "csv") {
      return world_.out.write(render_csv(reply.table));
    }
    const std::size_t rows = reply.table.rows.size();
    if (reply.table.columns.empty()) {
      return true;
    }
    std::string text = render_table(reply.table);
    text += fmt::format("({} row{})\n", rows, rows == 1 ? "" : "s");
    if (!std::exchange(first_, false)) {
      text.insert(0, "\n");
    }
    return world_.out.write(text);
  }

  [[nodiscard]] ExitCode code() const { return failed_ ? ExitCode::kFailed : ExitCode::kOk; }

 private:
  [[nodiscard]] std::string format_error(const Diagnostic& error) const {
    std::string text = format_diagnostic(error, texts_);
    if (!error.error_class.empty() && error.message.find(error.error_class) == std::string::npos) {
      text += fmt::format("[{}]{}{}\n",
                          error.error_class,
                          error.sqlstate.empty() ? "" : " SQLSTATE ",
                          error.sqlstate);
    }
    return text;
  }

  World& world_;
  const std::string output_;
  SourceTexts texts_;
  bool failed_ = false;
  bool first_ = true;
};

Result<ExitCode> ask_files(World& world, const Query& query, server::SqlWorld sql) {
  sql.files = &world.files;
  sql.clock = &world.clock;
  Printer printer(world, query);
  for (const server::SqlAnswer& answer : server::run_sql(sql, query.text, {.file = query.name})) {
    const SqlReply reply = TRY(parse_sql_reply(server::answer_to_json(answer), query.name));
    if (!printer.print(reply)) {
      break;
    }
  }
  return printer.code();
}

Result<ExitCode> ask_control(World& world, const Query& query, server::Control control) {
  const server::ControlReply answer =
      TRY(control.post("/sql", fmt::format("{{\"sql\":{}}}", json_string(query.text))));
  if (!answer.ok()) {
    return Error(ErrorCode::kInternal, error_of(answer.body));
  }
  Printer printer(world, query);
  for (const SqlReply& reply : TRY(parse_sql_replies(answer.body, query.name))) {
    if (!printer.print(reply)) {
      break;
    }
  }
  return printer.code();
}

Result<ExitCode> ask(World& world, const Query& query, LoadedProject loaded) {
  if (!loaded.project.found() && !world.invocation.has("data")) {
    return ask_files(world, query, {.folder = current_folder()});
  }
  auto pipeline = std::make_shared<const plan::Pipeline>(loaded.pipeline);
  const std::string folder = loaded.project.found() ? loaded.project.root : current_folder();
  const std::string data = TRY(find_data(world, loaded));
  Result<server::Control> control = connect(world, std::move(loaded));
  if (!control && control.error().code() == ErrorCode::kNotFound) {
    control.ignore_error("the project did not run yet: there are files only");
    return ask_files(world, query, {.pipeline = std::move(pipeline), .folder = folder});
  }
  return ask_control(world, query, TRY_DOING(std::move(control), "open \"" + data + "\""));
}

}  // namespace

ExitCode run_sql(World& world) {
  const Invocation& invocation = world.invocation;
  if (invocation.words.empty() == !invocation.has("file")) {
    return usage_error(invocation.command, "say a query, or -f FILE, and not both");
  }
  const Result<Query> query = read_query(world);
  if (!query) {
    return fail(query.error());
  }
  LoadedProject loaded = load_project(world,
                                      {.folder = invocation.value("project").value_or("."),
                                       .must_exist = invocation.has("project")});
  set_up_logging(world, loaded.project.settings, /*only_warnings=*/true);
  if (loaded.diagnostics.has_errors() && !loaded.project.found()) {
    report(world, loaded);
    return ExitCode::kConfiguration;
  }
  if (loaded.diagnostics.has_errors()) {
    say(
        fmt::format("note: project {} has {} errors, some of its tables may be missing; "
                    "millrace validate names them",
                    loaded.project.name,
                    loaded.diagnostics.error_count()));
  }
  const Result<ExitCode> code = ask(world, *query, std::move(loaded));
  return code ? *code : fail(code.error());
}

}  // namespace millrace::cli
