#include "cli/command_table.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "cli/record_command_rows.h"

namespace millrace::cli {
namespace {

constexpr FlagRow kProject = {.name = "project",
                              .value = "DIR",
                              .sentence = "The project's folder; without it the one here."};
constexpr FlagRow kData = {.name = "data",
                           .value = "DIR",
                           .sentence = "The data directory; without it .millrace in the project."};
const FlagRow kSet = {.name = "set",
                      .value = "KEY=VALUE",
                      .sentence = "One setting, as in millrace.yml; several times for several.",
                      .repeated = true};
const FlagRow kOutput = {.name = "output",
                         .value = "table|json",
                         .sentence = "For people, or for programs.",
                         .letter = 'o',
                         .choices = {"table", "json"}};

CommandRow run_row() {
  return {
      .name = "run",
      .usage = "run [DIR]",
      .sentence = "Run the project's pipeline until Ctrl-C.",
      .examples = {"millrace run examples/users",
                   "millrace run shop --for 10s --output json",
                   "millrace run shop --until-caught-up",
                   "millrace run shop --http-listen 127.0.0.1:9090 --set memory.max=256MiB"},
      .words_max = 1,
      .flags = {kData,
                {.name = "for", .value = "TIME", .sentence = "End after so long, such as 10s."},
                {.name = "until-caught-up",
                 .sentence = "End when ending sources have ended, polling ones made one round, and "
                             "all of it is stored."},
                {.name = "records",
                 .value = "N",
                 .sentence = "End when each source has published so many in this run and they are "
                             "stored."},
                {.name = "kafka-listen",
                 .value = "A:P",
                 .sentence = "Where Kafka clients connect, or off."},
                {.name = "registry-listen",
                 .value = "A:P",
                 .sentence = "Where the schema registry listens, or off."},
                {.name = "http-listen",
                 .value = "A:P",
                 .sentence = "Where page, health and metrics are, or off."},
                kSet,
                kOutput,
                {.name = "full-refresh",
                 .value = "TABLE",
                 .sentence = "Make these tables anew from the start (a,b or several times).",
                 .repeated = true},
                {.name = "full-refresh-all", .sentence = "Make every table anew."}}};
}

CommandRow broker_row() {
  return {.name = "broker",
          .usage = "broker --data DIR",
          .sentence = "Serve Kafka clients from a data directory, without a pipeline.",
          .examples = {"millrace broker --data /var/lib/millrace --listen 127.0.0.1:9092",
                       "millrace broker --data kafka --listen 0.0.0.0:9092 --set num.partitions=4 "
                       "--set advertised.listeners=PLAINTEXT://broker:29092,HOST://localhost:9092"},
          .flags = {kData,
                    {.name = "listen",
                     .value = "A:P",
                     .sentence = "Where Kafka clients connect; 127.0.0.1:9092 without it."},
                    {.name = "http-listen",
                     .value = "A:P",
                     .sentence = "Where page, health and metrics are; off without it."},
                    {.name = "for", .value = "TIME", .sentence = "End after so long, such as 10s."},
                    kSet,
                    kOutput}};
}

CommandRow sql_row() {
  return {
      .name = "sql",
      .usage = "sql QUERY | -f FILE",
      .sentence = "Ask tables, topics and files in SQL, also while the pipeline runs.",
      .examples = {"millrace sql \"SELECT gender, count(*) FROM created_users GROUP BY gender\" "
                   "--project examples/users",
                   "millrace sql \"SELECT * FROM json.`file.jsonl` LIMIT 3\"",
                   "millrace sql -f report.sql --output csv",
                   "millrace sql \"SHOW TABLES\" --project shop"},
      .words_max = 1,
      .flags = {{.name = "file",
                 .value = "FILE",
                 .sentence = "Read the statements from a file; - is standard input.",
                 .letter = 'f'},
                kProject,
                kData,
                kSet,
                {.name = "output",
                 .value = "table|json|csv",
                 .sentence = "json: one object a statement, with columns and rows, or error.",
                 .letter = 'o',
                 .choices = {"table", "json", "csv"}}}};
}

const FlagRow kBootstrap = {
    .name = "bootstrap-server",
    .value = "A:P",
    .sentence =
        "A Kafka address, several with commas; without it the instance that runs on the "
        "data directory, else 127.0.0.1:9092.",
    .letter = 'b'};
constexpr FlagRow kYes = {.name = "yes", .sentence = "Do it without asking.", .letter = 'y'};

CommandRow topics_row() {
  return {
      .name = "topics",
      .usage =
          "topics [list | describe T | read T | create T | alter T | truncate T | delete T | "
          "flush]",
      .sentence = "Look at topics and change them, here and at any Kafka address.",
      .examples = {"millrace topics --project shop",
                   "millrace topics describe users -b localhost:9092",
                   "millrace topics read users --partition 0 --offset 100 --output json",
                   "millrace topics create users --partitions 4 --config cleanup.policy=compact",
                   "millrace topics alter users --partitions 8 --config retention.ms=86400000",
                   "millrace topics truncate users --partition 0 --offset 100",
                   "millrace topics delete users --yes",
                   "millrace topics flush --data kafka"},
      .words_max = 2,
      .flags = {kBootstrap,
                kProject,
                kData,
                kSet,
                kOutput,
                {.name = "partitions",
                 .value = "N",
                 .sentence = "How many there are to be; the broker's default without it."},
                {.name = "replication-factor",
                 .value = "N",
                 .sentence = "Of a new topic; the broker's default without it."},
                {.name = "config",
                 .value = "NAME=VALUE",
                 .sentence = "One config, by Kafka's name; several times for several.",
                 .repeated = true},
                {.name = "delete-config",
                 .value = "NAME",
                 .sentence = "Back to the default; several times for several.",
                 .repeated = true},
                {.name = "if-exists", .sentence = "No failure when there is no such topic."},
                {.name = "if-not-exists", .sentence = "No failure when there is one already."},
                {.name = "dry-run", .sentence = "Let the broker check a new topic, make nothing."},
                {.name = "no-internal", .sentence = "Leave internal topics out of the list."},
                {.name = "partition", .value = "N", .sentence = "Of this partition only."},
                {.name = "offset",
                 .value = "N",
                 .sentence = "Read from this offset on (without it the last ones); truncate "
                             "before it (without it all)."},
                {.name = "limit", .value = "N", .sentence = "So many records; 20 without it."},
                kYes}};
}

CommandRow groups_row() {
  return {
      .name = "groups",
      .usage = "groups [list | describe [G...] | reset G --to PLACE | delete G...]",
      .sentence = "Look at consumer groups and their lag, move them, delete them.",
      .examples = {"millrace groups",
                   "millrace groups describe spark -b localhost:9092",
                   "millrace groups reset spark --to earliest",
                   "millrace groups reset spark --to 2026-11-21T17:00:00Z --topic users --execute",
                   "millrace groups reset spark --to -100 --topic users:0,1 --execute",
                   "millrace groups reset spark --to 2h --execute",
                   "millrace groups delete spark --yes",
                   "millrace groups delete spark --topic users --yes"},
      .words_max = 1000,
      .flags = {
          kBootstrap,
          kProject,
          kData,
          kSet,
          {.name = "output",
           .value = "table|json|csv",
           .sentence = "csv: topic,partition,offset of a reset, as --from-file reads them.",
           .letter = 'o',
           .choices = {"table", "json", "csv"}},
          {.name = "state", .value = "STATE", .sentence = "List those only: Stable, Empty, …"},
          {.name = "type", .value = "TYPE", .sentence = "List those only: classic, consumer, …"},
          {.name = "members", .sentence = "Describe who is in it, with what each reads."},
          {.name = "topic",
           .value = "T[:P,P]",
           .sentence = "Reset, or forget, this topic only; several times for several. Without it "
                       "all that the group has committed.",
           .repeated = true},
          {.name = "to",
           .value = "PLACE",
           .sentence = "earliest, latest, current; an offset; +N or -N from where it is; a time; "
                       "2h for two hours ago."},
          {.name = "from-file",
           .value = "FILE",
           .sentence = "Reset to the offsets of lines topic,partition,offset; - is standard "
                       "input."},
          {.name = "execute",
           .sentence = "Do it: without this a reset only shows what it would "
                       "do."},
          kYes}};
}

CommandRow dead_letters_row() {
  return {.name = "dead-letters",
          .usage = "dead-letters [list | show NAME | replay NAME]",
          .sentence = "What could not be processed, with reason, origin and bytes.",
          .examples = {"millrace dead-letters --project shop",
                       "millrace dead-letters show users --project shop",
                       "millrace dead-letters replay users --project shop --yes"},
          .words_max = 2,
          .flags = {kProject,
                    kData,
                    kSet,
                    kOutput,
                    {.name = "limit", .value = "N", .sentence = "So many; 20 without it."},
                    {.name = "offset", .value = "N", .sentence = "Replay this one only."},
                    {.name = "yes", .sentence = "Replay without asking.", .letter = 'y'}}};
}

std::vector<CommandRow> make_rows() {
  return {
      {.name = "init",
       .usage = "init NAME",
       .sentence = "Make a project of three small files that runs at once and offline.",
       .examples = {"millrace init shop && millrace run shop"},
       .words_min = 1,
       .words_max = 1,
       .flags = {kOutput}},
      run_row(),
      broker_row(),
      {.name = "validate",
       .usage = "validate [DIR]",
       .sentence = "Find every fault of every file, without starting anything.",
       .examples = {"millrace validate shop", "millrace validate shop --output json"},
       .words_max = 1,
       .flags = {kSet, kOutput}},
      {.name = "explain",
       .usage = "explain [DIR | MRnnnn | CONNECTOR]",
       .sentence =
           "The way of each record and the guarantee of each flow; or what a code means, or "
           "which options a connector has.",
       .examples = {"millrace explain shop", "millrace explain MR1042", "millrace explain http"},
       .words_max = 1,
       .flags = {kSet, kOutput}},
      sql_row(),
      topics_row(),
      groups_row(),
      consume_row(),
      produce_row(),
      tap_row(),
      dead_letters_row(),
      {.name = "health",
       .usage = "health",
       .sentence = "Whether the running pipeline makes progress; exit code 1 when not.",
       .examples = {"millrace health --project shop"},
       .flags = {kProject, kData, kSet, kOutput}},
      {.name = "randomuser",
       .usage = "randomuser --port P",
       .sentence = "Serve invented people over HTTP as randomuser.me does, without a network.",
       .examples = {"millrace randomuser --port 18090",
                    "curl \"http://127.0.0.1:18090/api/?results=3&nat=no,ir\""},
       .flags = {{.name = "port", .value = "P", .sentence = "The port; 0 takes a free one."},
                 {.name = "address", .value = "A", .sentence = "Without it 127.0.0.1."},
                 {.name = "seed",
                  .value = "N",
                  .sentence = "Of the people for queries without one."},
                 {.name = "limit",
                  .value = "N",
                  .sentence = "Users in five minutes before it answers 429; 0 is no limit."}}},
      links_row(),
      {.name = "version",
       .usage = "version",
       .sentence = "The version.",
       .examples = {"millrace version"},
       .flags = {kOutput}},
  };
}

void append_flags(std::string& out, std::span<const FlagRow> flags) {
  std::size_t wide = 0;
  const auto shown = [](const FlagRow& flag) {
    const std::string letter = flag.letter == '\0' ? "" : fmt::format("-{}, ", flag.letter);
    return fmt::format("{}--{}{}{}", letter, flag.name, flag.value.empty() ? "" : " ", flag.value);
  };
  for (const FlagRow& flag : flags) {
    wide = std::max(wide, shown(flag).size());
  }
  for (const FlagRow& flag : flags) {
    fmt::format_to(std::back_inserter(out), "  {:<{}}  {}\n", shown(flag), wide, flag.sentence);
  }
}

}  // namespace

std::span<const CommandRow> command_rows() {
  static const std::vector<CommandRow> kCommands = make_rows();
  return kCommands;
}

std::span<const FlagRow> common_flags() {
  static const std::vector<FlagRow> kFlags = {
      {.name = "help", .sentence = "This text.", .letter = 'h'},
      {.name = "no-color", .sentence = "No colours; NO_COLOR in the environment does the same."},
      {.name = "quiet", .sentence = "Errors only on standard error.", .letter = 'q'},
      {.name = "verbose", .sentence = "More log lines.", .letter = 'v'},
      {.name = "version", .sentence = "The version."},
  };
  return kFlags;
}

const CommandRow* find_command(std::string_view name) {
  const std::span<const CommandRow> rows = command_rows();
  const auto found = std::find_if(
      rows.begin(), rows.end(), [name](const CommandRow& row) { return row.name == name; });
  return found == rows.end() ? nullptr : &*found;
}

std::string help_text(const CommandRow* command) {
  std::string out;
  if (command == nullptr) {
    out =
        "Leads live data from where it appears to where people use it.\n\nexamples:\n"
        "  millrace init shop && millrace run shop\n"
        "  millrace sql \"SELECT * FROM users LIMIT 3\" --project shop\n"
        "  millrace sql \"SELECT count(*) FROM json.`file.jsonl`\"\n\ncommands:\n";
    for (const CommandRow& row : command_rows()) {
      fmt::format_to(std::back_inserter(out), "  {:<13} {}\n", row.name, row.sentence);
    }
    out += "\nflags of every command:\n";
    append_flags(out, common_flags());
    out +=
        "\nmillrace COMMAND --help has examples and flags of one command.\n"
        "exit codes: 0 ok, 1 failed, 2 usage, 78 configuration, 130 interrupted\n";
    return out;
  }
  fmt::format_to(std::back_inserter(out), "{}\n\nexamples:\n", command->sentence);
  for (const std::string_view example : command->examples) {
    fmt::format_to(std::back_inserter(out), "  {}\n", example);
  }
  fmt::format_to(
      std::back_inserter(out), "\nusage: millrace {} [flags]\n\nflags:\n", command->usage);
  append_flags(out, command->flags);
  append_flags(out, common_flags());
  return out;
}

}  // namespace millrace::cli
