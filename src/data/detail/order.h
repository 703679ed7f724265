// The order of single values: shared by boxed values and rows of columns.
#pragma once

#include <cmath>

namespace millrace::data::detail {

template <class T>
int three_way(const T& left, const T& right) {
  if (left < right) {
    return -1;
  }
  return right < left ? 1 : 0;
}

/// NaN equals NaN and is greater than every number; -0.0 equals 0.0.
inline int compare_floating(double left, double right) {
  const bool left_nan = std::isnan(left);
  const bool right_nan = std::isnan(right);
  return left_nan || right_nan ? three_way(left_nan, right_nan) : three_way(left, right);
}

}  // namespace millrace::data::detail
