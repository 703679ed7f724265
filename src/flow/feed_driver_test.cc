// A feed on a log in one thread.
#include "flow/feed_driver.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/log_line.h"
#include "connector/sequence_feed.h"
#include "flow/detail/test_world.h"

namespace millrace::flow {
namespace {

class FeedDriverTest : public testing::Test {
 protected:
  void SetUp() override {
    log::LogOptions options;
    options.directory = "data";
    options.threads = false;
    options.min_free_bytes = 0;
    options.seed = 1;
    log_ = MUST(log::Log::open(files_, clock_, metrics_, options));
    driver_ = std::make_unique<FeedDriver>(
        std::make_unique<connector::SequenceFeed>(
            connector::SequenceOptions{.rows_per_second = 1'000, .rows_max = 100'000},
            clock_,
            [](std::uint64_t, connector::FeedRecord& record) {
              record.value = std::string(100, 'v');
            }),
        *log_,
        clock_,
        status_,
        wakeup_,
        FeedDriverOptions{.source = "s", .topic = "s"});
    MUST(driver_->open());
  }

  // Half a second.
  void run() {
    for (int i = 0; i < 500; ++i) {
      clock_.advance_us(1'000);
      driver_->step({});
      log_->step();
    }
  }

  log::PartitionInfo info() { return log_->describe({"s", PartitionId(0)}).value(); }

  io::SimFiles files_{1};
  ManualClock clock_;
  Metrics metrics_;
  SourceStatus status_;
  Wakeup wakeup_;
  std::unique_ptr<log::Log> log_;
  std::unique_ptr<FeedDriver> driver_;
};

TEST_F(FeedDriverTest, source_stops_while_readers_are_too_far_behind_and_goes_on_by_itself) {
  capture_log([](LogLevel, std::string_view) {});
  log::TopicConfig config = log_->topic("s")->config;
  config.retention_bytes = 10'000;
  MUST(log_->alter_config("s", config));
  log_->hold("flow.slow", {"s", PartitionId(0)}, Offset(0));
  run();
  run();
  const std::int64_t stopped_at = info().high_watermark.value();
  EXPECT_GT(stopped_at, 100);
  EXPECT_LT(stopped_at, 600) << "about 20,000 bytes, and what came between two looks";
  EXPECT_THAT(status_.problem.get(), testing::HasSubstr("stopped: topic s keeps"));
  EXPECT_THAT(status_.problem.get(), testing::HasSubstr("flow.slow has not read yet"));
  run();
  EXPECT_EQ(info().high_watermark.value(), stopped_at);
  log_->hold("flow.slow", {"s", PartitionId(0)}, info().high_watermark);
  run();
  EXPECT_GT(info().high_watermark.value(), stopped_at);
  log_->release_hold("flow.slow", {"s", PartitionId(0)});
  run();
  EXPECT_EQ(status_.problem.get(), "");
  EXPECT_EQ(status_.published.load(), static_cast<std::uint64_t>(info().high_watermark.value()));
  capture_log({});
}

}  // namespace
}  // namespace millrace::flow
