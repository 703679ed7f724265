#include "flow/topic_rows.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/metrics.h"
#include "flow/row_encoder.h"
#include "io/sim_files.h"
#include "plan/catalog.h"

namespace millrace::flow {
namespace {

using Records = std::vector<std::pair<std::string, std::optional<std::string>>>;

/// One table with the columns k STRING, v INT in a topic of two partitions. Owned by one thread.
class TopicRowsTest : public testing::Test {
 protected:
  void SetUp() override {
    log::LogOptions options;
    options.directory = "data";
    options.threads = false;
    options.min_free_bytes = 0;
    options.seed = 5;
    MUST(io::make_dirs(files_, "data"));
    log_ = MUST(log::Log::open(files_, clock_, metrics_, options));
    auto table = std::make_shared<plan::Relation>();
    table->name = "t";
    table->topic = "t";
    table->kind = plan::RelationKind::kStreamingTable;
    table->schema.fields = {{.name = "k", .type = data::Type(data::TypeKind::kString)},
                            {.name = "v", .type = data::Type(data::TypeKind::kInt)}};
    table->key = {0};
    table_ = std::move(table);
    MUST(log_->ensure_topic({.name = "t", .partitions = 2, .config = table_topic_config(*table_)}));
  }

  void append(std::int32_t partition, const Records& records) {
    record::BatchBuilder builder;
    for (const auto& [key, value] : records) {
      std::string row = value ? R"({"k":")" + key + R"(","v":)" + *value + "}" : std::string();
      builder.add({.timestamp_ms = 1,
                   .key = key,
                   .value = value ? std::optional<std::string_view>(row) : std::nullopt});
    }
    log::Frame frame;
    frame.batches.push_back({.to = {.topic = "t", .partition = PartitionId(partition)},
                             .batch = MUST(builder.finish())});
    MUST(log_->append_and_wait(std::move(frame)));
  }

  /// "a=1 b=2": the rows of a scan over all columns.
  std::string rows(TopicTables& tables) {
    const plan::Scan scan{.relation = table_, .columns = {0, 1}};
    const auto source = MUST(tables.open(scan));
    std::string text;
    data::Batch batch;
    while (MUST(source->next(batch))) {
      batch.selection.for_each([&](std::size_t row) {
        text += text.empty() ? "" : " ";
        text += std::string(batch.columns[0]->string(row)) + "=" +
                std::to_string(batch.columns[1]->value(row).integer());
      });
    }
    return text;
  }

  TopicTables tables(TopicRowsOptions options = {}) {
    return TopicTables(*log_, {{"t", topic_ends(*log_, "t")}}, std::move(options));
  }

  io::SimFiles files_{1};
  ManualClock clock_;
  Metrics metrics_;
  std::unique_ptr<log::Log> log_;
  std::shared_ptr<const plan::Relation> table_;  // Shared with the scans.
};

TEST_F(TopicRowsTest, of_an_upserted_table_the_last_record_of_each_key_is_a_row) {
  append(0, {{"a", "1"}, {"b", "2"}, {"a", "3"}, {"c", "4"}});
  append(1, {{"d", "5"}, {"e", "6"}, {"d", std::nullopt}});
  append(0, {{"c", std::nullopt}, {"b", "7"}});
  TopicTables now = tables();
  EXPECT_EQ(rows(now), "a=3 b=7 e=6");
  EXPECT_EQ(rows(now), "a=3 b=7 e=6");
}

TEST_F(TopicRowsTest, what_comes_later_is_not_read) {
  append(0, {{"a", "1"}, {"b", "2"}});
  TopicTables before = tables();
  append(0, {{"a", "9"}, {"c", "3"}});
  append(1, {{"d", "4"}});
  EXPECT_EQ(rows(before), "a=1 b=2");
  TopicTables now = tables();
  EXPECT_EQ(rows(now), "b=2 a=9 c=3 d=4");
}

TEST_F(TopicRowsTest, what_was_removed_is_passed_over) {
  append(0, {{"a", "1"}, {"b", "2"}});
  append(0, {{"c", "3"}});
  TopicTables before = tables();
  MUST(log_->delete_records({"t", PartitionId(0)}, Offset(2)));
  EXPECT_EQ(rows(before), "c=3");
}

TEST_F(TopicRowsTest, the_keys_have_a_limit) {
  append(0, {{"a", "1"}, {"b", "2"}, {"c", "3"}});
  TopicTables few = tables({.memory_bytes_max = 128});
  const plan::Scan scan{.relation = table_, .columns = {0}};
  const auto source = few.open(scan);
  ASSERT_FALSE(source);
  EXPECT_EQ(source.error().code(), ErrorCode::kExhausted);
}

TEST_F(TopicRowsTest, reading_ends_when_it_is_told_to) {
  append(0, {{"a", "1"}});
  TopicTables stopped = tables({.keep_reading = [] {
    return Result<void>(Error(ErrorCode::kCancelled, "enough"));
  }});
  const plan::Scan scan{.relation = table_, .columns = {0}};
  const auto source = stopped.open(scan);
  ASSERT_FALSE(source);
  EXPECT_EQ(source.error().code(), ErrorCode::kCancelled);
}

}  // namespace
}  // namespace millrace::flow
