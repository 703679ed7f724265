#include "cli/text_table.h"

#include <gtest/gtest.h>

#include "cli/text_width.h"

namespace millrace::cli {
namespace {

TEST(TextTable, columns_are_aligned_by_what_a_terminal_shows) {
  const TextTable table{.columns = {{"name"}, {"count", true}},
                        .rows = {{"Zoë", "1"}, {"東京", "1234"}, {"e\u0301x", std::nullopt}}};
  EXPECT_EQ(render_table(table),
            "name  count\n"
            "────  ─────\n"
            "Zoë       1\n"
            "東京   1234\n"
            "e\u0301x     NULL\n");
}

TEST(TextTable, control_characters_never_reach_the_terminal) {
  const TextTable table{.columns = {{"v"}}, .rows = {{"a\nb\x1b[31m"}}};
  EXPECT_EQ(render_table(table).find('\x1b'), std::string::npos);
  EXPECT_NE(render_table(table).find("a\\nb\\u001b[31m"), std::string::npos);
}

TEST(TextTable, lines_are_cut_at_the_width) {
  const TextTable table{.columns = {{"v"}}, .rows = {{"0123456789"}}};
  EXPECT_EQ(render_table(table, 5), "v\n────…\n0123…\n");
}

TEST(TextTable, csv_tells_null_from_empty) {
  const TextTable table{.columns = {{"a"}, {"b,c"}},
                        .rows = {{std::nullopt, ""}, {"x\"y", "1\n2"}}};
  EXPECT_EQ(render_csv(table), "a,\"b,c\"\n,\"\"\n\"x\"\"y\",\"1\n2\"\n");
}

TEST(TextWidth, wide_and_combining_letters_are_counted_as_shown) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("é"), 1U);
  EXPECT_EQ(display_width("e\u0301"), 1U);
  EXPECT_EQ(display_width("東京"), 4U);
  EXPECT_EQ(display_width("👍"), 2U);
  EXPECT_EQ(display_width("آرین"), 4U);
}

TEST(TextWidth, a_cut_leaves_room_for_the_ellipsis) {
  EXPECT_EQ(cut_to_width("abcdef", 6), "abcdef");
  EXPECT_EQ(cut_to_width("abcdef", 5), "abcd…");
  EXPECT_EQ(cut_to_width("東京都", 5), "東京…");
  EXPECT_EQ(cut_to_width("abc", 0), "");
}

TEST(TextTable, digits_and_rates_are_short) {
  EXPECT_EQ(group_digits(0), "0");
  EXPECT_EQ(group_digits(1234567), "1\u202f234\u202f567");
  EXPECT_EQ(format_rate(0), "0");
  EXPECT_EQ(format_rate(9.54), "9.5");
  EXPECT_EQ(format_rate(1234.4), "1\u202f234");
}

}  // namespace
}  // namespace millrace::cli
