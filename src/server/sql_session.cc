#include "server/sql_session.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/clock.h"
#include "base/suggest.h"
#include "data/column_builder.h"
#include "data/zone.h"
#include "exec/query.h"
#include "expr/value_text.h"
#include "plan/binder.h"
#include "plan/definitions.h"
#include "server/detail/sql_catalog.h"
#include "sql/parser.h"

namespace millrace::server {

namespace {

using data::Type;
using data::TypeKind;

/// Rows of texts, made in memory: SHOW TABLES, DESCRIBE, EXPLAIN.
class TextRows {
 public:
  explicit TextRows(std::vector<std::string> names) {
    for (std::string& name : names) {
      schema_.fields.push_back({.name = std::move(name), .type = Type(TypeKind::kString)});
      columns_.emplace_back(Type(TypeKind::kString));
    }
  }

  void add(const std::vector<std::string>& row) {
    for (std::size_t column = 0; column < row.size(); ++column) {
      columns_[column].append_string(row[column]);
    }
    if (columns_[0].size() == data::kBatchRows) {
      close();
    }
  }

  void give(std::string_view statement, SqlSink& sink) {
    close();
    sink.begin(statement, schema_);
    for (const data::Batch& batch : batches_) {
      if (!sink.rows(batch)) {
        break;
      }
    }
  }

 private:
  void close() {
    if (columns_[0].size() == 0) {
      return;
    }
    data::Batch batch;
    batch.rows = columns_[0].size();
    batch.selection = data::Selection::all(batch.rows);
    for (data::ColumnBuilder& column : columns_) {
      batch.columns.push_back(column.finish());
    }
    batches_.push_back(std::move(batch));
  }

  data::Schema schema_;
  std::vector<data::ColumnBuilder> columns_;
  std::vector<data::Batch> batches_;
};

std::string_view error_class_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kExhausted:
      return "UNABLE_TO_ACQUIRE_MEMORY";
    case ErrorCode::kCancelled:
    case ErrorCode::kTimeout:
      return "QUERY_CANCELLED";
    case ErrorCode::kUnsupported:
      return "UNSUPPORTED_FEATURE";
    case ErrorCode::kNotFound:
    case ErrorCode::kPermissionDenied:
    case ErrorCode::kIo:
    case ErrorCode::kCorruption:
      return "FAILED_READ_FILE";
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kUnavailable:
    case ErrorCode::kConflict:
    case ErrorCode::kInternal:
      break;
  }
  return "INTERNAL_ERROR";
}

/// The statements of one script, one after the other. Owned by one thread.
class Script {
 public:
  Script(const SqlWorld& world, const SqlOptions& options, SqlSink& sink)
      : world_(world),
        options_(options),
        sink_(sink),
        catalog_(world),
        tables_(world),
        time_zone_(options.time_zone) {
    if (world.pipeline) {
      for (const auto& [key, value] : world.pipeline->configuration) {
        set(key, value);
      }
    }
  }

  bool run(std::string_view text) {
    text_ = text;
    Diagnostics syntax;
    const sql::ParsedScript script = sql::parse_script(text, options_.file, syntax);
    std::vector<Diagnostic> faults(syntax.all().begin(), syntax.all().end());
    bool ok = true;
    auto fault = faults.begin();
    const auto report_until = [&](int line, int column) {
      for (; fault != faults.end() &&
             std::pair(fault->where.line, fault->where.column) < std::pair(line, column);
           ++fault) {
        ok = ok && fault->severity != Severity::kError;
        sink_.begin("", {});
        sink_.end({*fault});
      }
    };
    for (const sql::Statement& statement : script.statements) {
      report_until(statement.position.line, statement.position.column);
      ok = run_one(statement) && ok;
    }
    report_until(std::numeric_limits<int>::max(), 0);
    return ok;
  }

