#include "config/text_positions.h"

#include <gtest/gtest.h>

namespace millrace::config {
namespace {

TEST(TextPositions, leads_there_and_back) {
  const std::string text = "äb\r\n\n\tc";
  const TextPositions positions(text);
  EXPECT_EQ(positions.at(0), (TextPlace{.line = 1, .column = 1}));
  EXPECT_EQ(positions.at(2), (TextPlace{.line = 1, .column = 2}));
  EXPECT_EQ(positions.at(5), (TextPlace{.line = 2, .column = 1}));
  EXPECT_EQ(positions.at(7), (TextPlace{.line = 3, .column = 2}));
  EXPECT_EQ(positions.at(99), (TextPlace{.line = 3, .column = 3}));
  for (const std::size_t offset : {0U, 2U, 3U, 5U, 6U, 7U, 8U}) {
    EXPECT_EQ(positions.offset_of(positions.at(offset)), offset);
  }
  EXPECT_EQ(positions.offset_of({.line = 1, .column = 50}), 3U);
  EXPECT_EQ(positions.offset_of({.line = 9, .column = 1}), text.size());
}

TEST(TextPositions, a_span_ends_with_its_line) {
  const TextPositions positions("abc\ndef");
  EXPECT_EQ(positions.span("f", 1, 6), (SourceSpan{.file = "f", .line = 1, .column = 2, .end = 4}));
  EXPECT_EQ(positions.span("f", 2, 2), (SourceSpan{.file = "f", .line = 1, .column = 3, .end = 0}));
}

}  // namespace
}  // namespace millrace::config
