#include "config/settings.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "config/codes.h"

namespace millrace::config {
namespace {

struct LayersRead {
  Settings settings;
  Diagnostics diagnostics;
};

LayersRead read_layers(const SettingsInput& input) {
  LayersRead read;
  read.settings = read_settings(input, read.diagnostics);
  return read;
}

ResolvedSetting resolved(const Settings& settings, std::string_view name) {
  const auto found = std::find_if(settings.resolved.begin(),
                                  settings.resolved.end(),
                                  [&](const auto& setting) { return setting.name == name; });
  return found == settings.resolved.end() ? ResolvedSetting{} : *found;
}

TEST(Settings, table_is_sound) {
  EXPECT_EQ(check_table(settings_table()), std::vector<std::string>{});
}

TEST(Settings, defaults_are_local_and_bounded) {
  const LayersRead read = read_layers({.machine_bytes = std::int64_t{8} << 30});
  EXPECT_TRUE(read.diagnostics.empty());
  EXPECT_EQ(to_string(*read.settings.kafka), "127.0.0.1:9092");
  EXPECT_EQ(to_string(*read.settings.registry), "127.0.0.1:8081");
  EXPECT_EQ(to_string(*read.settings.http), "127.0.0.1:8080");
  EXPECT_EQ(read.settings.data, ".millrace");
  EXPECT_EQ(read.settings.memory_max_bytes, std::int64_t{1} << 30);
  EXPECT_EQ(read.settings.min_free_bytes, std::int64_t{1} << 30);
  EXPECT_EQ(read.settings.graceful_shutdown_ms, 30'000);
  EXPECT_EQ(read.settings.log_level, LogThreshold::kInfo);
  EXPECT_EQ(read.settings.max_rejected, 0.5);
  EXPECT_EQ(resolved(read.settings, "min.free").from, "default");
}

TEST(Settings, memory_is_a_quarter_of_a_small_machine) {
  EXPECT_EQ(read_layers({.machine_bytes = std::int64_t{1} << 30}).settings.memory_max_bytes,
            std::int64_t{256} << 20);
}

TEST(Settings, flags_beat_environment_beats_file_beats_default) {
  SettingsInput input{
      .files = {{.path = "millrace.yml", .text = "memory.max: 100 MiB\nmin:\n  free: 2g\n"}}};
  EXPECT_EQ(resolved(read_layers(input).settings, "memory.max").from, "millrace.yml:1:1");
  EXPECT_EQ(read_layers(input).settings.min_free_bytes, std::int64_t{2} << 30);
  input.environment = {{"MILLRACE_MEMORY_MAX", "200 MiB"}, {"PATH", "/bin"}};
  EXPECT_EQ(read_layers(input).settings.memory_max_bytes, 200 << 20);
  EXPECT_EQ(resolved(read_layers(input).settings, "memory.max").from, "MILLRACE_MEMORY_MAX");
  input.flags = {"memory.max=1m", "memory.max=300 MiB"};
  const LayersRead last = read_layers(input);
  EXPECT_TRUE(last.diagnostics.empty());
  EXPECT_EQ(last.settings.memory_max_bytes, 300 << 20);
  EXPECT_EQ(resolved(last.settings, "memory.max").origin, SettingOrigin::kFlag);
}

TEST(Settings, later_file_beats_earlier_one) {
  const LayersRead read = read_layers({.files = {{.path = "millrace.yml", .text = "data: a\n"},
                                                 {.path = "conf.d/1.yml", .text = "data: b\n"}}});
  EXPECT_EQ(read.settings.data, "b");
  EXPECT_EQ(resolved(read.settings, "data").from, "conf.d/1.yml:1:1");
}

TEST(Settings, overridden_values_are_checked_too) {
  const LayersRead read = read_layers(
      {.files = {{.path = "millrace.yml", .text = "min.free: lots\n"}}, .flags = {"min.free=1g"}});
  EXPECT_EQ(read.diagnostics.error_count(), 1U);
  EXPECT_EQ(read.diagnostics.all()[0].where.line, 1);
}

TEST(Settings, every_layer_reports_what_it_does_not_know) {
  const LayersRead read =
      read_layers({.files = {{.path = "millrace.yml", .text = "memory.mx: 1g\nlog.level: info\n"}},
                   .environment = {{"MILLRACE_MEMORY_MX", "1"}, {"MILLRACE_FAULT", "x"}},
                   .flags = {"nothing", "log-levl=info"}});
  ASSERT_EQ(read.diagnostics.all().size(), 5U);
  EXPECT_EQ(read.diagnostics.error_count(), 4U);
  EXPECT_EQ(read.diagnostics.all()[0].message,
            "unknown variable \"MILLRACE_MEMORY_MX\"; did you mean \"MILLRACE_MEMORY_MAX\"?");
  EXPECT_EQ(read.diagnostics.all()[0].severity, Severity::kWarning);
}

TEST(Settings, listener_can_be_off) {
  const LayersRead read =
      read_layers({.files = {{.path = "millrace.yml",
                              .text = "listeners:\n  registry: off\n  kafka: 0.0.0.0\n"}}});
  EXPECT_TRUE(read.diagnostics.empty());
  EXPECT_FALSE(read.settings.registry.has_value());
  EXPECT_EQ(to_string(*read.settings.kafka), "0.0.0.0:9092");
}

TEST(Settings, kafka_names_are_kept_for_the_broker) {
  const LayersRead read =
      read_layers({.files = {{.path = "millrace.yml",
                              .text = "num.partitions: 3\nlog:\n  retention:\n    "
                                      "hours: 24\nzookeeper.connect: z:2181\n"}}});
  EXPECT_FALSE(read.diagnostics.has_errors());
  EXPECT_EQ(read.diagnostics.all().size(), 1U);  // The note about ZooKeeper.
  EXPECT_EQ(read.settings.broker.at("num.partitions"), "3");
  EXPECT_EQ(read.settings.broker.at("log.retention.hours"), "24");
  EXPECT_FALSE(read.settings.broker.contains("data"));
}

TEST(Settings, values_from_files_are_masked) {
  const LayersRead read =
      read_layers({.files = {{.path = "millrace.yml", .text = "data: ${file:/s}\n"}},
                   .environment = {{"MILLRACE_CLUSTER_ID_FILE", "/s"}},
                   .read_file = [](const std::string&) {
                     return Result<std::string>(std::string("hidden\n"));
                   }});
  EXPECT_TRUE(read.diagnostics.empty());
  EXPECT_EQ(read.settings.data, "hidden");
  EXPECT_EQ(resolved(read.settings, "data").value, "******");
  EXPECT_EQ(resolved(read.settings, "cluster.id").value, "******");
  EXPECT_EQ(read.settings.broker.at("cluster.id"), "hidden");
}

TEST(Settings, environment_names_are_upper_case) {
  EXPECT_EQ(environment_name("graceful-shutdown-limit"), "MILLRACE_GRACEFUL_SHUTDOWN_LIMIT");
}

}  // namespace
}  // namespace millrace::config
