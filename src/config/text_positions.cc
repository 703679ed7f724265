#include "config/text_positions.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

#include "base/utf8.h"

namespace millrace::config {

TextPositions::TextPositions(std::string_view text) : text_(text), starts_{0} {
  for (std::size_t at = text.find('\n'); at != std::string_view::npos;
       at = text.find('\n', at + 1)) {
    starts_.push_back(at + 1);
  }
}

std::size_t TextPositions::line_end(std::size_t line) const {
  std::size_t end = line + 1 < starts_.size() ? starts_[line + 1] - 1 : text_.size();
  if (end > starts_[line] && text_[end - 1] == '\r') {
    --end;
  }
  return end;
}

TextPlace TextPositions::at(std::size_t offset) const {
  offset = std::min(offset, text_.size());
  const auto after = std::upper_bound(starts_.begin(), starts_.end(), offset);
  const auto line = static_cast<std::size_t>(std::distance(starts_.begin(), after)) - 1;
  const std::string_view before = text_.substr(starts_[line], offset - starts_[line]);
  return {.line = static_cast<int>(line) + 1, .column = static_cast<int>(utf8_length(before)) + 1};
}

std::size_t TextPositions::offset_of(TextPlace place) const {
  if (place.line < 1) {
    return 0;
  }
  const auto line = static_cast<std::size_t>(place.line) - 1;
  if (line >= starts_.size()) {
    return text_.size();
  }
  const std::string_view text = text_.substr(0, line_end(line));
  std::size_t offset = starts_[line];
  for (int column = 1; column < place.column && offset < text.size(); ++column) {
    next_code_point(text, offset);
  }
  return offset;
}

SourceSpan TextPositions::span(const std::string& file, std::size_t begin, std::size_t end) const {
  const TextPlace from = at(begin);
  end = std::min(end, line_end(static_cast<std::size_t>(from.line) - 1));
  return {.file = file,
          .line = from.line,
          .column = from.column,
          .end = end > begin ? at(end).column : 0};
}

}  // namespace millrace::config
