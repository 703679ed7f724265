#include "expr/merge.h"

#include <cstring>
#include <memory>
#include <utility>

#include "data/column_builder.h"

namespace millrace::expr {
namespace {

// For each row the part that it comes from; -1 = none.
std::vector<std::int32_t> part_of_rows(std::size_t size, std::span<const MergePart> parts) {
  std::vector<std::int32_t> owner(size, -1);
  for (std::size_t part = 0; part < parts.size(); ++part) {
    parts[part].rows.for_each(
        [&](std::size_t row) { owner[row] = static_cast<std::int32_t>(part); });
  }
  return owner;
}

data::ColumnPtr merge_nested(const data::Type& type,
                             std::size_t size,
                             std::span<const MergePart> parts) {
  const std::vector<std::int32_t> owner = part_of_rows(size, parts);
  data::ColumnBuilder builder(type, size);
  for (std::size_t row = 0; row < size; ++row) {
    if (owner[row] < 0) {
      builder.append_null();
    } else {
      builder.append_from(*parts[static_cast<std::size_t>(owner[row])].column, row);
    }
  }
  return builder.finish();
}

template <std::size_t kWidth>
void copy_values(std::byte* to, const MergePart& part) {
  const auto& from = part.column->parts();
  const std::byte* values = from.values.data();
  const std::size_t mask = from.constant ? 0 : ~std::size_t{0};
  part.rows.for_each([&](std::size_t row) {
    std::memcpy(to + row * kWidth, values + (row & mask) * kWidth, kWidth);
  });
}

void copy_values(std::byte* to, const MergePart& part, std::size_t width) {
  switch (width) {
    case 1:
      copy_values<1>(to, part);
      break;
    case 2:
      copy_values<2>(to, part);
      break;
    case 4:
      copy_values<4>(to, part);
      break;
    case 8:
      copy_values<8>(to, part);
      break;
    default:
      copy_values<16>(to, part);
      break;
  }
}

}  // namespace

data::ColumnPtr merge_rows(const data::Type& type,
                           std::size_t size,
                           std::span<const MergePart> parts) {
  for (const MergePart& part : parts) {
    if (part.rows.size() == size && part.column->size() == size) {
      return part.column;
    }
  }
  if (type.is_nested() || type.is_void()) {
    return merge_nested(type, size, parts);
  }
  const bool views = type.width() == 0;
  const std::size_t width = views ? sizeof(std::string_view) : type.width();
  data::Column::Parts merged;
  merged.type = type;
  merged.size = size;
  merged.values.resize(size * width);
  merged.validity = data::Bitmap(size, /*value=*/false);
  for (const MergePart& part : parts) {
    copy_values(merged.values.data(), part, width);
    const data::Column& column = *part.column;
    part.rows.for_each([&](std::size_t row) {
      if (!column.is_null(row)) {
        merged.validity.set(row);
      }
    });
    if (views) {
      const auto& blocks = column.parts().blocks;
      merged.blocks.insert(merged.blocks.end(), blocks.begin(), blocks.end());
    }
  }
  return std::make_shared<data::Column>(std::move(merged));
}

data::ColumnPtr gather_rows(const data::ColumnPtr& column, std::span<const data::RowIndex> rows) {
  data::ColumnBuilder builder(column->type(), rows.size());
  for (const data::RowIndex row : rows) {
    if (column->is_null(row)) {
      builder.append_null();
    } else {
      builder.append_from(*column, row);
    }
  }
  return builder.finish();
}

data::ColumnPtr slice_rows(const data::ColumnPtr& column, std::size_t begin, std::size_t size) {
  data::ColumnBuilder builder(column->type(), size);
  for (std::size_t row = begin; row < begin + size; ++row) {
    if (column->is_null(row)) {
      builder.append_null();
    } else {
      builder.append_from(*column, row);
    }
  }
  return builder.finish();
}

data::Selection subtract_rows(const data::Selection& all, const data::Selection& some) {
  if (some.size() == 0) {
    return all;
  }
  std::vector<data::RowIndex> rest;
  rest.reserve(all.size() - some.size());
  std::size_t next = 0;
  all.for_each([&](std::size_t row) {
    if (next < some.size() && some[next] == row) {
      ++next;
    } else {
      rest.push_back(static_cast<data::RowIndex>(row));
    }
  });
  return data::Selection(std::move(rest));
}

}  // namespace millrace::expr
