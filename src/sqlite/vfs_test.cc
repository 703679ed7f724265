// SQLite on a disk whose power fails: what was committed is there, nothing is there by half.
#include "sqlite/vfs.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "io/sim_files.h"
#include "sqlite/database.h"

namespace millrace::sqlite {
namespace {

constexpr const char* kPath = "data/tables.db";

// What a run of crashes showed.
struct Verdict {
  std::string wrong;  // empty: nothing
  int crashes = 0;
  int committed = 0;
  int unanswered_but_kept = 0;  // commits that got no answer and are there all the same
};

// Commits batches of rows until the power fails, again and again on the same disk. Batch n has rows
// (n, 0) to (n, rows_of(n) - 1); it also counts itself in another table, as a flow counts epochs.
class CrashRun {
 public:
  explicit CrashRun(std::uint64_t seed) : random_(seed), disk_(seed) {
    MUST(io::make_dirs(disk_, "data"));
  }

  io::SimFiles& disk() { return disk_; }

  Verdict run(int crashes) {
    for (int i = 0; i < crashes && verdict_.wrong.empty(); ++i) {
      disk_.power_off_at(disk_.operations() + 1 + random_.below(i == 0 ? 120 : 400));
      work().ignore_error("the power fails somewhere");
      disk_.crash();
      ++verdict_.crashes;
      const auto checked = check();
      if (!checked) {
        verdict_.wrong = checked.error().to_string();
      }
    }
    verdict_.committed = static_cast<int>(committed_);
    return verdict_;
  }

 private:
  static std::int64_t rows_of(std::int64_t batch) { return 1 + batch * 7 % 23; }

  [[nodiscard]] DatabaseOptions options() {
    return {.files = &disk_, .page_cache_bytes = 64 << 10, .checkpoint_pages = 12};
  }

  Result<void> work() {
    Database database = TRY(Database::open(kPath, options()));
    TRY(database.exec("CREATE TABLE IF NOT EXISTS rows (batch, n, text, PRIMARY KEY (batch, n))"));
    TRY(database.exec("CREATE TABLE IF NOT EXISTS epochs (last)"));
    Statement insert = TRY(database.prepare("INSERT INTO rows VALUES (?1, ?2, ?3)"));
    Statement forget = TRY(database.prepare("DELETE FROM epochs"));
    Statement count = TRY(database.prepare("INSERT INTO epochs VALUES (?1)"));
    while (true) {
      tried_ = committed_ + 1;
      Transaction transaction = TRY(Transaction::begin(database));
      for (std::int64_t n = 0; n < rows_of(tried_); ++n) {
        insert.bind(1, tried_);
        insert.bind(2, n);
        insert.bind_text(3, std::string(random_.below(700), 'x'));
        TRY(insert.run());
      }
      TRY(forget.run());
      count.bind(1, tried_);
      TRY(count.run());
      TRY(transaction.commit());
      committed_ = tried_;
    }
  }

  static Error wrong(const std::string& what) { return {ErrorCode::kInternal, what}; }

  Result<void> check() {
    if (committed_ == 0 && !TRY(io::exists(disk_, kPath))) {
      return {};
    }
    Database database = TRY(Database::open(kPath, options()));
    const std::string integrity = TRY(database.query_text("PRAGMA integrity_check"));
    if (integrity != "ok") {
      return wrong(integrity);
    }
    const std::int64_t tables = TRY(database.query_int("SELECT count(*) FROM sqlite_schema"));
    if (committed_ == 0 && tables < 3) {
      return {};
    }
    const std::int64_t last = TRY(database.query_int("SELECT last FROM epochs"));
    if (last != committed_ && last != tried_) {
      return wrong("committed " + std::to_string(committed_) + ", found " + std::to_string(last));
    }
    if (TRY(database.query_int("SELECT count(DISTINCT batch) FROM rows")) != last) {
      return wrong("a batch is missing or too many");
    }
    Statement batches = TRY(database.prepare("SELECT batch, count(*) FROM rows GROUP BY batch"));
    while (TRY(batches.step())) {
      if (batches.column_int(1) != rows_of(batches.column_int(0))) {
        return wrong("half of batch " + std::to_string(batches.column_int(0)));
      }
    }
    verdict_.unanswered_but_kept += last > committed_ ? 1 : 0;
    committed_ = last;
    return {};
  }

