#include "base/suggest.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace millrace {
namespace {

constexpr std::size_t kMost = 3;

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') {
      c = static_cast<char>(c | 0x20);
    }
  }
  return result;
}

// Damerau's distance with each letter moved at most once (optimal string alignment).
std::size_t distance(std::string_view left, std::string_view right) {
  const std::size_t width = right.size() + 1;
  std::vector<std::size_t> before(width);
  std::vector<std::size_t> above(width);
  std::vector<std::size_t> row(width);
  for (std::size_t j = 0; j < width; ++j) {
    above[j] = j;
  }
  for (std::size_t i = 1; i <= left.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j < width; ++j) {
      const std::size_t replaced = above[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[right.size()];
}

}  // namespace

std::vector<std::string> suggest(std::string_view wrote, std::span<const std::string> candidates) {
  const std::string word = lower(wrote);
  const std::size_t limit = word.size() < 5 ? 1 : 2;
  std::vector<std::pair<std::size_t, const std::string*>> close;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > word.size() + limit || word.size() > candidate.size() + limit) {
      continue;
    }
    const std::size_t steps = distance(word, lower(candidate));
    if (steps <= limit) {
      close.emplace_back(steps, &candidate);
    }
  }
  std::ranges::sort(close);  // of two as close, the earlier candidate
  std::vector<std::string> best;
  for (const auto& [steps, candidate] : close) {
    if (best.size() < kMost && std::ranges::find(best, *candidate) == best.end()) {
      best.push_back(*candidate);
    }
  }
  return best;
}

std::string did_you_mean(std::string_view wrote, std::span<const std::string> candidates) {
  const std::vector<std::string> words = suggest(wrote, candidates);
  if (words.empty()) {
    return {};
  }
  std::string text = "; did you mean ";
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) {
      text += i + 1 == words.size() ? " or " : ", ";
    }
    text += '"' + words[i] + '"';
  }
  return text += '?';
}

}  // namespace millrace
