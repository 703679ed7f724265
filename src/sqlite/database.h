// One door to SQLite: connections, statements, transactions; errors as Error, with SQLite's text.
//
//   auto database = TRY(Database::open("tables.db", {}));
//   auto insert = TRY(database.prepare("INSERT INTO t VALUES (?1, ?2)"));
//   Transaction transaction = TRY(Transaction::begin(database));
//   insert.bind(1, 42);
//   insert.bind_text(2, name);
//   TRY(insert.run());
//   TRY(transaction.commit());
//
// A database is in WAL mode with synchronous=FULL: commit() is durable when it returns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace millrace {
class Clock;
}  // namespace millrace

namespace millrace::io {
class Files;
}  // namespace millrace::io

namespace millrace::sqlite {

enum class Access : std::uint8_t {
  kReadWrite,
  kReadOnly
};

struct DatabaseOptions {
  Access access = Access::kReadWrite;
  /// Null: SQLite's own files, which other processes (the sqlite3 program) may read meanwhile.
  /// Else it stands on these (sqlite/vfs.h), and only this process can open it.
  io::Files* files = nullptr;
  /// Null: the system's. Only for limits of time.
  const Clock* clock = nullptr;
  std::int64_t page_cache_bytes = 8 << 20;
  std::int64_t journal_size_limit_bytes = 64 << 20;
  /// A commit that leaves so many pages in the WAL moves them into the database; 0 = only
  /// checkpoint() does.
  int checkpoint_pages = 1000;
  /// How long to wait for a lock that another process or connection holds; then kUnavailable.
  std::int64_t busy_ms = 5'000;
  /// A statement that runs longer is interrupted with kTimeout; 0 = no limit. Readers of user
  /// queries take kReaderMs.
  std::int64_t statement_ms = 0;
};

inline constexpr std::int64_t kReaderMs = 30'000;

enum class ColumnType : std::uint8_t {
  kInteger,
  kReal,
  kText,
  kBlob,
  kNull
};

struct ConnectionRep;
struct StatementRep;

/// A prepared statement. Bound text and blobs are copied unless said otherwise. Parameters count
/// from 1, columns from 0. Keeps its connection open. Owned by one thread.
class Statement {
 public:
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  Statement(Statement&&) noexcept;
  Statement& operator=(Statement&&) noexcept;
  ~Statement();

  // REQUIRES for all: 1 <= index <= parameter_count()
  void bind(int index, std::int64_t value);
  void bind_double(int index, double value);
  void bind_text(int index, std::string_view text);
  void bind_blob(int index, std::string_view bytes);
  void bind_null(int index);
  /// Without a copy: the bytes must stay until the next bind of this parameter or reset_bindings.
  void bind_text_borrowed(int index, std::string_view text);
  void bind_blob_borrowed(int index, std::string_view bytes);
  void reset_bindings();

  [[nodiscard]] int parameter_count() const;
  /// 0 when there is no parameter of this name (":name").
  [[nodiscard]] int parameter_index(const std::string& name) const;

  /// To the next row; false when there is none, and then the statement is reset.
  Result<bool> step();
  /// Steps to the end, drops rows; then the statement is reset. Bindings stay.
  Result<void> run();
  void reset();

  [[nodiscard]] int column_count() const;
  [[nodiscard]] std::string column_name(int column) const;
  /// What the table declares ("TEXT", "INTEGER"); empty for expressions.
  [[nodiscard]] std::string column_declared_type(int column) const;

  // REQUIRES for all: step() gave true
  [[nodiscard]] ColumnType column_type(int column) const;

  [[nodiscard]] bool is_null(int column) const { return column_type(column) == ColumnType::kNull; }

  [[nodiscard]] std::int64_t column_int(int column) const;
  [[nodiscard]] double column_double(int column) const;
  /// Valid until the next step or reset.
  [[nodiscard]] std::string_view column_text(int column) const;
  [[nodiscard]] std::string_view column_blob(int column) const;

  /// True when it changes nothing (a SELECT).
  [[nodiscard]] bool is_read_only() const;
  /// What follows the first statement in the text given to prepare().
  [[nodiscard]] std::string_view tail() const;

 private:
  friend class Database;
  explicit Statement(std::unique_ptr<StatementRep> rep);

  std::unique_ptr<StatementRep> rep_;
};

/// A connection. interrupt() is thread-safe, the rest is owned by one thread.
///
/// Errors: kUnavailable (locked), kTimeout (statement_ms), kCancelled (interrupt), kAlreadyExists
/// (a key that is there), kInvalidArgument (SQL text; another constraint), kCorruption (damaged, or
/// not a database), kExhausted (disk full, value too big), kPermissionDenied (read only), kNotFound
/// (no such file), kConflict (the schema changed), kIo.
class Database {
 public:
  static Result<Database> open(const std::string& path, const DatabaseOptions& options);

  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  /// The last user of a connection checkpoints the WAL, as SQLite does.
  ~Database();

  /// Runs one or more statements, drops rows.
  Result<void> exec(const std::string& sql);

  /// The first statement of the text. kInvalidArgument when there is none.
  Result<Statement> prepare(std::string_view sql);

  /// Prepares, and takes the first column of the first row; 0 when there is none or it is null.
  Result<std::int64_t> query_int(std::string_view sql);
  Result<std::string> query_text(std::string_view sql);

  /// Rows that the last INSERT, UPDATE or DELETE changed.
  [[nodiscard]] std::int64_t changes() const;
  [[nodiscard]] std::int64_t last_insert_rowid() const;
  [[nodiscard]] bool in_transaction() const;

  /// Moves what is in the WAL into the database as far as readers allow. The pages that are left
  /// in the WAL: more than 0 means that a reader holds it.
  Result<std::int64_t> checkpoint();
  /// The same, waits for readers, and leaves an empty WAL file.
  Result<void> checkpoint_truncate();
  /// Bytes of the WAL as of the last commit.
  [[nodiscard]] std::int64_t wal_bytes() const;

  /// Gives back pages that are kept in memory (up to 2 MiB) and not needed now.
  void release_memory();

  /// A running statement ends with kCancelled.
  void interrupt();

  [[nodiscard]] const std::string& path() const;

 private:
  friend class Transaction;
  explicit Database(std::shared_ptr<ConnectionRep> rep);

  // Shared by the connection and its statements, which may be destroyed in any order.
  std::shared_ptr<ConnectionRep> rep_;
};

/// BEGIN IMMEDIATE … COMMIT; rolls back when it goes out of scope before commit(). Owned
/// by one thread.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);

  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  /// Durable when it succeeds. After an error it is rolled back.
  Result<void> commit();
  Result<void> rollback();

 private:
  explicit Transaction(std::shared_ptr<ConnectionRep> connection);

  // Shared with its Database, which may be moved meanwhile. Null: over.
  std::shared_ptr<ConnectionRep> connection_;
};

/// `"a ""quoted"" name"`: an identifier that may hold anything.
std::string quote_identifier(std::string_view name);

/// `'it''s'`: a text in SQL.
std::string quote_text(std::string_view text);

}  // namespace millrace::sqlite
