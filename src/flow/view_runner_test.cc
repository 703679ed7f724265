#include "flow/view_runner.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "flow/detail/test_world.h"

namespace millrace::flow {
namespace {

using Rows = std::map<std::string, std::string>;

/// The views of a project over topics that the test fills, and tables.db. Everything runs in one
/// thread. Owned by one thread.
class Views {
 public:
  explicit Views(const std::string& transformations)
      : project_(
            {{"spark-pipeline.yml",
              "name: v\nstorage: file:///tmp/v\nlibraries: [{glob: {include: "
              "transformations/**}}]\n"},
             {"sources/rows.sql",
              "CREATE TABLE raw (k STRING, v INT) USING rows;\n"
              "CREATE TABLE bytes USING rows;\n"},
             {"transformations/t.sql",
              "CREATE STREAMING TABLE t AS SELECT k, v FROM STREAM raw;\n"
              "CREATE STREAMING TABLE latest TBLPROPERTIES ('millrace.key' = 'k') AS SELECT k, "
              "v FROM STREAM raw;\n" +
                  transformations}}) {
    EXPECT_EQ(project_.errors(), "");
    start();
  }

  Views(const Views&) = delete;
  Views& operator=(const Views&) = delete;

  ViewRunnerOptions options{.interval_ms = 100};
  ManualClock clock;

  /// Starts, or stops and starts again.
  void start() {
    stop();
    log::LogOptions log_options;
    log_options.directory = "data";
    log_options.threads = false;
    log_options.min_free_bytes = 0;
    log_options.seed = 5;
    MUST(io::make_dirs(files_, "data"));
    log_ = MUST(log::Log::open(files_, clock, metrics_, log_options));
    for (const char* topic : {"raw", "bytes"}) {
      MUST(log_->ensure_topic({.name = topic}));
    }
    for (const auto& table : project_.pipeline.tables) {
      MUST(log_->ensure_topic(
          {.name = table->topic, .partitions = 1, .config = table_topic_config(*table)}));
    }
    for (const plan::Flow& flow : project_.pipeline.flows) {
      if (flow.recomputed) {
        View& view = views_[flow.name];
        view.status = std::make_unique<FlowStatus>();
        view.runner =
            std::make_unique<ViewRunner>(flow, *log_, clock, *view.status, wakeup_, options);
        MUST(view.runner->open());
        order_.push_back(&view);
      }
    }
  }

  /// Appends JSON rows, each with its key, in one frame; an empty row is a tombstone.
  void append(const std::string& topic,
              const std::vector<std::pair<std::string, std::string>>& rows) {
    record::BatchBuilder builder;
    for (const auto& [key, row] : rows) {
      builder.add({.timestamp_ms = 1,
                   .key = key.empty() ? std::nullopt : std::optional<std::string_view>(key),
                   .value = row.empty() ? std::nullopt : std::optional<std::string_view>(row)});
    }
    log::Frame frame;
    frame.batches.push_back({.to = {.topic = topic}, .batch = MUST(builder.finish())});
    bool done = false;
    log_->append(std::move(frame), [&](Result<log::AppendResult> result) {
      EXPECT_TRUE(MUST(std::move(result)).ok());
      done = true;
    });
    while (!done) {
      log_->step();
    }
  }

  void append(const std::vector<std::string>& rows) {
    std::vector<std::pair<std::string, std::string>> records;
    records.reserve(rows.size());
    for (const std::string& row : rows) {
      records.emplace_back("", row);
    }
    append("t", records);
  }

  /// Steps once, without time passing.
  void step() {
    for (View* view : order_) {
      view->runner->step({});
    }
    while (log_->step()) {
    }
  }

