// topics, dead-letters, health: questions to a data directory, whoever has it.
#include <array>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/json_text.h"
#include "base/suggest.h"
#include "cli/commands.h"
#include "cli/confirm.h"
#include "cli/json_answers.h"
#include "cli/text_width.h"
#include "http/url.h"

namespace millrace::cli {
namespace {

/// What comes out of a command: the data, or what went wrong and the exit code.
using Outcome = Result<ExitCode>;

LoadedProject load(World& world) {
  LoadedProject loaded = load_project(world,
                                      {.folder = world.invocation.value("project").value_or("."),
                                       .must_exist = world.invocation.has("project")});
  set_up_logging(world, loaded.project.settings, /*only_warnings=*/true);
  return loaded;
}

Result<std::string> ask(server::Control& control, const server::ControlRequest& request) {
  server::ControlReply reply = TRY(control.ask(request));
  if (!reply.ok()) {
    return Error(reply.status == 404 ? ErrorCode::kNotFound : ErrorCode::kInternal,
                 error_of(reply.body));
  }
  return std::move(reply.body);
}

Result<std::string> get(server::Control& control, std::string target) {
  const server::ControlRequest request{.target = std::move(target)};
  return ask(control, request);
}

// Adds "name=value" to the query of a target.
void add_parameter(std::string& target, std::string_view name, std::string_view value) {
  target += target.find('?') == std::string::npos ? '?' : '&';
  target += fmt::format("{}={}", name, http::percent_encode(value));
}

Outcome list_topics(World& world, server::Control& control) {
  const std::string body = TRY(get(control, "/topics"));
  if (world.json()) {
    world.out.write(body + "\n");
    return ExitCode::kOk;
  }
  static constexpr std::array<std::string_view, 6> kColumns = {
      "name", "role", "partitions", "start", "end", "bytes"};
  world.out.write(render_table(TRY(table_of_array(body, "topics", kColumns))));
  return ExitCode::kOk;
}

Outcome describe_topic(World& world, server::Control& control, const std::string& topic) {
  const std::string body = TRY(get(control, "/topics/" + http::percent_encode(topic)));
  if (world.json()) {
    world.out.write(body + "\n");
    return ExitCode::kOk;
  }
  static constexpr std::array<std::string_view, 6> kColumns = {
      "partition", "start", "end", "bytes", "segments", "last_stable"};
  world.out.write(fmt::format("topic   {}\nid      {}\nconfig  {}\n\n",
                              member_of(body, "name").value_or(topic),
                              member_of(body, "id").value_or(""),
                              member_of(body, "config").value_or("")));
  world.out.write(render_table(TRY(table_of_array(body, "partitions", kColumns))));
  return ExitCode::kOk;
}

Outcome flush_log(World& world, server::Control& control) {
  const server::ControlRequest question{.method = "POST", .target = "/flush"};
  const std::string body = TRY(ask(control, question));
  world.out.write(world.json() ? body + "\n"
                               : "segments are complete: Kafka's tools can read them\n");
  return ExitCode::kOk;
}

// One record a line: partition:offset, time, key, value.
std::string record_line(const std::string& record) {
  const auto text = [&record](std::string_view name) {
    return member_of(record, name);
  };
  std::string line =
      fmt::format("{}:{}", text("partition").value_or(""), text("offset").value_or(""));
  if (const auto time = text("timestamp")) {
    line += "  " + *time;
  }
  line += "  " + printable(text("key").value_or("null"));
  return line + "  " + printable(text("value").value_or("null")) + "\n";
}

Outcome read_topic(World& world, server::Control& control, const std::string& topic) {
  std::string target = fmt::format("/topics/{}/records", http::percent_encode(topic));
  add_parameter(target, "limit", std::to_string(TRY(number_flag(world, "limit", 20, 1))));
  for (const std::string_view flag : {"partition", "offset"}) {
    if (world.invocation.has(flag)) {
      add_parameter(target, flag, std::to_string(TRY(number_flag(world, flag, 0, 0))));
    }
  }
  const std::string body = TRY(get(control, target));
  for (const std::string& record : TRY(elements_of(body, "records"))) {
    if (!world.out.write(world.json() ? record + "\n" : record_line(record))) {
      break;
    }
  }
  return ExitCode::kOk;
}

Outcome list_dead_letters(World& world, server::Control& control) {
  const std::string body = TRY(get(control, "/dead-letters"));
  if (world.json()) {
    world.out.write(body + "\n");
    return ExitCode::kOk;
  }
  static constexpr std::array<std::string_view, 4> kColumns = {"name", "topic", "count", "classes"};
  const TextTable table = TRY(table_of_array(body, "dead_letters", kColumns));
  if (table.rows.empty()) {
    say("no dead letters");
  } else {
    world.out.write(render_table(table));
  }
  return ExitCode::kOk;
}

std::string letter_text(const std::string& letter) {
  const auto text = [&letter](std::string_view name) {
    return printable(member_of(letter, name).value_or(""));
  };
  return fmt::format("{}  {}\n  reason  {}\n  origin  {}:{}@{}\n  key     {}\n  value   {}\n",
                     text("offset"),
                     text("class"),
                     text("reason"),
                     text("origin_topic"),
                     text("origin_partition"),
                     text("origin_offset"),
                     printable(member_of(letter, "key").value_or("null")),
                     printable(member_of(letter, "value").value_or("null")));
}

Outcome show_dead_letters(World& world, server::Control& control, const std::string& name) {
  std::string target = "/dead-letters/" + http::percent_encode(name);
  add_parameter(target, "limit", std::to_string(TRY(number_flag(world, "limit", 20, 1))));
  const std::string body = TRY(get(control, target));
  for (const std::string& letter : TRY(elements_of(body, "records"))) {
    if (!world.out.write(world.json() ? letter + "\n" : letter_text(letter))) {
      break;
    }
  }
  return ExitCode::kOk;
}

Outcome replay_dead_letters(World& world, server::Control& control, const std::string& name) {
  if (!TRY(confirm(world, fmt::format("replay the dead letters of {}", name)))) {
    return ExitCode::kFailed;
  }
  std::string request = fmt::format("{{\"name\":{}", json_string(name));
  if (world.invocation.has("offset")) {
    request += fmt::format(",\"offset\":{}", TRY(number_flag(world, "offset", 0, 0)));
  }
  request += '}';
  const server::ControlRequest question{
      .method = "POST", .target = "/dead-letters/replay", .body = std::move(request)};
  const std::string body = TRY(ask(control, question));
  world.out.write(world.json() ? body + "\n"
                               : fmt::format("replayed {}, skipped {}\n",
                                             member_of(body, "replayed").value_or("0"),
                                             member_of(body, "skipped").value_or("0")));
  return ExitCode::kOk;
}

struct Verb {
  std::string_view name;
  Outcome (*all)(World& world, server::Control& control);
  Outcome (*one)(World& world, server::Control& control, const std::string& name);
};

// "list", or a verb and the name of one.
ExitCode run_verbs(World& world, std::span<const Verb> verbs) {
  const Invocation& invocation = world.invocation;
  const std::string wanted = invocation.word(0).value_or(std::string(verbs.front().name));
  const Verb* verb = nullptr;
  std::vector<std::string> names;
  for (const Verb& each : verbs) {
    names.emplace_back(each.name);
    verb = each.name == wanted ? &each : verb;
  }
  if (verb == nullptr) {
    return usage_error(invocation.command,
                       fmt::format("unknown word \"{}\"{}", wanted, did_you_mean(wanted, names)));
  }
  const auto name = invocation.word(1);
  if ((verb->one != nullptr) != name.has_value()) {
    return usage_error(invocation.command, fmt::format("millrace {}", invocation.command->usage));
  }
  LoadedProject loaded = load(world);
  if (!loaded.project.found() && loaded.diagnostics.has_errors()) {
    report(world, loaded);
    return ExitCode::kConfiguration;
  }
  Result<server::Control> control = connect(world, std::move(loaded));
  if (!control) {
    return fail(control.error());
  }
  const Outcome outcome = name ? verb->one(world, *control, *name) : verb->all(world, *control);
  if (!outcome && outcome.error().code() == ErrorCode::kInvalidArgument) {
    return usage_error(invocation.command, outcome.error().message());
  }
  return outcome ? *outcome : fail(outcome.error());
}

}  // namespace

ExitCode run_local_topics(World& world) {
  static constexpr std::array kVerbs = {Verb{"list", list_topics, nullptr},
                                        Verb{"describe", nullptr, describe_topic},
                                        Verb{"read", nullptr, read_topic},
                                        Verb{"flush", flush_log, nullptr}};
  return run_verbs(world, kVerbs);
}

ExitCode run_dead_letters(World& world) {
  static constexpr std::array kVerbs = {Verb{"list", list_dead_letters, nullptr},
                                        Verb{"show", nullptr, show_dead_letters},
                                        Verb{"replay", nullptr, replay_dead_letters}};
  return run_verbs(world, kVerbs);
}

ExitCode run_health(World& world) {
  const LoadedProject loaded = load(world);
  const Result<std::string> data = find_data(world, loaded);
  if (!data) {
    return fail(ExitCode::kConfiguration, data.error().message());
  }
  const server::ControlRequest request{.target = "/health"};
  const Result<server::ControlReply> reply =
      server::ask_control(server::control_socket_path(*data), request, /*timeout_ms=*/5'000);
  if (!reply) {
    if (world.json()) {
      world.out.write("{\"live\":false,\"ready\":false,\"running\":false,\"checks\":[]}\n");
    }
    return fail(ExitCode::kFailed,
                fmt::format("nothing runs on \"{}\": {}", *data, reply.error().message()));
  }
  const bool ready = member_of(reply->body, "ready") == "true";
  if (world.json()) {
    world.out.write(reply->body + "\n");
    return ready ? ExitCode::kOk : ExitCode::kFailed;
  }
  static constexpr std::array<std::string_view, 3> kColumns = {"name", "ok", "text"};
  const Result<TextTable> checks = table_of_array(reply->body, "checks", kColumns);
  if (!checks) {
    return fail(checks.error());
  }
  world.out.write(fmt::format(
      "{}, pid {}\n", ready ? "ready" : "not ready", member_of(reply->body, "pid").value_or("")));
  world.out.write(render_table(*checks));
  return ready ? ExitCode::kOk : ExitCode::kFailed;
}

}  // namespace millrace::cli
