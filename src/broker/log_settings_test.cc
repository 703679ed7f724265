#include "broker/log_settings.h"

#include <gtest/gtest.h>

#include "broker/admin_handlers.h"
#include "broker/detail/test_broker.h"

namespace millrace::broker {
namespace {

TEST(LogSettings, are_kafkas_intervals) {
  log::LogOptions options;
  const log::LogOptions before = options;
  MUST(apply_log_settings({}, options));
  EXPECT_EQ(options.housekeeping_interval_ms, before.housekeeping_interval_ms);
  EXPECT_EQ(options.checkpoint_interval_ms, before.checkpoint_interval_ms);
  MUST(apply_log_settings({{"log.retention.check.interval.ms", "77"},
                           {"log.flush.offset.checkpoint.interval.ms", "88"}},
                          options));
  EXPECT_EQ(options.housekeeping_interval_ms, 77);
  EXPECT_EQ(options.checkpoint_interval_ms, 88);
  EXPECT_FALSE(apply_log_settings({{"log.retention.check.interval.ms", "0"}}, options));
}

TEST(LogSettings, count_for_topics_also_where_no_broker_runs) {
  TestBroker broker;
  broker.make_topic("a");
  wire::IncrementalAlterConfigsRequest request;
  request.resources.push_back(
      {.resource_type = 4,
       .resource_name = "1",
       .configs = {{.name = "log.segment.bytes", .config_operation = 0, .value = "5000"}}});
  broker.ask(handle_incremental_alter_configs, 1, std::move(request));
  MUST(broker.log->set_topic_defaults({}));  // As it is after log::Log::open().
  MUST(apply_topic_defaults({{"log.retention.ms", "-1"}}, *broker.log));
  EXPECT_EQ(broker.log->topic("a")->config.retention_ms, -1);
  EXPECT_EQ(broker.log->topic("a")->config.segment_bytes, 5000);
  EXPECT_FALSE(apply_topic_defaults({{"log.retention.ms", "soon"}}, *broker.log));
}

}  // namespace
}  // namespace millrace::broker
