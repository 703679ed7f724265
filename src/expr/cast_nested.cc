// Casts of arrays, maps and structs: each element is converted by a lambda that was bound with the
// cast, so that an element that fails fails its row.
#include <numeric>

#include "expr/cast.h"
#include "expr/kernels.h"
#include "expr/merge.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::TypeKind;

// The rows to convert, and where each one's elements are in the children.
struct ChildElements {
  std::vector<data::RowIndex> rows;     // Not null, in order.
  std::vector<std::size_t> positions;   // Rows of the children, one an element.
  std::vector<data::RowIndex> parents;  // The row of each element.
};

ChildElements find_child_elements(const KernelInput& in) {
  const data::Column& column = *in.args[0];
  const bool structure = column.type().kind() == TypeKind::kStruct;
  ChildElements elements;
  in.rows.for_each([&](std::size_t row) {
    if (column.is_null(row)) {
      return;
    }
    elements.rows.push_back(static_cast<data::RowIndex>(row));
    const std::size_t begin =
        structure ? column.child_row(row) : static_cast<std::size_t>(column.begin_of(row));
    const std::size_t end = structure ? begin + 1 : static_cast<std::size_t>(column.end_of(row));
    for (std::size_t i = begin; i < end; ++i) {
      elements.positions.push_back(i);
      elements.parents.push_back(static_cast<data::RowIndex>(row));
    }
  });
  return elements;
}

data::ColumnPtr convert_child(const KernelInput& in,
                              const ExpressionPtr& lambda,
                              const data::ColumnPtr& child,
                              const ChildElements& elements) {
  data::ColumnBuilder builder(child->type(), elements.positions.size());
  for (const std::size_t position : elements.positions) {
    builder.append_from(*child, position);
  }
  data::ColumnPtr column = builder.finish();
  if (lambda == nullptr) {
    return column;
  }
  return in.evaluation.evaluate_lambda(*lambda, std::span(&column, 1), elements.parents);
}

data::ColumnPtr nested_kernel(const KernelInput& in) {
  const auto& data = static_cast<const CastData&>(*in.call.resolution.data);
  const data::Column& column = *in.args[0];
  const ChildElements elements = find_child_elements(in);
  std::vector<data::ColumnPtr> children;
  children.reserve(data.children.size());
  for (std::size_t i = 0; i < data.children.size(); ++i) {
    children.push_back(convert_child(in, data.children[i], column.child(i), elements));
  }
  data::ColumnBuilder builder(in.call.type, in.batch_rows);
  std::size_t next = 0;
  for (const data::RowIndex row : elements.rows) {
    while (builder.size() < row) {
      builder.append_null();
    }
    for (; next < elements.parents.size() && elements.parents[next] == row; ++next) {
      for (std::size_t i = 0; i < children.size(); ++i) {
        builder.child(i).append_from(*children[i], next);
      }
    }
    builder.append_nested();
  }
  while (builder.size() < in.batch_rows) {
    builder.append_null();
  }
  return builder.finish();
}

}  // namespace

Kernel nested_cast(const Type& from, const Type& to) {
  return from.is_nested() && from.kind() == to.kind() && from.fields().size() == to.fields().size()
             ? nested_kernel
             : nullptr;
}

}  // namespace millrace::expr
