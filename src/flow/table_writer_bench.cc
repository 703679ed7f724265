// Rows into tables.db beside a bare loop of the same statement on SQLite, whose values are there
// already: append and keyed, as many rows a transaction, and transactions of one row.
#include "flow/table_writer.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>
#include <simdjson.h>
#include <sqlite3.h>

#include "base/assert.h"
#include "flow/detail/bench_world.h"
#include "flow/detail/test_world.h"

namespace millrace::flow {
namespace {

constexpr std::size_t kRows = 200'000;
constexpr std::size_t kCommits = 2'000;

struct TableCase {
  MakeRecord make;
  std::vector<std::string> columns;
  bool numbers;  // All columns are BIGINT, else all are STRING.
  std::string key;

  [[nodiscard]] std::string declared(std::string_view number, std::string_view text) const {
    std::string list;
    for (const std::string& column : columns) {
      list += fmt::format("{}{} {}", list.empty() ? "" : ", ", column, numbers ? number : text);
    }
    return list;
  }

  [[nodiscard]] FileTexts project() const {
    return {
        {"spark-pipeline.yml",
         "name: bench\nstorage: file:///tmp/bench\nlibraries: [{glob: {include: "
         "transformations/**}}]\n"},
        {"sources/raw.sql", "CREATE TABLE raw (" + declared("BIGINT", "STRING") + ") USING rows;"},
        {"transformations/t.sql",
         "CREATE STREAMING TABLE t " +
             (key.empty() ? "" : "TBLPROPERTIES ('millrace.key' = '" + key + "') ") +
             "AS SELECT * FROM STREAM raw;"}};
  }
};

TableCase bids() {
  return {make_bid, {"auction", "bidder", "price", "dateTime"}, true, ""};
}

TableCase users(const std::string& key) {
  return {make_user,
          {"id",
           "first_name",
           "last_name",
           "gender",
           "address",
           "post_code",
           "email",
           "username",
           "dob",
           "registered_date",
           "phone",
           "picture"},
          false,
          key};
}

sqlite::Database open_tables(const BenchLog& bench) {
  return MUST(sqlite::Database::open(bench.path("tables.db"), {}));
}

void apply(benchmark::State& state, const TableCase& table) {
  const TestProject project(table.project());
  MR_ASSERT(project.errors().empty(), "{}", project.errors());
  BenchLog bench;
  const std::vector<std::string> records = make_records(table.make, kRows);
  bench.fill("t", records, 1000);
  TableStatus status;
  Wakeup wakeup;
  TableWriter writer(open_tables(bench),
                     bench.log(),
                     bench.clock(),
                     wakeup,
                     {{.relation = project.pipeline.tables[0], .status = &status}});
  MUST(writer.open());
  std::int64_t transactions = 0;
  const CpuTime cpu;
  for (auto _ : state) {
    while (!writer.caught_up()) {
      MR_ASSERT(writer.step().progressed, "{}", status.problem.get());
      ++transactions;
    }
  }
  report(state, records, cpu.seconds());
  state.counters["rows_per_transaction"] =
      static_cast<double>(kRows) / static_cast<double>(transactions);
}

// A connection set as tables.db is (sqlite/database.cc). Owned by one thread.
class BareTable {
 public:
  BareTable(const std::string& path, const TableCase& table) : columns_(table.columns.size()) {
    MR_ASSERT(sqlite3_open(path.c_str(), &db_) == SQLITE_OK);
    exec(
        "PRAGMA cache_size=-8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
        "PRAGMA journal_size_limit=67108864;");
    exec("CREATE TABLE t (" + table.declared("INTEGER", "TEXT") +
         (table.key.empty() ? ")" : ", PRIMARY KEY (" + table.key + "))"));
    exec(
        "CREATE TABLE positions (table_name TEXT, partition INTEGER, next_offset INTEGER, "
        "PRIMARY KEY (table_name, partition))");
    std::string sql = "INSERT INTO t VALUES (";
    std::string sets;
    for (std::size_t column = 0; column < columns_; ++column) {
      const std::string& name = table.columns[column];
      sql += fmt::format("{}?{}", column == 0 ? "" : ", ", column + 1);
      if (name != table.key) {
        sets += fmt::format("{}{} = excluded.{}", sets.empty() ? "" : ", ", name, name);
      }
    }
    sql += table.key.empty() ? ")" : ") ON CONFLICT DO UPDATE SET " + sets;
    MR_ASSERT(sqlite3_prepare_v2(db_, sql.c_str(), -1, &insert_, nullptr) == SQLITE_OK);
  }

  BareTable(const BareTable&) = delete;
  BareTable& operator=(const BareTable&) = delete;

  ~BareTable() {
    sqlite3_finalize(insert_);
    sqlite3_close(db_);
  }

