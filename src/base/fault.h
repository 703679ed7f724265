// Named places where a fault may strike. A test arms one; the code around it must then fail or die
// cleanly. In a process, MILLRACE_FAULT="wal.sync:3:kill" kills at the third pass.
//
//   MR_FAULT("wal.sync");            // may kill the process, or crash the simulation
//   TRY(fault_error("wal.sync"));    // may return an Error
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace millrace {

/// What happens at the armed pass of a fault point.
enum class FaultAction : std::uint8_t {
  kKill,   ///< _exit(137): as kill -9, without flushing anything.
  kError,  ///< fault_error() returns ErrorCode::kIo.
  kCall,   ///< The function given to arm_fault is called.
};

/// Arms `point` to strike at its `pass`-th pass from now (1 = the next). Thread-safe.
void arm_fault(std::string_view point,
               std::uint64_t pass,
               FaultAction action,
               std::function<void()> call = {});
void disarm_faults();
/// Reads MILLRACE_FAULT ("point:pass:kill|error", several separated by a comma).
Result<void> arm_faults_from_environment();
/// Mutation checks: from now on the code at this place does what is wrong, and a test must find it.
/// disarm_faults() ends it. Thread-safe.
void arm_mutation(std::string_view name);
/// False but in such a test.
bool is_mutated(std::string_view name);
/// How often each point was passed since the start: a point never reached is a hole in the tests.
std::map<std::string, std::uint64_t> fault_passes();

namespace detail {
void pass_fault(std::string_view point);
}  // namespace detail

/// Passes a fault point that may return an error.
Result<void> fault_error(std::string_view point);

}  // namespace millrace

/// Marks where a fault may strike.
#define MR_FAULT(point) ::millrace::detail::pass_fault(point)
