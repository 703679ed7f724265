// A pipeline whose power fails, again and again, at any operation of the disk: source → append
// table → keyed table, with bad records on the way. In the end everything must be there once,
// counted in the log's topics and by SELECT count(*) in tables.db, never by the program's own
// counters.
#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "base/test_seeds.h"
#include "flow/detail/test_world.h"

namespace millrace::flow {
namespace {

constexpr std::uint64_t kRows = 300;

const FileTexts& texts() {
  static const FileTexts files{
      {"spark-pipeline.yml",
       "name: crash\nstorage: file:///tmp/crash\nlibraries: [{glob: {include: "
       "transformations/**}}]\n"},
      {"sources/rows.sql", "CREATE TABLE raw (id INT, k STRING, v INT) USING rows;"},
      {"transformations/t.sql",
       "CREATE STREAMING TABLE all_rows AS SELECT id, uuid() AS u, k, 100 / v AS w FROM STREAM raw "
       "WHERE k <> 'drop';\n"
       "CREATE STREAMING TABLE latest TBLPROPERTIES ('millrace.key' = 'k') AS SELECT k, id, w FROM "
       "STREAM all_rows;"}};
  return files;
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
  for (int life = 0; life < crashes + 2; ++life) {
    if (left > 0) {
      world.files.power_off_at(world.files.operations() + 1 +
                               random.below(left == crashes ? 60 : 400));
      --left;
    } else {
      world.files.power_off_at(~std::uint64_t{0});
    }
    const auto opened = world.open();
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

}  // namespace
}  // namespace millrace::flow
