// Row functions made into kernels: nulls propagate, failed rows are skipped. The shape of nearly
// every function:
//
//   std::int32_t ascii(Row&, std::string_view text) { … return code; }
//
//   {"ascii", 1, 1, resolve_fixed<kRowKernel<ascii>, TypeKind::kInt, TypeKind::kString>, true, "…"}
//
// When the types depend on the arguments, resolve by hand and end with signature():
//
//   std::optional<Resolution> resolve_hex(CallSite& call) {
//     return call.type(0).is_integral()
//                ? signature(call, Type(kString), {Type(kBigInt)}, kRowKernel<hex_of_integer>)
//                : signature(call, Type(kString), {Type(kBinary)}, kRowKernel<hex_of_bytes>);
//   }
//
// C++ types of rows: bool for BOOLEAN, else the physical types of column.h. Results that are
// strings: std::string (copied), std::string_view (copied), or View, which keeps pointing into an
// argument's bytes.
#pragma once

#include <array>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "data/column_builder.h"
#include "expr/evaluate.h"
#include "expr/expression.h"
#include "expr/function.h"

namespace millrace::expr {

/// A result that is a part of an argument's bytes (substring, trim): kept as a view of the same
/// Block. REQUIRES: the bytes belong to an argument column, or are empty
struct View {
  std::string_view bytes;
};

/// The row that a row function computes. Owned by one thread.
class Row {
 public:
  explicit Row(const KernelInput& in) : in_(in) {}

  /// The result of this row is null.
  void set_null() { null_ = true; }

  /// This row failed.
  void fail(EvalError error) {
    in_.evaluation.fail(row_, error, in_.call);
    null_ = true;
  }

  [[nodiscard]] std::size_t index() const { return row_; }

  [[nodiscard]] const KernelInput& input() const { return in_; }

  [[nodiscard]] const EvalContext& context() const { return in_.evaluation.context(); }

  /// What the resolver prepared. REQUIRES: it is a T
  template <class T>
  [[nodiscard]] const T& data() const {
    return static_cast<const T&>(*in_.call.resolution.data);
  }

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

/// Reads a value of a column as the C++ type of a row function.
template <class T>
[[nodiscard]] T read_value(const data::Column& column, std::size_t row) {
  if constexpr (std::is_same_v<T, bool>) {
    return column.get<std::uint8_t>(row) != 0;
  } else if constexpr (std::is_same_v<T, data::Value>) {
    return column.value(row);
  } else {
    return column.get<T>(row);
  }
}

/// Collects the results of a kernel, rows in ascending order; rows that are skipped are zero. Owned
/// by one thread.
template <class Out>
class ResultWriter {
 public:
  using Stored = std::conditional_t<std::is_same_v<Out, bool>, std::uint8_t, Out>;
  static_assert(std::is_trivially_copyable_v<Stored>);

  explicit ResultWriter(const KernelInput& in) {
    parts_.type = in.call.type;
    parts_.size = in.batch_rows;
    parts_.values.resize(in.batch_rows * sizeof(Stored));
    values_ = reinterpret_cast<Stored*>(parts_.values.data());
  }

  void set(std::size_t row, Out value) { values_[row] = static_cast<Stored>(value); }

  void set_null(std::size_t row) {
    if (parts_.validity.empty()) {
      parts_.validity = data::Bitmap(parts_.size, /*value=*/true);
    }
    parts_.validity.clear(row);
  }

  data::ColumnPtr finish() { return std::make_shared<data::Column>(std::move(parts_)); }

 private:
  data::Column::Parts parts_;
  Stored* values_ = nullptr;
};

/// Results that the ColumnBuilder makes: strings and boxed values.
template <class Out>
  requires(std::is_same_v<Out, std::string> || std::is_same_v<Out, std::string_view> ||
           std::is_same_v<Out, View> || std::is_same_v<Out, data::Value>)
class ResultWriter<Out> {
 public:
  explicit ResultWriter(const KernelInput& in)
      : rows_(in.batch_rows), builder_(in.call.type, in.batch_rows) {
    if constexpr (std::is_same_v<Out, View>) {
      for (const data::ColumnPtr& arg : in.args) {
        for (const data::BlockPtr& block : arg->parts().blocks) {
          builder_.hold(block);
        }
      }
    }
  }

  void set(std::size_t row, const Out& value) {
    fill(row);
    if constexpr (std::is_same_v<Out, View>) {
      builder_.append_view(value.bytes);
    } else if constexpr (std::is_same_v<Out, data::Value>) {
      builder_.append_value(value);
    } else {
      builder_.append_string(value);
    }
  }

  void set_null(std::size_t row) {
    fill(row);
    builder_.append_null();
  }

  data::ColumnPtr finish() {
    fill(rows_);
    return builder_.finish();
  }

