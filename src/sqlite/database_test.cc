#include "sqlite/database.h"

#include <cmath>
#include <cstdlib>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/thread.h"
#include "io/real_files.h"

namespace millrace::sqlite {
namespace {

using ::testing::HasSubstr;

template <class T>
ErrorCode code_of(const Result<T>& result) {
  return result ? ErrorCode::kInternal : result.error().code();
}

// A folder of the machine that goes at the end.
class DatabaseTest : public ::testing::Test {
 protected:
  DatabaseTest() : folder_(::testing::TempDir() + "millrace_sqlite_XXXXXX") {
    EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
  }

  void TearDown() override {
    io::RealFiles files;
    MUST(io::remove_all(files, folder_));
  }

  [[nodiscard]] std::string path() const { return folder_ + "/tables.db"; }

  [[nodiscard]] Database open(const DatabaseOptions& options = {}) const {
    return MUST(Database::open(path(), options));
  }

  std::string folder_;
};

// Counts so long that nobody waits for its end.
constexpr const char* kEndless =
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c";

TEST_F(DatabaseTest, brings_every_type_back) {
  Database database = open();
  MUST(database.exec("CREATE TABLE t (a INTEGER, b REAL, c TEXT, d BLOB, e ANY)"));
  Statement insert = MUST(database.prepare("INSERT INTO t VALUES (?1, ?2, ?3, ?4, :e)"));
  EXPECT_EQ(insert.parameter_count(), 5);
  EXPECT_EQ(insert.parameter_index(":e"), 5);
  EXPECT_EQ(insert.parameter_index(":x"), 0);
  insert.bind(1, std::numeric_limits<std::int64_t>::min());
  insert.bind_double(2, 0.1);
  insert.bind_text(3, std::string_view("a\0\xc3\xa9", 4));
  insert.bind_blob(4, std::string_view("\0\xff", 2));
  insert.bind_null(5);
  MUST(insert.run());
  EXPECT_EQ(database.changes(), 1);
  EXPECT_EQ(database.last_insert_rowid(), 1);

  Statement select = MUST(database.prepare("SELECT * FROM t; SELECT 2"));
  EXPECT_EQ(select.tail(), " SELECT 2");
  EXPECT_TRUE(select.is_read_only());
  EXPECT_FALSE(insert.is_read_only());
  ASSERT_EQ(select.column_count(), 5);
  EXPECT_EQ(select.column_name(2), "c");
  EXPECT_EQ(select.column_declared_type(1), "REAL");
  ASSERT_TRUE(MUST(select.step()));
  EXPECT_EQ(select.column_type(0), ColumnType::kInteger);
  EXPECT_EQ(select.column_int(0), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(select.column_type(1), ColumnType::kReal);
  EXPECT_EQ(select.column_double(1), 0.1);
  EXPECT_EQ(select.column_type(2), ColumnType::kText);
  EXPECT_EQ(select.column_text(2), std::string_view("a\0\xc3\xa9", 4));
  EXPECT_EQ(select.column_type(3), ColumnType::kBlob);
  EXPECT_EQ(select.column_blob(3), std::string_view("\0\xff", 2));
  EXPECT_TRUE(select.is_null(4));
  EXPECT_FALSE(MUST(select.step()));
}

TEST_F(DatabaseTest, an_empty_text_is_no_null) {
  Database database = open();
  Statement select =
      MUST(database.prepare("SELECT ?1 IS NULL, ?2 IS NULL, typeof(?1), typeof(?2)"));
  select.bind_text(1, {});
  select.bind_blob_borrowed(2, {});
  ASSERT_TRUE(MUST(select.step()));
  EXPECT_EQ(select.column_int(0), 0);
  EXPECT_EQ(select.column_int(1), 0);
  EXPECT_EQ(select.column_text(2), "text");
  EXPECT_EQ(select.column_text(3), "blob");
}

TEST_F(DatabaseTest, a_statement_runs_again_with_other_values) {
  Database database = open();
  MUST(database.exec("CREATE TABLE t (a INTEGER PRIMARY KEY)"));
  {
    Transaction transaction = MUST(Transaction::begin(database));
    Statement insert = MUST(database.prepare("INSERT INTO t VALUES (?1)"));
    for (std::int64_t i = 0; i < 1000; ++i) {
      insert.bind(1, i);
      MUST(insert.run());
    }
    MUST(transaction.commit());
  }
  EXPECT_EQ(MUST(database.query_int("SELECT sum(a) FROM t")), 499'500);
  EXPECT_EQ(MUST(database.query_text("SELECT max(a) FROM t")), "999");
  EXPECT_EQ(MUST(database.query_int("SELECT a FROM t WHERE a < 0")), 0);
}

TEST_F(DatabaseTest, is_durable_and_readable_meanwhile) {
  Database database = open();
  EXPECT_EQ(MUST(database.query_text("PRAGMA journal_mode")), "wal");
  EXPECT_EQ(MUST(database.query_int("PRAGMA synchronous")), 2);
  EXPECT_EQ(MUST(database.query_int("PRAGMA journal_size_limit")), 64 << 20);
  EXPECT_EQ(MUST(database.query_int("PRAGMA cache_size")), -8192);
  MUST(database.exec("CREATE TABLE t (a)"));
  Transaction transaction = MUST(Transaction::begin(database));
  MUST(database.exec("INSERT INTO t VALUES (1)"));
  Database reader = open({.access = Access::kReadOnly, .statement_ms = kReaderMs});
  EXPECT_EQ(MUST(reader.query_int("SELECT count(*) FROM t")), 0);
  MUST(transaction.commit());
  EXPECT_EQ(MUST(reader.query_int("SELECT count(*) FROM t")), 1);
  EXPECT_EQ(code_of(reader.exec("INSERT INTO t VALUES (2)")), ErrorCode::kPermissionDenied);
}

TEST_F(DatabaseTest, a_transaction_left_alone_is_rolled_back) {
  Database database = open();
  MUST(database.exec("CREATE TABLE t (a)"));
  {
    const Transaction transaction = MUST(Transaction::begin(database));
    MUST(database.exec("INSERT INTO t VALUES (1)"));
    EXPECT_TRUE(database.in_transaction());
  }
  EXPECT_FALSE(database.in_transaction());
  EXPECT_EQ(MUST(database.query_int("SELECT count(*) FROM t")), 0);
  Transaction transaction = MUST(Transaction::begin(database));
  EXPECT_EQ(code_of(Transaction::begin(database)), ErrorCode::kInvalidArgument);
  MUST(transaction.rollback());
}

TEST_F(DatabaseTest, tells_errors_apart_and_in_sqlites_words) {
  Database database = open();
  MUST(database.exec("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT NOT NULL, c TEXT UNIQUE)"));
  MUST(database.exec("INSERT INTO t VALUES (1, 'x', 'y')"));
  const auto twice = database.exec("INSERT INTO t VALUES (1, 'x', 'z')");
  EXPECT_EQ(code_of(twice), ErrorCode::kAlreadyExists);
  EXPECT_EQ(twice.error().message(), "UNIQUE constraint failed: t.a");
  EXPECT_EQ(code_of(database.exec("INSERT INTO t VALUES (2, 'x', 'y')")),
            ErrorCode::kAlreadyExists);
  EXPECT_EQ(code_of(database.exec("INSERT INTO t VALUES (2, NULL, 'q')")),
            ErrorCode::kInvalidArgument);
  const auto wrong = database.prepare("SELEC 1");
  EXPECT_EQ(code_of(wrong), ErrorCode::kInvalidArgument);
  EXPECT_THAT(wrong.error().message(), HasSubstr("near \"SELEC\": syntax error"));
  EXPECT_EQ(code_of(database.prepare("  -- nothing")), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(database.query_int("SELECT * FROM none")), ErrorCode::kInvalidArgument);
}

TEST_F(DatabaseTest, a_missing_one_is_not_made_for_reading) {
  EXPECT_EQ(code_of(Database::open(path(), {.access = Access::kReadOnly})), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(Database::open(folder_ + "/no/t.db", {})), ErrorCode::kIo);
}

TEST_F(DatabaseTest, a_file_that_is_no_database_is_corrupt) {
  io::RealFiles files;
  MUST(io::write_atomically(files, path(), std::string(5000, 'x')));
  EXPECT_EQ(code_of(Database::open(path(), {})), ErrorCode::kCorruption);
  EXPECT_EQ(code_of(Database::open(path(), {.access = Access::kReadOnly})), ErrorCode::kCorruption);
}

TEST_F(DatabaseTest, a_lock_of_another_is_unavailable_after_a_while) {
  Database one = open();
  Database other = open({.busy_ms = 20});
  const Transaction transaction = MUST(Transaction::begin(one));
  EXPECT_EQ(code_of(Transaction::begin(other)), ErrorCode::kUnavailable);
}

TEST_F(DatabaseTest, a_statement_has_its_time) {
  MUST(open().exec("CREATE TABLE t (a)"));
  Database reader = open({.access = Access::kReadOnly, .statement_ms = 20});
  const auto endless = reader.query_int(kEndless);
  ASSERT_EQ(code_of(endless), ErrorCode::kTimeout);
  EXPECT_EQ(endless.error().message(), "the statement took longer than 20 ms");
  EXPECT_EQ(MUST(reader.query_int("SELECT 7")), 7);
}

TEST_F(DatabaseTest, the_time_goes_on_between_steps) {
  ManualClock clock;
  Database database = open({.clock = &clock, .statement_ms = 1000});
  Statement select = MUST(database.prepare("SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3"));
  ASSERT_TRUE(MUST(select.step()));
  clock.advance_us(999'000);
  ASSERT_TRUE(MUST(select.step()));
  clock.advance_us(2'000);
  EXPECT_EQ(code_of(select.step()), ErrorCode::kTimeout);
  EXPECT_TRUE(MUST(select.step()));
}

TEST_F(DatabaseTest, another_thread_can_interrupt) {
  Database database = open();
  Wakeup never;
  Thread interrupts("interrupts", [&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      never.wait(1'000'000, stop);
      database.interrupt();
    }
  });
  EXPECT_EQ(code_of(database.query_int(kEndless)), ErrorCode::kCancelled);
}

TEST_F(DatabaseTest, a_checkpoint_empties_the_wal_unless_a_reader_holds_it) {
  Database database = open({.checkpoint_pages = 0});
  MUST(database.exec("CREATE TABLE t (a); INSERT INTO t VALUES (1)"));
  Database reader = open({.access = Access::kReadOnly, .busy_ms = 0});
  Statement select = MUST(reader.prepare("SELECT a FROM t"));
  ASSERT_TRUE(MUST(select.step()));
  for (int i = 0; i < 20; ++i) {
    MUST(database.exec("INSERT INTO t SELECT zeroblob(9000)"));
  }
  EXPECT_GT(database.wal_bytes(), 20 * 9000);
  EXPECT_GT(MUST(database.checkpoint()), 0);
  select.reset();
  EXPECT_EQ(MUST(database.checkpoint()), 0);
  MUST(database.checkpoint_truncate());
  EXPECT_EQ(database.wal_bytes(), 0);
  io::RealFiles files;
  EXPECT_EQ(MUST(files.stat(path() + "-wal")).size, 0U);
}

TEST_F(DatabaseTest, statements_keep_their_connection) {
  auto database = std::make_unique<Database>(open());
  Statement select = MUST(database->prepare("SELECT 5"));
  Transaction transaction = MUST(Transaction::begin(*database));
  database.reset();
  EXPECT_TRUE(MUST(select.step()));
  EXPECT_EQ(select.column_int(0), 5);
  select.reset();
  MUST(transaction.commit());
}

TEST_F(DatabaseTest, a_bind_that_is_too_big_is_an_error_of_the_step) {
  Database database = open();
  MUST(database.exec("CREATE TABLE t (a)"));
  Statement insert = MUST(database.prepare("INSERT INTO t VALUES (?1)"));
  const char byte = 'x';
  // SQLite looks at the size before it looks at the bytes.
  insert.bind_text_borrowed(1, std::string_view(&byte, std::size_t{3} << 30));
  EXPECT_EQ(code_of(insert.run()), ErrorCode::kExhausted);
}

TEST_F(DatabaseTest, a_full_disk_says_so) {
  Database database = open();
  MUST(database.exec("CREATE TABLE t (a); PRAGMA max_page_count=10"));
  EXPECT_EQ(code_of(database.exec("INSERT INTO t VALUES (zeroblob(100000))")),
            ErrorCode::kExhausted);
}

TEST(DatabaseDeathTest, a_parameter_that_is_not_there_is_a_mistake_of_ours) {
  std::string folder = ::testing::TempDir() + "millrace_sqlite_XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  EXPECT_DEATH(
      {
        Database database = MUST(Database::open(folder + "/t.db", {}));
        MUST(database.prepare("SELECT ?1")).bind(2, 1);
      },
      "parameter 2 of 1, bound out of range: SELECT .1");
  io::RealFiles files;
  MUST(io::remove_all(files, folder));
}

TEST(Quote, doubles_what_would_end_it) {
  EXPECT_EQ(quote_identifier("a \"b\" c"), "\"a \"\"b\"\" c\"");
  EXPECT_EQ(quote_text("it's"), "'it''s'");
}

}  // namespace
}  // namespace millrace::sqlite
