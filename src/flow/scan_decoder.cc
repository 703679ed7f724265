#include "flow/scan_decoder.h"

#include <utility>

#include "data/column_builder.h"
#include "flow/row_encoder.h"
#include "format/csv.h"
#include "format/json_decoder.h"
#include "plan/catalog.h"

namespace millrace::flow {

namespace {

using data::TypeKind;

std::shared_ptr<const data::Origins> origins_of(const RecordChunk& chunk, std::uint32_t source) {
  auto origins = std::make_shared<data::Origins>();
  origins->source = source;
  origins->partition = chunk.partition;
  origins->offsets.reserve(chunk.records.size());
  for (const record::RecordView& record : chunk.records) {
    origins->offsets.push_back(record.offset.value());
  }
  return origins;
}

/// Kafka's seven columns, and no record that cannot be decoded.
class TopicDecoder final : public ScanDecoder {
 public:
  TopicDecoder(const plan::Scan& scan, std::uint32_t source) : scan_(scan), source_(source) {}

  data::Batch decode(const RecordChunk& chunk, std::vector<Undecodable>& /*undecodable*/) override {
    data::Batch batch;
    batch.rows = chunk.records.size();
    batch.selection = data::Selection::all(batch.rows);
    batch.origins = origins_of(chunk, source_);
    for (const std::size_t column : scan_.columns) {
      batch.columns.push_back(make_column(column, chunk));
    }
    return batch;
  }

 private:
  data::ColumnPtr make_column(std::size_t column, const RecordChunk& chunk) const {
    const data::Type& type = plan::kafka_schema().fields[column].type;
    const std::size_t rows = chunk.records.size();
    switch (column) {
      case 2:
        return data::Column::constant(type, data::Value(scan_.relation->topic), rows);
      case 3:
        return data::Column::constant(
            type, data::Value(static_cast<std::int64_t>(chunk.partition.value())), rows);
      case 6:
        return data::Column::constant(
            type, data::Value(std::int64_t{chunk.log_append_time ? 1 : 0}), rows);
      default:
        break;
    }
    data::ColumnBuilder builder(type, rows);
    for (const data::BlockPtr& block : chunk.blocks) {
      builder.hold(block);
    }
    for (const record::RecordView& record : chunk.records) {
      const auto& bytes = column == 0 ? record.key : record.value;
      if (column == 4) {
        builder.append(record.offset.value());
      } else if (column == 5) {
        builder.append(record.timestamp_ms * 1000);
      } else if (bytes) {
        builder.append_view(*bytes);
      } else {
        builder.append_null();
      }
    }
    return builder.finish();
  }

  const plan::Scan scan_;
  const std::uint32_t source_;
};

/// Values with declared columns: JSON or CSV of a source, or the rows of a table.
template <class Decoder>
class ColumnsScanDecoder final : public ScanDecoder {
 public:
  ColumnsScanDecoder(Decoder decoder, const plan::Scan& scan, std::uint32_t source)
      : decoder_(std::move(decoder)),
        scan_(scan),
        source_(source),
        table_(scan.relation->kind != plan::RelationKind::kSource) {}

  data::Batch decode(const RecordChunk& chunk, std::vector<Undecodable>& undecodable) override {
    std::vector<std::string_view> values;
    values.reserve(chunk.records.size());
    for (const record::RecordView& record : chunk.records) {
      values.push_back(record.value.value_or(std::string_view{}));
    }
    const format::DecodedRows rows = decoder_.decode(values, chunk.blocks);
    data::Batch batch;
    batch.rows = chunk.records.size();
    batch.columns = rows.columns;
    batch.origins = origins_of(chunk, source_);
    std::vector<data::RowIndex> kept;
    for (std::size_t row = 0; row < rows.outcomes.size(); ++row) {
      if (rows.outcomes[row] == format::RowOutcome::kDecoded) {
        kept.push_back(static_cast<data::RowIndex>(row));
      } else if (!table_ || chunk.records[row].value) {
        undecodable.push_back(why(row, rows.outcomes[row], chunk.records[row]));
      }
    }
    batch.selection = kept.size() == batch.rows ? data::Selection::all(batch.rows)
                                                : data::Selection(std::move(kept));
    return batch;
  }

 private:
  Undecodable why(std::size_t row,
                  format::RowOutcome outcome,
                  const record::RecordView& record) const {
    std::string text = "its declared columns cannot decode the record: ";
    if (!record.value) {
      text += "the value is null";
    } else if (outcome == format::RowOutcome::kBlank) {
      text += "the value is empty";
    } else if (outcome == format::RowOutcome::kPartial) {
      text += "a field is not of its declared type";
    } else {
      text += "the value is not of its format";
    }
    return {.row = row,
            .error_class = "MALFORMED_RECORD_IN_PARSING",
            .reason = scan_.relation->name + ": " + text};
  }

