// A pipeline whose power fails, again and again, at any operation of the disk: source → append
// table → keyed table, with bad records on the way, and materialized views on the append table, on
// the keyed table and on a view. In the end everything must be there once, counted in the log's
// topics and by SELECT count(*) in tables.db, never by the program's own counters. A view must at
// each start be what its query gives for the records below the position that it says, in its topic
// and in tables.db: the program recomputes, and so does the test, in the plainest way.
#include <algorithm>
#include <map>
#include <set>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/fault.h"
#include "base/test_seeds.h"
#include "flow/detail/test_world.h"

namespace millrace::flow {
namespace {

constexpr std::uint64_t kRows = 300;

const FileTexts& texts() {
  static const FileTexts kFiles{
      {"spark-pipeline.yml",
       "name: crash\nstorage: file:///tmp/crash\nlibraries: [{glob: {include: "
       "transformations/**}}]\n"},
      {"sources/rows.sql", "CREATE TABLE raw (id INT, k STRING, v INT) USING rows;"},
      {"transformations/t.sql",
       "CREATE STREAMING TABLE all_rows AS SELECT id, uuid() AS u, k, 100 / v AS w FROM STREAM raw "
       "WHERE k <> 'drop';\n"
       "CREATE STREAMING TABLE latest TBLPROPERTIES ('millrace.key' = 'k') AS SELECT k, id, w FROM "
       "STREAM all_rows;\n"
       "CREATE MATERIALIZED VIEW by_key TBLPROPERTIES ('millrace.key' = 'k') AS SELECT k, count(*) "
       "AS n, sum(id) AS s FROM all_rows GROUP BY k;\n"
       "CREATE MATERIALIZED VIEW sizes AS SELECT n, count(*) AS keys FROM by_key GROUP BY n;\n"
       "CREATE MATERIALIZED VIEW low AS SELECT k FROM latest WHERE id % 3 = 0;"}};
  return kFiles;
}

using Record = std::pair<std::string, std::string>;
using Content = std::map<std::string, std::string>;

/// The last value of each key among the first `count` records.
Content content_of(const std::vector<Record>& records, std::size_t count) {
  Content content;
  for (std::size_t at = 0; at < std::min(count, records.size()); ++at) {
    content[records[at].first] = records[at].second;
    if (records[at].second == "<null>") {
      content.erase(records[at].first);
    }
  }
  return content;
}

/// The number or text behind a name in a row of ours.
std::string field(const std::string& row, const std::string& name) {
  const std::size_t begin = row.find("\"" + name + "\":") + name.size() + 3;
  return row.substr(begin, row.find_first_of(",}", begin) - begin);
}

/// by_key, from the first rows of all_rows.
Content count_by_key(const std::vector<Record>& rows, std::size_t count) {
  std::map<std::string, std::pair<int, int>> groups;
  for (std::size_t at = 0; at < std::min(count, rows.size()); ++at) {
    auto& [n, sum] = groups[field(rows[at].second, "k")];
    ++n;
    sum += std::stoi(field(rows[at].second, "id"));
  }
  Content content;
  for (const auto& [key, group] : groups) {
    content[key.substr(1, key.size() - 2)] = "{\"k\":" + key +
                                             ",\"n\":" + std::to_string(group.first) +
                                             ",\"s\":" + std::to_string(group.second) + "}";
  }
  return content;
}

using Bag = std::multiset<std::string>;

Bag values_of(const Content& content) {
  Bag values;
  for (const auto& [key, value] : content) {
    values.insert(value);
  }
  return values;
}

Bag count_sizes(const Content& by_key) {
  std::map<std::string, int> sizes;
  for (const auto& [key, row] : by_key) {
    ++sizes[field(row, "n")];
  }
  Bag rows;
  for (const auto& [size, keys] : sizes) {
    rows.insert("{\"n\":" + size + ",\"keys\":" + std::to_string(keys) + "}");
  }
  return rows;
}

Bag low_of(const Content& latest) {
  Bag rows;
  for (const auto& [key, row] : latest) {
    if (std::stoi(field(row, "id")) % 3 == 0) {
      rows.insert("{\"k\":" + field(row, "k") + "}");
    }
  }
  return rows;
}

/// How far a view says that it has read a topic of one partition.
std::size_t read_by(const TestWorld& world, const std::string& view, const std::string& topic) {
  const auto text = world.log->position(FlowPosition::name_of(view));
  return text ? static_cast<std::size_t>(MUST(FlowPosition::decode(*text)).next.at(topic).at(0))
              : 0;
}

/// What is wrong with the views at any moment after a start; empty when nothing is. An Error: the
/// power has failed.
Result<std::string> check_views(TestWorld& world) {
  const auto rows = TRY(world.records("all_rows"));
  const auto latest = TRY(world.records("latest"));
  const auto by_key = TRY(world.records("by_key"));
  const auto sizes = TRY(world.records("sizes"));
  const auto low = TRY(world.records("low"));
  std::string wrong;
  if (content_of(by_key, by_key.size()) !=
      count_by_key(rows, read_by(world, "by_key", "all_rows"))) {
    wrong += "by_key is not what its position says\n";
  }
  if (values_of(content_of(sizes, sizes.size())) !=
      count_sizes(content_of(by_key, read_by(world, "sizes", "by_key")))) {
    wrong += "sizes is not what its position says\n";
  }
  if (values_of(content_of(low, low.size())) !=
      low_of(content_of(latest, read_by(world, "low", "latest")))) {
    wrong += "low is not what its position says\n";
  }
  return wrong;
}

/// The same for tables.db, which may be behind: it shows by_key of some number of rows.
Result<std::string> check_table(TestWorld& world) {
  const auto rows = TRY(world.records("all_rows"));
  const std::string shown =
      TRY(world.text("SELECT coalesce(group_concat(printf('{\"k\":\"%s\",\"n\":%d,\"s\":%d}', k, "
                     "n, s), char(10)), "
                     "'') FROM (SELECT * FROM by_key ORDER BY k)"));
  const std::int64_t count = TRY(world.count("SELECT coalesce(sum(n), 0) FROM by_key"));
  std::string wanted;
  for (const auto& [key, row] : count_by_key(rows, static_cast<std::size_t>(count))) {
    wanted += (wanted.empty() ? "" : "\n") + row;
  }
  return std::string(shown == wanted ? "" : "tables.db shows a part of a refresh of by_key\n");
}

Result<std::string> check_now(TestWorld& world) {
  std::string wrong = TRY(check_views(world));
  wrong += TRY(check_table(world));
  return wrong;
}

// Every 7th row is no JSON, every 11th divides by zero, every 13th is filtered out.
void make_row(std::uint64_t row, connector::FeedRecord& record) {
  if (row % 7 == 3) {
    record.value = "{broken " + std::to_string(row);
    return;
  }
  const std::string key = row % 13 == 5 ? "drop" : "k" + std::to_string(row % 20);
  record.value = "{\"id\": " + std::to_string(row) + ", \"k\": \"" + key +
                 "\", \"v\": " + (row % 11 == 4 ? "0" : "5") + "}";
}

struct Expected {
  std::uint64_t dead = 0;
  std::uint64_t filtered = 0;
  std::set<std::string> keys;

