#include "exec/generator.h"

#include <string>
#include <string_view>

#include <simdjson.h>

namespace millrace::exec {

namespace {

using data::Column;
using data::TypeKind;

// The number of generated columns when the argument is of that type.
std::size_t width_of(const plan::Generate& generate, const data::Type& type) {
  const std::size_t position = generate.generator.starts_with("pos") ? 1 : 0;
  if (generate.generator == "inline") {
    return type.element().fields().size();
  }
  return position + (type.kind() == TypeKind::kMap ? 2U : 1U);
}

void null_row(std::size_t row, std::size_t width, RowSink& sink) {
  sink.begin_row(row);
  for (std::size_t column = 0; column < width; ++column) {
    sink.column(column).append_null();
  }
  sink.end_row();
}

// explode and posexplode of an array or a map.
void explode(const plan::Generate& generate,
             const Column& values,
             const data::Selection& rows,
             RowSink& sink) {
  const bool position = generate.generator.starts_with("pos");
  const bool map = values.type().kind() == TypeKind::kMap;
  const std::size_t first = position ? 1 : 0;
  rows.for_each([&](std::size_t row) {
    const bool empty = values.is_null(row) || values.begin_of(row) == values.end_of(row);
    if (empty) {
      if (generate.outer) {
        null_row(row, width_of(generate, values.type()), sink);
      }
      return;
    }
    for (std::int32_t at = values.begin_of(row); at < values.end_of(row); ++at) {
      sink.begin_row(row);
      if (position) {
        sink.column(0).append<std::int32_t>(at - values.begin_of(row));
      }
      sink.column(first).append_from(*values.child(0), static_cast<std::size_t>(at));
      if (map) {
        sink.column(first + 1).append_from(*values.child(1), static_cast<std::size_t>(at));
      }
      sink.end_row();
    }
  });
}

// inline of an array of structs.
void inline_structs(const plan::Generate& generate,
                    const Column& values,
                    const data::Selection& rows,
                    RowSink& sink) {
  const std::size_t width = width_of(generate, values.type());
  const Column& structs = *values.child(0);
  rows.for_each([&](std::size_t row) {
    if (values.is_null(row) || values.begin_of(row) == values.end_of(row)) {
      if (generate.outer) {
        null_row(row, width, sink);
      }
      return;
    }
    for (std::int32_t at = values.begin_of(row); at < values.end_of(row); ++at) {
      const auto element = static_cast<std::size_t>(at);
      if (structs.is_null(element)) {
        null_row(row, width, sink);
        continue;
      }
      sink.begin_row(row);
      for (std::size_t field = 0; field < width; ++field) {
        sink.column(field).append_from(*structs.child(field), structs.child_row(element));
      }
      sink.end_row();
    }
  });
}

// stack(n, v1, …): the values in n rows; the last one is filled with nulls.
void stack(const std::vector<data::ColumnPtr>& args, const data::Selection& rows, RowSink& sink) {
  const std::size_t values = args.size() - 1;
  rows.for_each([&](std::size_t row) {
    const auto count = static_cast<std::size_t>(args[0]->get<std::int32_t>(row));
    const std::size_t width = (values + count - 1) / count;
    for (std::size_t at = 0; at < count; ++at) {
      sink.begin_row(row);
      for (std::size_t column = 0; column < width; ++column) {
        const std::size_t value = at * width + column;
        if (value < values) {
          sink.column(column).append_from(*args[value + 1], row);
        } else {
          sink.column(column).append_null();
        }
      }
      sink.end_row();
    }
  });
}

void append_json_value(const simdjson::dom::element& value, data::ColumnBuilder& into) {
  if (value.is_null()) {
    into.append_null();
    return;
  }
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) {
    into.append_string(text);
    return;
  }
  into.append_string(simdjson::minify(value));
}

// json_tuple(text, name, …): the values of the top-level names as text.
void json_tuple(const std::vector<data::ColumnPtr>& args,
                const data::Selection& rows,
                RowSink& sink) {
  simdjson::dom::parser parser;
  rows.for_each([&](std::size_t row) {
    simdjson::dom::object object;
    const bool parsed =
        !args[0]->is_null(row) &&
        parser.parse(std::string(args[0]->string(row))).get(object) == simdjson::SUCCESS;
    sink.begin_row(row);
    for (std::size_t name = 1; name < args.size(); ++name) {
      simdjson::dom::element value;
      if (parsed && !args[name]->is_null(row) &&
          object[args[name]->string(row)].get(value) == simdjson::SUCCESS) {
        append_json_value(value, sink.column(name - 1));
      } else {
        sink.column(name - 1).append_null();
      }
    }
    sink.end_row();
  });
}

}  // namespace

void run_generator(const plan::Generate& generate,
                   const std::vector<data::ColumnPtr>& args,
                   const data::Selection& rows,
                   RowSink& sink) {
  if (generate.generator == "stack") {
    stack(args, rows, sink);
  } else if (generate.generator == "json_tuple") {
    json_tuple(args, rows, sink);
  } else if (generate.generator == "inline") {
    inline_structs(generate, *args[0], rows, sink);
  } else {
    explode(generate, *args[0], rows, sink);
  }
}

}  // namespace millrace::exec