  Decoder decoder_;
  const plan::Scan scan_;
  const std::uint32_t source_;
  const bool table_;
};

/// Text with one declared column: the value itself.
class TextScanDecoder final : public ScanDecoder {
 public:
  explicit TextScanDecoder(std::uint32_t source) : source_(source) {}

  data::Batch decode(const RecordChunk& chunk, std::vector<Undecodable>& /*undecodable*/) override {
    data::ColumnBuilder builder(data::Type(TypeKind::kString), chunk.records.size());
    for (const data::BlockPtr& block : chunk.blocks) {
      builder.hold(block);
    }
    for (const record::RecordView& record : chunk.records) {
      if (record.value) {
        builder.append_view(*record.value);
      } else {
        builder.append_null();
      }
    }
    data::Batch batch;
    batch.rows = chunk.records.size();
    batch.selection = data::Selection::all(batch.rows);
    batch.columns.push_back(builder.finish());
    batch.origins = origins_of(chunk, source_);
    return batch;
  }

 private:
  const std::uint32_t source_;
};

/// Takes the scan's columns out of all columns of its relation. Owned by one thread.
class ColumnPicker final : public ScanDecoder {
 public:
  ColumnPicker(std::unique_ptr<ScanDecoder> all, std::vector<std::size_t> columns)
      : all_(std::move(all)), columns_(std::move(columns)) {}

  data::Batch decode(const RecordChunk& chunk, std::vector<Undecodable>& undecodable) override {
    data::Batch batch = all_->decode(chunk, undecodable);
    std::vector<data::ColumnPtr> picked;
    picked.reserve(columns_.size());
    for (const std::size_t column : columns_) {
      picked.push_back(batch.columns[column]);
    }
    batch.columns = std::move(picked);
    return batch;
  }

 private:
  std::unique_ptr<ScanDecoder> all_;
  std::vector<std::size_t> columns_;
};

// The options of a CSV source are Spark's; a line that does not fit is rejected.
Result<format::CsvDecoder> make_csv_decoder(const plan::Relation& relation) {
  format::TextOptions texts;
  for (const auto& [name, option] : relation.options) {
    texts[name] = option.value;
  }
  format::CsvOptions options = TRY(format::CsvOptions::from_text(texts, data::Zone()));
  options.scalars.mode = format::ParseMode::kFailFast;
  return format::CsvDecoder::create(relation.schema, std::move(options));
}

bool is_whole(const plan::Scan& scan) {
  for (std::size_t column = 0; column < scan.columns.size(); ++column) {
    if (scan.columns[column] != column) {
      return false;
    }
  }
  return scan.columns.size() == scan.relation->schema.fields.size();
}

}  // namespace

Result<std::unique_ptr<ScanDecoder>> ScanDecoder::make(const plan::Scan& scan,
                                                       std::uint32_t source) {
  const plan::Relation& relation = *scan.relation;
  const bool source_kind = relation.kind == plan::RelationKind::kSource;
  if ((source_kind && !relation.decoded) || relation.kind == plan::RelationKind::kTopic) {
    return std::unique_ptr<ScanDecoder>(std::make_unique<TopicDecoder>(scan, source));
  }
  std::unique_ptr<ScanDecoder> decoder;
  if (source_kind && relation.format == "text") {
    if (relation.schema.fields.size() != 1 ||
        relation.schema.fields[0].type.kind() != TypeKind::kString) {
      return Error(ErrorCode::kInvalidArgument,
                   "the text source " + relation.name + " has one column, a STRING");
    }
    decoder = std::make_unique<TextScanDecoder>(source);
  } else if (source_kind && relation.format == "csv") {
    format::CsvDecoder csv = TRY(make_csv_decoder(relation));
    decoder =
        std::make_unique<ColumnsScanDecoder<format::CsvDecoder>>(std::move(csv), scan, source);
  } else {
    format::JsonDecoder json = TRY(format::JsonDecoder::create(relation.schema, fail_fast()));
    decoder =
        std::make_unique<ColumnsScanDecoder<format::JsonDecoder>>(std::move(json), scan, source);
  }
  if (!is_whole(scan)) {
    decoder = std::make_unique<ColumnPicker>(std::move(decoder), scan.columns);
  }
  return decoder;
}

}  // namespace millrace::flow