 private:
  bool run_one(const sql::Statement& statement) {
    statement_ = text_.substr(statement.begin, statement.size);
    Diagnostics diagnostics;
    if (const auto* query = statement.as<sql::QueryStatement>()) {
      run_query(*query->query, diagnostics);
    } else if (const auto* show = statement.as<sql::ShowTables>()) {
      show_tables(*show);
    } else if (const auto* describe = statement.as<sql::Describe>()) {
      run_describe(*describe, diagnostics);
    } else if (const auto* explain = statement.as<sql::Explain>()) {
      run_explain(*explain, diagnostics);
    } else if (const auto* view = statement.as<sql::CreateView>()) {
      create_view(*view, diagnostics);
    } else if (const auto* setting = statement.as<sql::SetConfiguration>()) {
      set(setting->key, setting->value);
      sink_.begin(statement_, {});
    } else if (statement.as<sql::Use>() != nullptr) {
      sink_.begin(statement_, {});
    } else {
      diagnostics.add({.code = "MR1303",
                       .error_class = "UNSUPPORTED_FEATURE",
                       .sqlstate = "0A000",
                       .where = sql::to_span(statement.position, options_.file),
                       .message = "this statement is not run here: a query only reads",
                       .help = "tables, flows and sources are made by the files of a project; "
                               "here there are SELECT, SHOW TABLES, DESCRIBE, EXPLAIN, SET and "
                               "CREATE TEMPORARY VIEW"});
    }
    const bool ok = !diagnostics.has_errors();
    if (!ok && !begun_) {
      sink_.begin(statement_, {});
    }
    begun_ = false;
    sink_.end({diagnostics.all().begin(), diagnostics.all().end()});
    return ok;
  }

  void set(const std::string& key, const std::string& value) {
    if (key == "spark.sql.session.timeZone") {
      time_zone_ = value;
    } else if (key == "spark.sql.ansi.enabled") {
      ansi_ = plan::to_lower(value) != "false";
    }
  }

  [[nodiscard]] plan::BindOptions bind_options() const {
    plan::BindOptions options;
    options.file = options_.file;
    options.context.time_zone = time_zone_;
    options.context.ansi = ansi_;
    options.context.owner = "query";
    return options;
  }

  plan::NodePtr bind(const sql::Query& query, Diagnostics& diagnostics) {
    plan::NodePtr node = plan::bind_query(query, catalog_, bind_options(), diagnostics);
    if (node && node->streaming) {
      diagnostics.add({.code = "MR1304",
                       .error_class = "UNSUPPORTED_FEATURE",
                       .sqlstate = "0A000",
                       .where = node->where,
                       .message = "a query that reads a stream never ends",
                       .help = "leave STREAM out: the records that are there now are read"});
      return nullptr;
    }
    return diagnostics.has_errors() ? nullptr : node;
  }

  void run_query(const sql::Query& query, Diagnostics& diagnostics) {
    const plan::NodePtr node = bind(query, diagnostics);
    if (!node) {
      return;
    }
    const SystemClock system;
    exec::QueryOptions options;
    options.context.epoch_time_us =
        (world_.clock != nullptr ? *world_.clock : static_cast<const Clock&>(system)).wall_us();
    options.context.time_zone = time_zone_;
    options.context.salt = {.high = static_cast<std::uint64_t>(options.context.epoch_time_us),
                            .low = ++queries_};
    options.memory_bytes_max = options_.memory_bytes_max;
    options.stop = options_.stop;
    sink_.begin(statement_, node->schema);
    begun_ = true;
    exec::QueryFailure failure;
    const auto done = exec::run_query(
        node,
        tables_,
        options,
        [&](const data::Batch& batch) { return sink_.rows(batch); },
        failure);
    if (done) {
      return;
    }
    Diagnostic fault = failure.diagnostic;
    if (fault.message.empty() || done.error().code() != ErrorCode::kInvalidArgument) {
      fault = {.error_class = std::string(error_class_of(done.error().code())),
               .message = done.error().to_string()};
    }
    fault.severity = Severity::kError;
    diagnostics.add(std::move(fault));
  }

