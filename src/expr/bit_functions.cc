// & | ^ ~ and shifts. A shift distance counts modulo the width, as in Java.
#include "expr/bind.h"
#include "expr/families.h"
#include "expr/pair_loop.h"
#include "expr/physical.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::TypeKind;

enum class Bits : std::uint8_t {
  kAnd,
  kOr,
  kXor
};

template <Bits kBits, class T>
data::ColumnPtr bits_kernel(const KernelInput& in) {
  return map_pairs<T, T, T>(in, EvalError::kNone, [](const T& left, const T& right, T& out) {
    if constexpr (kBits == Bits::kAnd) {
      out = static_cast<T>(left & right);
    } else if constexpr (kBits == Bits::kOr) {
      out = static_cast<T>(left | right);
    } else {
      out = static_cast<T>(left ^ right);
    }
    return false;
  });
}

// BIGINT unless all arguments are integers.
bool coerce_integers(CallSite& call) {
  for (std::size_t i = 0; i < call.count(); ++i) {
    if (!call.type(i).is_integral() && !call.cast(i, Type(TypeKind::kBigInt))) {
      return false;
    }
  }
  return call.cast_to_common();
}

template <Bits kBits>
std::optional<Resolution> resolve_bits(CallSite& call) {
  if (!coerce_integers(call)) {
    return std::nullopt;
  }
  Resolution resolution{.type = call.type(0), .nullable = call.any_nullable()};
  visit_numeric(call.type(0), [&]<class T>() {
    if constexpr (std::is_integral_v<T>) {
      resolution.kernel = bits_kernel<kBits, T>;
    }
  });
  return resolution;
}

template <class T>
T invert(Row&, T value) {
  return static_cast<T>(~value);
}

std::optional<Resolution> resolve_invert(CallSite& call) {
  if (!coerce_integers(call)) {
    return std::nullopt;
  }
  Resolution resolution{.type = call.type(0), .nullable = call.any_nullable()};
  visit_numeric(call.type(0), [&]<class T>() {
    if constexpr (std::is_integral_v<T>) {
      resolution.kernel = kRowKernel<invert<T>>;
    }
  });
  return resolution;
}

enum class Shift : std::uint8_t {
  kLeft,
  kRight,
  kRightUnsigned
};

template <Shift kShift, class T>
T shift(Row&, T value, std::int32_t distance) {
  using U = std::make_unsigned_t<T>;
  const auto by = static_cast<unsigned>(distance) % (sizeof(T) * 8);
  if constexpr (kShift == Shift::kLeft) {
    return static_cast<T>(static_cast<U>(value) << by);
  } else if constexpr (kShift == Shift::kRight) {
    return value >> by;
  } else {
    return static_cast<T>(static_cast<U>(value) >> by);
  }
}

template <Shift kShift>
std::optional<Resolution> resolve_shift(CallSite& call) {
  if (call.type(0).kind() == TypeKind::kBigInt) {
    return signature(call,
                     Type(TypeKind::kBigInt),
                     {Type(TypeKind::kBigInt), Type(TypeKind::kInt)},
                     kRowKernel<shift<kShift, std::int64_t>>);
  }
  return signature(call,
                   Type(TypeKind::kInt),
                   {Type(TypeKind::kInt), Type(TypeKind::kInt)},
                   kRowKernel<shift<kShift, std::int32_t>>);
}

constexpr Function kBitFunctions[] = {
    {"&", 2, 2, resolve_bits<Bits::kAnd>, true, "a & b"},
    {"|", 2, 2, resolve_bits<Bits::kOr>, true, "a | b"},
    {"^", 2, 2, resolve_bits<Bits::kXor>, true, "a ^ b"},
    {"~", 1, 1, resolve_invert, true, "~a"},
    {"<<", 2, 2, resolve_shift<Shift::kLeft>, true, "a << b"},
    {">>", 2, 2, resolve_shift<Shift::kRight>, true, "a >> b"},
    {">>>", 2, 2, resolve_shift<Shift::kRightUnsigned>, true, "a >>> b"},
    {"shiftleft", 2, 2, resolve_shift<Shift::kLeft>, true, "shiftleft(a, b) - a << b"},
    {"shiftright", 2, 2, resolve_shift<Shift::kRight>, true, "shiftright(a, b) - a >> b"},
    {"shiftrightunsigned",
     2,
     2,
     resolve_shift<Shift::kRightUnsigned>,
     true,
     "shiftrightunsigned(a, b) - a >>> b"},
};

}  // namespace

std::span<const Function> bit_functions() {
  return kBitFunctions;
}

}  // namespace millrace::expr
