// From output rows of a flow to the records of its table's topic: the value is the row as one JSON
// object, columns in order, nulls kept; the key is made of the key columns: the text itself for one
// STRING column, else JSON (a scalar for one column, an object for several). Without key columns
// the record has no key, but for materialized views, whose records have the number of the row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "data/batch.h"
#include "data/type.h"
#include "flow/dead_letter.h"
#include "format/json_options.h"
#include "format/json_writer.h"
#include "plan/catalog.h"

namespace millrace::flow {

/// Owned by one thread.
class RowEncoder {
 public:
  /// `partitions`: of the table's topic; a keyed row goes where Kafka's default partitioner would
  /// put it, others to partition 0.
  RowEncoder(const plan::Relation& table, std::int32_t partitions);

  /// Adds the selected rows to the batches of the partitions.
  Result<void> encode(const data::Batch& batch,
                      std::int64_t timestamp_ms,
                      std::vector<BatchCutter>& partitions);

  /// The key of one row; nothing for a table without key.
  [[nodiscard]] std::optional<std::string> key_of(const data::Batch& batch, std::size_t row) const;

  /// Replaces `value` by the value of one row.
  void value_of(const data::Batch& batch, std::size_t row, std::string& value) const;

  /// Where a record of that key goes.
  [[nodiscard]] std::size_t partition_of(std::string_view key) const;

 private:
  const plan::Relation& table_;
  std::int32_t partitions_;
  bool plain_text_key_;
  format::JsonWriter values_;
  format::JsonWriter keys_;
  std::string value_;  // Reused.
};

/// The configuration of a table's topic: kept for ever, or compacted by key.
log::TopicConfig table_topic_config(const plan::Relation& table);

/// How everything is read that this program wrote itself: what does not fit is an error.
format::JsonOptions fail_fast();

/// The key columns of a record's key, one row each, in the order of the key; nothing when the bytes
/// are no key of the table.
std::optional<std::vector<data::ColumnPtr>> decode_key(const plan::Relation& table,
                                                       std::string_view key);

}  // namespace millrace::flow