  void show_tables(const sql::ShowTables& show) {
    TextRows rows({"namespace", "tableName", "isTemporary"});
    for (const auto& table : catalog_.tables()) {
      const std::string name = plan::to_lower(table->name);
      if (show.like && !like(name, plan::to_lower(*show.like))) {
        continue;
      }
      const bool temporary = table->kind == plan::RelationKind::kTemporaryView;
      rows.add({temporary ? "" : "default", table->name, temporary ? "true" : "false"});
    }
    rows.give(statement_, sink_);
    begun_ = true;
  }

  // Spark's patterns: * is any text, | parts alternatives.
  static bool like(std::string_view name, std::string_view pattern) {
    while (true) {
      const std::size_t bar = pattern.find('|');
      if (matches(name, pattern.substr(0, bar))) {
        return true;
      }
      if (bar == std::string_view::npos) {
        return false;
      }
      pattern.remove_prefix(bar + 1);
    }
  }

  static bool matches(std::string_view name, std::string_view pattern) {
    const std::size_t star = pattern.find('*');
    if (star == std::string_view::npos) {
      return name == pattern;
    }
    if (!name.starts_with(pattern.substr(0, star))) {
      return false;
    }
    for (std::size_t skip = star; skip <= name.size(); ++skip) {
      if (matches(name.substr(skip), pattern.substr(star + 1))) {
        return true;
      }
    }
    return false;
  }

  void run_describe(const sql::Describe& describe, Diagnostics& diagnostics) {
    std::vector<std::string> parts;
    parts.reserve(describe.name.parts.size());
    for (const sql::Identifier& part : describe.name.parts) {
      parts.push_back(part.name);
    }
    const SourceSpan where = sql::to_span(describe.name.position, options_.file);
    const auto relation = catalog_.resolve(parts, where, diagnostics);
    if (!relation) {
      if (!diagnostics.has_errors()) {
        diagnostics.add({.code = "MR1305",
                         .error_class = "TABLE_OR_VIEW_NOT_FOUND",
                         .sqlstate = "42P01",
                         .where = where,
                         .message = "The table or view `" + parts.back() + "` cannot be found" +
                                    did_you_mean(parts.back(), catalog_.names())});
      }
      return;
    }
    TextRows rows({"col_name", "data_type", "comment"});
    for (const data::Field& field : relation->schema.fields) {
      rows.add({field.name, field.type.to_string(), field.comment});
    }
    if (describe.extended) {
      rows.add({"", "", ""});
      rows.add({"# Detailed Table Information", "", ""});
      rows.add({"Name", relation->name, ""});
      rows.add({"Topic", relation->topic, ""});
      std::string key;
      for (const std::size_t column : relation->key) {
        key += (key.empty() ? "" : ", ") + relation->schema.fields[column].name;
      }
      rows.add({"Key", key, ""});
      rows.add({"Comment", relation->comment, ""});
    }
    rows.give(statement_, sink_);
    begun_ = true;
  }

  void run_explain(const sql::Explain& explain, Diagnostics& diagnostics) {
    // A stream is explained too.
    const plan::NodePtr node =
        plan::bind_query(*explain.query, catalog_, bind_options(), diagnostics);
    if (!node || diagnostics.has_errors()) {
      return;
    }
    TextRows rows({"plan"});
    rows.add({detail::plan_to_text(*node)});
    rows.give(statement_, sink_);
    begun_ = true;
  }

  void create_view(const sql::CreateView& view, Diagnostics& diagnostics) {
    if (!view.temporary || view.global) {
      diagnostics.add({.code = "MR1303",
                       .error_class = "UNSUPPORTED_FEATURE",
                       .sqlstate = "0A000",
                       .where = sql::to_span(view.name.position, options_.file),
                       .message = "views that stay are made by the files of a project",
                       .help = "write CREATE TEMPORARY VIEW"});
      return;
    }
    const plan::NodePtr node = bind(*view.query, diagnostics);
    if (!node) {
      return;
    }
    auto relation = std::make_shared<plan::Relation>();
    relation->name = view.name.parts.back().name;
    relation->kind = plan::RelationKind::kTemporaryView;
    relation->schema = node->schema;
    relation->query = node;
    for (std::size_t column = 0;
         column < std::min(view.columns.size(), relation->schema.fields.size());
         ++column) {
      relation->schema.fields[column].name = view.columns[column].name.name;
    }
    catalog_.add_view(std::move(relation));
    sink_.begin(statement_, {});
    begun_ = true;
  }

