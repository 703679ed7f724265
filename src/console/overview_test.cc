#include "console/overview.h"

#include <gtest/gtest.h>

#include "console/json_out.h"
#include "console/page.h"
#include "io/sim_files.h"
#include "record/batch.h"

namespace millrace::console {
namespace {

TEST(JsonOut, puts_commas_and_escapes) {
  JsonOut out;
  out.begin_object().field("a", 1).field("b", "x\"\n\x01").field("c", true).field("d", 0.5);
  out.key("e").begin_array().value(1).value("y").begin_object().end_object().null().end_array();
  out.key("f").begin_array().end_array().field("g", 1.0 / 0.0);
  EXPECT_EQ(out.end_object().take(),
            R"({"a":1,"b":"x\"\n\u0001","c":true,"d":0.500,"e":[1,"y",{},null],"f":[],"g":null})");
}

/// A log in simulation, and what looks at it.
class Watcher {
 public:
  Watcher()
      : files_(1),
        log_(MUST(log::Log::open(
            files_, clock_, metrics_, {.directory = "data", .min_free_bytes = 0, .seed = 1}))),
        observer_(clock_, "1.2.3") {
    MUST(log_->create_topic({.name = "clicks"}));
  }

  void append(int records) {
    record::BatchBuilder builder;
    for (int count = 0; count < records; ++count) {
      builder.add({.timestamp_ms = clock_.wall_ms(), .value = "v"});
    }
    log::Frame frame;
    frame.batches.push_back({.to = {"clicks", PartitionId(0)}, .batch = MUST(builder.finish())});
    MUST(log_->append_and_wait(std::move(frame)));
  }

  TopicView clicks() {
    const Overview view = observer_.observe({.log = log_.get(), .files = &files_});
    for (const TopicView& topic : view.topics) {
      if (topic.name == "clicks") {
        return topic;
      }
    }
    return {};
  }

  ManualClock& clock() { return clock_; }

  Observer& observer() { return observer_; }

  log::Log& log() { return *log_; }

 private:
  io::SimFiles files_;
  ManualClock clock_;
  Metrics metrics_;
  std::unique_ptr<log::Log> log_;
  Observer observer_;
};

TEST(Observer, has_no_rate_after_one_reading) {
  Watcher watcher;
  watcher.append(5);
  const TopicView topic = watcher.clicks();
  EXPECT_EQ(topic.end, 5);
  EXPECT_EQ(topic.role, "topic");
  EXPECT_EQ(topic.rate, 0);
}

TEST(Observer, gives_the_rate_over_the_window_and_forgets_what_is_older) {
  Watcher watcher;
  (void)watcher.clicks();
  watcher.append(20);
  watcher.clock().advance_us(2'000'000);
  EXPECT_DOUBLE_EQ(watcher.clicks().rate, 10);
  watcher.clock().advance_us(2'000'000);
  EXPECT_DOUBLE_EQ(watcher.clicks().rate, 5) << "the first reading is the oldest in the window";
  watcher.clock().advance_us(3'000'000);
  EXPECT_DOUBLE_EQ(watcher.clicks().rate, 0) << "nothing came since the last reading";
}

TEST(Observer, does_not_remember_readings_that_are_too_close) {
  Watcher watcher;
  (void)watcher.clicks();
  watcher.append(10);
  watcher.clock().advance_us(100'000);
  EXPECT_DOUBLE_EQ(watcher.clicks().rate, 100);
  watcher.clock().advance_us(900'000);
  EXPECT_DOUBLE_EQ(watcher.clicks().rate, 10);
}

TEST(Observer, writes_an_overview_without_a_pipeline) {
  Watcher watcher;
  const Overview view = watcher.observer().observe({.log = &watcher.log(), .project = "p"});
  const std::string json = overview_to_json(view);
  EXPECT_TRUE(json.starts_with(R"({"project":"p","version":"1.2.3","pid":)")) << json;
  EXPECT_NE(json.find(R"("sources":[],"flows":[],"tables":[],"topics":[{"name":)"),
            std::string::npos)
      << json;
  EXPECT_NE(json.find(R"("kafka":{"addresses":[],"connections":0,"groups":[]})"), std::string::npos)
      << json;
}

TEST(Page, is_small_and_allows_only_itself) {
  EXPECT_LT(page().size(), 60'000U);
  EXPECT_NE(page_policy().find("default-src 'none'"), std::string_view::npos);
}

}  // namespace
}  // namespace millrace::console