  Random random_;
  io::SimFiles disk_;
  std::int64_t committed_ = 0;
  std::int64_t tried_ = 0;
  Verdict verdict_;
};

Verdict crash_many(std::uint64_t first, std::uint64_t last) {
  Verdict all;
  for (std::uint64_t seed = first; seed < last && all.wrong.empty(); ++seed) {
    const Verdict one = CrashRun(seed).run(4);
    all.crashes += one.crashes;
    all.committed += one.committed;
    all.unanswered_but_kept += one.unanswered_but_kept;
    if (!one.wrong.empty()) {
      all.wrong = "seed " + std::to_string(seed) + ": " + one.wrong;
    }
  }
  return all;
}

// How many of 100 seeds find out that this sync does nothing.
int found_out(io::SimFiles::SyncKind kind, const std::string& path_part) {
  int found = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    CrashRun run(seed);
    run.disk().disable_sync(kind, path_part);
    found += run.run(4).wrong.empty() ? 0 : 1;
  }
  return found;
}

TEST(Vfs, keeps_every_commit_and_no_half_of_one_through_power_failures) {
  const Verdict verdict = crash_many(0, 150);
  EXPECT_EQ(verdict.wrong, "");
  EXPECT_EQ(verdict.crashes, 600);
  EXPECT_GT(verdict.committed, 3000);
  EXPECT_GT(verdict.unanswered_but_kept, 0);
}

TEST(VfsSlow, keeps_every_commit_and_no_half_of_one_through_power_failures) {
  const Verdict verdict = crash_many(10'000, 13'000);
  EXPECT_EQ(verdict.wrong, "");
  EXPECT_EQ(verdict.crashes, 12'000);
}

// The run above must be able to fail: with each sync in turn made a no-op it does.
TEST(Vfs, crashes_find_out_a_wal_that_is_not_synced) {
  EXPECT_GT(found_out(io::SimFiles::SyncKind::kFile, "-wal$"), 10);
}

TEST(Vfs, crashes_find_out_a_database_that_is_not_synced) {
  EXPECT_GT(found_out(io::SimFiles::SyncKind::kFile, ".db$"), 10);
}

TEST(Vfs, crashes_find_out_a_folder_that_is_not_synced) {
  EXPECT_GT(found_out(io::SimFiles::SyncKind::kDirectory, "data"), 10);
}

Result<void> insert_rows(const DatabaseOptions& options,
                         std::int64_t& tried,
                         std::int64_t& committed) {
  Database database = TRY(Database::open("t.db", options));
  TRY(database.exec("CREATE TABLE IF NOT EXISTS t (a, b)"));
  for (int i = 0; i < 20; ++i) {
    ++tried;
    TRY(database.exec("INSERT INTO t VALUES (" + std::to_string(tried) + ", zeroblob(3000))"));
    committed = tried;
  }
  return {};
}

TEST(Vfs, every_single_io_error_leaves_a_whole_database) {
  int failures = 0;
  for (std::uint64_t nth = 1; nth < 400; ++nth) {
    io::SimFiles disk(nth);
    const DatabaseOptions options{.files = &disk, .checkpoint_pages = 5};
    std::int64_t committed = 0;
    std::int64_t tried = 0;
    disk.fail_at(nth);
    const auto done = insert_rows(options, tried, committed);
    failures += done ? 0 : 1;
    disk.fail_at(0);
    Database database = MUST(Database::open("t.db", options));
    ASSERT_EQ(MUST(database.query_text("PRAGMA integrity_check")), "ok") << nth;
    if (committed == 0) {
      continue;
    }
    const std::int64_t found = MUST(database.query_int("SELECT count(*) FROM t"));
    ASSERT_TRUE(found == committed || found == tried) << nth;
  }
  EXPECT_GT(failures, 50);
}

TEST(Vfs, a_full_disk_is_an_error_and_the_database_lives_on) {
  io::SimFiles disk(1);
  Database database = MUST(Database::open("t.db", {.files = &disk}));
  MUST(database.exec("CREATE TABLE t (a)"));
  disk.set_capacity(100'000);
  const auto full = database.exec("INSERT INTO t VALUES (zeroblob(200000))");
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code(), ErrorCode::kExhausted);
  MUST(database.exec("INSERT INTO t VALUES (zeroblob(2000))"));
  EXPECT_EQ(MUST(database.query_int("SELECT count(*) FROM t")), 1);
}

TEST(Vfs, a_reader_beside_the_writer_sees_whole_commits) {
  io::SimFiles disk(1);
  Database writer = MUST(Database::open("t.db", {.files = &disk, .checkpoint_pages = 4}));
  MUST(writer.exec("CREATE TABLE t (a)"));
  Database reader = MUST(Database::open("t.db", {.access = Access::kReadOnly, .files = &disk}));
  for (std::int64_t i = 1; i <= 30; ++i) {
    Transaction transaction = MUST(Transaction::begin(writer));
    MUST(writer.exec("INSERT INTO t VALUES (zeroblob(2000))"));
    EXPECT_EQ(MUST(reader.query_int("SELECT count(*) FROM t")), i - 1);
    MUST(transaction.commit());
    EXPECT_EQ(MUST(reader.query_int("SELECT count(*) FROM t")), i);
  }
}

TEST(Vfs, two_writers_take_turns) {
  io::SimFiles disk(1);
  Database one = MUST(Database::open("t.db", {.files = &disk}));
  Database two = MUST(Database::open("t.db", {.files = &disk, .busy_ms = 10}));
  MUST(one.exec("CREATE TABLE t (a)"));
  Transaction transaction = MUST(Transaction::begin(one));
  const auto busy = Transaction::begin(two);
  ASSERT_FALSE(busy);
  EXPECT_EQ(busy.error().code(), ErrorCode::kUnavailable);
  MUST(transaction.commit());
  MUST(two.exec("INSERT INTO t VALUES (1)"));
  EXPECT_EQ(MUST(one.query_int("SELECT count(*) FROM t")), 1);
}

TEST(Vfs, rollback_journals_and_temporary_files_work_too) {
  io::SimFiles disk(1);
  Database database = MUST(Database::open("t.db", {.files = &disk}));
  MUST(database.exec("PRAGMA journal_mode=DELETE; PRAGMA temp_store=FILE;"));
  EXPECT_EQ(MUST(database.query_text("PRAGMA journal_mode")), "delete");
  MUST(database.exec("CREATE TABLE t (a); INSERT INTO t VALUES (1), (3), (2)"));
  MUST(database.exec("CREATE TEMP TABLE u AS SELECT * FROM t; BEGIN; DELETE FROM t; ROLLBACK"));
  EXPECT_EQ(MUST(database.query_int("SELECT sum(a) FROM t JOIN u USING (a)")), 6);
  EXPECT_FALSE(MUST(io::exists(disk, "t.db-journal")));
}

TEST(Vfs, is_one_for_each_disk) {
  io::SimFiles disk(1);
  io::SimFiles other(1);
  const auto vfs = FilesVfs::for_files(disk);
  EXPECT_EQ(FilesVfs::for_files(disk), vfs);
  EXPECT_NE(FilesVfs::for_files(other), vfs);
}

}  // namespace
}  // namespace millrace::sqlite