  const SqlWorld& world_;
  const SqlOptions& options_;
  SqlSink& sink_;
  detail::SessionCatalog catalog_;
  detail::SessionTables tables_;
  std::string time_zone_;
  bool ansi_ = true;
  std::string_view text_;
  std::string_view statement_;
  bool begun_ = false;
  std::uint64_t queries_ = 0;
};

/// Keeps answers in memory, up to the limits.
class Collector final : public SqlSink {
 public:
  explicit Collector(const SqlOptions& options) : options_(options) {}

  void begin(std::string_view statement, const data::Schema& schema) override {
    answers_.push_back({.statement = std::string(statement), .schema = schema});
    rows_ = 0;
    bytes_ = 0;
  }

  bool rows(const data::Batch& batch) override {
    SqlAnswer& answer = answers_.back();
    const std::size_t left = options_.rows_max - rows_;
    if (batch.selection.size() > left) {
      answer.truncated = true;
      std::vector<data::RowIndex> first;
      first.reserve(left);
      for (std::size_t at = 0; at < left; ++at) {
        first.push_back(static_cast<data::RowIndex>(batch.selection[at]));
      }
      data::Batch cut = batch;
      cut.selection = data::Selection(std::move(first));
      answer.batches.push_back(std::move(cut));
      return false;
    }
    for (const data::ColumnPtr& column : batch.columns) {
      bytes_ += column->memory_bytes();
      for (const data::BlockPtr& block : column->parts().blocks) {
        bytes_ += block->size() / static_cast<std::size_t>(std::max(block.use_count(), 1L));
      }
    }
    rows_ += batch.selection.size();
    answer.batches.push_back(batch);
    answer.truncated = bytes_ > options_.memory_bytes_max;
    return !answer.truncated;
  }

  void end(const std::vector<Diagnostic>& diagnostics) override {
    SqlAnswer& answer = answers_.back();
    answer.diagnostics = diagnostics;
    if (!answer.ok()) {
      answer.batches.clear();
      answer.truncated = false;
    }
  }

  std::vector<SqlAnswer> take() { return std::move(answers_); }

 private:
  const SqlOptions& options_;
  std::vector<SqlAnswer> answers_;
  std::size_t rows_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace

bool SqlAnswer::ok() const {
  return std::ranges::none_of(diagnostics, [](const Diagnostic& diagnostic) {
    return diagnostic.severity == Severity::kError;
  });
}

std::size_t SqlAnswer::row_count() const {
  std::size_t count = 0;
  for (const data::Batch& batch : batches) {
    count += batch.selection.size();
  }
  return count;
}

bool run_sql(const SqlWorld& world,
             std::string_view text,
             const SqlOptions& options,
             SqlSink& sink) {
  return Script(world, options, sink).run(text);
}

std::vector<SqlAnswer> run_sql(const SqlWorld& world,
                               std::string_view text,
                               const SqlOptions& options) {
  Collector collector(options);
  (void)run_sql(world, text, options, collector);
  return collector.take();
}

std::vector<std::optional<std::string>> row_to_text(const data::Batch& batch,
                                                    std::size_t row,
                                                    std::string_view time_zone) {
  const data::Zone zone = data::Zone::find(time_zone).value_or(data::Zone());
  std::vector<std::optional<std::string>> texts;
  for (const data::ColumnPtr& column : batch.columns) {
    if (column->is_null(row)) {
      texts.emplace_back(std::nullopt);
    } else {
      texts.emplace_back(expr::value_to_text(column->type(), column->value(row), zone));
    }
  }
  return texts;
}

}  // namespace millrace::server