  Expected() {
    for (std::uint64_t row = 0; row < kRows; ++row) {
      if (row % 7 == 3) {
        ++dead;
      } else if (row % 13 == 5) {
        ++filtered;
      } else if (row % 11 == 4) {
        ++dead;
      } else {
        keys.insert("k" + std::to_string(row % 20));
      }
    }
  }

  [[nodiscard]] std::uint64_t good() const { return kRows - dead - filtered; }
};

/// What is wrong in the end; empty when nothing is.
std::string check(TestWorld& world) {
  const Expected expected;
  const auto all = world.records("all_rows");
  const auto dead = world.records("all_rows.dead_letter");
  const auto raw = world.records("raw");
  if (!all || !dead || !raw) {
    return "a topic cannot be read";
  }
  std::string wrong;
  const auto expect = [&](std::string_view what, std::int64_t is, std::uint64_t should) {
    if (is != static_cast<std::int64_t>(should)) {
      wrong += std::string(what) + ": " + std::to_string(is) + ", should be " +
               std::to_string(should) + "\n";
    }
  };
  expect("records of the source", static_cast<std::int64_t>(raw->size()), kRows);
  expect("dead letters", static_cast<std::int64_t>(dead->size()), expected.dead);
  expect("rows of the topic", static_cast<std::int64_t>(all->size()), expected.good());
  const auto count = [&](const std::string& sql) {
    auto rows = world.count(sql);
    if (!rows) {
      wrong += sql + ": " + rows.error().to_string() + "\n";
      return std::int64_t{-1};
    }
    return *rows;
  };
  expect("rows of all_rows", count("SELECT count(*) FROM all_rows"), expected.good());
  expect("ids of all_rows", count("SELECT count(DISTINCT id) FROM all_rows"), expected.good());
  expect("uuids of all_rows", count("SELECT count(DISTINCT u) FROM all_rows"), expected.good());
  expect("rows of latest", count("SELECT count(*) FROM latest"), expected.keys.size());
  expect("books",
         static_cast<std::int64_t>(world.flow(0).read),
         world.flow(0).accepted + world.flow(0).filtered + world.flow(0).rejected);
  expect("read", static_cast<std::int64_t>(world.flow(0).read), kRows);
  expect("fetched", static_cast<std::int64_t>(world.source().fetched), kRows);
  const auto views = check_now(world);
  wrong += views ? *views : "the views cannot be read\n";
  expect("rows in by_key",
         static_cast<std::int64_t>(read_by(world, "by_key", "all_rows")),
         expected.good());
  expect("rows of by_key", count("SELECT count(*) FROM by_key"), expected.keys.size());
  expect("keys in sizes", count("SELECT sum(keys) FROM sizes"), expected.keys.size());
  expect("rows in sizes", count("SELECT sum(n * keys) FROM sizes"), expected.good());
  expect("rows of low",
         count("SELECT count(*) FROM low"),
         static_cast<std::uint64_t>(*world.count("SELECT count(*) FROM latest WHERE id % 3 = 0")));
  expect("read by by_key", static_cast<std::int64_t>(world.flow(2).read), expected.good());
  return wrong;
}

/// One history: runs to the end with up to `crashes` power failures.
std::string run_history(const plan::Pipeline& pipeline,
                        std::uint64_t seed,
                        int crashes,
                        const std::function<void(io::SimFiles&)>& prepare = {}) {
  TestWorld world(pipeline, seed, kRows, make_row);
  if (prepare) {
    prepare(world.files);
  }
  Random random(seed * 7919 + 1);
  int left = crashes;
  for (int life = 0; life < crashes + 3; ++life) {
    if (left > 0) {
      world.files.power_off_at(world.files.operations() + 1 +
                               random.below(left == crashes ? 60 : 400));
      --left;
    } else {
      world.files.power_off_at(~std::uint64_t{0});
    }
    const auto opened = world.open();
    if (opened) {
      const auto wrong = check_now(world);
      if (wrong && !wrong->empty()) {
        return "life " + std::to_string(life) + ": " + *wrong;
      }
    }
    bool done = false;
    for (int steps = 0; opened && steps < 40'000 && !done; ++steps) {
      world.step();
      done = steps % 50 == 0 && world.drained();
    }
    if (done) {
      // All of it was acknowledged, so one more crash takes nothing away.
      world.files.power_off_at(~std::uint64_t{0});
      world.crash();
      if (const auto again = world.open(); !again) {
        return "cannot be opened after the last crash: " + again.error().to_string();
      }
      return check(world);
    }
    if (!opened && left == 0 && life > crashes) {
      return "cannot be opened: " + opened.error().to_string();
    }
    opened.ignore_error("the power failed while it was opened");
    world.crash();
  }
  return "did not come to an end";
}

TEST(Crash, everything_is_there_once_whatever_the_disk_loses) {
  const TestProject project(texts());
  ASSERT_EQ(project.errors(), "");
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    EXPECT_EQ(run_history(project.pipeline, seed, 3), "") << "seed " << seed;
  }
}

TEST(CrashSlow, everything_is_there_once_whatever_the_disk_loses) {
  const TestProject project(texts());
  const TestSeeds seeds = test_seeds({.first = 1'000, .count = 3'000});
  for (std::uint64_t seed = seeds.first; seed < seeds.first + seeds.count; ++seed) {
    ASSERT_EQ(run_history(project.pipeline, seed, 4), "") << "seed " << seed;
  }
}

TEST(Crash, without_a_crash_everything_is_there_once) {
  const TestProject project(texts());
  ASSERT_EQ(project.errors(), "");
  EXPECT_EQ(run_history(project.pipeline, 5, 0), "");
}

// The power fails at each named place of feeds, flows and tables.db, some passes after the start.
TEST(Crash, everything_is_there_once_when_the_power_fails_at_a_named_place) {
  const TestProject project(texts());
  ASSERT_EQ(project.errors(), "");
  for (const char* point : {"feed.append",
                            "feed.appended",
                            "flow.append",
                            "flow.appended",
                            "tables.commit",
                            "tables.committed"}) {
    const std::uint64_t before = fault_passes()[point];
    std::uint64_t struck = 0;
    for (std::uint64_t seed = 900; seed < 912; ++seed) {
      const auto arm = [&](io::SimFiles& files) {
        arm_fault(point, 1 + seed % 2, FaultAction::kCall, [&files, &struck] {
          files.power_off_at(files.operations() + 1);
          ++struck;
        });
      };
      EXPECT_EQ(run_history(project.pipeline, seed, 0, arm), "") << point << " " << seed;
      disarm_faults();
    }
    fmt::print(
        "{}: passed {} times, struck {} times\n", point, fault_passes()[point] - before, struck);
    EXPECT_GE(struck, 6U) << point;
  }
}

// Mutation checks: with a sync made a no-op, some history must lose something.
bool loss_is_found(const std::function<void(io::SimFiles&)>& mutation) {
  const TestProject project(texts());
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    if (!run_history(project.pipeline, seed, 3, mutation).empty()) {
      return true;
    }
  }
  return false;
}

