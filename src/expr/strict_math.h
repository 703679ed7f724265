// Functions of DOUBLE by the algorithms of fdlibm, which Java's StrictMath is defined by, where the
// C library's results differ in the last digit.
#pragma once

namespace millrace::expr {

/// e^x
double strict_exp(double x);
/// The cube root.
double strict_cbrt(double x);

}  // namespace millrace::expr