  /// Runs until nothing is to be done.
  void settle() {
    for (int steps = 0; steps < 1'000; ++steps) {
      bool quiet = true;
      for (View* view : order_) {
        quiet = quiet && view->runner->caught_up();
      }
      if (quiet) {
        return;
      }
      clock.advance_us(60'000);
      step();
    }
    FAIL() << "the views did not settle";
  }

  /// Key and value of each record of a topic, from an offset on.
  std::vector<std::pair<std::string, std::string>> records(const std::string& topic,
                                                           std::int64_t from = 0) {
    std::vector<std::pair<std::string, std::string>> all;
    TopicChunks chunks(*log_, topic, topic_ends(*log_, topic), {{0, from}});
    RecordChunk chunk;
    while (MUST(chunks.next(chunk))) {
      for (const record::RecordView& record : chunk.records) {
        all.emplace_back(record.key.value_or("<null>"), record.value.value_or("<null>"));
      }
    }
    return all;
  }

  std::int64_t end(const std::string& topic) { return topic_ends(*log_, topic).at(0); }

  /// What the topic of a view holds, by key.
  Rows content(const std::string& topic) {
    Rows rows;
    for (const auto& [key, value] : records(topic)) {
      rows[key] = value;
      if (value == "<null>") {
        rows.erase(key);
      }
    }
    return rows;
  }

  /// The rows of a view, in order.
  std::vector<std::string> rows(const std::string& topic) {
    std::vector<std::string> all;
    for (const auto& [key, value] : content(topic)) {
      all.push_back(value);
    }
    std::ranges::sort(all);
    return all;
  }

  FlowStatus& status(const std::string& view) { return *views_.at(view).status; }

  ViewRunner& runner(const std::string& view) { return *views_.at(view).runner; }

  FlowPosition position(const std::string& view) {
    return MUST(FlowPosition::decode(log_->position("flow." + view).value_or("")));
  }

  /// One transaction of tables.db, and what it shows then.
  std::string table(const std::string& sql, int steps = 1) {
    if (!tables_) {
      sqlite::DatabaseOptions sqlite_options;
      sqlite_options.files = &files_;
      std::vector<TableWriter::Table> tables;
      for (const auto& relation : project_.pipeline.tables) {
        table_statuses_.push_back(std::make_unique<TableStatus>());
        tables.push_back({.relation = relation, .status = table_statuses_.back().get()});
      }
      tables_ = std::make_unique<TableWriter>(
          MUST(sqlite::Database::open("data/tables.db", sqlite_options)),
          *log_,
          clock,
          wakeup_,
          std::move(tables));
      MUST(tables_->open());
    }
    for (int step = 0; step < steps; ++step) {
      tables_->step();
    }
    sqlite::DatabaseOptions sqlite_options;
    sqlite_options.files = &files_;
    sqlite::Database database = MUST(sqlite::Database::open("data/tables.db", sqlite_options));
    return MUST(database.query_text(sql));
  }

  void stop() {
    tables_.reset();
    table_statuses_.clear();
    order_.clear();
    views_.clear();
    if (log_) {
      MUST(log_->close());
      log_.reset();
    }
  }

  ~Views() { stop(); }

 private:
  struct View {
    std::unique_ptr<FlowStatus> status;
    std::unique_ptr<ViewRunner> runner;
  };

  TestProject project_;
  io::SimFiles files_{1};
  Metrics metrics_;
  Wakeup wakeup_;
  std::unique_ptr<log::Log> log_;
  std::map<std::string, View> views_;
  std::vector<View*> order_;
  std::vector<std::unique_ptr<TableStatus>> table_statuses_;
  std::unique_ptr<TableWriter> tables_;
};

std::string row(const std::string& key, int value) {
  return "{\"k\":\"" + key + "\",\"v\":" + std::to_string(value) + "}";
}

constexpr auto kCounts =
    "CREATE MATERIALIZED VIEW m TBLPROPERTIES ('millrace.key' = 'k') AS\n"
    "  SELECT k, count(*) AS n, sum(v) AS s FROM t GROUP BY k;\n";

TEST(ViewRunner, writes_what_differs_and_no_more) {
  Views views(kCounts);
  views.append({row("a", 1), row("b", 2), row("a", 3)});
  views.settle();
  EXPECT_EQ(views.content("m"),
            (Rows{{"a", R"({"k":"a","n":2,"s":4})"}, {"b", R"({"k":"b","n":1,"s":2})"}}));
  const std::int64_t end = views.end("m");
  views.append({row("b", 5)});
  views.settle();
  const std::vector<std::pair<std::string, std::string>> wanted{{"b", R"({"k":"b","n":2,"s":7})"}};
  EXPECT_EQ(views.records("m", end), wanted);
  EXPECT_EQ(views.position("m").next, (TopicOffsets{{"t", {{0, 4}}}}));
  EXPECT_EQ(views.status("m").output, 3U);
}

TEST(ViewRunner, deletes_what_the_result_has_no_more) {
  Views views(
      "CREATE MATERIALIZED VIEW m TBLPROPERTIES ('millrace.key' = 'k') AS\n"
      "  SELECT k, v FROM latest WHERE v > 1;\n");
  views.append("latest", {{"a", row("a", 5)}, {"b", row("b", 2)}, {"c", row("c", 3)}});
  views.settle();
  EXPECT_EQ(views.content("m").size(), 3U);
  views.append("latest", {{"a", row("a", 1)}, {"b", ""}, {"c", row("c", 9)}});
  views.settle();
  EXPECT_EQ(views.content("m"), (Rows{{"c", row("c", 9)}}));
}

TEST(ViewRunner, keeps_rows_that_are_equal_when_there_is_no_key) {
  Views views("CREATE MATERIALIZED VIEW m AS SELECT k FROM t;\n");
  views.append({row("a", 1), row("a", 2), row("b", 3)});
  views.settle();
  EXPECT_EQ(views.rows("m"),
            (std::vector<std::string>{R"({"k":"a"})", R"({"k":"a"})", R"({"k":"b"})"}));
  EXPECT_EQ(views.table("SELECT group_concat(k, ',') FROM (SELECT k FROM m ORDER BY k)"), "a,a,b");
  views.append({row("a", 9)});
  views.settle();
  EXPECT_EQ(views.table("SELECT count(*) || ' ' || count(DISTINCT k) FROM m"), "4 2");
  EXPECT_EQ(views.table("SELECT group_concat(name) FROM pragma_table_info('m')"), "k");
}

TEST(ViewRunner, deletes_numbered_rows_from_tables_db) {
  Views views("CREATE MATERIALIZED VIEW m AS SELECT v AS rowid, k FROM latest;\n");
  views.append("latest", {{"a", row("a", 5)}, {"b", row("b", 2)}});
  views.settle();
  EXPECT_EQ(
      views.table("SELECT group_concat(k || \"rowid\", ',') FROM (SELECT * FROM m ORDER BY k)"),
      "a5,b2");
  views.append("latest", {{"a", row("a", 6)}, {"b", ""}});
  views.settle();
  EXPECT_EQ(views.table("SELECT group_concat(k || \"rowid\", ',') FROM m"), "a6");
}

TEST(ViewRunner, computes_a_view_on_a_view) {
  Views views(std::string("CREATE MATERIALIZED VIEW top AS SELECT max(n) AS most, count(*) AS keys "
                          "FROM m;\n") +
              kCounts);
  views.append({row("a", 1), row("b", 2), row("a", 3)});
  views.settle();
  EXPECT_EQ(views.rows("top"), std::vector<std::string>{R"({"most":2,"keys":2})"});
  views.append({row("c", 1), row("a", 3)});
  views.settle();
  EXPECT_EQ(views.rows("top"), std::vector<std::string>{R"({"most":3,"keys":3})"});
  EXPECT_EQ(views.table("SELECT most || ' ' || keys FROM top"), "3 3");
}

TEST(ViewRunner, has_rows_without_any_input) {
  Views views(
      "CREATE MATERIALIZED VIEW one AS SELECT 1 AS x;\n"
      "CREATE MATERIALIZED VIEW m AS SELECT count(*) AS n FROM t;\n");
  views.settle();
  EXPECT_EQ(views.rows("one"), std::vector<std::string>{R"({"x":1})"});
  EXPECT_EQ(views.rows("m"), std::vector<std::string>{R"({"n":0})"});
}

TEST(ViewRunner, reads_sources_joins_them_and_leaves_out_what_is_no_row) {
  Views views(
      "CREATE MATERIALIZED VIEW m AS\n"
      "  SELECT r.k, l.v FROM raw r JOIN latest l ON r.k = l.k;\n"
      "CREATE MATERIALIZED VIEW b AS SELECT CAST(value AS STRING) AS text, offset FROM bytes;\n");
  views.append("latest", {{"a", row("a", 5)}, {"a", row("a", 6)}});
  views.append("raw", {{"", row("a", 0)}, {"", "{broken"}, {"", row("b", 0)}});
  views.append("bytes", {{"", "hello"}});
  views.settle();
  EXPECT_EQ(views.rows("m"), std::vector<std::string>{R"({"k":"a","v":6})"});
  EXPECT_EQ(views.rows("b"), std::vector<std::string>{R"({"text":"hello","offset":0})"});
  const auto books = views.status("m").books().counts;
  EXPECT_EQ(books.read, 5U);
  EXPECT_EQ(books.accepted, 4U);
  EXPECT_EQ(books.rejected, 1U);
  ASSERT_EQ(views.records("m.dead_letter").size(), 1U);
  EXPECT_EQ(views.records("m.dead_letter")[0].second, "{broken");
}

TEST(ViewRunner, counts_each_record_once_however_often_it_is_read) {
  Views views(kCounts);
  for (int round = 1; round <= 5; ++round) {
    views.append({row("a", round)});
    views.settle();
    EXPECT_EQ(views.status("m").read, static_cast<std::uint64_t>(round));
  }
  views.start();
  views.settle();
  EXPECT_EQ(views.status("m").books().counts.read, 5U);
  EXPECT_EQ(views.status("m").books().counts.accepted, 5U);
}

TEST(ViewRunner, keeps_a_flood_of_dead_letters_out_of_one_frame) {
  Views views("CREATE MATERIALIZED VIEW m AS SELECT k FROM raw;\n");
  views.options.letters_bytes_max = 20;
  views.start();
  for (int record = 0; record < 10; ++record) {
    views.append("raw", {{"", "{broken number " + std::to_string(record)}});
  }
  views.append("raw", {{"", row("a", 1)}});
  views.settle();
  EXPECT_EQ(views.records("m.dead_letter").size(), 10U);
  EXPECT_EQ(views.rows("m"), std::vector<std::string>{R"({"k":"a"})"});
  EXPECT_EQ(views.status("m").read, 11U);
  EXPECT_EQ(views.status("m").epoch, 2);
  EXPECT_TRUE(views.runner("m").unhealthy());
  EXPECT_NE(views.status("m").problem.get().find("10 of the last 11 records"), std::string::npos);
}

TEST(ViewRunner, waits_between_two_recomputations) {
  Views views(kCounts);
  views.settle();
  views.clock.advance_us(100'000);
  views.append({row("a", 1)});
  views.step();
  views.step();
  EXPECT_EQ(views.content("m").size(), 1U);
  views.append({row("b", 1)});
  const StepResult early = views.runner("m").step({});
  EXPECT_FALSE(early.progressed);
  EXPECT_EQ(early.due_ns, views.clock.monotonic_ns() + 100'000'000);
  views.clock.advance_us(100'000);
  views.step();
  views.step();
  EXPECT_EQ(views.content("m").size(), 2U);
}

TEST(ViewRunner, begins_where_it_was) {
  Views views(kCounts);
  views.append({row("a", 1), row("b", 2)});
  views.settle();
  const std::int64_t end = views.end("m");
  const std::int64_t epoch = views.status("m").epoch;
  views.start();
  views.settle();
  EXPECT_EQ(views.end("m"), end);
  EXPECT_EQ(views.status("m").epoch, epoch);
  views.append({row("b", 2)});
  views.settle();
  EXPECT_EQ(views.end("m"), end + 1);
}

TEST(ViewRunner, keeps_its_content_while_its_query_fails) {
  Views views(
      "CREATE MATERIALIZED VIEW m AS\n"
      "  SELECT k, 12 / v AS w FROM latest;\n"
      "CREATE MATERIALIZED VIEW other AS SELECT count(*) AS n FROM latest;\n");
  views.append("latest", {{"a", row("a", 2)}});
  views.settle();
  views.append("latest", {{"a", row("a", 3)}, {"b", row("b", 0)}});
  views.settle();
  EXPECT_TRUE(views.runner("m").unhealthy());
  const std::string problem = views.status("m").problem.get();
  EXPECT_NE(problem.find("transformations/t.sql:4:13: [DIVIDE_BY_ZERO]"), std::string::npos)
      << problem;
  EXPECT_EQ(views.rows("m"), std::vector<std::string>{R"({"k":"a","w":6.0})"});
  EXPECT_EQ(views.rows("other"), std::vector<std::string>{R"({"n":2})"});
  EXPECT_EQ(views.position("m").next.at("latest").at(0), 1);
  views.append("latest", {{"b", row("b", 4)}});
  views.settle();
  EXPECT_FALSE(views.runner("m").unhealthy());
  EXPECT_EQ(views.status("m").problem.get(), "");
  EXPECT_EQ(views.rows("m"),
            (std::vector<std::string>{R"({"k":"a","w":4.0})", R"({"k":"b","w":3.0})"}));
}

TEST(ViewRunner, names_a_key_that_two_rows_have) {
  Views views(
      "CREATE MATERIALIZED VIEW m TBLPROPERTIES ('millrace.key' = 'k') AS SELECT k, v FROM t;\n");
  views.append({row("a", 1), row("b", 1), row("b", 2)});
  views.settle();
  EXPECT_TRUE(views.runner("m").unhealthy());
  EXPECT_NE(views.status("m").problem.get().find("two rows of its query have the key b"),
            std::string::npos);
  EXPECT_EQ(views.content("m"), Rows{});
}

TEST(ViewRunner, says_which_limit_is_exceeded) {
  Views views(
      "CREATE MATERIALIZED VIEW m TBLPROPERTIES ('millrace.key' = 'k') AS SELECT k, v FROM "
      "latest;\n");
  const auto problem_with = [&](const ViewRunnerOptions& options) {
    views.options = options;
    views.start();
    views.append("latest", {{"z", row("z", 1)}});
    views.settle();
    EXPECT_EQ(views.content("m"), Rows{});
    return views.status("m").problem.get();
  };
  std::vector<std::pair<std::string, std::string>> rows;
  rows.reserve(100);
  for (int key = 0; key < 100; ++key) {
    rows.emplace_back(std::to_string(key), row(std::to_string(key), key));
  }
  views.append("latest", rows);
  EXPECT_NE(problem_with({.content_bytes_max = 5'000}).find("its content is more than it may hold"),
            std::string::npos);
  EXPECT_NE(problem_with({.query_bytes_max = 1'000}).find("the table latest has more than 15 keys"),
            std::string::npos);
  EXPECT_NE(problem_with({.frame_bytes_max = 1'000}).find("change at once"), std::string::npos);
  views.options = {};
  views.start();
  views.settle();
  EXPECT_EQ(views.content("m").size(), 101U);
}

TEST(ViewRunner, refuses_a_topic_that_another_kind_of_table_filled) {
  Views views("CREATE MATERIALIZED VIEW m AS SELECT k FROM t;\n");
  views.append({row("a", 1)});
  views.settle();
  views.append("m", {{"", row("a", 1)}});
  views.start();
  views.settle();
  EXPECT_NE(views.status("m").problem.get().find("--full-refresh m"), std::string::npos);
}

TEST(ViewRunner, is_seen_as_a_whole_in_tables_db) {
  Views views("CREATE MATERIALIZED VIEW m AS SELECT k, v FROM t;\n");
  const std::string megabyte(1 << 20, 'x');
  for (int number = 0; number < 20; ++number) {
    views.append({row(megabyte, number)});
  }
  views.settle();
  EXPECT_EQ(views.table("SELECT CAST(count(*) AS TEXT) FROM m"), "20");
}

}  // namespace
}  // namespace millrace::flow
