// 128-bit integers: the physical form of DECIMAL.
#pragma once

namespace millrace {

__extension__ using Int128 = __int128;
__extension__ using UInt128 = unsigned __int128;

}  // namespace millrace
