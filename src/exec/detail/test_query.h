// For tests: SQL text over tables in memory, bound by plan and run by the operators of this module.
// Its two long bodies are in query_test.cc.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostic.h"
#include "base/random.h"
#include "base/result.h"
#include "data/column_builder.h"
#include "exec/query.h"
#include "expr/value_text.h"
#include "plan/catalog.h"

namespace millrace::exec {

/// Rows of one table, as boxed values.
using TestRows = std::vector<std::vector<data::Value>>;

/// Tables in memory and the queries over them. Owned by one thread.
class TestDatabase final : public plan::RelationResolver, public TableProvider {
 public:
  QueryOptions options = {};
  std::size_t batch_rows = data::kBatchRows;  ///< Of the batches that scans give.

  /// table("t", "a INT, b STRING", rows). It can be read as a stream, too.
  void table(const std::string& name, std::string_view columns, TestRows rows);

  /// Null after Diagnostics, which errors() shows.
  plan::NodePtr bind(std::string_view sql);

  /// One text a row: "1|NULL|x". An error is one row more: "?CLASS 1:8" when it does not bind,
  /// "!CLASS 1:8" when a row fails, "!message" when the query fails otherwise.
  std::vector<std::string> rows(std::string_view sql) {
    const plan::NodePtr query = bind(sql);
    if (!query) {
      return {"?" + place(diagnostics_.all()[0])};
    }
    std::vector<std::string> out;
    QueryFailure failure;
    const Result<void> done = run_query(
        query,
        *this,
        options,
        [&](const data::Batch& batch) {
          batches.push_back(batch.selection.size());
          batch.selection.for_each([&](std::size_t row) { out.push_back(text_of(batch, row)); });
          return true;
        },
        failure);
    if (!done) {
      out.push_back("!" + (done.error().code() == ErrorCode::kInvalidArgument
                               ? place(failure.diagnostic)
                               : done.error().to_string()));
    }
    return out;
  }

  /// The rows in any order: sorted as text.
  std::vector<std::string> sorted(std::string_view sql) {
    std::vector<std::string> all = rows(sql);
    std::ranges::sort(all);
    return all;
  }

  /// The rows on one line: "1|a; 2|b".
  std::string line(std::string_view sql) {
    const std::vector<std::string> all = rows(sql);
    std::string text;
    for (std::size_t row = 0; row < all.size(); ++row) {
      text += (row == 0 ? "" : "; ") + all[row];
    }
    return text;
  }

  /// Sizes of the batches that came out so far.
  std::vector<std::size_t> batches = {};

  static std::string text_of(const data::Batch& batch, std::size_t row) {
    std::string text;
    for (const data::ColumnPtr& column : batch.columns) {
      text += text.empty() && &column == &batch.columns.front() ? "" : "|";
      text += column->is_null(row)
                  ? "NULL"
                  : expr::value_to_text(column->type(), column->value(row), data::Zone());
    }
    return text;
  }

  std::shared_ptr<const plan::Relation> resolve(const std::vector<std::string>& parts,
                                                const SourceSpan& /*where*/,
                                                Diagnostics& /*diagnostics*/) override {
    const auto found = tables_.find(parts.back());
    return found == tables_.end() ? nullptr : found->second.relation;
  }

  [[nodiscard]] std::vector<std::string> names() const override {
    std::vector<std::string> all;
    all.reserve(tables_.size());
    for (const auto& [name, table] : tables_) {
      all.push_back(name);
    }
    return all;
  }

  Result<std::unique_ptr<BatchSource>> open(const plan::Scan& scan) override {
    return std::unique_ptr<BatchSource>(
        std::make_unique<Scanned>(scan, tables_.at(scan.relation->name).rows, batch_rows));
  }

 private:
  struct Table {
    // Shared with the plans that scan it.
    std::shared_ptr<const plan::Relation> relation = {};
    TestRows rows = {};
  };

  class Scanned final : public BatchSource {
   public:
    Scanned(const plan::Scan& scan, const TestRows& rows, std::size_t batch_rows)
        : scan_(scan), rows_(rows), batch_rows_(batch_rows) {
      if (scan_.columns.empty()) {
        for (std::size_t column = 0; column < scan_.relation->schema.fields.size(); ++column) {
          scan_.columns.push_back(column);
        }
      }
    }

    Result<bool> next(data::Batch& batch) override {
      const std::size_t count = std::min(batch_rows_, rows_.size() - at_);
      if (count == 0) {
        return false;
      }
      batch = {};
      for (const std::size_t column : scan_.columns) {
        data::ColumnBuilder builder(scan_.relation->schema.fields[column].type, count);
        for (std::size_t row = at_; row < at_ + count; ++row) {
          builder.append_value(rows_[row][column]);
        }
        batch.columns.push_back(builder.finish());
      }
      batch.rows = count;
      batch.selection = data::Selection::all(count);
      at_ += count;
      return true;
    }

   private:
    plan::Scan scan_;
    const TestRows& rows_;
    std::size_t batch_rows_;
    std::size_t at_ = 0;
  };

  static std::string place(const Diagnostic& found) {
    return found.error_class + " " + std::to_string(found.where.line) + ":" +
           std::to_string(found.where.column);
  }

  std::map<std::string, Table> tables_;
  Diagnostics diagnostics_;
};

/// An integer or null.
using Maybe = std::optional<std::int64_t>;

inline data::Value boxed(const Maybe& value) {
  return value ? data::Value(*value) : data::Value();
}

inline std::string shown(const Maybe& value) {
  return value ? std::to_string(*value) : "NULL";
}

/// `count` rows of `width` integers below `bound`, one of eight of them null.
inline std::vector<std::vector<Maybe>> random_rows(Random& random,
                                                   std::size_t count,
                                                   std::size_t width,
                                                   std::uint64_t bound) {
  std::vector<std::vector<Maybe>> rows(count, std::vector<Maybe>(width));
  for (std::vector<Maybe>& row : rows) {
    for (Maybe& cell : row) {
      cell = random.one_in(8) ? Maybe() : Maybe(static_cast<std::int64_t>(random.below(bound)));
    }
  }
  return rows;
}

inline TestRows boxed(const std::vector<std::vector<Maybe>>& rows) {
  TestRows all;
  for (const std::vector<Maybe>& row : rows) {
    std::vector<data::Value>& cells = all.emplace_back();
    for (const Maybe& cell : row) {
      cells.push_back(boxed(cell));
    }
  }
  return all;
}

/// As TestDatabase shows a row of them.
inline std::string shown(const std::vector<Maybe>& row) {
  std::string text;
  for (std::size_t cell = 0; cell < row.size(); ++cell) {
    text += (cell == 0 ? "" : "|") + shown(row[cell]);
  }
  return text;
}

}  // namespace millrace::exec
