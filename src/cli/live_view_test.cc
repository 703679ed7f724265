#include "cli/live_view.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/text_width.h"

namespace millrace::cli {
namespace {

using testing::HasSubstr;

console::Overview users() {
  console::Overview view;
  view.project = "users";
  view.version = "0.1.0";
  view.uptime_ms = 12'345;
  view.topics_bytes = 3U << 20U;
  view.sources.push_back({.name = "users_api",
                          .connector = "http",
                          .fetched = 1234,
                          .published = 1230,
                          .failed = 4,
                          .rate = 50.04,
                          .problem = "HTTP status 503"});
  view.flows.push_back({.name = "created_users", .lag = 3, .rate = 50, .state = "running"});
  view.flows.back().books.counts.read = 1230;
  view.flows.back().books.counts.rejected = 2;
  view.tables.push_back({.name = "created_users", .applied = 1228});
  view.problems.push_back({.where = "source users_api", .text = "HTTP status 503"});
  return view;
}

TEST(LiveView, a_page_fits_the_terminal) {
  for (const std::size_t columns : {20U, 40U, 80U, 200U}) {
    const LivePage page{.overview = users(),
                        .url = "http://127.0.0.1:8080/",
                        .log = {"a line of the log"},
                        .size = {.columns = columns, .rows = 12}};
    const std::string text = render_live_page(page);
    EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 12);
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      EXPECT_LE(display_width(std::string_view(text).substr(at, end - at)), columns);
      at = end + 1;
    }
  }
}

TEST(LiveView, a_page_tells_counts_troubles_and_the_address) {
  const std::string text = render_live_page(
      {.overview = users(), .url = "http://127.0.0.1:8080/", .size = {.columns = 120, .rows = 40}});
  for (const char* part : {"users_api",
                           "1\u202f234",
                           "1\u202f230",
                           "50.0/s",
                           "trouble",
                           "source users_api: HTTP status 503",
                           "http://127.0.0.1:8080/",
                           "3.0 MiB on disk"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

TEST(LiveView, colours_are_left_out_unless_asked_for) {
  LivePage page{.overview = users(), .size = {.columns = 80, .rows = 24}};
  EXPECT_EQ(render_live_page(page).find('\033'), std::string::npos);
  page.color = true;
  EXPECT_NE(render_live_page(page).find('\033'), std::string::npos);
}

TEST(LiveView, a_progress_line_is_one_line) {
  const std::string line = render_progress_line(users());
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_THAT(line, HasSubstr("users_api 1234 fetched 1230 published 4 failed 50.0/s"));
  EXPECT_THAT(line, HasSubstr("created_users 1230 read 0 accepted 2 rejected lag 3 50.0/s"));
}

TEST(LiveView, elapsed_time_is_for_people) {
  EXPECT_EQ(format_elapsed(430), "0.4 s");
  EXPECT_EQ(format_elapsed(12'345), "12 s");
  EXPECT_EQ(format_elapsed(200'000), "3 min 20 s");
  EXPECT_EQ(format_elapsed(7'260'000), "2 h 1 min");
}

}  // namespace
}  // namespace millrace::cli
