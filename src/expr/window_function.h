// window(ts, duration[, slide[, start]]) over one row (streaming-sql §6).
//
// As a function of a row it gives the latest window that holds ts: the only one when the window
// tumbles. A plan whose window slides takes the lengths from WindowData and makes the others, each
// one slide earlier, by window_begin().
#pragma once

#include <cstdint>

#include "expr/function.h"

namespace millrace::expr {

/// What window() prepared; µs. Also of session_window(), with the gap as duration and slide.
struct WindowData : CallData {
  std::int64_t duration = 0;  ///< > 0
  std::int64_t slide = 0;     ///< 0 < slide <= duration
  std::int64_t start = 0;     ///< |start| < slide
  std::int64_t back = 0;      ///< window(): gives the window so many slides before the latest.
  bool constant_gap = true;   ///< session_window: false when the gap is an expression per row.
};

/// The begin of the latest window that holds ts; the i-th before it begins i * slide earlier and
/// holds ts while ts < begin + duration.
std::int64_t window_begin(std::int64_t ts, const WindowData& window);

}  // namespace millrace::expr
