// What is checked of a frame before it is queued, on the thread of the caller: everything that does
// not depend on what other frames do.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "base/result.h"
#include "log/detail/shared.h"
#include "log/log.h"

namespace millrace::log {

/// Checks, recompresses where the topic wants it, and encodes. Refusals by Kafka's rules are in the
/// frame's result; `frame` is null in it when nothing is left to write. kInvalidArgument,
/// kExhausted: the frame breaks a limit. Thread-safe.
Result<PendingFramePtr> admit(Frame frame, Shared& shared);

}  // namespace millrace::log
