// JSON: to and from columns (the work is done in format), and looking into JSON text.
#include <algorithm>

#include "expr/expression.h"
#include "expr/families.h"
#include "expr/json_path.h"
#include "expr/kernels.h"
#include "expr/session_zone.h"
#include "expr/text_options.h"
#include "format/json_decoder.h"
#include "format/json_writer.h"
#include "format/schema_inference.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::Value;
using data::ValueList;
using enum data::TypeKind;
using Text = std::string_view;

struct JsonCall : CallData {
  format::TextOptions options;
  // A decoder learns the order of the fields and is dear to make: it is used again.
  mutable DecoderPool<format::JsonDecoder> decoders;
};

// --- from_json

data::ColumnPtr struct_column(const KernelInput& in, format::JsonRows rows) {
  data::Column::Parts parts;
  parts.type = in.call.type;
  parts.size = in.batch_rows;
  parts.validity = data::Bitmap(in.batch_rows, /*value=*/true);
  for (std::size_t row = 0; row < in.batch_rows; ++row) {
    if (rows.outcomes[row] == format::RowOutcome::kBlank) {
      parts.validity.clear(row);
    }
  }
  parts.children = std::move(rows.columns);
  return std::make_shared<data::Column>(std::move(parts));
}

data::ColumnPtr from_json_kernel(const KernelInput& in) {
  const auto& data = static_cast<const JsonCall&>(*in.call.resolution.data);
  const std::string_view zone = in.evaluation.context().time_zone;
  // Options and decoder were made once when the call was bound.
  std::unique_ptr<format::JsonDecoder> decoder = data.decoders.take(zone, [&] {
    return MUST(format::JsonDecoder::create(
        in.call.type, MUST(format::JsonOptions::from_text(data.options, session_zone(in)))));
  });
  format::JsonRows rows = decoder->decode(records_of(in), in.args[0]->parts().blocks);
  if (decoder->options().mode == format::ParseMode::kFailFast) {
    fail_malformed(in, rows.outcomes);
  }
  data.decoders.give_back(zone, std::move(decoder));
  return in.call.type.kind() == kStruct ? struct_column(in, std::move(rows)) : rows.columns[0];
}

std::optional<Resolution> resolve_from_json(CallSite& call) {
  if (!call.cast(0, Type(kString))) {
    return std::nullopt;
  }
  const std::optional<Type> schema = schema_of(call);
  std::optional<format::TextOptions> options = options_of(call, 2);
  if (!schema || !options || !mode_is_supported(call, *options)) {
    return std::nullopt;
  }
  const data::Zone session = bound_zone(call);
  Result<format::JsonOptions> parsed = format::JsonOptions::from_text(*options, session);
  if (!parsed) {
    return fail_with(call, parsed.error());
  }
  const Result<format::JsonDecoder> decoder =
      format::JsonDecoder::create(*schema, *std::move(parsed));
  if (!decoder) {
    return fail_with(call, decoder.error());
  }
  auto data = std::make_shared<JsonCall>();
  data->options = *std::move(options);
  Resolution resolution{.type = decoder->root(), .kernel = from_json_kernel};
  resolution.data = std::move(data);
  return resolution;
}

// --- to_json

data::ColumnPtr to_json_kernel(const KernelInput& in) {
  const auto& data = static_cast<const JsonCall&>(*in.call.resolution.data);
  const format::JsonWriter writer =
      MUST(format::JsonWriter::for_to_json(in.args[0]->type(), data.options, session_zone(in)));
  ResultWriter<std::string> result(in);
  std::string out;
  in.rows.for_each([&](std::size_t row) {
    if (in.args[0]->is_null(row)) {
      result.set_null(row);
      return;
    }
    out.clear();
    writer.append_value(out, *in.args[0], row);
    result.set(row, out);
  });
  return result.finish();
}

std::optional<Resolution> resolve_to_json(CallSite& call) {
  const Type type = call.type(0);
  if (!type.is_nested() && type.kind() != kVariant) {
    return call.fail("DATATYPE_MISMATCH.INVALID_JSON_SCHEMA",
                     "42K09",
                     "Cannot resolve " + call.sql() +
                         ": input must be a struct, an array, a map "
                         "or a variant, but is " +
                         type.to_sql());
  }
  std::optional<format::TextOptions> options = options_of(call, 1);
  if (!options) {
    return std::nullopt;
  }
  const data::Zone session = bound_zone(call);
  const Result<format::JsonWriter> writer =
      format::JsonWriter::for_to_json(type, *options, session);
  if (!writer) {
    return fail_with(call, writer.error());
  }
  auto data = std::make_shared<JsonCall>();
  data->options = *std::move(options);
  Resolution resolution{
      .type = Type(kString), .nullable = call.arg(0).nullable, .kernel = to_json_kernel};
  resolution.data = std::move(data);
  return resolution;
}

