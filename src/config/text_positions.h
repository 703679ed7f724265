// From an offset in a text to line and column, and back.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"

namespace millrace::config {

/// Line and column, both from 1; columns count code points, a tab is one.
struct TextPlace {
  int line = 1;
  int column = 1;

  friend bool operator==(const TextPlace&, const TextPlace&) = default;
};

/// Knows where each line of a text begins. A lookup costs a binary search and one pass over the
/// line. The text must live as long. Immutable.
class TextPositions {
 public:
  explicit TextPositions(std::string_view text);

  /// An offset past the end is the end.
  [[nodiscard]] TextPlace at(std::size_t offset) const;
  /// A column past the end of its line is that line's end; a line past the last is the text's end.
  [[nodiscard]] std::size_t offset_of(TextPlace place) const;
  /// The span of the bytes [begin, end); where they reach over a line's end it ends with the line.
  [[nodiscard]] SourceSpan span(const std::string& file, std::size_t begin, std::size_t end) const;

  [[nodiscard]] std::string_view text() const { return text_; }

 private:
  [[nodiscard]] std::size_t line_end(std::size_t line) const;

  std::string_view text_;
  std::vector<std::size_t> starts_;
};

}  // namespace millrace::config
