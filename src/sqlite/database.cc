#include "sqlite/database.h"

#include <atomic>
#include <limits>
#include <utility>

#include <sqlite3.h>

#include "base/assert.h"
#include "base/clock.h"
#include "io/files.h"
#include "io/real_files.h"
#include "sqlite/vfs.h"

namespace millrace::sqlite {

namespace {

constexpr int kStepsBetweenLooks = 1000;  // of SQLite's machine, between two looks at the clock
constexpr std::int64_t kNsPerMs = 1'000'000;
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

ErrorCode error_code_of(int extended) {
  switch (extended & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorCode::kUnavailable;
    case SQLITE_INTERRUPT:
      return ErrorCode::kCancelled;
    case SQLITE_CONSTRAINT:
      return extended == SQLITE_CONSTRAINT_UNIQUE || extended == SQLITE_CONSTRAINT_PRIMARYKEY ||
                     extended == SQLITE_CONSTRAINT_ROWID
                 ? ErrorCode::kAlreadyExists
                 : ErrorCode::kInvalidArgument;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorCode::kCorruption;
    case SQLITE_FULL:
    case SQLITE_TOOBIG:
    case SQLITE_NOMEM:
      return ErrorCode::kExhausted;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return ErrorCode::kPermissionDenied;
    case SQLITE_SCHEMA:
      return ErrorCode::kConflict;
    case SQLITE_ERROR:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE:
      return ErrorCode::kInvalidArgument;
    case SQLITE_MISUSE:
    case SQLITE_INTERNAL:
      return ErrorCode::kInternal;
    default:
      return ErrorCode::kIo;
  }
}

std::string pragma(std::string_view name, std::int64_t value) {
  return "PRAGMA " + std::string(name) + "=" + std::to_string(value) + ";";
}

}  // namespace

struct ConnectionRep {
  ConnectionRep() = default;
  ConnectionRep(const ConnectionRep&) = delete;
  ConnectionRep& operator=(const ConnectionRep&) = delete;

  ~ConnectionRep() {
    const int closed = sqlite3_close_v2(handle);
    MR_ASSERT(closed == SQLITE_OK, "sqlite3_close_v2: {}", closed);
  }

  [[nodiscard]] std::int64_t now_ns() const { return clock->monotonic_ns(); }

  [[nodiscard]] Error error(std::source_location where = std::source_location::current()) const {
    const int extended = sqlite3_extended_errcode(handle);
    if ((extended & 0xff) == SQLITE_INTERRUPT && timed_out) {
      return {ErrorCode::kTimeout,
              "the statement took longer than " + std::to_string(options.statement_ms) + " ms",
              where};
    }
    return {error_code_of(extended), sqlite3_errmsg(handle), where};
  }

  Result<void> exec(const std::string& sql) {
    start_limit();
    if (sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
      return error();
    }
    return {};
  }

  // From now on a statement has its time.
  void start_limit() {
    timed_out = false;
    deadline_ns = options.statement_ms > 0 ? now_ns() + options.statement_ms * kNsPerMs : kNever;
  }

  DatabaseOptions options;
  std::string path;
  SystemClock system_clock;
  const Clock* clock = &system_clock;
  std::shared_ptr<FilesVfs> vfs;  // shared by all connections on these files
  sqlite3* handle = nullptr;
  std::int64_t deadline_ns = kNever;  // of the statement that runs
  bool timed_out = false;
  std::int64_t page_bytes = 4096;
  std::atomic<std::int64_t> wal_pages{0};
};

struct StatementRep {
  StatementRep(std::shared_ptr<ConnectionRep> the_connection, sqlite3_stmt* the_handle)
      : connection(std::move(the_connection)), handle(the_handle) {}

  StatementRep(const StatementRep&) = delete;
  StatementRep& operator=(const StatementRep&) = delete;

  ~StatementRep() { sqlite3_finalize(handle); }

  void check_bind(int code, int index) {
    MR_ASSERT(code != SQLITE_MISUSE && code != SQLITE_RANGE,
              "parameter {} of {}, bound {}: {}",
              index,
              sqlite3_bind_parameter_count(handle),
              code == SQLITE_MISUSE ? "while the statement runs" : "out of range",
              sqlite3_sql(handle));
    if (code != SQLITE_OK) {
      bind_code = code;
    }
  }

  void bind_text(int index, std::string_view text, sqlite3_destructor_type lifetime) {
    const char* data = text.data() == nullptr ? "" : text.data();
    check_bind(sqlite3_bind_text64(handle, index, data, text.size(), lifetime, SQLITE_UTF8), index);
  }

