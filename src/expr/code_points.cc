#include "expr/code_points.h"

#include <algorithm>

namespace millrace::expr {
namespace {

std::size_t code_point_bytes(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  if (byte < 0xC0) {
    return 1;
  }
  if (byte < 0xE0) {
    return 2;
  }
  return byte < 0xF0 ? 3 : 4;
}

}  // namespace

std::size_t skip_code_points(std::string_view text, std::size_t from, std::int64_t count) {
  while (count > 0 && from < text.size()) {
    from += code_point_bytes(text[from]);
    --count;
  }
  return std::min(from, text.size());
}

std::int64_t count_code_points(std::string_view text) {
  std::int64_t count = 0;
  for (std::size_t at = 0; at < text.size(); at += code_point_bytes(text[at])) {
    ++count;
  }
  return count;
}

std::string_view slice_code_points(std::string_view text, std::int64_t begin, std::int64_t end) {
  begin = std::max<std::int64_t>(begin, 0);
  if (end <= begin) {
    return {};
  }
  const std::size_t first = skip_code_points(text, 0, begin);
  const std::size_t last = skip_code_points(text, first, end - begin);
  return text.substr(first, last - first);
}

std::string_view substring_text(std::string_view text, std::int64_t position, std::int64_t length) {
  std::int64_t start = position > 0 ? position - 1 : 0;
  if (position < 0) {
    start = count_code_points(text) + position;
  }
  return slice_code_points(text, start, start + length);
}

std::string_view substring_bytes(std::string_view bytes,
                                 std::int64_t position,
                                 std::int64_t length) {
  const auto size = static_cast<std::int64_t>(bytes.size());
  std::int64_t start = position > 0 ? position - 1 : 0;
  if (position < 0) {
    start = size + position;
  }
  const std::int64_t end = std::min(start + length, size);
  start = std::max<std::int64_t>(start, 0);
  if (end <= start) {
    return {};
  }
  return bytes.substr(static_cast<std::size_t>(start), static_cast<std::size_t>(end - start));
}

std::int32_t locate_text(std::string_view part, std::string_view text, std::int32_t start) {
  if (start < 1) {
    return 0;
  }
  if (part.empty()) {
    return 1;
  }
  const std::size_t from = skip_code_points(text, 0, start - 1);
  const std::size_t found = text.find(part, from);
  if (found == std::string_view::npos) {
    return 0;
  }
  return static_cast<std::int32_t>(count_code_points(text.substr(0, found)) + 1);
}

}  // namespace millrace::expr
