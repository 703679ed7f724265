// Ctrl-C and its kind, as an ordinary function call.
#pragma once

#include <functional>

#include "base/thread.h"

namespace millrace::io {

/// While it lives, SIGINT and SIGTERM call a function in a thread of its own, and SIGPIPE does
/// nothing; afterwards they do what they did before. One at a time in a process. Owned by one
/// thread.
class StopSignals {
 public:
  /// `on_signal` is given the number of the signal and how many came so far: at 1 the program ends
  /// cleanly, at 2 at once.
  explicit StopSignals(std::function<void(int signal, int count)> on_signal);
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals();

 private:
  Thread thread_;
};

}  // namespace millrace::io
