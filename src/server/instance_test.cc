#include "server/instance.h"

#include <atomic>

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/thread.h"
#include "server/detail/test_world.h"

namespace millrace::server {
namespace {

TEST(Instance, names_the_process_that_has_the_directory) {
  TestWorld world;
  const auto first = world.open();
  const auto second = Instance::open(world.files(), world.clock(), world.options());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::kConflict);
  EXPECT_NE(second.error().message().find(std::to_string(::getpid())), std::string::npos);
  EXPECT_NE(second.error().message().find("--data"), std::string::npos);
}

TEST(Instance, opens_again_after_a_stop) {
  TestWorld world;
  MUST(world.open()->stop());
  MUST(world.open()->stop());
}

TEST(Instance, makes_nothing_when_it_may_not) {
  TestWorld world;
  InstanceOptions options = world.options();
  options.create = false;
  const auto instance = Instance::open(world.files(), world.clock(), options);
  ASSERT_FALSE(instance);
  EXPECT_EQ(instance.error().code(), ErrorCode::kNotFound);
  EXPECT_FALSE(MUST(io::exists(world.files(), world.data())));
}

TEST(Instance, refuses_a_directory_of_a_newer_program) {
  TestWorld world;
  world.write(".millrace/VERSION", "7\n");
  const auto instance = Instance::open(world.files(), world.clock(), world.options());
  ASSERT_FALSE(instance);
  EXPECT_EQ(instance.error().code(), ErrorCode::kUnsupported);
  EXPECT_NE(instance.error().message().find("newer program"), std::string::npos);
}

TEST(Instance, refuses_a_version_that_is_no_number) {
  TestWorld world;
  world.write(".millrace/VERSION", "seven\n");
  const auto instance = Instance::open(world.files(), world.clock(), world.options());
  ASSERT_FALSE(instance);
  EXPECT_EQ(instance.error().code(), ErrorCode::kCorruption);
}

TEST(Instance, runs_a_pipeline_and_shows_its_books) {
  TestWorld world;
  const auto instance = world.open();
  world.run(*instance);
  const console::Overview view = instance->observe();
  EXPECT_EQ(view.project, "people");
  ASSERT_EQ(view.sources.size(), 1U);
  EXPECT_EQ(view.sources[0].published, 3U);
  ASSERT_EQ(view.flows.size(), 1U);
  EXPECT_EQ(view.flows[0].books.counts.read, 3U);
  EXPECT_EQ(view.flows[0].books.counts.accepted, 2U);
  EXPECT_EQ(view.flows[0].books.counts.rejected, 1U);
  EXPECT_EQ(view.flows[0].inputs, std::vector<std::string>{"people"});
  ASSERT_EQ(view.tables.size(), 1U);
  EXPECT_EQ(view.tables[0].key, std::vector<std::string>{"id"});
  ASSERT_EQ(view.dead_letters.size(), 1U);
  EXPECT_EQ(view.dead_letters[0].second, 1);
  EXPECT_GT(view.memory_bytes, 0);
  EXPECT_GT(view.tables_bytes, 0U);
  MUST(instance->stop());
}

TEST(Instance, has_not_drained_before_the_books_show_the_last_epoch) {
  TestWorld world;
  const auto instance = world.open();
  // In the flow's thread: the frame is in the log, the books are not written yet. The feed has
  // ended long before the looks are over.
  std::atomic<int> early = -1;
  arm_fault("flow.appended", 1, FaultAction::kCall, [&] {
    Wakeup never;
    early = 0;
    for (int look = 0; look < 40 && early == 0; ++look) {
      never.wait(5'000'000);
      const flow::Runtime* runtime = instance->runtime();
      early = runtime != nullptr && runtime->drained() ? 1 : 0;
    }
  });
  world.run(*instance);
  disarm_faults();
  EXPECT_EQ(early, 0);
  EXPECT_EQ(instance->runtime()->flow_books().at(0).counts.read, 3U);
  MUST(instance->stop());
}

TEST(Instance, is_live_while_its_loops_move_and_names_a_stuck_one) {
  TestWorld world;
  ManualClock clock;
  auto instance = MUST(Instance::open(world.files(), clock, world.options()));
  instance->note_progress("web");
  EXPECT_TRUE(instance->live().ok());
  clock.advance_us(60'000'000);
  const Health health = instance->live();
  ASSERT_FALSE(health.ok());
  EXPECT_EQ(health.checks.back().name, "web");
  EXPECT_EQ(health.checks.back().text, "the loop has not moved for 60.0 s");
  EXPECT_FALSE(instance->ready().ok());
  instance->note_progress("web");
  EXPECT_TRUE(instance->ready().ok());
  MUST(instance->stop());
  EXPECT_FALSE(instance->ready().ok()) << "it is stopped";
}

TEST(Instance, names_the_log_thread_while_a_sync_does_not_return) {
  TestWorld world;
  ManualClock clock;
  auto instance = MUST(Instance::open(world.files(), clock, world.options()));
  Wakeup inside;
  Wakeup release;
  arm_fault("wal.sync", 1, FaultAction::kCall, [&] {
    inside.notify();
    release.wait(-1);
  });
  Wakeup answered;
  instance->log().create_topic_async({.name = "t"},
                                     [&](const Result<log::TopicInfo>&) { answered.notify(); });
  ASSERT_TRUE(inside.wait(20'000'000'000));
  clock.advance_us(10'000'000);
  EXPECT_TRUE(instance->live().ok()) << "a slow disk is none that does not answer";
  clock.advance_us(10'000'000);
  const Health health = instance->live();
  EXPECT_FALSE(health.ok());
  EXPECT_EQ(health.checks[0].name, "log thread");
  EXPECT_FALSE(health.checks[0].ok);
  EXPECT_EQ(health.checks[0].text,
            "has been at one write or sync for 20.0 s: the disk does not answer");
  release.notify();
  ASSERT_TRUE(answered.wait(20'000'000'000));
  // The thread answers from within its work: another append is work that begins now.
  MUST(instance->log().append_and_wait({}));
  EXPECT_TRUE(instance->live().ok());
  MUST(instance->stop());
}

TEST(Instance, counts_in_metrics_what_the_books_say) {
  TestWorld world;
  const auto instance = world.open();
  world.run(*instance);
  for (int scrape = 0; scrape < 2; ++scrape) {
    const std::string text = instance->metrics_text();
    for (const char* line :
         {"millrace_source_published_records_total{source=\"people\"} 3\n",
          "millrace_flow_input_records_total{flow=\"named\",outcome=\"rejected\"} 1\n",
          "millrace_flow_input_records_total{flow=\"named\",outcome=\"read\"} 3\n",
          "millrace_flow_lag_records{flow=\"named\"} 0\n",
          "millrace_table_applied_records_total{table=\"named\"} 2\n",
          "# TYPE process_cpu_seconds_total counter\n",
          "millrace_log_writable 1\n"}) {
      EXPECT_NE(text.find(line), std::string::npos) << line << text;
    }
  }
  MUST(instance->stop());
}

TEST(Instance, calls_who_waits_for_a_stop) {
  TestWorld world;
  const auto instance = world.open();
  int calls = 0;
  instance->request_stop();
  instance->on_stop_request([&] { ++calls; });
  instance->request_stop();
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace millrace::server
