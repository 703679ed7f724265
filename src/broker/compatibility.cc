#include "broker/compatibility.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "broker/api_table.h"
#include "broker/broker_settings.h"
#include "broker/topic_settings.h"
#include "log/topic_config.h"
#include "wire/api_key.h"

namespace millrace::broker {
namespace {

/// Something that a user of Kafka may stumble over.
struct KnownDifference {
  std::string_view what;
  std::string_view kafka;
  std::string_view here;
};

constexpr KnownDifference kDifferences[] = {
    {"when a produce request is answered",
     "when the page cache has the batch",
     "after its fsync; `millrace.durability=interval` for a topic is Kafka's way"},
    {"replicas",
     "`replication.factor` up to the number of brokers",
     "one broker: a factor above 1 is INVALID_REPLICATION_FACTOR; internal topics have one "
     "replica"},
    {"`min.insync.replicas` of a topic", "any number", "1; another is INVALID_CONFIG"},
    {"auto-creation by Metadata",
     "UNKNOWN_TOPIC_OR_PARTITION first, the topic at the next try",
     "the topic at once; at most 1,000 in one request"},
    {"internal topics",
     "`__consumer_offsets`, `__transaction_state`, `__share_group_state`",
     "also `__millrace_metadata`, which holds topics and their settings; clients cannot write it, "
     "change it or delete it"},
    {"partitions of an internal topic",
     "can grow, and groups are then looked for in the wrong place",
     "are fixed: POLICY_VIOLATION"},
    {"partitions of one topic", "no limit of its own", "100,000, which is also the limit in all"},
    {"`log.flush.offset.checkpoint.interval.ms`",
     "how often recovery points are written",
     "how often the write-ahead log is put into segment files"},
    {"leader epochs", "grow with every election", "0 for ever"},
    {"a record that flows have not read yet",
     "retention removes it",
     "it stays until it was read (`millrace.retention.hold`, up to twice `retention.bytes`)"},
    {"topics of the program (sources, tables, dead letters)",
     "none",
     "what makes them what they are (`cleanup.policy`, retention for ever) does not follow the "
     "broker's defaults"},
    {"more connections than `max.connections`",
     "the new one waits to be accepted",
     "the new one is closed at once"},
    {"configurations of groups, clients' metrics and loggers",
     "can be described and changed",
     "described as empty; a change is INVALID_REQUEST"},
    {"transactions, KIP-848 groups, share groups, authentication, ACLs, quotas",
     "there",
     "not served; ApiVersions does not offer them, so that clients do without"},
    {"files", "always readable by Kafka's tools", "after a clean stop or `millrace topics flush`"},
};

std::string range(std::int16_t low, std::int16_t high) {
  return low == high ? std::to_string(low) : fmt::format("{}–{}", low, high);
}

std::string_view use_of(wire::ApiUse use) {
  switch (use) {
    case wire::ApiUse::kClients:
      return "any client";
    case wire::ApiUse::kTransactions:
      return "transactions";
    case wire::ApiUse::kAdministration:
      return "administration";
    case wire::ApiUse::kConsumerGroups:
      return "KIP-848 groups";
    case wire::ApiUse::kShareGroups:
      return "share and streams groups";
    case wire::ApiUse::kOptional:
      return "optional";
    case wire::ApiUse::kCluster:
      return "brokers among themselves";
  }
  return "";
}

void add_apis(std::string& page) {
  const auto out = std::back_inserter(page);
  const auto served = std::ranges::count_if(
      wire::apis(), [](const wire::ApiInfo& api) { return find_api_row(api.key) != nullptr; });
  fmt::format_to(out,
                 "## APIs\n\n{} of {} that Kafka's listener knows. ApiVersions offers exactly what "
                 "is served, in Kafka's own versions.\n\n| key | API | for | Kafka 4.3.1 offers | "
                 "here |\n| --- | --- | --- | --- | --- |\n",
                 served,
                 wire::apis().size());
  for (const wire::ApiInfo& api : wire::apis()) {
    const bool here = find_api_row(api.key) != nullptr;
    std::string versions = here ? range(api.accepted_min, api.version_max) : "–";
    if (here && api.accepted_min != api.version_min) {
      versions += fmt::format(", offered as {}", range(api.version_min, api.version_max));
    }
    fmt::format_to(out,
                   "| {} | {} | {} | {} | {} |\n",
                   static_cast<int>(api.key),
                   api.name,
                   use_of(api.use),
                   api.advertised ? range(api.version_min, api.version_max) : "not by default",
                   versions);
  }
}

std::string_view synonym_of(std::string_view topic_setting) {
  for (const BrokerConfigRow& row : broker_config_rows()) {
    if (row.topic == topic_setting && row.factor == 1) {
      return row.name;
    }
  }
  return "";
}

std::string code(std::string_view text) {
  return text.empty() ? std::string() : fmt::format("`{}`", text);
}

void add_topic_settings(std::string& page) {
  const auto out = std::back_inserter(page);
  page +=
      "\n## Settings of topics\n\nAll of Kafka's, and a few of our own. Where nothing was set of a "
      "topic, the broker's setting counts, also when it changes.\n\n| setting | default | the "
      "broker's | what it does |\n| --- | --- | --- | --- |\n";
  std::vector<const config::Option*> options;
  for (const config::Option& option : log::topic_options().options) {
    options.push_back(&option);
  }
  std::ranges::sort(options, {}, &config::Option::name);
  for (const config::Option* option : options) {
    fmt::format_to(out,
                   "| `{}` | {} | {} | {} |\n",
                   option->name,
                   code(option->default_value),
                   code(synonym_of(option->name)),
                   option->no_effect ? "accepted and told" : option->sentence);
  }
}

std::string_view scope_of(ConfigScope scope) {
  switch (scope) {
    case ConfigScope::kReadOnly:
      return "at the start";
    case ConfigScope::kPerBroker:
      return "for a broker";
    case ConfigScope::kClusterWide:
      return "while it runs";
  }
  return "";
}

void add_broker_settings(std::string& page) {
  const auto out = std::back_inserter(page);
  std::vector<const BrokerConfigRow*> rows;
  for (const BrokerConfigRow& row : broker_config_rows()) {
    rows.push_back(&row);
  }
  std::ranges::sort(rows, {}, &BrokerConfigRow::name);
  const auto effective = std::ranges::count_if(rows, &BrokerConfigRow::effective);
  const auto older = std::ranges::count_if(rows, &BrokerConfigRow::older);
  fmt::format_to(
      out,
      "\n## Settings of the broker\n\nAll {} of Kafka's, and {} that only earlier Kafkas "
      "or this program have, are known by name, type and default, in `millrace.yml`, with `--set` "
      "and over the wire. These {} take "
      "effect:\n\n| setting | default | changed | default of topics |\n| --- | --- | "
      "--- | --- |\n",
      static_cast<std::ptrdiff_t>(rows.size()) - older,
      older,
      effective);
  for (const BrokerConfigRow* row : rows) {
    if (row->effective) {
      fmt::format_to(out,
                     "| `{}` | {} | {} | {} |\n",
                     row->name,
                     code(row->default_value),
                     scope_of(row->scope),
                     code(row->topic));
    }
  }
  page +=
      "\nThese are accepted, checked and told, and change nothing: they are about many nodes, "
      "another form of files, or what is not served.\n\n";
  for (const BrokerConfigRow* row : rows) {
    if (!row->effective) {
      fmt::format_to(out, "`{}`\n", row->name);
    }
  }
}

void add_differences(std::string& page) {
  const auto out = std::back_inserter(page);
  page += "\n## Known differences\n\n| about | Kafka 4.3.1 | here |\n| --- | --- | --- |\n";
  for (const KnownDifference& difference : kDifferences) {
    fmt::format_to(out, "| {} | {} | {} |\n", difference.what, difference.kafka, difference.here);
  }
  page +=
      "\nWhat clients see is compared with the real Kafka step by step (tests/real/kafka); the "
      "steps that are meant to differ are in tests/real/kafka/differences.tsv.\n";
}

}  // namespace

std::string compatibility_page() {
  std::string page =
      "# Compatibility with Apache Kafka 4.3.1\n\n"
      "<!-- Made from the broker's own tables by src/broker/compatibility.cc; after a change: "
      "MR_WRITE_DOCS=1 mr_broker_test --gtest_filter='Compatibility.*' -->\n\n";
  add_apis(page);
  add_topic_settings(page);
  add_broker_settings(page);
  add_differences(page);
  return page;
}

}  // namespace millrace::broker
