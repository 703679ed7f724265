#include "log/log.h"

#include <atomic>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/thread.h"
#include "log/detail/test_log.h"

namespace millrace::log {
namespace {

using Values = std::vector<std::string>;

TEST(Log, appended_records_are_read_back_with_their_offsets) {
  TestLog test;
  MUST(test.open());
  MUST(test.log->create_topic({.name = "users"}));
  EXPECT_EQ(MUST(append_one(*test.log, tp("users"), batch_of({"a", "b"}))).base_offset, Offset(0));
  EXPECT_EQ(MUST(append_one(*test.log, tp("users"), batch_of({"c"}))).base_offset, Offset(2));
  EXPECT_EQ(MUST(read_values(*test.log, tp("users"))), (Values{"0:a", "1:b", "2:c"}));
  const PartitionInfo info = test.log->describe(tp("users")).value();
  EXPECT_EQ(info.high_watermark, Offset(3));
  EXPECT_EQ(info.last_stable_offset, Offset(3));
  EXPECT_EQ(info.log_start_offset, Offset(0));
}

TEST(Log, closed_log_refuses_and_can_be_closed_again) {
  TestLog test;
  MUST(test.open());
  MUST(test.log->create_topic({.name = "a"}));
  MUST(test.log->close());
  MUST(test.log->close());
  EXPECT_EQ(append_one(*test.log, tp("a"), batch_of({"x"})).error().code(), ErrorCode::kCancelled);
  EXPECT_EQ(test.log->create_topic({.name = "b"}).error().code(), ErrorCode::kCancelled);
}

// What asynchronous calls gave, in order: "create ok", "delete kNotFound". Owned by one thread.
struct Answers {
  std::vector<std::string> all;

  template <class T>
  Done<T> as(const std::string& name) {
    return [this, name](const Result<T>& result) {
      all.push_back(name + (result.has_value() ? " ok" : ": " + result.error().to_string()));
    };
  }
};

TEST(Log, asynchronous_calls_answer_in_their_order_and_only_after_a_step) {
  TestLog test;
  MUST(test.open());
  Answers answers;
  test.log->create_topic_async({.name = "a"}, answers.as<TopicInfo>("create"));
  test.log->append(frame_of(tp("a"), batch_of({"lost"})), answers.as<AppendResult>("append"));
  test.log->create_partitions_async("a", 3, answers.as<void>("grow"));
  test.log->alter_config_async(
      "a",
      [](const ConfigMap& current) -> Result<ConfigMap> {
        ConfigMap settings = current;
        settings["retention.ms"] = "5000";
        return settings;
      },
      answers.as<TopicInfo>("alter"));
  test.log->allocate_producer_ids_async(10, answers.as<ProducerId>("ids"));
  test.log->ensure_topic_async({.name = "a"}, answers.as<TopicInfo>("ensure"));
  EXPECT_FALSE(test.log->topic("a").has_value());
  while (test.log->step()) {
  }
  EXPECT_EQ(answers.all.size(), 6U);
  EXPECT_EQ(answers.all[1], "create ok");
  EXPECT_EQ(answers.all.back(), "ensure ok");
  EXPECT_EQ(test.log->topic("a")->partitions, 3);
  EXPECT_EQ(test.log->topic("a")->config.retention_ms, 5'000);
}

TEST(Log, asynchronous_records_are_deleted_truncated_and_topics_go) {
  TestLog test;
  MUST(test.open());
  MUST(test.log->create_topic({.name = "a"}));
  MUST(append_one(*test.log, tp("a"), batch_of({"x", "y"})));
  MUST(append_one(*test.log, tp("a"), batch_of({"z"})));
  Answers answers;
  test.log->delete_records_async(tp("a"), Offset(1), answers.as<Offset>("delete records"));
  test.log->delete_records_async(tp("a"), Offset(9), answers.as<Offset>("delete too many"));
  test.log->truncate_async(tp("a"), Offset(2), answers.as<Offset>("truncate"));
  while (test.log->step()) {
  }
  EXPECT_EQ(MUST(read_values(*test.log, tp("a"), Offset(1))), (Values{"1:y"}));
  test.log->delete_topic_async("a", answers.as<void>("delete"));
  test.log->delete_topic_async("a", answers.as<void>("again"));
  while (test.log->step()) {
  }
  EXPECT_FALSE(test.log->topic("a").has_value());
  ASSERT_EQ(answers.all.size(), 5U);
  EXPECT_EQ(answers.all[0], "delete records ok");
  EXPECT_THAT(answers.all[1], testing::HasSubstr("up to 3, not 9"));
  EXPECT_EQ(answers.all[2], "truncate ok");
  EXPECT_EQ(answers.all[3], "delete ok");
  EXPECT_THAT(answers.all[4], testing::HasSubstr("no topic a"));
}

TEST(Log, refused_change_of_a_configuration_changes_nothing) {
  TestLog test;
  MUST(test.open());
  MUST(test.log->create_topic({.name = "a"}));
  Answers answers;
  test.log->alter_config_async(
      "a",
      [](const ConfigMap&) -> Result<ConfigMap> {
        return Error(ErrorCode::kInvalidArgument, "not like this");
      },
      answers.as<TopicInfo>("alter"));
  while (test.log->step()) {
  }
  ASSERT_EQ(answers.all.size(), 1U);
  EXPECT_THAT(answers.all[0], testing::HasSubstr("not like this"));
  EXPECT_EQ(test.log->topic("a")->config, TopicConfig());
}

TEST(Log, asynchronous_call_is_answered_at_once_when_the_log_is_closed) {
  TestLog test;
  MUST(test.open());
  Answers answers;
  test.log->create_topic_async({.name = "left"}, answers.as<TopicInfo>("queued"));
  MUST(test.log->close());
  test.log->create_topic_async({.name = "late"}, answers.as<TopicInfo>("late"));
  ASSERT_EQ(answers.all.size(), 2U);
  EXPECT_EQ(answers.all[0], "queued ok");
  EXPECT_THAT(answers.all[1], testing::HasSubstr("the log is closed"));
}

TEST(Log, threads_of_its_own_serve_many_callers) {
  LogOptions options = small_options();
  options.threads = true;
  TestLog test(1, options);
  MUST(test.open());
  MUST(test.log->create_topic({.name = "a", .partitions = 4}));
  constexpr int kThreads = 4;
  constexpr int kEach = 200;
  std::atomic<int> failed{0};
  {
    std::vector<Thread> threads(kThreads);
    for (int t = 0; t < kThreads; ++t) {
      threads[static_cast<std::size_t>(t)] = Thread("writer", [&, t](const std::stop_token&) {
        for (int i = 0; i < kEach; ++i) {
          const auto done = append_one(*test.log, tp("a", t), batch_of({std::to_string(i)}));
          failed += done.has_value() && done->base_offset == Offset(i) ? 0 : 1;
        }
      });
    }
  }
  EXPECT_EQ(failed.load(), 0);
  for (int t = 0; t < kThreads; ++t) {
    EXPECT_EQ(MUST(read_values(*test.log, tp("a", t))).size(), static_cast<std::size_t>(kEach));
  }
  MUST(test.close());
  MUST(test.open());
  EXPECT_TRUE(test.log->recovery().clean);
  EXPECT_EQ(MUST(read_values(*test.log, tp("a", 2))).size(), static_cast<std::size_t>(kEach));
}

}  // namespace
}  // namespace millrace::log
