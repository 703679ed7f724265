// The time zone that text without a zone is in.
#pragma once

#include "data/zone.h"
#include "expr/evaluate.h"
#include "expr/function.h"

namespace millrace::expr {

/// The session's zone of a kernel's evaluation; UTC when its name is none (the binder refuses such
/// names). Looked up in a cache: call it once a batch.
inline data::Zone session_zone(const KernelInput& in) {
  return data::Zone::find(in.evaluation.context().time_zone).value_or(data::Zone());
}

}  // namespace millrace::expr
