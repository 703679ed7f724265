// The http source against tests/services/randomuser_mock.py, which plays every failure that the
// real service is known for. Skipped where there is no python3.
#include <array>
#include <filesystem>
#include <map>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/thread.h"
#include "connect/http/connector.h"
#include "connect/http/detail/http_feed.h"
#include "connect/http/detail/settings.h"

namespace millrace::connect::http::detail {
namespace {

std::string find_mock() {
  for (auto folder = std::filesystem::current_path(); folder != folder.root_path();
       folder = folder.parent_path()) {
    const auto mock = folder / "tests/services/randomuser_mock.py";
    if (std::filesystem::exists(mock)) {
      return mock.string();
    }
  }
  return {};
}

/// The mock as a child; ended with the object.
class Mock {
 public:
  explicit Mock(std::vector<std::string> arguments) {
    const std::string mock = find_mock();
    if (mock.empty()) {
      return;
    }
    arguments.insert(arguments.begin(), {"python3", "-u", mock, "--port", "0"});
    std::vector<char*> argv;
    argv.reserve(arguments.size());
    for (std::string& argument : arguments) {
      argv.push_back(argument.data());
    }
    argv.push_back(nullptr);
    std::array<int, 2> pipe{};
    EXPECT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe[1], 1);
    const int failed = ::posix_spawnp(&pid_, "python3", &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(pipe[1]);
    if (failed != 0) {
      pid_ = 0;
    }
    output_ = pipe[0];
    std::string text;
    char letter = '\0';
    while (letter != '\n' && ::read(output_, &letter, 1) == 1) {
      text.push_back(letter);
    }
    const std::size_t colon = text.rfind(':');
    if (colon != std::string::npos) {
      url_ = "http://127.0.0.1:" + std::to_string(std::stoi(text.substr(colon + 1))) + "/api/";
    }
  }

  Mock(const Mock&) = delete;
  Mock& operator=(const Mock&) = delete;

  ~Mock() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    if (output_ >= 0) {
      ::close(output_);
    }
  }

  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  pid_t pid_ = 0;
  int output_ = -1;  // Open as long as it lives, or its last words would kill it.
  std::string url_;
};

Settings settings_for(const std::string& url) {
  const std::vector<config::OptionEntry> options = {
      {.key = "url", .value = url},
      {.key = "records", .value = "/results"},
      {.key = "interval", .value = "0 s"},
      {.key = "timeout", .value = "500 ms"},
      {.key = "retryWait", .value = "1 ms"},
      {.key = "retryWaitMax", .value = "2 ms"},
      {.key = "retries", .value = "50"},
  };
  Diagnostics diagnostics;
  const auto values = config::parse_options(*http_connector().options, options, diagnostics);
  EXPECT_TRUE(diagnostics.empty());
  return read_settings(values);
}

TEST(HttpFeedOnMock, balances_its_books_through_every_failure) {
  const std::string script = testing::TempDir() + "mr_mock_script.json";
  {
    std::FILE* file = std::fopen(script.c_str(), "w");
    ASSERT_NE(file, nullptr);
    std::fputs(R"({"repeat":false,"steps":["ok","429",{"kind":"503","n":2},"html","ok","500","403",
      "error_json","empty","truncated","reset","timeout","slow","dup","badtype","missing","ok"]})",
               file);
    std::fclose(file);
  }
  const Mock mock({"--script",
                   script,
                   "--retry-after",
                   "0",
                   "--hang",
                   "5",
                   "--slow",
                   "0.1",
                   "--max-seconds",
                   "60"});
  if (mock.url().empty()) {
    GTEST_SKIP() << "no python3 or no tests/services/randomuser_mock.py";
  }
  const Settings settings = settings_for(mock.url() + "?results=3");
  const SystemClock clock;
  HttpFeed feed(settings, clock, 1);
  std::map<std::string, int> failures;
  std::uint64_t published = 0;
  std::uint64_t fetched = 0;
  std::string cursor;
  for (int requests = 0; requests < 18;) {
    const connector::FeedPoll poll = feed.poll(cursor, {}, {});
    cursor = poll.next_cursor;
    fetched += poll.fetched();
    published += poll.records.size();
    requests += poll.fetched() > 0 ? 1 : 0;
    for (const auto& failure : poll.failures) {
      ++failures[failure.error_class];
    }
    for (const auto& record : poll.records) {
      EXPECT_TRUE(record.value.starts_with("{\"gender\": ")) << record.value;
    }
    Wakeup never;
    never.wait(poll.wait_ms * 1'000'000 + 1);
  }
  const std::map<std::string, int> expected = {{"EMPTY_ANSWER", 1},
                                               {"HTML_ANSWER", 1},
                                               {"HTTP_RESET", 1},
                                               {"HTTP_STATUS_403", 1},
                                               {"HTTP_STATUS_429", 1},
                                               {"HTTP_STATUS_500", 1},
                                               {"HTTP_STATUS_503", 2},
                                               {"HTTP_TIMEOUT", 1},
                                               {"HTTP_TRUNCATED", 1},
                                               {"RECORDS_NOT_A_LIST", 1},
                                               {"RECORDS_NOT_FOUND", 1}};
  EXPECT_EQ(failures, expected);
  EXPECT_EQ(published, 6U * 3);
  EXPECT_EQ(fetched, published + 12);
}

}  // namespace
}  // namespace millrace::connect::http::detail
