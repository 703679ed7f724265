#include "flow/row_encoder.h"

#include <utility>

#include "base/hash.h"
#include "data/column_builder.h"
#include "format/json_decoder.h"
#include "format/json_writer.h"

namespace millrace::flow {

namespace {

bool is_plain_text(const plan::Relation& table) {
  return table.key.size() == 1 &&
         table.schema.fields[table.key[0]].type.kind() == data::TypeKind::kString;
}

data::Schema key_schema(const plan::Relation& table) {
  data::Schema schema;
  for (const std::size_t column : table.key) {
    schema.fields.push_back(table.schema.fields[column]);
  }
  return schema;
}

}  // namespace

RowEncoder::RowEncoder(const plan::Relation& table, std::int32_t partitions)
    : table_(table),
      partitions_(partitions),
      plain_text_key_(is_plain_text(table)),
      values_(table.schema),
      keys_(key_schema(table)) {}

std::optional<std::string> RowEncoder::key_of(const data::Batch& batch, std::size_t row) const {
  if (table_.key.empty()) {
    return std::nullopt;
  }
  if (plain_text_key_) {
    return std::string(batch.columns[table_.key[0]]->string(row));
  }
  std::string key;
  if (table_.key.size() == 1) {
    keys_.append_value(key, *batch.columns[table_.key[0]], row);
    return key;
  }
  std::vector<data::ColumnPtr> columns;
  columns.reserve(table_.key.size());
  for (const std::size_t column : table_.key) {
    columns.push_back(batch.columns[column]);
  }
  keys_.append_row(key, columns, row);
  return key;
}

void RowEncoder::value_of(const data::Batch& batch, std::size_t row, std::string& value) const {
  value.clear();
  values_.append_row(value, batch.columns, row);
}

std::size_t RowEncoder::partition_of(std::string_view key) const {
  return partitions_ == 1 ? 0
                          : (murmur2(key) & 0x7FFFFFFFU) % static_cast<std::uint32_t>(partitions_);
}

Result<void> RowEncoder::encode(const data::Batch& batch,
                                std::int64_t timestamp_ms,
                                std::vector<BatchCutter>& partitions) {
  for (std::size_t index = 0; index < batch.selection.size(); ++index) {
    const std::size_t row = batch.selection[index];
    value_of(batch, row, value_);
    const std::optional<std::string> key = key_of(batch, row);
    TRY(partitions[key ? partition_of(*key) : 0].add(
        {.timestamp_ms = timestamp_ms,
         .key = key ? std::optional<std::string_view>(*key) : std::nullopt,
         .value = value_}));
  }
  return {};
}

log::TopicConfig table_topic_config(const plan::Relation& table) {
  log::TopicConfig config =
      plan::is_upserted(table) ? log::TopicConfig::compacted() : log::TopicConfig::keep_for_ever();
  config.max_message_bytes = static_cast<std::int64_t>(kRecordBytesMax + (1U << 20U));
  config.timestamp_after_max_ms = log::TopicConfig::kForEver;
  return config;
}

format::JsonOptions fail_fast() {
  format::JsonOptions options;
  options.mode = format::ParseMode::kFailFast;
  return options;
}

std::optional<std::vector<data::ColumnPtr>> decode_key(const plan::Relation& table,
                                                       std::string_view key) {
  if (table.key.empty()) {
    return std::nullopt;
  }
  std::vector<data::ColumnPtr> columns;
  if (is_plain_text(table)) {
    columns.push_back(data::Column::constant(
        data::Type(data::TypeKind::kString), data::Value(std::string(key)), 1));
    return columns;
  }
  const data::Schema schema = key_schema(table);
  const bool single = table.key.size() == 1;
  const data::Type root =
      single ? data::Type::array(schema.fields[0].type) : data::Type::structure(schema.fields);
  auto decoder = format::JsonDecoder::create(root, fail_fast());
  if (!decoder) {
    decoder.ignore_error("a key of a type that JSON cannot hold is none of ours");
    return std::nullopt;
  }
  const std::string text = single ? "[" + std::string(key) + "]" : std::string(key);
  const auto block = std::make_shared<const data::Block>(text);
  const std::string_view record = block->view();
  const format::JsonRows rows = decoder->decode({&record, 1}, {&block, 1});
  if (rows.outcomes[0] != format::RowOutcome::kDecoded) {
    return std::nullopt;
  }
  if (!single) {
    return rows.columns;
  }
  const data::Column& array = *rows.columns[0];
  if (array.end_of(0) - array.begin_of(0) != 1) {
    return std::nullopt;
  }
  data::ColumnBuilder builder(schema.fields[0].type, 1);
  builder.append_from(*array.child(0), static_cast<std::size_t>(array.begin_of(0)));
  columns.push_back(builder.finish());
  return columns;
}

}  // namespace millrace::flow
