// The settings are compared with contract/configs.tsv, which KafkaConfigs.java wrote of a running
// Kafka 4.3.1.
#include <array>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "broker/broker_settings.h"
#include "broker/topic_settings.h"

namespace millrace::broker {
namespace {

struct ContractRow {
  std::string type;
  std::string default_value;
  bool read_only = false;
  bool sensitive = false;
  std::string synonyms;
};

std::map<std::string, ContractRow> contract(std::string_view resource) {
  std::ifstream file(MR_BROKER_CONTRACT "/configs.tsv");
  std::map<std::string, ContractRow> rows;
  std::string line;
  while (std::getline(file, line)) {
    std::vector<std::string> fields;
    for (std::size_t at = 0; at <= line.size();) {
      const std::size_t end = std::min(line.find('\t', at), line.size());
      fields.push_back(line.substr(at, end - at));
      at = end + 1;
    }
    if (fields.size() == 7 && fields[0] == resource) {
      rows[fields[1]] = {.type = fields[2],
                         .default_value = fields[3],
                         .read_only = fields[4] == "true",
                         .sensitive = fields[5] == "true",
                         .synonyms = fields[6]};
    }
  }
  return rows;
}

std::string name_of(ConfigType type) {
  constexpr std::array<const char*, 10> kNames = {
      "", "BOOLEAN", "STRING", "INT", "SHORT", "LONG", "DOUBLE", "LIST", "CLASS", "PASSWORD"};
  return kNames.at(static_cast<std::size_t>(type));
}

constexpr const char* kNull = "\\N";

TEST(BrokerConfigRows, are_kafkas) {
  // One node with a log of its own; what that Kafka had been given.
  const std::map<std::string, std::string> meant = {
      {"node.id", "1"},
      {"broker.id", "1"},
      {"listeners", "PLAINTEXT://127.0.0.1:9092"},
      {"log.dir", ""},
      {"offsets.topic.replication.factor", "1"},
      {"share.coordinator.state.topic.min.isr", "1"},
      {"share.coordinator.state.topic.replication.factor", "1"},
      {"transaction.state.log.min.isr", "1"},
      {"transaction.state.log.replication.factor", "1"}};
  const std::map<std::string, ContractRow> rows = contract("BROKER");
  EXPECT_EQ(rows.size(), 340U);
  for (const auto& [name, expected] : rows) {
    const BrokerConfigRow* const row = find_broker_config(name);
    ASSERT_NE(row, nullptr) << name;
    EXPECT_EQ(name_of(row->type), expected.type) << name;
    EXPECT_EQ(row->scope == ConfigScope::kReadOnly, expected.read_only) << name;
    EXPECT_EQ(row->type == ConfigType::kPassword, expected.sensitive) << name;
    const std::string found = row->has_default() ? std::string(row->default_value) : kNull;
    if (const auto other = meant.find(name); other != meant.end()) {
      EXPECT_EQ(found, other->second) << name;
      EXPECT_NE(found, expected.default_value) << name << " does not differ";
    } else {
      EXPECT_EQ(found, expected.default_value) << name;
    }
  }
  for (const BrokerConfigRow& row : broker_config_rows()) {
    EXPECT_NE(rows.contains(std::string(row.name)), row.older) << row.name;
  }
}

TEST(TopicConfigRows, are_kafkas_and_so_are_their_synonyms) {
  const auto settings = MUST(BrokerSettings::parse({}));
  std::map<std::string, DescribedConfig> found;
  for (DescribedConfig& config : TopicDefaults(*settings).describe({})) {
    std::string name = config.name;
    found[std::move(name)] = std::move(config);
  }
  const std::map<std::string, ContractRow> rows = contract("TOPIC");
  EXPECT_EQ(rows.size(), 33U);
  for (const auto& [name, expected] : rows) {
    ASSERT_TRUE(found.contains(name)) << name;
    const DescribedConfig& config = found.at(name);
    EXPECT_EQ(name_of(config.type), expected.type) << name;
    EXPECT_EQ(config.value, expected.default_value) << name;
    EXPECT_FALSE(config.read_only || config.sensitive) << name;
    EXPECT_EQ(config.source, ConfigSource::kDefault) << name;
    EXPECT_EQ(config.synonyms.empty() ? "" : config.synonyms.front().name, expected.synonyms)
        << name;
  }
  for (const auto& [name, config] : found) {
    EXPECT_NE(rows.contains(name), name.starts_with("millrace.")) << name;
  }
}

}  // namespace
}  // namespace millrace::broker