TEST(CrashMutation, wal_that_is_not_synced_is_found) {
  EXPECT_TRUE(loss_is_found(
      [](io::SimFiles& files) { files.disable_sync(io::SimFiles::SyncKind::kFile, "/wal/"); }));
}

TEST(CrashMutation, tables_db_that_is_not_synced_is_found) {
  EXPECT_TRUE(loss_is_found(
      [](io::SimFiles& files) { files.disable_sync(io::SimFiles::SyncKind::kFile, "tables.db"); }));
}

TEST(CrashMutation, folder_that_is_not_synced_is_found) {
  EXPECT_TRUE(loss_is_found(
      [](io::SimFiles& files) { files.disable_sync(io::SimFiles::SyncKind::kDirectory, ""); }));
}

// Rows that are there twice after a crash between the two transactions.
TEST(CrashMutation, positions_of_tables_db_in_a_second_transaction_are_found) {
  const TestProject project(texts());
  bool found = false;
  for (std::uint64_t seed = 1; seed <= 12 && !found; ++seed) {
    arm_mutation("tables.positions_apart");
    found = !run_history(project.pipeline, seed, 0, [&](io::SimFiles& files) {
               arm_fault("tables.rows_committed", 1 + seed % 2, FaultAction::kCall, [&files] {
                 files.power_off_at(files.operations() + 1);
               });
             }).empty();
    disarm_faults();
  }
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace millrace::flow
