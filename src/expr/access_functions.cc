// a.field, a[i], m[key].
#include <algorithm>

#include <fmt/format.h>
#include <strings.h>

#include "data/row_hash.h"
#include "expr/bind.h"
#include "expr/families.h"
#include "expr/kernels.h"
#include "expr/merge.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::TypeKind;

struct FieldData : CallData {
  std::size_t index = 0;
};

// The child column as it is, with the nulls of the structs themselves.
data::ColumnPtr field_kernel(const KernelInput& in) {
  const data::Column& column = *in.args[0];
  const auto& field = static_cast<const FieldData&>(*in.call.resolution.data);
  const data::ColumnPtr& child = column.child(field.index);
  if (column.is_constant()) {
    return column.is_null(0) ? data::Column::nulls(in.call.type, in.batch_rows)
                             : data::Column::constant(in.call.type, child->value(0), in.batch_rows);
  }
  if (!column.may_have_nulls()) {
    return child;
  }
  std::vector<data::RowIndex> there;
  in.rows.for_each([&](std::size_t row) {
    if (!column.is_null(row)) {
      there.push_back(static_cast<data::RowIndex>(row));
    }
  });
  const MergePart part{child, data::Selection(std::move(there))};
  return merge_rows(in.call.type, in.batch_rows, std::span(&part, 1));
}

// ARRAY<STRUCT>.field: the field of each element.
data::ColumnPtr array_field_kernel(const KernelInput& in) {
  const auto& field = static_cast<const FieldData&>(*in.call.resolution.data);
  return map_values(in, [&](Row&, std::span<const data::Value> args) {
    data::ValueList values;
    for (const data::Value& element : args[0].list()) {
      values.push_back(element.is_null() ? data::Value() : element.list()[field.index]);
    }
    return data::Value(std::move(values));
  });
}

std::optional<std::size_t> find_field(const Type& type, std::string_view name, bool exact) {
  const auto& fields = type.fields();
  const std::string text(name);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (exact ? fields[i].name == text : strcasecmp(fields[i].name.c_str(), text.c_str()) == 0) {
      return i;
    }
  }
  return std::nullopt;
}

std::optional<Resolution> resolve_getfield(CallSite& call) {
  const Type base = call.type(0);
  const auto name = call.constant(1);
  if (!name || name->is_null() || call.type(1).kind() != TypeKind::kString) {
    return call.fail(
        "INVALID_EXTRACT_FIELD_TYPE", "42000", "Field name should be a non-null string literal.");
  }
  if (base.kind() == TypeKind::kMap) {
    ExpressionPtr item = call.call("getitem", call.args());
    return item == nullptr ? std::nullopt
                           : std::optional(Resolution{.type = item->type, .replacement = item});
  }
  const bool array = base.kind() == TypeKind::kArray;
  const Type& structure = array ? base.element() : base;
  if (structure.kind() != TypeKind::kStruct) {
    return call.fail("INVALID_EXTRACT_BASE_FIELD_TYPE",
                     "42000",
                     fmt::format("Can't extract a value from \"{}\". Need a complex type [STRUCT, "
                                 "ARRAY, MAP] but got \"{}\".",
                                 to_sql(call.arg(0)),
                                 base.to_sql()));
  }
  const auto index = find_field(structure, name->string(), call.context().case_sensitive);
  if (!index) {
    std::string names;
    for (const data::Field& field : structure.fields()) {
      names += fmt::format("{}`{}`", names.empty() ? "" : ", ", field.name);
    }
    return call.fail("FIELD_NOT_FOUND",
                     "42704",
                     fmt::format("No such struct field `{}` in {}.", name->string(), names));
  }
  auto field = std::make_shared<FieldData>();
  field->index = *index;
  const data::Field& found = structure.fields()[*index];
  return Resolution{.type = array ? Type::array(found.type) : found.type,
                    .nullable = call.arg(0).nullable || found.nullable,
                    .kernel = array ? array_field_kernel : field_kernel,
                    .data = std::move(field)};
}

// Copies element `position` of the child for each row that has one.
template <class F>
data::ColumnPtr pick_elements(const KernelInput& in, const data::ColumnPtr& child, const F& find) {
  data::ColumnBuilder builder(in.call.type, in.batch_rows);
  in.rows.for_each([&](std::size_t row) {
    while (builder.size() < row) {
      builder.append_null();
    }
    const std::optional<std::size_t> position =
        in.args[0]->is_null(row) || in.args[1]->is_null(row) ? std::nullopt : find(row);
    if (position) {
      builder.append_from(*child, *position);
    } else {
      builder.append_null();
    }
  });
  while (builder.size() < in.batch_rows) {
    builder.append_null();
  }
  return builder.finish();
}

data::ColumnPtr array_item_kernel(const KernelInput& in) {
  const data::Column& array = *in.args[0];
  const data::Column& index = *in.args[1];
  return pick_elements(in, array.child(0), [&](std::size_t row) -> std::optional<std::size_t> {
    const std::int64_t at = index.get<std::int32_t>(row);
    const std::int64_t position = array.begin_of(row) + at;
    if (at < 0 || position >= array.end_of(row)) {
      in.evaluation.fail(row, EvalError::kInvalidArrayIndex, in.call);
      return std::nullopt;
    }
    return static_cast<std::size_t>(position);
  });
}

data::ColumnPtr map_item_kernel(const KernelInput& in) {
  const data::Column& map = *in.args[0];
  const data::Column& key = *in.args[1];
  return pick_elements(in, map.child(1), [&](std::size_t row) -> std::optional<std::size_t> {
    for (std::int32_t i = map.begin_of(row); i < map.end_of(row); ++i) {
      const auto position = static_cast<std::size_t>(i);
      if (data::compare_rows(*map.child(0), position, key, row) == 0) {
        return position;
      }
    }
    return std::nullopt;
  });
}

std::optional<Resolution> resolve_getitem(CallSite& call) {
  const Type base = call.type(0);
  if (base.kind() == TypeKind::kArray) {
    if (call.type(1).kind() == TypeKind::kString) {
      return resolve_getfield(call);
    }
    // BIGINT is taken as well, as an index that does not fit is out of bounds anyway.
    ExpressionPtr& index = call.args()[1];
    index = bind_cast(index,
                      Type(TypeKind::kInt),
                      CastMode::kImplicit,
                      index->where,
                      call.context(),
                      call.diagnostics());
    if (index == nullptr) {
      return std::nullopt;
    }
    return Resolution{.type = base.element(), .nullable = true, .kernel = array_item_kernel};
  }
  if (base.kind() == TypeKind::kMap) {
    if (!call.cast(1, base.key())) {
      return std::nullopt;
    }
    return Resolution{.type = base.value(), .nullable = true, .kernel = map_item_kernel};
  }
  return resolve_getfield(call);
}

constexpr Function kAccessFunctions[] = {
    {"getfield", 2, 2, resolve_getfield, true, "a.field"},
    {"getitem", 2, 2, resolve_getitem, true, "a[i] - element i (0-based), or the value of a key"},
};

}  // namespace

std::span<const Function> access_functions() {
  return kAccessFunctions;
}

}  // namespace millrace::expr