  void exec(const std::string& sql) {
    MR_ASSERT(sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  }

  void insert(const std::vector<std::int64_t>& row) {
    for (std::size_t column = 0; column < columns_; ++column) {
      sqlite3_bind_int64(insert_, static_cast<int>(column) + 1, row[column]);
    }
    run();
  }

  void insert(const std::vector<std::string>& row) {
    for (std::size_t column = 0; column < columns_; ++column) {
      sqlite3_bind_text(insert_,
                        static_cast<int>(column) + 1,
                        row[column].data(),
                        static_cast<int>(row[column].size()),
                        SQLITE_STATIC);
    }
    run();
  }

  void commit(std::size_t next) {
    exec(
        fmt::format("INSERT INTO positions VALUES ('t', 0, {}) ON CONFLICT DO UPDATE SET "
                    "next_offset = excluded.next_offset; COMMIT",
                    next));
  }

 private:
  void run() {
    MR_ASSERT(sqlite3_step(insert_) == SQLITE_DONE);
    sqlite3_reset(insert_);
  }

  std::size_t columns_;
  sqlite3* db_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
};

template <class Cell>
std::vector<std::vector<Cell>> parse(const TableCase& table,
                                     const std::vector<std::string>& records) {
  std::vector<std::vector<Cell>> rows;
  simdjson::dom::parser parser;
  for (const std::string& record : records) {
    const simdjson::dom::element document = parser.parse(record).value_unsafe();
    auto& row = rows.emplace_back();
    for (const std::string& column : table.columns) {
      if constexpr (std::is_same_v<Cell, std::int64_t>) {
        row.push_back(document[column].get_int64().value_unsafe());
      } else {
        row.emplace_back(document[column].get_string().value_unsafe());
      }
    }
  }
  return rows;
}

template <class Cell>
void insert_bare(benchmark::State& state, const TableCase& table) {
  BenchLog bench;
  const std::vector<std::string> records = make_records(table.make, kRows);
  const auto rows = parse<Cell>(table, records);
  BareTable bare(bench.path("tables.db"), table);
  const CpuTime cpu;
  for (auto _ : state) {
    std::uint64_t bytes = 0;
    bare.exec("BEGIN IMMEDIATE");
    for (std::size_t row = 0; row < rows.size(); ++row) {
      bare.insert(rows[row]);
      bytes += records[row].size();
      if (bytes >= TableWriter::kBytesPerTransaction) {
        bare.commit(row + 1);
        bare.exec("BEGIN IMMEDIATE");
        bytes = 0;
      }
    }
    bare.commit(rows.size());
  }
  report(state, records, cpu.seconds());
}

// The time of each commit, and the rate that they would give in a row.
void report_commits(benchmark::State& state, std::vector<double> seconds) {
  std::ranges::sort(seconds);
  state.counters["p50_ms"] = seconds[seconds.size() / 2] * 1e3;
  state.counters["p99_ms"] = seconds[seconds.size() * 99 / 100] * 1e3;
  state.SetItemsProcessed(static_cast<std::int64_t>(seconds.size()));
}

double seconds_since(const Clock& clock, std::int64_t begin_ns) {
  return static_cast<double>(clock.monotonic_ns() - begin_ns) * 1e-9;
}

void commits_of_one_row(benchmark::State& state) {
  const TableCase table = users("id");
  const TestProject project(table.project());
  MR_ASSERT(project.errors().empty(), "{}", project.errors());
  BenchLog bench;
  MUST(bench.log().ensure_topic({.name = "t"}));
  TableStatus status;
  Wakeup wakeup;
  TableWriter writer(open_tables(bench),
                     bench.log(),
                     bench.clock(),
                     wakeup,
                     {{.relation = project.pipeline.tables[0], .status = &status}});
  MUST(writer.open());
  std::vector<double> times;
  for (const std::string& record : make_records(table.make, kCommits)) {
    bench.fill("t", {record}, 1);
    const std::int64_t begin = bench.clock().monotonic_ns();
    MR_ASSERT(writer.step().progressed, "{}", status.problem.get());
    times.push_back(seconds_since(bench.clock(), begin));
  }
  for (auto _ : state) {
    double sum = 0;
    for (const double time : times) {
      sum += time;
    }
    state.SetIterationTime(sum);
  }
  report_commits(state, std::move(times));
}

void bare_commits_of_one_row(benchmark::State& state) {
  const TableCase table = users("id");
  BenchLog bench;
  const auto rows = parse<std::string>(table, make_records(table.make, kCommits));
  BareTable bare(bench.path("tables.db"), table);
  std::vector<double> times;
  double sum = 0;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const std::int64_t begin = bench.clock().monotonic_ns();
    bare.exec("BEGIN IMMEDIATE");
    bare.insert(rows[row]);
    bare.commit(row + 1);
    times.push_back(seconds_since(bench.clock(), begin));
    sum += times.back();
  }
  for (auto _ : state) {
    state.SetIterationTime(sum);
  }
  report_commits(state, std::move(times));
}

void append_bare(benchmark::State& state) {
  insert_bare<std::int64_t>(state, bids());
}

void append(benchmark::State& state) {
  apply(state, bids());
}

void append_users_bare(benchmark::State& state) {
  insert_bare<std::string>(state, users(""));
}

void append_users(benchmark::State& state) {
  apply(state, users(""));
}

void keyed_users_bare(benchmark::State& state) {
  insert_bare<std::string>(state, users("id"));
}

void keyed_users(benchmark::State& state) {
  apply(state, users("id"));
}

// Each run has its own file, hence one iteration; the spread is that of the repetitions.
BENCHMARK(append_bare)->UseRealTime()->Iterations(1)->Repetitions(5);
BENCHMARK(append)->UseRealTime()->Iterations(1)->Repetitions(5);
BENCHMARK(append_users_bare)->UseRealTime()->Iterations(1)->Repetitions(5);
BENCHMARK(append_users)->UseRealTime()->Iterations(1)->Repetitions(5);
BENCHMARK(keyed_users_bare)->UseRealTime()->Iterations(1)->Repetitions(5);
BENCHMARK(keyed_users)->UseRealTime()->Iterations(1)->Repetitions(5);
BENCHMARK(bare_commits_of_one_row)->UseManualTime()->Iterations(1)->Repetitions(3);
BENCHMARK(commits_of_one_row)->UseManualTime()->Iterations(1)->Repetitions(3);

}  // namespace
}  // namespace millrace::flow
