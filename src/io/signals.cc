// A signal handler may do next to nothing, so it writes the signal's number into a pipe, which a
// thread reads.
#include "io/signals.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "base/assert.h"

namespace millrace::io {
namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM};

std::array<int, 2> pipe_ends{-1, -1};
std::atomic<int> pipe_write{-1};
std::array<struct sigaction, 3> actions_before;

extern "C" void write_signal(int signal) {
  const int error = errno;
  const auto number = static_cast<unsigned char>(signal);
  if (::write(pipe_write.load(), &number, 1) < 0) {
    // The pipe is full of signals: one more says nothing new.
  }
  errno = error;
}

void read_signals(const std::function<void(int, int)>& on_signal) {
  int count = 0;
  while (true) {
    unsigned char number = 0;
    const ssize_t got = ::read(pipe_ends[0], &number, 1);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0 || number == 0) {
      return;
    }
    on_signal(number, ++count);
  }
}

}  // namespace

StopSignals::StopSignals(std::function<void(int signal, int count)> on_signal) {
  MR_ASSERT(pipe_write == -1, "StopSignals lives already");
  const int made = ::pipe2(pipe_ends.data(), O_CLOEXEC);
  MR_ASSERT(made == 0, "pipe: errno {}", errno);
  pipe_write = pipe_ends[1];
  thread_ = Thread("signals", [on_signal = std::move(on_signal)](const std::stop_token&) {
    read_signals(on_signal);
  });

  struct sigaction action{};

  action.sa_handler = &write_signal;
  action.sa_flags = SA_RESTART;
  ::sigaction(kSignals[0], &action, &actions_before[0]);
  ::sigaction(kSignals[1], &action, &actions_before[1]);
  action.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &action, &actions_before[2]);
}

StopSignals::~StopSignals() {
  ::sigaction(kSignals[0], &actions_before[0], nullptr);
  ::sigaction(kSignals[1], &actions_before[1], nullptr);
  ::sigaction(SIGPIPE, &actions_before[2], nullptr);
  write_signal(0);
  thread_.join();
  pipe_write = -1;
  ::close(pipe_ends[0]);
  ::close(pipe_ends[1]);
}

}  // namespace millrace::io
