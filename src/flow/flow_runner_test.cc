#include "flow/flow_runner.h"

#include <gtest/gtest.h>

#include "flow/detail/test_world.h"
#include "record/batch.h"

namespace millrace::flow {
namespace {

constexpr std::string_view kTable =
    "CREATE STREAMING TABLE t AS SELECT CAST(value AS STRING) AS v, current_timestamp() AS at "
    "FROM STREAM s;";

/// A flow over a topic that the test fills itself. Owned by one thread.
class World {
 public:
  explicit World(const std::string& options = "", std::string_view table = kTable)
      : project_({{"spark-pipeline.yml",
                   "name: p\nstorage: file:///p\nlibraries: [{glob: {include: "
                   "transformations/**}}]\n"},
                  {"sources/s.sql", "CREATE TABLE s USING kafka" + options + ";"},
                  {"transformations/t.sql", std::string(table)}}) {
    log::LogOptions log_options;
    log_options.directory = "data";
    log_options.threads = false;
    log_options.min_free_bytes = 0;
    log_options.seed = 1;
    MUST(io::make_dirs(files_, "data"));
    log = MUST(log::Log::open(files_, clock, metrics_, log_options));
  }

  ManualClock clock;
  std::unique_ptr<log::Log> log;

  [[nodiscard]] std::string errors() const { return project_.errors(); }

  void add(const std::vector<std::optional<std::string>>& values, const std::string& topic = "s") {
    MUST(log->ensure_topic({.name = topic, .partitions = 1}));
    log::Frame frame;
    BatchCutter cutter(frame, topic, PartitionId(0));
    for (const auto& value : values) {
      const auto view = value ? std::optional<std::string_view>(*value) : std::nullopt;
      MUST(cutter.add({.timestamp_ms = clock.wall_ms(), .key = "k", .value = view}));
    }
    MUST(cutter.finish());
    MUST(log->append_and_wait(std::move(frame)));
  }

  /// A new life of the flow; runs it until it has read everything.
  Result<void> run() {
    status_ = std::make_unique<FlowStatus>();
    FlowRunnerOptions options;
    options.salt = {.high = 1, .low = 2};
    options.max_rejected = 1.0;
    FlowRunner runner(project_.pipeline.flows.at(0), *log, clock, *status_, wakeup_, options);
    TRY(runner.open());
    for (int step = 0; step < 1000 && (step < 10 || !runner.caught_up()); ++step) {
      runner.step({});
      log->step();
    }
    return {};
  }

  [[nodiscard]] FlowStatus& status() { return *status_; }

  [[nodiscard]] std::vector<std::string> values(const std::string& topic) {
    std::vector<std::string> found;
    const auto info = log->describe({topic, PartitionId(0)});
    Offset at = info ? info->log_start_offset : Offset(0);
    while (info && at < info->high_watermark) {
      const log::ReadResult read = MUST(log->read({topic, PartitionId(0)}, at));
      for (const log::StoredBatch& batch : read.batches) {
        record::RecordReader reader = MUST(record::RecordReader::open(batch.bytes));
        record::RecordView record;
        while (MUST(reader.next(record))) {
          found.emplace_back(record.value.value_or("<null>"));
        }
      }
      at = read.next_offset;
    }
    return found;
  }

  /// Of the rows of t: what is in their column v.
  [[nodiscard]] std::string texts() {
    std::string all;
    for (const std::string& row : values("t")) {
      const std::size_t begin = row.find("\"v\":") + 4;
      all += row.substr(begin, row.find(",\"at\"") - begin) + " ";
    }
    return all;
  }

