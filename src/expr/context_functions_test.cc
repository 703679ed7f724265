#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

TestTable& with_origin(TestTable& table, std::int64_t first_offset) {
  auto origins = std::make_shared<data::Origins>();
  origins->partition = PartitionId{3};
  origins->offsets = {first_offset, first_offset + 1};
  table.batch().rows = 2;
  table.batch().origins = origins;
  table.context().source_id = "topic";
  table.context().salt = {.high = 1, .low = 2};
  table.bind_context().owner = "view";
  table.bind_context().next_ordinal = 0;
  return table;
}

TEST(ContextFunctions, give_a_record_the_same_uuid_wherever_its_batch_is_cut) {
  TestTable whole;
  TestTable later;
  const std::string two = with_origin(whole, 10).run("uuid()");
  const std::string next = with_origin(later, 11).run("uuid()");
  EXPECT_EQ(two.substr(two.find(" | ") + 3), next.substr(0, next.find(" | ")));
  EXPECT_EQ(two.find(" | "), 36U);
}

TEST(ContextFunctions, tell_calls_instances_and_partitions_apart) {
  TestTable table;
  with_origin(table, 10);
  EXPECT_EQ(table.run("uuid() = uuid()"), "false | false");
  table.bind_context().next_ordinal = 0;
  const std::string first = table.run("uuid()");
  table.bind_context().next_ordinal = 0;
  EXPECT_EQ(table.run("uuid()"), first);
  table.context().salt.low = 3;
  table.bind_context().next_ordinal = 0;
  EXPECT_NE(table.run("uuid()"), first);
}

TEST(ContextFunctions, give_random_numbers_in_range) {
  TestTable table;
  with_origin(table, 10);
  EXPECT_EQ(table.run("rand() >= 0 AND rand() < 1"), "true | true");
  EXPECT_EQ(table.run("rand(7) = rand(7)"), "true | true");
  EXPECT_EQ(table.run("rand(7) = rand(8)"), "false | false");
}

TEST(ContextFunctions, tell_the_time_of_the_epoch) {
  TestTable table;
  table.context().epoch_time_us = 1'709'251'200'500'000;
  table.context().time_zone = "Asia/Tokyo";
  EXPECT_EQ(table.run("CAST(now() AS STRING)"), "2024-03-01 09:00:00.5");
  EXPECT_EQ(table.run("localtimestamp()"), "2024-03-01 09:00:00.5");
  EXPECT_EQ(table.run("curdate()"), "2024-03-01");
}

}  // namespace
}  // namespace millrace::expr
