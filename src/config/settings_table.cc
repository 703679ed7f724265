// The rows of millrace.yml.
#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "config/detail/kafka_names.h"
#include "config/settings.h"

namespace millrace::config {

namespace {

std::vector<Option> place_rows() {
  return {
      {.name = "listeners.kafka",
       .type = OptionType::kHostPort,
       .default_value = "127.0.0.1:9092",
       .choices = {"off"},
       .default_port = 9092,
       .sentence = "Where Kafka clients connect; off opens none.",
       .example = "0.0.0.0:9092"},
      {.name = "listeners.registry",
       .type = OptionType::kHostPort,
       .default_value = "127.0.0.1:8081",
       .choices = {"off"},
       .default_port = 8081,
       .sentence = "Where the schema registry listens; off opens none.",
       .example = "0.0.0.0:8081"},
      {.name = "listeners.http",
       .type = OptionType::kHostPort,
       .default_value = "127.0.0.1:8080",
       .choices = {"off"},
       .default_port = 8080,
       .sentence = "Where console, REST, health and metrics listen; off opens none.",
       .example = "0.0.0.0:8080"},
      {.name = "data",
       .default_value = ".millrace",
       .also = {"log.dirs", "log.dir"},
       .sentence = "The data directory; a relative path starts at the project folder.",
       .example = "/var/lib/millrace"},
  };
}

std::vector<Option> limit_rows() {
  return {
      {.name = "memory.max",
       .type = OptionType::kBytes,
       .minimum = "64 MiB",
       .sentence = "Memory for everything in the process; without it a quarter of the machine's, "
                   "at most 1 GiB.",
       .example = "512 MiB"},
      {.name = "min.free",
       .type = OptionType::kBytes,
       .default_value = "1 GiB",
       .sentence = "Free disk space below which nothing more is taken in.",
       .example = "2 GiB"},
      {.name = "max_rejected",
       .type = OptionType::kDouble,
       .default_value = "0.5",
       .minimum = "0",
       .maximum = "1",
       .sentence = "Share of rejected records above which a flow is unhealthy.",
       .example = "0.1"},
      {.name = "max_rejected.of",
       .type = OptionType::kInt,
       .default_value = "1000",
       .minimum = "1",
       .maximum = "1000000",
       .sentence = "How many of the last records that share is taken of."},
      {.name = "graceful-shutdown-limit",
       .type = OptionType::kDuration,
       .default_value = "30 s",
       .maximum = "1 h",
       .unit = "s",
       .sentence = "How long a stop may take before it is forced."},
  };
}

std::vector<Option> process_rows() {
  return {
      {.name = "threads.loops",
       .type = OptionType::kInt,
       .default_value = "0",
       .minimum = "0",
       .maximum = "256",
       .also = {"num.network.threads"},
       .sentence = "Event loops that own connections; 0 is one per core."},
      {.name = "threads.workers",
       .type = OptionType::kInt,
       .default_value = "0",
       .minimum = "0",
       .maximum = "256",
       .sentence = "Workers that run flows; 0 is one less than there are cores, at least one."},
      {.name = "max.connections",
       .type = OptionType::kInt,
       .default_value = "10000",
       .minimum = "1",
       .maximum = "1000000",
       .sentence = "Connections of clients that may be open at once."},
      {.name = "log-level",
       .type = OptionType::kEnum,
       .default_value = "info",
       .choices = {"debug", "info", "warning", "error", "off"},
       .sentence = "The least level of log lines that are written."},
      {.name = "log-format",
       .type = OptionType::kEnum,
       .default_value = "auto",
       .choices = {"auto", "logfmt", "json"},
       .sentence = "The form of log lines; auto is logfmt on a terminal and json elsewhere."},
  };
}

std::vector<Option> joined(std::initializer_list<std::vector<Option>> lists) {
  std::vector<Option> all;
  for (const std::vector<Option>& list : lists) {
    all.insert(all.end(), list.begin(), list.end());
  }
  return all;
}

const std::vector<Option>& own_rows() {
  static const std::vector<Option> kRows = joined({place_rows(), limit_rows(), process_rows()});
  return kRows;
}

Option broker(std::string_view name, OptionType type, std::string_view sentence) {
  return {.name = name, .type = type, .sentence = sentence};
}

Option without_effect(std::string_view name) {
  return {.name = name, .no_effect = true, .sentence = "One process needs no such setting."};
}

// NOLINTNEXTLINE(readability-function-size): a table, one row a setting.
std::vector<Option> broker_rows() {
  using enum OptionType;
  return {
      broker(
          "num.partitions", kInt, "Partitions of a topic that is created without saying how many."),
      broker("listeners",
             kString,
             "Kafka's own form of listeners.kafka: NAME://host:port, several with commas."),
      broker("advertised.listeners", kString, "The address that is told to clients."),
      broker("auto.create.topics.enable",
             kBool,
             "Whether a topic comes into being when it is first used."),
      broker("delete.topic.enable", kBool, "Whether clients may delete topics."),
      broker("message.max.bytes", kInt, "Largest record batch that is accepted."),
      broker("socket.request.max.bytes", kInt, "Largest request that is accepted."),
      broker("compression.type",
             kString,
             "Compression of stored batches; producer keeps the producer's."),
      broker(
          "log.cleanup.policy", kString, "delete, compact, or both, for topics that do not say."),
      broker(
          "log.retention.ms", kInt, "How long records are kept, in milliseconds; -1 is for ever."),
      broker("log.retention.minutes", kInt, "How long records are kept, in minutes."),
      broker("log.retention.hours", kInt, "How long records are kept, in hours."),
      broker("log.retention.bytes", kInt, "How many bytes of a partition are kept; -1 is all."),
      broker("log.segment.bytes", kInt, "Size at which a segment file is closed."),
      broker("log.retention.check.interval.ms",
             kInt,
             "How often old records are looked for, in milliseconds."),
      broker("log.flush.offset.checkpoint.interval.ms",
             kInt,
             "How often the log is put into segment files, in milliseconds."),
      broker("log.roll.ms", kInt, "Age at which a segment file is closed, in milliseconds."),
      broker("log.roll.hours", kInt, "Age at which a segment file is closed, in hours."),
      broker("log.message.timestamp.type", kString, "CreateTime or LogAppendTime."),
      broker("log.cleaner.delete.retention.ms",
             kInt,
             "How long tombstones stay readable, in milliseconds."),
      broker(
          "log.cleaner.min.compaction.lag.ms", kInt, "Age below which a record is not compacted."),
      broker("log.cleaner.min.cleanable.ratio",
             kDouble,
             "Share of superseded records at which compaction begins."),
      broker("offsets.retention.minutes",
             kInt,
             "How long positions of an empty group are kept, in minutes."),
      broker("group.min.session.timeout.ms",
             kInt,
             "Shortest session timeout that a member may ask for."),
      broker("group.max.session.timeout.ms",
             kInt,
             "Longest session timeout that a member may ask for."),
      broker("group.initial.rebalance.delay.ms",
             kInt,
             "How long a new group waits for further members."),
      broker("group.max.size", kInt, "Members that a group may have."),
      broker("transaction.max.timeout.ms", kInt, "Longest timeout that a transaction may ask for."),
      broker("fetch.max.bytes", kInt, "Most bytes in one answer to a fetch."),
      broker("max.connections.per.ip", kInt, "Connections that one address may hold."),
      broker("connections.max.idle.ms", kInt, "How long a silent connection is kept."),
      broker("compression.gzip.level", kInt, "Level when batches are stored with gzip."),
      broker("compression.lz4.level", kInt, "Level when batches are stored with lz4."),
      broker("compression.zstd.level", kInt, "Level when batches are stored with zstd."),
      broker("log.index.interval.bytes", kInt, "Bytes of log between two entries of its index."),
      broker("log.message.timestamp.before.max.ms",
             kInt,
             "How far a record's time may lie in the past, in milliseconds."),
      broker("log.message.timestamp.after.max.ms",
             kInt,
             "How far a record's time may lie in the future, in milliseconds."),
      broker("log.cleaner.max.compaction.lag.ms", kInt, "Age at which a record is compacted."),
      broker("max.request.partition.size.limit",
             kInt,
             "Most partitions in one answer about the partitions of topics."),
      broker("max.incremental.fetch.session.cache.slots",
             kInt,
             "Fetch sessions that are kept at a time."),
      broker("offset.metadata.max.bytes", kInt, "Longest text kept with a committed position."),
      broker("offsets.retention.check.interval.ms",
             kInt,
             "How often old positions are looked for, in milliseconds."),
      broker("offsets.topic.num.partitions", kInt, "Partitions of the topic of positions."),
      broker("offsets.topic.segment.bytes", kInt, "Segment size of the topic of positions."),
      broker("broker.id", kInt, "The number of this broker."),
      broker("node.id", kInt, "The number of this broker."),
      broker("cluster.id", kString, "The name of the cluster that clients are told."),
  };
}

std::vector<Option> rows_without_effect() {
  std::vector<Option> rows = {
      without_effect("default.replication.factor"),
      without_effect("min.insync.replicas"),
      without_effect("offsets.topic.replication.factor"),
      without_effect("transactional.id.expiration.ms"),
      without_effect("transaction.state.log.replication.factor"),
      without_effect("transaction.state.log.min.isr"),
      without_effect("num.io.threads"),
      without_effect("num.recovery.threads.per.data.dir"),
      without_effect("zookeeper.connect"),
      without_effect("process.roles"),
      without_effect("controller.quorum.voters"),
      without_effect("controller.listener.names"),
      without_effect("inter.broker.listener.name"),
      without_effect("listener.security.protocol.map"),
      without_effect("unclean.leader.election.enable"),
      without_effect("auto.leader.rebalance.enable"),
  };
  for (const std::string_view name : detail::kafka_names()) {
    rows.push_back(without_effect(name));
  }
  return rows;
}

}  // namespace

const OptionTable& settings_table() {
  static const OptionTable kTable{
      .subject = "millrace.yml",
      .options = joined({own_rows(), broker_rows(), rows_without_effect()}),
      .foreign = {{"port", "listeners.kafka"},
                  {"data_dir", "data"},
                  {"data-dir", "data"},
                  {"data.dir", "data"},
                  {"log.level", "log-level"},
                  {"log_level", "log-level"},
                  {"loglevel", "log-level"},
                  {"log.format", "log-format"},
                  {"log_format", "log-format"},
                  {"memory", "memory.max"},
                  {"memory_max", "memory.max"},
                  {"max-rejected", "max_rejected"},
                  {"max.rejected", "max_rejected"},
                  {"graceful_shutdown_limit", "graceful-shutdown-limit"},
                  {"min_free", "min.free"}}};
  return kTable;
}

bool is_broker_setting(std::string_view name) {
  const std::vector<Option>& own = own_rows();
  return std::none_of(
      own.begin(), own.end(), [&](const Option& option) { return option.name == name; });
}

}  // namespace millrace::config
