#include "broker/broker_settings.h"

#include <set>

#include <gtest/gtest.h>

#include "config/settings.h"

namespace millrace::broker {
namespace {

TEST(BrokerSettings, knows_the_broker_by_either_name) {
  EXPECT_EQ(MUST(BrokerSettings::parse({{"node.id", "7"}}))->text("broker.id"), "7");
  EXPECT_EQ(MUST(BrokerSettings::parse({{"broker.id", "8"}}))->text("node.id"), "8");
  EXPECT_EQ(MUST(BrokerSettings::parse({{"broker.id", "8"}}))->values()->node_id, 8);
}

TEST(BrokerSettings, have_defaults_that_are_values_of_their_rows) {
  std::set<std::string_view> names;
  for (const BrokerConfigRow& row : broker_config_rows()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name << " stands there twice";
    if (!row.default_value.empty()) {
      EXPECT_TRUE(check_broker_config(row, row.default_value)) << row.name;
    }
  }
  const auto settings = MUST(BrokerSettings::parse({}));
  EXPECT_EQ(settings->values()->topic_defaults, log::TopicConfig());
}

TEST(BrokerSettings, are_what_millrace_yml_takes_and_says_of_them) {
  for (const BrokerConfigRow& row : broker_config_rows()) {
    const config::Option* const option = config::settings_table().find(row.name);
    ASSERT_NE(option, nullptr) << row.name;
    // Some are other names of settings of our own.
    const bool own = option->name != row.name;
    EXPECT_EQ(option->no_effect, !row.effective && !own) << row.name;
  }
  for (const config::Option& option : config::settings_table().options) {
    EXPECT_TRUE(!option.no_effect || find_broker_config(option.name) != nullptr) << option.name;
  }
}

TEST(BrokerSettings, suggest_a_name_for_one_that_is_wrong) {
  const auto settings = BrokerSettings::parse({{"num.partition", "3"}});
  ASSERT_FALSE(settings);
  EXPECT_NE(settings.error().message().find("num.partitions"), std::string::npos)
      << settings.error().message();
}

TEST(BrokerSettings, refuse_wrong_values) {
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{{"num.partitions", "0"},
                                                        {"num.partitions", "many"},
                                                        {"auto.create.topics.enable", "perhaps"},
                                                        {"log.cleanup.policy", "keep"},
                                                        {"compression.type", "rar"},
                                                        {"socket.request.max.bytes", "99999999999"},
                                                        {"log.cleaner.min.cleanable.ratio", "2"}}) {
    const auto settings = BrokerSettings::parse({{name, value}});
    EXPECT_FALSE(settings) << name << "=" << value;
  }
}

TEST(BrokerSettings, of_retention_the_finer_unit_counts) {
  const auto settings = MUST(BrokerSettings::parse({{"log.retention.hours", "2"},
                                                    {"log.retention.minutes", "3"},
                                                    {"log.roll.hours", "1"},
                                                    {"message.max.bytes", "2000"}}));
  const log::TopicConfig& config = settings->values()->topic_defaults;
  EXPECT_EQ(config.retention_ms, 180'000);
  EXPECT_EQ(config.segment_ms, 3'600'000);
  EXPECT_EQ(config.max_message_bytes, 2'000);
  EXPECT_EQ(MUST(BrokerSettings::parse({{"log.retention.hours", "-1"}}))
                ->values()
                ->topic_defaults.retention_ms,
            -1);
}

TEST(BrokerSettings, change_while_they_are_used) {
  const auto settings = MUST(BrokerSettings::parse({{"log.retention.ms", "1000"}}));
  const auto before = settings->values();
  EXPECT_TRUE(settings->set_dynamic({.broker = {{"log.retention.ms", "5000"}}}));
  EXPECT_EQ(before->topic_defaults.retention_ms, 1'000);
  EXPECT_EQ(settings->values()->topic_defaults.retention_ms, 5'000);
  EXPECT_EQ(settings->text("log.retention.ms"), "5000");
  EXPECT_FALSE(settings->set_dynamic({.cluster = {{"log.retention.ms", "x"}}}));
  EXPECT_EQ(settings->values()->topic_defaults.retention_ms, 5'000);
  EXPECT_TRUE(settings->set_dynamic({.cluster = {{"log.retention.ms", "7000"}}}));
  EXPECT_EQ(settings->text("log.retention.ms"), "7000");
  EXPECT_TRUE(settings->set_dynamic({}));
  EXPECT_EQ(settings->values()->topic_defaults.retention_ms, 1'000);
}

std::string show(const std::vector<ListenerOptions>& listeners) {
  std::string text;
  for (const ListenerOptions& one : listeners) {
    text += one.name + " " + config::to_string(one.address);
    text += one.advertised.host.empty() ? "" : " as " + config::to_string(one.advertised);
    text += "\n";
  }
  return text;
}

TEST(Listeners, are_read_in_kafkas_form) {
  EXPECT_EQ(show(MUST(parse_listeners("PLAINTEXT://127.0.0.1:9092,HOST://:29092"))),
            "PLAINTEXT 127.0.0.1:9092\nHOST 0.0.0.0:29092\n");
  EXPECT_FALSE(parse_listeners("PLAINTEXT://nowhere"));
  EXPECT_FALSE(parse_listeners(""));
}

TEST(Listeners, advertise_other_addresses) {
  const std::vector<ListenerOptions> one = {{.address = {.host = "0.0.0.0", .port = 9092}}};
  std::vector<ListenerOptions> listeners = one;
  EXPECT_TRUE(apply_advertised("PLAINTEXT://example.org:80", listeners));
  EXPECT_EQ(show(listeners), "PLAINTEXT 0.0.0.0:9092 as example.org:80\n");
  listeners = one;
  EXPECT_TRUE(apply_advertised("PLAINTEXT://broker:29092,HOST://localhost:9092", listeners));
  EXPECT_EQ(show(listeners),
            "HOST 0.0.0.0:9092 as localhost:9092\n"
            "PLAINTEXT 0.0.0.0:29092 as broker:29092\n");
  listeners = MUST(parse_listeners("A://:1,B://:2"));
  EXPECT_FALSE(apply_advertised("C://x:3", listeners));
  EXPECT_TRUE(apply_advertised("B://x:3", listeners));
  EXPECT_EQ(show(listeners), "A 0.0.0.0:1\nB 0.0.0.0:2 as x:3\n");
}

}  // namespace
}  // namespace millrace::broker