 private:
  TestProject project_;
  io::SimFiles files_{1};
  Metrics metrics_;
  Wakeup wakeup_;
  std::unique_ptr<FlowStatus> status_;
};

TEST(FlowRunner, begins_at_the_earliest_record_unless_told_otherwise) {
  World world;
  ASSERT_EQ(world.errors(), "");
  world.add({"a", "b"});
  MUST(world.run());
  EXPECT_EQ(world.texts(), "\"a\" \"b\" ");
  world.add({"c"});
  MUST(world.run());
  EXPECT_EQ(world.texts(), "\"a\" \"b\" \"c\" ");
}

TEST(FlowRunner, begins_at_the_latest_record_and_keeps_that_beginning) {
  World world(" OPTIONS ('startingOffsets' = 'latest')");
  ASSERT_EQ(world.errors(), "");
  world.add({"a", "b"});
  MUST(world.run());
  EXPECT_EQ(world.texts(), "");
  world.add({"c"});
  // What came while nothing ran is read: the beginning was chosen once.
  MUST(world.run());
  EXPECT_EQ(world.texts(), "\"c\" ");
}

TEST(FlowRunner, keeps_the_latest_beginning_of_a_topic_that_was_empty) {
  World world(" OPTIONS ('startingOffsets' = 'latest')");
  MUST(world.run());
  world.add({"a"});
  MUST(world.run());
  EXPECT_EQ(world.texts(), "\"a\" ");
}

TEST(FlowRunner, begins_at_the_offset_that_is_named) {
  World world(R"( OPTIONS ('startingOffsets' = '{"s": {"0": 1}}'))");
  ASSERT_EQ(world.errors(), "");
  world.add({"a", "b", "c"});
  MUST(world.run());
  EXPECT_EQ(world.texts(), "\"b\" \"c\" ");
}

TEST(FlowRunner, refuses_offsets_that_are_not_there) {
  for (const char* offsets : {R"({"s": {"0": 4}})", R"({"s": {"1": 0}})", R"({"u": {"0": 0}})"}) {
    World world(std::string(" OPTIONS ('startingOffsets' = '") + offsets + "')");
    ASSERT_EQ(world.errors(), "");
    world.add({"a", "b", "c"});
    const auto run = world.run();
    ASSERT_FALSE(run) << offsets;
    EXPECT_EQ(run.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_NE(run.error().message().find("startingOffsets of s"), std::string::npos)
        << run.error().message();
  }
}

TEST(FlowRunner, a_wrong_beginning_is_a_finding_of_its_place) {
  const World world(" OPTIONS ('startingOffsets' = 'newest')");
  EXPECT_NE(world.errors().find("sources/s.sql:1:"), std::string::npos) << world.errors();
  EXPECT_NE(world.errors().find("MR1216"), std::string::npos) << world.errors();
}

TEST(FlowRunner, refuses_to_go_on_in_a_topic_that_was_made_anew) {
  World world;
  world.add({"a", "b"});
  MUST(world.run());
  MUST(world.log->delete_topic("s"));
  world.add({"c"});
  const auto run = world.run();
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().code(), ErrorCode::kConflict);
  EXPECT_NE(run.error().message().find("--full-refresh t"), std::string::npos);
}

TEST(FlowRunner, stops_at_records_that_are_gone_unless_it_may_pass_over_them) {
  for (const bool fails : {true, false}) {
    World world(fails ? "" : " OPTIONS ('failOnDataLoss' = 'false')");
    ASSERT_EQ(world.errors(), "");
    world.add({"a"});
    MUST(world.run());
    world.add({"b", "c"});
    MUST(world.log->delete_records({"s", PartitionId(0)}, Offset(2)));
    MUST(world.run());
    EXPECT_EQ(world.texts(), fails ? "\"a\" " : "\"a\" \"c\" ");
    const std::string problem = world.status().problem.get();
    EXPECT_EQ(problem.find("were removed before they were read") != std::string::npos, fails)
        << problem;
  }
}

TEST(FlowRunner, its_time_never_goes_back_though_the_clock_does) {
  World world;
  world.add({"a"});
  MUST(world.run());
  const std::int64_t then = world.clock.wall_us();
  world.clock.set_wall_us(then - 86'400'000'000);
  world.add({"b"});
  MUST(world.run());
  world.clock.set_wall_us(then + 86'400'000'000 * 3650);
  world.add({"c"});
  MUST(world.run());
  const std::vector<std::string> rows = world.values("t");
  ASSERT_EQ(rows.size(), 3U);
  const auto time_of = [&](std::size_t row) {
    return rows[row].substr(rows[row].find("\"at\":"));
  };
  EXPECT_EQ(time_of(0), time_of(1));
  EXPECT_LT(time_of(1), time_of(2));
}

TEST(FlowRunner, a_tombstone_of_a_source_is_a_row_of_null) {
  World world;
  world.add({"a", std::nullopt, "c"});
  MUST(world.run());
  EXPECT_EQ(world.texts(), "\"a\" null \"c\" ");
}

TEST(FlowRunner, tells_what_it_rejected_and_goes_on) {
  World world("",
              "CREATE STREAMING TABLE t AS SELECT CAST(CAST(value AS STRING) AS INT) AS v, "
              "current_timestamp() AS at FROM STREAM s;");
  ASSERT_EQ(world.errors(), "");
  world.add({"1", "x", "3"});
  MUST(world.run());
  EXPECT_EQ(world.texts(), "1 3 ");
  EXPECT_EQ(world.status().rejected, 1U);
  EXPECT_EQ(world.status().read, 3U);
  EXPECT_EQ(world.values("t.dead_letter"), std::vector<std::string>{"x"});
}

}  // namespace
}  // namespace millrace::flow