  void bind_blob(int index, std::string_view bytes, sqlite3_destructor_type lifetime) {
    const char* data = bytes.data() == nullptr ? "" : bytes.data();
    check_bind(sqlite3_bind_blob64(handle, index, data, bytes.size(), lifetime), index);
  }

  // Before a step: a bind that failed is told, and the time starts or goes on.
  Result<void> prepare_step() {
    if (const int code = std::exchange(bind_code, SQLITE_OK); code != SQLITE_OK) {
      return Error(error_code_of(code), std::string("bind: ") + sqlite3_errstr(code));
    }
    if (!running) {
      connection->start_limit();
      deadline_ns = connection->deadline_ns;
      running = true;
    }
    connection->timed_out = false;
    connection->deadline_ns = deadline_ns;
    if (deadline_ns != kNever && connection->now_ns() > deadline_ns) {
      reset();
      return Error(ErrorCode::kTimeout,
                   "the statement took longer than " +
                       std::to_string(connection->options.statement_ms) + " ms");
    }
    return {};
  }

  void reset() {
    sqlite3_reset(handle);
    running = false;
  }

  std::shared_ptr<ConnectionRep> connection;  // shared with its Database
  sqlite3_stmt* handle;
  std::string tail;
  std::int64_t deadline_ns = kNever;
  bool running = false;
  int bind_code = SQLITE_OK;
};

namespace {

int look_at_clock(void* argument) {
  auto& connection = *static_cast<ConnectionRep*>(argument);
  if (connection.deadline_ns == kNever || connection.now_ns() <= connection.deadline_ns) {
    return 0;
  }
  connection.timed_out = true;
  return 1;
}

// The commit is durable already: a checkpoint that fails is tried again by the next one.
int after_commit(void* argument, sqlite3* handle, const char* schema, int pages) {
  auto& connection = *static_cast<ConnectionRep*>(argument);
  connection.wal_pages = pages;
  const int limit = connection.options.checkpoint_pages;
  if (limit > 0 && pages >= limit) {
    sqlite3_wal_checkpoint_v2(handle, schema, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  }
  return SQLITE_OK;
}

Result<std::string> query_first(ConnectionRep& connection, const std::string& sql) {
  std::string value;
  const auto take = [](void* argument, int count, char** values, char**) {
    if (count > 0 && values[0] != nullptr) {
      *static_cast<std::string*>(argument) = values[0];
    }
    return 0;
  };
  if (sqlite3_exec(connection.handle, sql.c_str(), take, &value, nullptr) != SQLITE_OK) {
    return connection.error();
  }
  return value;
}

Result<void> configure(ConnectionRep& connection) {
  const DatabaseOptions& options = connection.options;
  sqlite3_extended_result_codes(connection.handle, 1);
  sqlite3_busy_timeout(connection.handle, static_cast<int>(options.busy_ms));
  sqlite3_progress_handler(connection.handle, kStepsBetweenLooks, &look_at_clock, &connection);
  std::string settings =
      pragma("cache_size", -(options.page_cache_bytes / 1024)) + "PRAGMA trusted_schema=OFF;";
  if (options.files != nullptr) {
    settings += "PRAGMA temp_store=MEMORY;";
  }
  if (options.access == Access::kReadOnly) {
    TRY(connection.exec(settings + "PRAGMA query_only=ON;"));
    // SQLite opens a file lazily; who asks for a database learns here that it is none.
    TRY(query_first(connection, "SELECT count(*) FROM sqlite_schema"));
    return {};
  }
  TRY(connection.exec(settings));
  const std::string mode = TRY(query_first(connection, "PRAGMA journal_mode=WAL"));
  if (mode != "wal") {
    return Error(ErrorCode::kUnsupported, "SQLite refuses WAL mode and keeps " + mode);
  }
  TRY(connection.exec("PRAGMA synchronous=FULL;" +
                      pragma("journal_size_limit", options.journal_size_limit_bytes)));
  const std::string page = TRY(query_first(connection, "PRAGMA page_size"));
  connection.page_bytes = std::stoll("0" + page);
  sqlite3_wal_hook(connection.handle, &after_commit, &connection);
  return {};
}

}  // namespace

// --- Statement -----------------------------------------------------------------------------------

Statement::Statement(std::unique_ptr<StatementRep> rep) : rep_(std::move(rep)) {}

Statement::Statement(Statement&&) noexcept = default;
Statement& Statement::operator=(Statement&&) noexcept = default;
Statement::~Statement() = default;

void Statement::bind(int index, std::int64_t value) {
  rep_->check_bind(sqlite3_bind_int64(rep_->handle, index, value), index);
}

void Statement::bind_double(int index, double value) {
  rep_->check_bind(sqlite3_bind_double(rep_->handle, index, value), index);
}

void Statement::bind_text(int index, std::string_view text) {
  rep_->bind_text(index, text, SQLITE_TRANSIENT);
}

void Statement::bind_blob(int index, std::string_view bytes) {
  rep_->bind_blob(index, bytes, SQLITE_TRANSIENT);
}

void Statement::bind_null(int index) {
  rep_->check_bind(sqlite3_bind_null(rep_->handle, index), index);
}

void Statement::bind_text_borrowed(int index, std::string_view text) {
  rep_->bind_text(index, text, SQLITE_STATIC);
}

void Statement::bind_blob_borrowed(int index, std::string_view bytes) {
  rep_->bind_blob(index, bytes, SQLITE_STATIC);
}

void Statement::reset_bindings() {
  sqlite3_clear_bindings(rep_->handle);
}

int Statement::parameter_count() const {
  return sqlite3_bind_parameter_count(rep_->handle);
}

int Statement::parameter_index(const std::string& name) const {
  return sqlite3_bind_parameter_index(rep_->handle, name.c_str());
}

Result<bool> Statement::step() {
  TRY(rep_->prepare_step());
  const int code = sqlite3_step(rep_->handle);
  if (code == SQLITE_ROW) {
    return true;
  }
  if (code == SQLITE_DONE) {
    rep_->reset();
    return false;
  }
  Error error = rep_->connection->error();
  rep_->reset();
  return error;
}

Result<void> Statement::run() {
  while (TRY(step())) {
  }
  return {};
}

void Statement::reset() {
  rep_->reset();
}

int Statement::column_count() const {
  return sqlite3_column_count(rep_->handle);
}

std::string Statement::column_name(int column) const {
  const char* name = sqlite3_column_name(rep_->handle, column);
  return name == nullptr ? "" : name;
}

std::string Statement::column_declared_type(int column) const {
  const char* type = sqlite3_column_decltype(rep_->handle, column);
  return type == nullptr ? "" : type;
}

ColumnType Statement::column_type(int column) const {
  switch (sqlite3_column_type(rep_->handle, column)) {
    case SQLITE_INTEGER:
      return ColumnType::kInteger;
    case SQLITE_FLOAT:
      return ColumnType::kReal;
    case SQLITE_TEXT:
      return ColumnType::kText;
    case SQLITE_BLOB:
      return ColumnType::kBlob;
    default:
      return ColumnType::kNull;
  }
}

std::int64_t Statement::column_int(int column) const {
  return sqlite3_column_int64(rep_->handle, column);
}

double Statement::column_double(int column) const {
  return sqlite3_column_double(rep_->handle, column);
}

std::string_view Statement::column_text(int column) const {
  const auto* text = sqlite3_column_text(rep_->handle, column);
  const int size = sqlite3_column_bytes(rep_->handle, column);
  return {reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)};
}

std::string_view Statement::column_blob(int column) const {
  const void* bytes = sqlite3_column_blob(rep_->handle, column);
  const int size = sqlite3_column_bytes(rep_->handle, column);
  return {static_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

bool Statement::is_read_only() const {
  return sqlite3_stmt_readonly(rep_->handle) != 0;
}

std::string_view Statement::tail() const {
  return rep_->tail;
}

// --- Database ------------------------------------------------------------------------------------

Database::Database(std::shared_ptr<ConnectionRep> rep) : rep_(std::move(rep)) {}

Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Result<Database> Database::open(const std::string& path, const DatabaseOptions& options) {
  auto connection = std::make_shared<ConnectionRep>();
  connection->options = options;
  connection->path = path;
  if (options.clock != nullptr) {
    connection->clock = options.clock;
  }
  io::RealFiles real_files;
  io::Files& files = options.files == nullptr ? real_files : *options.files;
  const bool existed = TRY_DOING(io::exists(files, path), "open database " + path);
  if (!existed && options.access == Access::kReadOnly) {
    return Error(ErrorCode::kNotFound, "there is no database " + path);
  }
  const char* vfs = nullptr;
  if (options.files != nullptr) {
    connection->vfs = FilesVfs::for_files(*options.files);
    vfs = connection->vfs->name().c_str();
  }
  const int access = options.access == Access::kReadOnly
                         ? SQLITE_OPEN_READONLY
                         : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const int opened = sqlite3_open_v2(
      path.c_str(), &connection->handle, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, vfs);
  if (opened != SQLITE_OK) {
    return connection->error().with_context("open database " + path);
  }
  TRY_DOING(configure(*connection), "open database " + path);
  // SQLite syncs the folder of a WAL that it makes, not that of a database; and who made either may
  // have been killed before the sync.
  if (options.access == Access::kReadWrite) {
    TRY_DOING(files.sync_dir(io::parent_path(path)), "open database " + path);
  }
  return Database(std::move(connection));
}

Result<void> Database::exec(const std::string& sql) {
  return rep_->exec(sql);
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* handle = nullptr;
  const char* tail = nullptr;
  if (sql.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    return Error(ErrorCode::kExhausted, "the SQL text is too long");
  }
  rep_->start_limit();  // to read the schema is a statement too
  const int code =
      sqlite3_prepare_v2(rep_->handle, sql.data(), static_cast<int>(sql.size()), &handle, &tail);
  if (code != SQLITE_OK) {
    return rep_->error();
  }
  if (handle == nullptr) {
    return Error(ErrorCode::kInvalidArgument, "there is no SQL statement in this text");
  }
  auto statement = std::make_unique<StatementRep>(rep_, handle);
  statement->tail = sql.substr(static_cast<std::size_t>(tail - sql.data()));
  return Statement(std::move(statement));
}

Result<std::int64_t> Database::query_int(std::string_view sql) {
  Statement statement = TRY(prepare(sql));
  return TRY(statement.step()) ? statement.column_int(0) : std::int64_t{0};
}

Result<std::string> Database::query_text(std::string_view sql) {
  Statement statement = TRY(prepare(sql));
  return TRY(statement.step()) ? std::string(statement.column_text(0)) : std::string();
}

std::int64_t Database::changes() const {
  return sqlite3_changes64(rep_->handle);
}

std::int64_t Database::last_insert_rowid() const {
  return sqlite3_last_insert_rowid(rep_->handle);
}

bool Database::in_transaction() const {
  return sqlite3_get_autocommit(rep_->handle) == 0;
}

Result<std::int64_t> Database::checkpoint() {
  int in_wal = 0;
  int moved = 0;
  const int code =
      sqlite3_wal_checkpoint_v2(rep_->handle, nullptr, SQLITE_CHECKPOINT_PASSIVE, &in_wal, &moved);
  if (code != SQLITE_OK) {
    return rep_->error();
  }
  return std::int64_t{in_wal} - moved;
}

Result<void> Database::checkpoint_truncate() {
  const int code = sqlite3_wal_checkpoint_v2(
      rep_->handle, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  if (code != SQLITE_OK) {
    return rep_->error();
  }
  rep_->wal_pages = 0;
  return {};
}

// A WAL is 32 bytes, then each page with 24 bytes before it.
std::int64_t Database::wal_bytes() const {
  const std::int64_t pages = rep_->wal_pages;
  return pages == 0 ? 0 : 32 + pages * (rep_->page_bytes + 24);
}

void Database::release_memory() {
  sqlite3_db_release_memory(rep_->handle);
}

void Database::interrupt() {
  sqlite3_interrupt(rep_->handle);
}

const std::string& Database::path() const {
  return rep_->path;
}

// --- Transaction ---------------------------------------------------------------------------------

Transaction::Transaction(std::shared_ptr<ConnectionRep> connection)
    : connection_(std::move(connection)) {}

Result<Transaction> Transaction::begin(Database& database) {
  TRY(database.exec("BEGIN IMMEDIATE"));
  return Transaction(database.rep_);
}

Transaction::Transaction(Transaction&& other) noexcept = default;

Transaction::~Transaction() {
  if (connection_) {
    rollback().ignore_error("whoever left it uncommitted has the error that matters");
  }
}

Result<void> Transaction::commit() {
  MR_ASSERT(connection_ != nullptr, "commit of a transaction that is over");
  auto committed = connection_->exec("COMMIT");
  if (!committed) {
    rollback().ignore_error("the error of the commit is the one that matters");
  }
  connection_.reset();
  return committed;
}

// SQLite may have rolled back by itself, after an error that left it no other way.
Result<void> Transaction::rollback() {
  MR_ASSERT(connection_ != nullptr, "rollback of a transaction that is over");
  const std::shared_ptr<ConnectionRep> connection = std::exchange(connection_, nullptr);
  if (sqlite3_get_autocommit(connection->handle) != 0) {
    return {};
  }
  return connection->exec("ROLLBACK");
}

namespace {

std::string quoted(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    out += c;
    if (c == quote) {
      out += c;
    }
  }
  return out += quote;
}

}  // namespace

std::string quote_identifier(std::string_view name) {
  return quoted(name, '"');
}

std::string quote_text(std::string_view text) {
  return quoted(text, '\'');
}

}  // namespace millrace::sqlite
