// Loops over two columns of fixed-width values, for arithmetic and comparison: dense batches run
// without a branch per row, also where one side is a constant.
#pragma once

#include <memory>
#include <utility>

#include "expr/kernels.h"

namespace millrace::expr {
namespace detail {

template <class T>
using Stored = std::conditional_t<std::is_same_v<T, bool>, std::uint8_t, T>;

/// The nulls of two columns together; empty = none.
inline data::Bitmap merge_validity(const data::Column& left,
                                   const data::Column& right,
                                   std::size_t rows) {
  data::Bitmap merged;
  for (const data::Column* column : {&left, &right}) {
    if (!column->may_have_nulls()) {
      continue;
    }
    if (column->is_constant()) {
      if (column->is_null(0)) {
        return data::Bitmap(rows, /*value=*/false);
      }
      continue;
    }
    if (merged.empty()) {
      merged = column->validity();
      merged.resize(rows);
      continue;
    }
    const auto words = column->validity().words();
    for (std::size_t i = 0; i < merged.words().size() && i < words.size(); ++i) {
      merged.words()[i] &= words[i];
    }
  }
  return merged;
}

/// Runs f over all rows, nulls too (their values are zero); true when any failed.
template <class Out, class L, class R, class F>
bool run_dense(const data::Column& left,
               const data::Column& right,
               std::size_t rows,
               Stored<Out>* out,
               const F& f) {
  const L* l = left.values<L>().data();
  const R* r = right.values<R>().data();
  bool failed = false;
  if (left.is_constant() && right.is_constant()) {
    for (std::size_t i = 0; i < rows; ++i) {
      failed |= f(l[0], r[0], out[i]);
    }
  } else if (right.is_constant()) {
    const R value = r[0];
    for (std::size_t i = 0; i < rows; ++i) {
      failed |= f(l[i], value, out[i]);
    }
  } else if (left.is_constant()) {
    const L value = l[0];
    for (std::size_t i = 0; i < rows; ++i) {
      failed |= f(value, r[i], out[i]);
    }
  } else {
    for (std::size_t i = 0; i < rows; ++i) {
      failed |= f(l[i], r[i], out[i]);
    }
  }
  return failed;
}

}  // namespace detail

/// f(L, R, Out&) → failed, for each row where both are there. A row that failed gets `error`. f is
/// called for values under a null as well, which are zero. L, R and Out are physical types
/// (BOOLEAN: std::uint8_t).
template <class Out, class L, class R, class F>
data::ColumnPtr map_pairs(const KernelInput& in, EvalError error, const F& f) {
  const data::Column& left = *in.args[0];
  const data::Column& right = *in.args[1];
  data::Column::Parts parts;
  parts.type = in.call.type;
  parts.size = in.batch_rows;
  parts.values.resize(in.batch_rows * sizeof(Out));
  auto* out = reinterpret_cast<Out*>(parts.values.data());
  parts.validity = detail::merge_validity(left, right, in.batch_rows);
  const auto is_null = [&](std::size_t row) {
    return !parts.validity.empty() && !parts.validity.get(row);
  };
  const auto clear = [&](std::size_t row) {
    if (parts.validity.empty()) {
      parts.validity = data::Bitmap(in.batch_rows, /*value=*/true);
    }
    parts.validity.clear(row);
    out[row] = Out{};
  };
  bool failed = true;
  const bool dense = in.rows.is_all() && in.rows.size() == in.batch_rows;
  if (dense) {
    failed = detail::run_dense<Out, L, R>(left, right, in.batch_rows, out, f);
  }
  if (dense && parts.validity.empty() && !failed) {
    return std::make_shared<data::Column>(std::move(parts));
  }
  in.rows.for_each([&](std::size_t row) {
    if (is_null(row)) {
      out[row] = Out{};
      return;
    }
    if (failed && f(left.get<L>(row), right.get<R>(row), out[row])) {
      in.evaluation.fail(row, error, in.call);
      clear(row);
    }
  });
  return std::make_shared<data::Column>(std::move(parts));
}

}  // namespace millrace::expr
