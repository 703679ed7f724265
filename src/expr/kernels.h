// Row functions made into kernels: nulls propagate, failed rows are skipped, constant arguments
// cost nothing. The shape of nearly every function:
//
//   std::int32_t ascii(Row&, std::string_view text) { … }
//   {"ascii", 1, 1, resolve_fixed<…>, …}
//
//   data::ColumnPtr ascii_kernel(const KernelInput& in) {
//     return map_rows<std::int32_t, std::string_view>(
//         in, [](Row&, std::string_view text) { … return code; });
//   }
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "data/column_builder.h"
#include "expr/evaluate.h"
#include "expr/function.h"

namespace millrace::expr {

/// The row that a row function computes. Owned by one thread.
class Row {
 public:
  Row(const KernelInput& in) : in_(in) {}

  /// The result of this row is null.
  void set_null() { null_ = true; }

  /// This row failed.
  void fail(EvalError error) {
    in_.evaluation.fail(row_, error, in_.call);
    null_ = true;
  }

  [[nodiscard]] std::size_t index() const { return row_; }

  [[nodiscard]] const KernelInput& input() const { return in_; }

  template <class T>
  [[nodiscard]] const T& data() const;

  void begin(std::size_t row) {
    row_ = row;
    null_ = false;
  }

  [[nodiscard]] bool is_null() const { return null_; }

 private:
  const KernelInput& in_;
  std::size_t row_ = 0;
  bool null_ = false;
};

// The implementation (map_rows for scalar results, for strings, map_values over boxed values for
// nested types) follows in this header: see kernels_impl comment in evaluate.cc.

}  // namespace millrace::expr