 private:
  void fill(std::size_t row) {
    while (builder_.size() < row) {
      if constexpr (std::is_same_v<Out, data::Value>) {
        builder_.append_null();
      } else {
        builder_.append_view({});
      }
    }
  }

  std::size_t rows_;
  data::ColumnBuilder builder_;
};

/// f(Row&, In...) → Out for each row whose arguments are all there; the others are null.
/// REQUIRES: in.args.size() >= sizeof...(In)
template <class Out, class... In, class F>
data::ColumnPtr map_rows(const KernelInput& in, const F& f) {
  ResultWriter<Out> result(in);
  Row row(in);
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    const std::array<const data::Column*, sizeof...(In)> args = {in.args[I].get()...};
    const bool nulls = (args[I]->may_have_nulls() || ... || false);
    in.rows.for_each([&](std::size_t index) {
      if (nulls && (args[I]->is_null(index) || ... || false)) {
        result.set_null(index);
        return;
      }
      row.begin(index);
      const Out value = f(row, read_value<In>(*args[I], index)...);
      if (row.is_null()) [[unlikely]] {
        result.set_null(index);
      } else {
        result.set(index, value);
      }
    });
  }(std::index_sequence_for<In...>{});
  return result.finish();
}

/// f(Row&, std::optional<In>...) → Out: the function sees nulls, and arguments that were not given
/// as null too.
template <class Out, class... In, class F>
data::ColumnPtr map_rows_nullable(const KernelInput& in, const F& f) {
  ResultWriter<Out> result(in);
  Row row(in);
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    const std::array<const data::Column*, sizeof...(In)> args = {
        (I < in.args.size() ? in.args[I].get() : nullptr)...};
    in.rows.for_each([&](std::size_t index) {
      row.begin(index);
      const Out value = f(row,
                          args[I] == nullptr || args[I]->is_null(index)
                              ? std::optional<In>()
                              : std::optional<In>(read_value<In>(*args[I], index))...);
      if (row.is_null()) {
        result.set_null(index);
      } else {
        result.set(index, value);
      }
    });
  }(std::index_sequence_for<In...>{});
  return result.finish();
}

/// f(Row&, std::span<const data::Value>) → data::Value over boxed values: for nested types and any
/// number of arguments. A null argument gives null, unless `see_nulls`. A result that is_null() is
/// null.
template <class F>
data::ColumnPtr map_values(const KernelInput& in, const F& f, bool see_nulls = false) {
  ResultWriter<data::Value> result(in);
  Row row(in);
  std::vector<data::Value> args(in.args.size());
  in.rows.for_each([&](std::size_t index) {
    bool null = false;
    for (std::size_t i = 0; i < args.size(); ++i) {
      args[i] = in.args[i]->value(index);
      null = null || args[i].is_null();
    }
    if (null && !see_nulls) {
      result.set_null(index);
      return;
    }
    row.begin(index);
    const data::Value value = f(row, std::span<const data::Value>(args));
    if (row.is_null() || value.is_null()) {
      result.set_null(index);
    } else {
      result.set(index, value);
    }
  });
  return result.finish();
}

namespace detail {

template <auto kFunction>
struct RowKernel;

template <class Out, class... In, Out (*kFunction)(Row&, In...)>
struct RowKernel<kFunction> {
  static data::ColumnPtr run(const KernelInput& in) {
    return map_rows<Out, std::remove_cvref_t<In>...>(in, kFunction);
  }
};

}  // namespace detail

/// The kernel of a row function Out f(Row&, In...): map_rows with the types taken from it.
template <auto kFunction>
inline constexpr Kernel kRowKernel = &detail::RowKernel<kFunction>::run;

/// Casts the arguments to `types` (a shorter call is allowed; the last type stands for all further
/// ones) and makes the Resolution. Nullable when an argument is, or `always_nullable`.
std::optional<Resolution> signature(CallSite& call,
                                    data::Type result,
                                    std::initializer_list<data::Type> types,
                                    Kernel kernel,
                                    bool always_nullable = false);

/// The Resolution of a call that is another way to write `expression`; nothing when that is null.
std::optional<Resolution> replace_call(ExpressionPtr expression);

/// A resolver for types without parameters.
template <Kernel kKernel, data::TypeKind kResult, data::TypeKind... kArgs>
std::optional<Resolution> resolve_fixed(CallSite& call) {
  return signature(call, data::Type(kResult), {data::Type(kArgs)...}, kKernel);
}

/// The same for functions that give null for values that are there (try_to_number, parse_url).
template <Kernel kKernel, data::TypeKind kResult, data::TypeKind... kArgs>
std::optional<Resolution> resolve_nullable(CallSite& call) {
  return signature(call,
                   data::Type(kResult),
                   {data::Type(kArgs)...},
                   kKernel,
                   /*always_nullable=*/true);
}

}  // namespace millrace::expr
