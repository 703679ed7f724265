#include "cli/record_filter.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/ascii.h"
#include "data/batch.h"
#include "data/column_builder.h"
#include "expr/bind_ast.h"
#include "sql/parser.h"

namespace millrace::cli {
namespace {

using data::Type;
using data::TypeKind;

constexpr std::string_view kFile = "--where";

enum Part : std::size_t {
  kKey,
  kValue,
  kTopic,
  kPartition,
  kOffset,
  kTimestamp,
  kHeaders
};

const data::Schema& record_schema() {
  static const data::Schema kSchema = {
      {{.name = "key", .type = Type(TypeKind::kString)},
       {.name = "value", .type = Type(TypeKind::kString)},
       {.name = "topic", .type = Type(TypeKind::kString), .nullable = false},
       {.name = "partition", .type = Type(TypeKind::kInt), .nullable = false},
       {.name = "offset", .type = Type(TypeKind::kBigInt), .nullable = false},
       {.name = "timestamp", .type = Type(TypeKind::kTimestamp)},
       {.name = "headers",
        .type = Type::map(Type(TypeKind::kString), Type(TypeKind::kString)),
        .nullable = false}}};
  return kSchema;
}

// Gives columns in the order in which the condition first names them. Owned by one thread.
class Columns final : public expr::NameResolver {
 public:
  explicit Columns(std::vector<std::size_t>& used) : used_(used) {}

  expr::Resolved column(const sql::Name& name,
                        std::size_t& used,
                        expr::ExpressionPtr& result) override {
    const std::optional<std::size_t> found = record_schema().find(name.parts.front().name);
    if (!found) {
      return expr::Resolved::kNotMine;
    }
    const auto place = std::ranges::find(used_, *found);
    const auto index = static_cast<std::size_t>(place - used_.begin());
    if (place == used_.end()) {
      used_.push_back(*found);
    }
    const data::Field& field = record_schema().fields[*found];
    used = 1;
    result = expr::make_column(index, field.name, field.type, field.nullable);
    return expr::Resolved::kDone;
  }

  expr::Resolved call(const sql::FunctionCall& /*call*/,
                      const SourceSpan& /*where*/,
                      expr::ExpressionPtr& /*result*/) override {
    return expr::Resolved::kNotMine;
  }

  expr::Resolved subquery(const sql::Query& /*query*/,
                          sql::SubqueryKind /*kind*/,
                          const SourceSpan& where,
                          expr::ExpressionPtr& /*result*/) override {
    return refuse(where);
  }

  expr::Resolved in_subquery(const sql::InSubquery& /*in*/,
                             const SourceSpan& where,
                             expr::ExpressionPtr& /*result*/) override {
    return refuse(where);
  }

  [[nodiscard]] std::vector<std::string> column_names() const override {
    std::vector<std::string> names;
    for (const data::Field& field : record_schema().fields) {
      names.push_back(field.name);
    }
    return names;
  }

  /// Where a subquery stands, if one does.
  [[nodiscard]] const std::optional<SourceSpan>& refused() const { return refused_; }

 private:
  expr::Resolved refuse(const SourceSpan& where) {
    refused_ = where;
    return expr::Resolved::kFailed;
  }

  std::vector<std::size_t>& used_;
  std::optional<SourceSpan> refused_;
};

void append_bytes(data::ColumnBuilder& builder, const std::optional<std::string_view>& bytes) {
  if (bytes) {
    builder.append_string(*bytes);
  } else {
    builder.append_null();
  }
}

// Of headers with the same name the last stays: keys of a map are unique.
void append_headers(data::ColumnBuilder& builder, const std::vector<record::HeaderView>& headers) {
  for (auto header = headers.begin(); header != headers.end(); ++header) {
    const auto again =
        std::find_if(header + 1, headers.end(), [&](const record::HeaderView& other) {
          return other.key == header->key;
        });
    if (again == headers.end()) {
      builder.child(0).append_string(header->key);
      append_bytes(builder.child(1), header->value);
    }
  }
  builder.append_nested();
}

data::ColumnPtr make_column(std::size_t part, const ShownRecord& record) {
  data::ColumnBuilder builder(record_schema().fields[part].type, 1);
  switch (part) {
    case kKey:
      append_bytes(builder, record.key);
      break;
    case kValue:
      append_bytes(builder, record.value);
      break;
    case kTopic:
      builder.append_string(record.topic);
      break;
    case kPartition:
      builder.append(record.partition);
      break;
    case kOffset:
      builder.append(record.offset);
      break;
    case kTimestamp:
      if (record.timestamp_ms < 0) {
        builder.append_null();
      } else {
        builder.append(record.timestamp_ms * 1000);
      }
      break;
    default:
      append_headers(builder, record.headers);
  }
  return builder.finish();
}

}  // namespace

RecordFilter RecordFilter::parse(std::string_view condition,
                                 std::int64_t now_us,
                                 Diagnostics& diagnostics) {
  RecordFilter filter;
  filter.context_.epoch_time_us = now_us;
  const sql::ExpressionPtr tree = sql::parse_expression(condition, kFile, diagnostics);
  if (tree == nullptr) {
    return filter;
  }
  Columns columns(filter.columns_);
  const expr::BindContext context;
  filter.condition_ = expr::bind_expression(
      *tree, columns, {.context = context, .file = std::string(kFile)}, diagnostics);
  if (columns.refused()) {
    diagnostics.add({.where = *columns.refused(),
                     .message = "a condition of records has no subqueries",
                     .help = "millrace sql asks over topics, tables and files"});
  }
  if (filter.condition_ != nullptr && filter.condition_->type.kind() != TypeKind::kBoolean) {
    diagnostics.add({.where = {.file = std::string(kFile), .line = 1, .column = 1},
                     .message = fmt::format("a condition is true or false, found {}",
                                            filter.condition_->type.to_sql()),
                     .help = "compare it: value = 'x', key LIKE 'a%', headers['h'] IS NOT NULL"});
  }
  return filter;
}

bool RecordFilter::passes(const ShownRecord& record) {
  if (condition_ == nullptr) {
    return true;
  }
  data::Batch batch;
  batch.rows = 1;
  batch.selection = data::Selection::all(1);
  for (const std::size_t part : columns_) {
    batch.columns.push_back(make_column(part, record));
  }
  expr::Evaluation evaluation(context_, batch);
  const bool passed = filter_rows(*condition_, batch.selection, evaluation).size() == 1;
  if (batch.errors.any()) {
    if (failed_++ == 0) {
      first_failure_ =
          fmt::format("{}-{}@{}: {}",
                      record.topic,
                      record.partition,
                      record.offset,
                      expr::describe_error(batch.errors.errors().front(), context_, batch).message);
    }
    return false;
  }
  return passed;
}

}  // namespace millrace::cli