// --- Looking into text

struct PathData : CallData {
  std::optional<JsonPath> path;
};

data::ColumnPtr get_json_object_kernel(const KernelInput& in) {
  const auto* constant = static_cast<const PathData*>(in.call.resolution.data.get());
  return map_rows<std::string, Text, Text>(in, [&](Row& row, Text json, Text path_text) {
    std::optional<JsonPath> own;
    if (constant == nullptr) {
      own = JsonPath::parse(path_text);
    }
    const std::optional<JsonPath>& path = constant == nullptr ? own : constant->path;
    std::optional<std::string> found = path ? path->find(json) : std::nullopt;
    if (!found) {
      row.set_null();
      return std::string();
    }
    return *std::move(found);
  });
}

std::optional<Resolution> resolve_get_json_object(CallSite& call) {
  std::optional<Resolution> resolution = signature(
      call, Type(kString), {Type(kString)}, get_json_object_kernel, /*always_nullable=*/true);
  const std::optional<Value> path = call.constant(1);
  if (resolution && path && !path->is_null()) {
    auto data = std::make_shared<PathData>();
    data->path = JsonPath::parse(path->string());
    resolution->data = std::move(data);
  }
  return resolution;
}

std::int32_t array_length(Row& row, Text json) {
  const std::optional<std::int32_t> length = json_array_length(json);
  if (!length) {
    row.set_null();
  }
  return length.value_or(0);
}

data::ColumnPtr object_keys_kernel(const KernelInput& in) {
  return map_values(in, [](Row&, std::span<const Value> args) {
    std::optional<std::vector<std::string>> keys = json_object_keys(args[0].string());
    if (!keys) {
      return Value();
    }
    ValueList out;
    for (std::string& key : *keys) {
      out.emplace_back(std::move(key));
    }
    return Value(std::move(out));
  });
}

std::optional<Resolution> resolve_object_keys(CallSite& call) {
  return signature(call,
                   Type::array(Type(kString)),
                   {Type(kString)},
                   object_keys_kernel,
                   /*always_nullable=*/true);
}

// --- schema_of_json

data::ColumnPtr schema_of_json_kernel(const KernelInput& in) {
  const auto& data = static_cast<const JsonCall&>(*in.call.resolution.data);
  const format::JsonOptions options =
      MUST(format::JsonOptions::from_text(data.options, session_zone(in)));
  return map_rows<std::string, Text>(in, [&](Row& row, Text json) {
    const std::optional<Type> type = format::schema_of_json(json, options);
    if (!type) {
      row.fail(EvalError::kMalformedRecordInParsing);
    }
    return type ? type->to_sql() : std::string();
  });
}

std::optional<Resolution> resolve_schema_of_json(CallSite& call) {
  std::optional<format::TextOptions> options = options_of(call, 1);
  if (!options) {
    return std::nullopt;
  }
  const std::optional<Value> text = call.constant(0);
  if (!text || text->is_null() || call.type(0).kind() != kString) {
    return call.fail("DATATYPE_MISMATCH.NON_FOLDABLE_INPUT",
                     "42K09",
                     "Cannot resolve " + call.sql() + ": the JSON text must be a constant string");
  }
  const data::Zone session = bound_zone(call);
  const Result<format::JsonOptions> parsed = format::JsonOptions::from_text(*options, session);
  if (!parsed) {
    return fail_with(call, parsed.error());
  }
  auto data = std::make_shared<JsonCall>();
  data->options = *std::move(options);
  Resolution resolution{.type = Type(kString), .nullable = false, .kernel = schema_of_json_kernel};
  resolution.data = std::move(data);
  return resolution;
}

constexpr Function kJsonFunctions[] = {
    {"schema_of_json",
     1,
     2,
     resolve_schema_of_json,
     true,
     "schema_of_json(str[, map(options)]) - the type of a JSON text, for from_json"},
    {"from_json",
     2,
     3,
     resolve_from_json,
     true,
     "from_json(str, 'a INT, b STRING'[, map(options)]) - JSON text as a value of that type"},
    {"to_json", 1, 2, resolve_to_json, true, "to_json(value[, map(options)]) - as JSON text"},
    {"get_json_object",
     2,
     2,
     resolve_get_json_object,
     true,
     "get_json_object(str, '$.a[0].b') - what is there, as text"},
    {"json_array_length",
     1,
     1,
     resolve_nullable<kRowKernel<array_length>, kInt, kString>,
     true,
     "json_array_length(str) - how many elements a JSON array has"},
    {"json_object_keys",
     1,
     1,
     resolve_object_keys,
     true,
     "json_object_keys(str) - the names of a JSON object's fields"},
};

}  // namespace

std::span<const Function> json_functions() {
  return kJsonFunctions;
}

}  // namespace millrace::expr
