#include "base/log_line.h"

#include <limits>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

// The lines that are written while it lives.
class Captured {
 public:
  explicit Captured(const LogOptions& options = {}) {
    configure_logging(options);
    capture_log([this](LogLevel, std::string_view line) { lines.emplace_back(line); });
  }

  Captured(const Captured&) = delete;
  Captured& operator=(const Captured&) = delete;

  ~Captured() {
    capture_log({});
    configure_logging({});
  }

  std::vector<std::string> lines;
};

TEST(LogLine, is_logfmt_with_module_and_fields) {
  const Captured captured;
  MR_LOG(info, "segment rolled", {"partition", 3}, {"path", "a b"}, {"empty", ""});
  ASSERT_EQ(captured.lines.size(), 1U);
  EXPECT_THAT(captured.lines[0],
              MatchesRegex("time=20[0-9-]+T[0-9:]+[.][0-9][0-9][0-9]Z level=info module=base "
                           "msg=\"segment rolled\" partition=3 path=\"a b\" empty=\"\""));
}

TEST(LogLine, is_json_with_numbers_unquoted) {
  const Captured captured({.level = LogLevel::kInfo, .json = true, .color = false});
  MR_LOG(warning,
         "slow \"disk\"",
         {"ms", 3.5},
         {"path", "x"},
         {"bad", std::numeric_limits<double>::infinity()},
         {"on", true});
  ASSERT_EQ(captured.lines.size(), 1U);
  EXPECT_THAT(captured.lines[0],
              EndsWith(R"("level":"warning","module":"base","msg":"slow \"disk\"","ms":3.5,)"
                       R"("path":"x","bad":"inf","on":true})"));
}

TEST(LogLine, obeys_its_level_and_counts_errors) {
  const Captured captured({.level = LogLevel::kError, .json = false, .color = false});
  const std::uint64_t before = logged_errors();
  MR_LOG(info, "not shown");
  MR_LOG(error, "shown");
  EXPECT_EQ(captured.lines.size(), 1U);
  EXPECT_EQ(logged_errors(), before + 1);
}

TEST(LogLine, holds_back_what_one_place_says_too_often) {
  const Captured captured;
  for (int i = 0; i < 10 * kLogLinesPerSecond; ++i) {
    MR_LOG(info, "again");
  }
  EXPECT_GE(captured.lines.size(), static_cast<std::size_t>(kLogLinesPerSecond));
  EXPECT_LE(captured.lines.size(), static_cast<std::size_t>(2 * kLogLinesPerSecond));
}

TEST(LogLine, says_how_many_lines_were_held_back) {
  const Captured captured;
  detail::LogSite site;
  site.held_back = 7;
  detail::write_log_line(site, LogLevel::kInfo, "after a while", {});
  ASSERT_EQ(captured.lines.size(), 1U);
  EXPECT_THAT(captured.lines[0], EndsWith(" held_back=7"));
}

TEST(LogLine, color_is_for_people) {
  const Captured captured({.level = LogLevel::kInfo, .json = false, .color = true});
  MR_LOG(info, "hello", {"n", 1});
  ASSERT_EQ(captured.lines.size(), 1U);
  EXPECT_THAT(captured.lines[0], HasSubstr("base: hello"));
}

}  // namespace
}  // namespace millrace
