#include "io/process_info.h"

#include <csignal>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/thread.h"
#include "io/signals.h"

namespace millrace::io {
namespace {

TEST(ProcessInfo, knows_its_memory_and_time) {
  EXPECT_GT(MUST(resident_bytes()), 1 << 20);
  EXPECT_LT(MUST(resident_bytes()), std::int64_t{1} << 40);
  const double before = cpu_seconds();
  EXPECT_GE(before, 0.0);
  EXPECT_GE(cpu_seconds(), before);
}

TEST(ProcessInfo, tells_when_a_process_started) {
  EXPECT_GT(MUST(process_start_ticks(::getpid())), 0);
  EXPECT_EQ(MUST(process_start_ticks(::getpid())), MUST(process_start_ticks(::getpid())));
  const auto nobody = process_start_ticks(1 << 30);
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().code(), ErrorCode::kNotFound);
}

TEST(ProcessInfo, finds_who_listens_on_a_port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_GE(listener, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const std::uint16_t port = ntohs(address.sin_port);
  const auto holder = find_port_holder(port);
  ::close(listener);
  ASSERT_TRUE(holder);
  EXPECT_EQ(holder->pid, ::getpid());
  EXPECT_NE(holder->command.find("mr_io_test"), std::string::npos);
  EXPECT_FALSE(find_port_holder(port));
}

TEST(StopSignals, calls_with_the_count_and_survives_a_broken_pipe) {
  Wakeup called;
  std::vector<std::pair<int, int>> calls;
  {
    const StopSignals signals([&](int signal, int count) {
      calls.emplace_back(signal, count);
      called.notify();
    });
    ::raise(SIGPIPE);
    ::raise(SIGINT);
    ASSERT_TRUE(called.wait(60'000'000'000));
    ::raise(SIGTERM);
    ASSERT_TRUE(called.wait(60'000'000'000));
  }
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(calls[0], std::pair(SIGINT, 1));
  EXPECT_EQ(calls[1], std::pair(SIGTERM, 2));
}

TEST(StopSignalsDeathTest, afterwards_a_signal_ends_the_program_again) {
  EXPECT_EXIT(
      {
        {
          const StopSignals signals([](int, int) {});
        }
        ::raise(SIGTERM);
      },
      ::testing::KilledBySignal(SIGTERM),
      "");
}

TEST(ProcessInfo, raises_the_limit_of_open_files_and_says_what_it_is) {
  const std::int64_t limit = raise_open_files_limit();
  EXPECT_GT(limit, 100);
  EXPECT_EQ(raise_open_files_limit(), limit);
}

}  // namespace
}  // namespace millrace::io
