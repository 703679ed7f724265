#include "cli/line_input.h"

#include <array>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

namespace millrace::cli {
namespace {

/// A pipe that a test writes into. Owned by one thread.
class Pipe {
 public:
  Pipe() { EXPECT_EQ(::pipe(ends_.data()), 0); }

  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  ~Pipe() {
    close_writer();
    ::close(ends_[0]);
  }

  void write(std::string_view text) const {
    EXPECT_EQ(::write(ends_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }

  void close_writer() {
    if (ends_[1] >= 0) {
      ::close(ends_[1]);
      ends_[1] = -1;
    }
  }

  [[nodiscard]] int reader() const { return ends_[0]; }

 private:
  std::array<int, 2> ends_{-1, -1};
};

std::vector<std::string> all_lines(LineInput& input) {
  std::vector<std::string> lines;
  std::string line;
  while (true) {
    const Result<LineInput::Outcome> outcome = input.next(line, 0);
    if (!outcome || *outcome != LineInput::Outcome::kLine) {
      return lines;
    }
    lines.push_back(line);
  }
}

TEST(LineInput, takes_all_three_ends_of_a_line) {
  Pipe pipe;
  pipe.write("a\nb\r\nc\rd\n\ne");
  pipe.close_writer();
  LineInput input(pipe.reader(), {});
  std::vector<std::string> lines;
  std::string line;
  while (*input.next(line, -1) == LineInput::Outcome::kLine) {
    lines.push_back(line);
  }
  EXPECT_EQ(lines, (std::vector<std::string>{"a", "b", "c", "d", "", "e"}));
}

TEST(LineInput, says_when_nothing_is_there_yet_and_joins_what_comes_in_parts) {
  Pipe pipe;
  LineInput input(pipe.reader(), {});
  std::string line;
  EXPECT_EQ(*input.next(line, 1), LineInput::Outcome::kNothingYet);
  pipe.write("ab");
  EXPECT_EQ(*input.next(line, 1), LineInput::Outcome::kNothingYet);
  pipe.write("c\r");
  EXPECT_EQ(*input.next(line, 1), LineInput::Outcome::kNothingYet);
  pipe.write("\nd\n");
  EXPECT_EQ(*input.next(line, 100), LineInput::Outcome::kLine);
  EXPECT_EQ(line, "abc");
  EXPECT_EQ(all_lines(input), std::vector<std::string>{"d"});
}

TEST(LineInput, ends_when_somebody_asks_for_it) {
  Pipe pipe;
  std::stop_source stop;
  stop.request_stop();
  LineInput input(pipe.reader(), stop.get_token());
  std::string line;
  EXPECT_EQ(*input.next(line, -1), LineInput::Outcome::kNothingYet);
}

TEST(LineInput, gives_the_rest_as_it_is) {
  Pipe pipe;
  pipe.write("first\na\r\nb");
  pipe.close_writer();
  LineInput input(pipe.reader(), {});
  std::string line;
  ASSERT_EQ(*input.next(line, -1), LineInput::Outcome::kLine);
  EXPECT_EQ(*input.rest(100), "a\r\nb");
  EXPECT_EQ(*input.rest(100), "");
}

TEST(LineInput, refuses_more_than_the_limit) {
  Pipe pipe;
  pipe.write("0123456789");
  pipe.close_writer();
  LineInput input(pipe.reader(), {});
  const Result<std::string> rest = input.rest(5);
  ASSERT_FALSE(rest);
  EXPECT_EQ(rest.error().code(), ErrorCode::kExhausted);
}

}  // namespace
}  // namespace millrace::cli
