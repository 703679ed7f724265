// CSV: to and from columns; the work is done in format.
#include <algorithm>

#include "expr/families.h"
#include "expr/session_zone.h"
#include "expr/text_options.h"
#include "format/csv.h"
#include "format/schema_inference.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::TypeKind;
using data::Value;
using enum data::TypeKind;

struct CsvCall : CallData {
  format::TextOptions options;
  mutable DecoderPool<format::CsvDecoder> decoders;
};

data::Schema schema_of_fields(const Type& type) {
  return {.fields = type.fields()};
}

format::CsvOptions csv_options(const CsvCall& data, const KernelInput& in) {
  // They were read once when the call was bound.
  return MUST(format::CsvOptions::from_text(data.options, session_zone(in)));
}

data::ColumnPtr from_csv_kernel(const KernelInput& in) {
  const auto& data = static_cast<const CsvCall&>(*in.call.resolution.data);
  const std::string_view zone = in.evaluation.context().time_zone;
  std::unique_ptr<format::CsvDecoder> decoder = data.decoders.take(zone, [&] {
    return MUST(format::CsvDecoder::create(schema_of_fields(in.call.type), csv_options(data, in)));
  });
  format::DecodedRows rows = decoder->decode(records_of(in), in.args[0]->parts().blocks);
  data.decoders.give_back(zone, std::move(decoder));
  if (csv_options(data, in).scalars.mode == format::ParseMode::kFailFast) {
    fail_malformed(in, rows.outcomes);
  }
  data::Column::Parts parts;
  parts.type = in.call.type;
  parts.size = in.batch_rows;
  parts.validity = data::Bitmap(in.batch_rows, /*value=*/true);
  in.rows.for_each([&](std::size_t row) {
    if (in.args[0]->is_null(row)) {
      parts.validity.clear(row);
    }
  });
  parts.children = std::move(rows.columns);
  return std::make_shared<data::Column>(std::move(parts));
}

// The options, checked; nothing after a Diagnostic.
std::shared_ptr<CsvCall> read_options(CallSite& call, std::size_t index) {
  std::optional<format::TextOptions> options = options_of(call, index);
  if (!options || !mode_is_supported(call, *options)) {
    return nullptr;
  }
  const auto parsed = format::CsvOptions::from_text(*options, bound_zone(call));
  if (!parsed) {
    (void)fail_with(call, parsed.error());
    return nullptr;
  }
  auto data = std::make_shared<CsvCall>();
  data->options = *std::move(options);
  return data;
}

std::optional<Resolution> resolve_from_csv(CallSite& call) {
  if (!call.cast(0, Type(kString))) {
    return std::nullopt;
  }
  std::optional<Type> schema = schema_of(call);
  auto data = read_options(call, 2);
  if (!schema || !data) {
    return std::nullopt;
  }
  if (schema->kind() != kStruct) {
    return call.fail("INVALID_SCHEMA.NON_STRUCT_TYPE",
                     "42K07",
                     "The schema of from_csv must be a struct, not " + schema->to_sql());
  }
  std::vector<data::Field> fields = schema->fields();
  for (data::Field& field : fields) {
    field.nullable = true;
  }
  const Type type = Type::structure(std::move(fields));
  const auto decoder = format::CsvDecoder::create(
      schema_of_fields(type), MUST(format::CsvOptions::from_text(data->options, bound_zone(call))));
  if (!decoder) {
    return fail_with(call, decoder.error());
  }
  Resolution resolution{.type = type, .kernel = from_csv_kernel};
  resolution.data = std::move(data);
  return resolution;
}

data::ColumnPtr to_csv_kernel(const KernelInput& in) {
  const auto& data = static_cast<const CsvCall&>(*in.call.resolution.data);
  const data::Column& rows = *in.args[0];
  const format::CsvWriter writer =
      MUST(format::CsvWriter::create(schema_of_fields(rows.type()), csv_options(data, in)));
  ResultWriter<std::string> result(in);
  std::string out;
  in.rows.for_each([&](std::size_t row) {
    if (rows.is_null(row)) {
      result.set_null(row);
      return;
    }
    out.clear();
    writer.append_row(out, rows.parts().children, rows.child_row(row));
    result.set(row, out);
  });
  return result.finish();
}

std::optional<Resolution> resolve_to_csv(CallSite& call) {
  if (call.type(0).kind() != kStruct) {
    return call.fail(
        "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
        "42K09",
        "Cannot resolve " + call.sql() + ": to_csv needs a struct, not " + call.type(0).to_sql());
  }
  auto data = read_options(call, 1);
  if (!data) {
    return std::nullopt;
  }
  const auto writer = format::CsvWriter::create(
      schema_of_fields(call.type(0)),
      MUST(format::CsvOptions::from_text(data->options, bound_zone(call))));
  if (!writer) {
    return fail_with(call, writer.error());
  }
  Resolution resolution{
      .type = Type(kString), .nullable = call.arg(0).nullable, .kernel = to_csv_kernel};
  resolution.data = std::move(data);
  return resolution;
}

std::optional<Resolution> resolve_schema_of_csv(CallSite& call) {
  const auto data = read_options(call, 1);
  if (!data) {
    return std::nullopt;
  }
  const std::optional<Value> text = call.constant(0);
  if (!text || text->is_null() || call.type(0).kind() != kString) {
    return call.fail("DATATYPE_MISMATCH.NON_FOLDABLE_INPUT",
                     "42K09",
                     "Cannot resolve " + call.sql() + ": the CSV text must be a constant string");
  }
  format::CsvOptions options = MUST(format::CsvOptions::from_text(data->options, bound_zone(call)));
  options.header = false;
  options.infer_schema = true;
  const std::string_view record = text->string();
  const data::Schema schema = format::infer_csv_schema({&record, 1}, options);
  Resolution resolution;
  resolution.replacement =
      make_literal(Type(kString), Value(Type::structure(schema.fields).to_sql()), call.where());
  return resolution;
}

constexpr Function kCsvFunctions[] = {
    {"from_csv",
     2,
     3,
     resolve_from_csv,
     true,
     "from_csv(str, 'a INT, b STRING'[, map(options)]) - a record of CSV as a struct"},
    {"to_csv", 1, 2, resolve_to_csv, true, "to_csv(struct[, map(options)]) - as a record of CSV"},
    {"schema_of_csv",
     1,
     2,
     resolve_schema_of_csv,
     true,
     "schema_of_csv(str[, map(options)]) - the type of a record of CSV, for from_csv"},
};

}  // namespace

std::span<const Function> csv_functions() {
  return kCsvFunctions;
}

}  // namespace millrace::expr
