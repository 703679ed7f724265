#include "plan/source_relation.h"

#include <utility>

#include "base/suggest.h"
#include "plan/starting_offsets.h"
#include "plan/type_name.h"

namespace millrace::plan {

namespace {

/// What a topic of this instance takes as a source.
const config::OptionTable& topic_options() {
  static const config::OptionTable kTable{
      .subject = "kafka source",
      .options =
          {
              {.name = "topic",
               .also = {"subscribe"},
               .sentence = "The topic that is read; else the topic of the source's name.",
               .example = "users_created"},
              {.name = "startingOffsets",
               .default_value = "earliest",
               .sentence = "Where a flow without a stored position begins: earliest, latest, or "
                           "JSON of offsets by topic and partition (-2 earliest, -1 latest).",
               .example = R"({"users_created": {"0": 23}})"},
              {.name = "failOnDataLoss",
               .type = config::OptionType::kBool,
               .default_value = "true",
               .sentence = "Records that were removed before they were read stop the flow; false: "
                           "it goes on behind them and says how many there were."},
          },
  };
  return kTable;
}

void add_connector_error(const Definition& definition,
                         const std::string& format,
                         const connector::ConnectorRegistry& connectors,
                         Diagnostics& diagnostics) {
  std::vector<std::string> names = connectors.names();
  names.emplace_back("kafka");
  std::string list;
  for (const std::string& name : names) {
    list += (list.empty() ? "" : ", ") + name;
  }
  diagnostics.add(
      {.code = "MR1214",
       .error_class = "DATA_SOURCE_NOT_FOUND",
       .sqlstate = "42K02",
       .where = sql::to_span(definition.source->clauses.provider->position, definition.file),
       .message = "unknown connector \"" + format + "\"" + did_you_mean(format, names),
       .help = "connectors are " + list});
}

Options options_of(const Definition& definition) {
  Options options;
  for (const sql::Property& property : definition.source->clauses.options) {
    options[property.key] = {.value = property.value,
                             .key_where = sql::to_span(property.position, definition.file),
                             .where = sql::to_span(property.value_position, definition.file),
                             .secret = definition.sql_file->is_secret(property.value_position)};
  }
  return options;
}

// Records of a source without columns are Kafka's; `topic` is taken out of the options.
void take_topic(Relation& relation) {
  relation.topic = relation.name;
  for (auto option = relation.options.begin(); option != relation.options.end(); ++option) {
    if (to_lower(option->first) == "topic" || to_lower(option->first) == "subscribe") {
      relation.topic = option->second.value;
      relation.options.erase(option);
      return;
    }
  }
}

void check_starting_offsets(const config::OptionValues& values, Diagnostics& diagnostics) {
  const std::string text = values.text("startingOffsets");
  if (!parse_starting_offsets(text)) {
    diagnostics.add({.code = "MR1216",
                     .where = values.where("startingOffsets"),
                     .message = "startingOffsets is none: \"" + text + "\"",
                     .help = "write earliest, latest, or the offset of each partition as "
                             R"({"topic": {"0": 23, "1": -2}}, where -2 is the earliest and -1 )"
                             "the latest."});
  }
}

}  // namespace

std::shared_ptr<const Relation> bind_source(const Definition& definition,
                                            const connector::ConnectorRegistry& connectors,
                                            Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  auto relation = std::make_shared<Relation>();
  relation->name = definition.name;
  relation->kind = RelationKind::kSource;
  relation->where = definition.where;
  relation->format = to_lower(definition.source->clauses.provider->parts.back().name);
  relation->options = options_of(definition);
  relation->decoded = !definition.source->columns.empty();
  relation->comment = definition.source->clauses.comment.value_or("");
  relation->schema = relation->decoded
                         ? schema_of(definition.source->columns, definition.file, diagnostics)
                         : kafka_schema();
  const connector::ConnectorInfo* connector = connectors.find(relation->format);
  if (connector == nullptr && relation->format != "kafka") {
    add_connector_error(definition, relation->format, connectors, diagnostics);
    return nullptr;
  }
  if (connector == nullptr) {
    if (const auto servers = relation->options.find("kafka.bootstrap.servers");
        servers != relation->options.end()) {
      diagnostics.add({.code = "MR1215",
                       .error_class = "UNSUPPORTED_FEATURE.KAFKA_CLUSTER",
                       .sqlstate = "0A000",
                       .where = servers->second.key_where,
                       .message = "topics of another Kafka cluster cannot be read by this version",
                       .help = "without kafka.bootstrap.servers it is a topic of this instance"});
      return nullptr;
    }
    const auto values = config::parse_options(
        topic_options(), option_entries(*relation), diagnostics, definition.where);
    check_starting_offsets(values, diagnostics);
    take_topic(*relation);
  } else {
    take_topic(*relation);
    const auto values = config::parse_options(
        *connector->options, option_entries(*relation), diagnostics, definition.where);
    if (connector->check != nullptr && diagnostics.error_count() == errors) {
      connector->check(values, diagnostics);
    }
  }
  if (diagnostics.error_count() != errors) {
    return nullptr;
  }
  return relation;
}

}  // namespace millrace::plan
