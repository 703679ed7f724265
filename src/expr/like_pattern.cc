#include "expr/like_pattern.h"

#include "base/utf8.h"

namespace millrace::expr {
namespace {

// The bytes of the code point that begins at `at`.
std::size_t code_point_size(std::string_view text, std::size_t at) {
  std::size_t next = at;
  (void)next_code_point(text, next);
  return next - at;
}

}  // namespace

std::optional<LikePattern> LikePattern::compile(std::string_view pattern,
                                                std::string_view escape,
                                                EvalError& error) {
  LikePattern like;
  like.parts_.emplace_back();
  for (std::size_t at = 0; at < pattern.size();) {
    const std::size_t size = code_point_size(pattern, at);
    const std::string_view letter = pattern.substr(at, size);
    Part& part = like.parts_.back();
    at += size;
    if (letter == escape && !escape.empty()) {
      if (at == pattern.size()) {
        error = EvalError::kInvalidLikeEscapeAtEnd;
        return std::nullopt;
      }
      const std::size_t next = code_point_size(pattern, at);
      const std::string_view plain = pattern.substr(at, next);
      if (plain != "%" && plain != "_" && plain != escape) {
        error = EvalError::kInvalidLikeEscape;
        return std::nullopt;
      }
      part.bytes += plain;
      at += next;
    } else if (letter == "%") {
      like.parts_.emplace_back();
    } else if (letter == "_") {
      part.any.push_back(part.bytes.size());
      part.bytes += '_';
    } else {
      part.bytes += letter;
    }
  }
  return like;
}

std::size_t LikePattern::match_at(const Part& part, std::string_view text, std::size_t at) {
  std::size_t begin = 0;
  for (const std::size_t any : part.any) {
    const std::string_view plain = std::string_view(part.bytes).substr(begin, any - begin);
    if (text.substr(at, plain.size()) != plain || at + plain.size() >= text.size()) {
      return std::string_view::npos;
    }
    at += plain.size();
    at += code_point_size(text, at);
    begin = any + 1;
  }
  const std::string_view plain = std::string_view(part.bytes).substr(begin);
  return at <= text.size() && text.substr(at, plain.size()) == plain ? at + plain.size()
                                                                     : std::string_view::npos;
}

std::size_t LikePattern::find(const Part& part,
                              std::string_view text,
                              std::size_t from,
                              std::size_t* begin) {
  if (part.any.empty()) {
    *begin = text.find(part.bytes, from);
    return *begin == std::string_view::npos ? *begin : *begin + part.bytes.size();
  }
  for (std::size_t at = from; at <= text.size();) {
    const std::size_t end = match_at(part, text, at);
    if (end != std::string_view::npos) {
      *begin = at;
      return end;
    }
    if (at == text.size()) {
      break;
    }
    at += code_point_size(text, at);
  }
  return std::string_view::npos;
}

bool LikePattern::matches(std::string_view text) const {
  if (parts_.size() == 1) {
    return match_at(parts_.front(), text, 0) == text.size();
  }
  std::size_t at = match_at(parts_.front(), text, 0);
  for (std::size_t i = 1; i + 1 < parts_.size() && at != std::string_view::npos; ++i) {
    std::size_t begin = 0;
    at = find(parts_[i], text, at, &begin);
  }
  if (at == std::string_view::npos) {
    return false;
  }
  const Part& last = parts_.back();
  if (last.any.empty()) {
    return text.size() - at >= last.bytes.size() && text.ends_with(last.bytes);
  }
  // The last part has to end with the text: try each place where it may begin.
  while (at <= text.size()) {
    if (match_at(last, text, at) == text.size()) {
      return true;
    }
    if (at == text.size()) {
      break;
    }
    at += code_point_size(text, at);
  }
  return false;
}

}  // namespace millrace::expr
