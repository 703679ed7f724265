#include "cli/record_command_rows.h"

#include "cli/kafka_session.h"

namespace millrace::cli {
namespace {

constexpr FlagRow kWhere = {
    .name = "where",
    .value = "SQL",
    .sentence =
        "Only records for which it is true, over key, value, topic, partition, offset, "
        "timestamp and headers['name']."};

}  // namespace

CommandRow consume_row() {
  return {
      .name = "consume",
      .usage = "consume TOPIC…",
      .sentence = "Print records of topics, from any Kafka address.",
      .examples = {"millrace consume users",
                   "millrace consume users --from -10 --follow",
                   "millrace consume users --from 2h --where \"value LIKE '%Ann%'\" --format json",
                   "millrace consume users --format '%t[%p]@%o %k: %s\\n' -b broker:9092",
                   "millrace consume users --group readers --follow"},
      .words_min = 1,
      .words_max = 100,
      .flags = {bootstrap_flag(),
                {.name = "from",
                 .value = "PLACE",
                 .sentence = "Begin at earliest, latest, an offset (42), so many before the end "
                             "(-10), so long ago (2h) or a time; earliest without it."},
                {.name = "until",
                 .value = "PLACE",
                 .sentence = "End before it; without it at what is there now."},
                {.name = "max", .value = "N", .sentence = "End after so many records."},
                {.name = "follow", .sentence = "Wait for what comes.", .letter = 'f'},
                {.name = "partition",
                 .value = "N",
                 .sentence = "Of this partition only; several times for several.",
                 .repeated = true},
                kWhere,
                {.name = "format",
                 .value = "F",
                 .sentence = "text, raw, json, or a template: %s value, %k key, %h headers, %t "
                             "topic, %p partition, %o offset, %T milliseconds, %D time."},
                {.name = "key", .sentence = "With --format text: the key first.", .letter = 'k'},
                {.name = "headers", .sentence = "With --format text: the headers first."},
                {.name = "group",
                 .value = "G",
                 .sentence = "As a member of this group, which remembers how far it has read."},
                {.name = "isolation",
                 .value = "read_committed|read_uncommitted",
                 .sentence = "Whether records of open and aborted transactions are left out; "
                             "read_committed without it.",
                 .choices = {"read_committed", "read_uncommitted"}}}};
}

CommandRow produce_row() {
  return {
      .name = "produce",
      .usage = "produce TOPIC",
      .sentence = "Send lines of standard input, a file or words as records, to any Kafka address.",
      .examples = {"echo '{\"id\": 1}' | millrace produce users",
                   "millrace produce users --key-separator : < pairs.txt",
                   "millrace produce users --value '{\"id\": 1}' --key 1 --header source=me",
                   "millrace consume users --format json | millrace produce copy --format json",
                   "millrace produce users --key 1 --tombstone"},
      .words_min = 1,
      .words_max = 1,
      .flags = {
          bootstrap_flag(),
          {.name = "format",
           .value = "lines|json|raw",
           .sentence = "Each line is a value; or JSON as consume writes it; or all of the input is "
                       "one value.",
           .choices = {"lines", "json", "raw"}},
          {.name = "file",
           .value = "FILE",
           .sentence = "Read this instead of standard input.",
           .letter = 'f'},
          {.name = "value",
           .value = "TEXT",
           .sentence = "Send this instead of input; several times for several.",
           .repeated = true},
          {.name = "key", .value = "TEXT", .sentence = "The key of every record.", .letter = 'k'},
          {.name = "key-separator",
           .value = "TEXT",
           .sentence = "What stands between key and value in each line (\\t is a tab)."},
          {.name = "header",
           .value = "NAME=VALUE",
           .sentence = "A header of every record; several times for several.",
           .repeated = true},
          {.name = "partition", .value = "N", .sentence = "Without it by the key, or in turn."},
          {.name = "tombstone", .sentence = "Send --key with no value: it deletes the key."},
          {.name = "acks",
           .value = "all|1|0",
           .sentence = "Who has to have it; all without it.",
           .choices = {"all", "1", "0"}},
          {.name = "compression",
           .value = "none|gzip|snappy|lz4|zstd",
           .sentence = "Of the batches; none without it.",
           .choices = {"none", "gzip", "snappy", "lz4", "zstd"}},
          {.name = "no-create", .sentence = "Refuse a topic that is not there."},
          {.name = "output",
           .value = "table|json",
           .sentence = "How the summary is told.",
           .letter = 'o',
           .choices = {"table", "json"}}}};
}

CommandRow tap_row() {
  return {.name = "tap",
          .usage = "tap TOPIC…",
          .sentence = "Watch what goes through topics now, in short lines at a bounded rate.",
          .examples = {"millrace tap users",
                       "millrace tap '*.dead_letter' --rate 0",
                       "millrace tap users --where \"key = '42'\" --for 30s --output json"},
          .words_min = 1,
          .words_max = 100,
          .flags = {bootstrap_flag(),
                    {.name = "rate",
                     .value = "N",
                     .sentence = "At most so many lines a second; 0 is all, 10 without it."},
                    kWhere,
                    {.name = "max", .value = "N", .sentence = "End after so many lines."},
                    {.name = "for", .value = "TIME", .sentence = "End after so long, such as 10s."},
                    {.name = "output",
                     .value = "table|json",
                     .sentence = "Short lines, or whole records as JSON.",
                     .letter = 'o',
                     .choices = {"table", "json"}}}};
}

CommandRow links_row() {
  return {.name = "links",
          .usage = "links DIR",
          .sentence =
              "Make links under the names of Kafka's tools (kafka-topics, "
              "kafka-topics.sh, …) that are this program.",
          .examples = {"millrace links ~/bin",
                       "millrace links kafka-bin && kafka-bin/kafka-console-consumer.sh "
                       "--bootstrap-server localhost:9092 --topic users --from-beginning"},
          .words_min = 1,
          .words_max = 1,
          .flags = {{.name = "force", .sentence = "Replace links that lead elsewhere."},
                    {.name = "output",
                     .value = "table|json",
                     .sentence = "For people, or for programs.",
                     .letter = 'o',
                     .choices = {"table", "json"}}}};
}

}  // namespace millrace::cli
