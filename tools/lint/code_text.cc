// Comments and literals made blank.
#include <cctype>
#include <string>
#include <string_view>

#include "lint/rules.h"

namespace millrace::lint {

namespace {

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// Goes over one text. Owned by one thread.
class Blanker {
 public:
  explicit Blanker(std::string_view text) : text_(text), code_(text) {}

  std::string run() {
    while (at_ < text_.size()) {
      step();
    }
    return std::move(code_);
  }

 private:
  void step() {
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("//")) {
      blank_to(end_of_line_comment());
    } else if (rest.starts_with("/*")) {
      const std::size_t close = text_.find("*/", at_ + 2);
      blank_to(close == std::string_view::npos ? text_.size() : close + 2);
    } else if (rest.front() == '"') {
      blank_string();
    } else if (rest.front() == '\'' && !is_separator()) {
      blank_quoted('\'');
    } else {
      ++at_;
    }
  }

  [[nodiscard]] std::size_t end_of_line_comment() const {
    std::size_t end = text_.find('\n', at_);
    while (end != std::string_view::npos && end > 0 && text_[end - 1] == '\\') {
      end = text_.find('\n', end + 1);
    }
    return end == std::string_view::npos ? text_.size() : end;
  }

  /// The ' of 1'000.
  [[nodiscard]] bool is_separator() const {
    return at_ > 0 && at_ + 1 < text_.size() &&
           std::isxdigit(static_cast<unsigned char>(text_[at_ - 1])) != 0 &&
           std::isxdigit(static_cast<unsigned char>(text_[at_ + 1])) != 0 && !is_prefix();
  }

  /// u8'a': what stands before the quote is a word that ends in a hexadecimal digit.
  [[nodiscard]] bool is_prefix() const {
    std::size_t begin = at_;
    while (begin > 0 && is_word(text_[begin - 1])) {
      --begin;
    }
    return std::isdigit(static_cast<unsigned char>(text_[begin])) == 0;
  }

  void blank_string() {
    const bool raw = at_ > 0 && text_[at_ - 1] == 'R' &&
                     (at_ < 2 || !is_word(text_[at_ - 2]) || is_raw_prefix());
    if (!raw) {
      blank_quoted('"');
      return;
    }
    const std::size_t open = text_.find('(', at_);
    if (open == std::string_view::npos) {
      blank_to(text_.size());
      return;
    }
    std::string close = ")";
    close += text_.substr(at_ + 1, open - at_ - 1);
    close += '"';
    const std::size_t end = text_.find(close, open);
    const std::size_t stop = end == std::string_view::npos ? text_.size() : end + close.size();
    ++at_;
    blank_to(stop - 1);
    at_ = stop;
  }

  [[nodiscard]] bool is_raw_prefix() const {
    return text_[at_ - 2] == 'u' || text_[at_ - 2] == 'U' || text_[at_ - 2] == 'L' ||
           text_[at_ - 2] == '8';
  }

  /// Leaves the quotes, so that `f("x")` stays a call with an argument.
  void blank_quoted(char quote) {
    ++at_;
    while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n') {
      const std::size_t next = text_[at_] == '\\' ? 2 : 1;
      blank_to(std::min(at_ + next, text_.size()));
    }
    at_ = std::min(at_ + 1, text_.size());
  }

  void blank_to(std::size_t end) {
    for (; at_ < end; ++at_) {
      if (text_[at_] != '\n') {
        code_[at_] = ' ';
      }
    }
  }

  std::string_view text_;
  std::string code_;
  std::size_t at_ = 0;
};

/// `#include "x"` lines keep their text: a path is no literal.
void restore_includes(std::string_view text, std::string& code) {
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (code.compare(begin, 8, "#include") == 0) {
      code.replace(begin, end - begin, text.substr(begin, end - begin));
    }
    begin = end + 1;
  }
}

}  // namespace

std::string code_of(std::string_view text) {
  std::string code = Blanker(text).run();
  restore_includes(text, code);
  return code;
}

bool is_cpp(std::string_view path) {
  return path.ends_with(".cc") || path.ends_with(".h");
}

std::string_view stem_of(std::string_view path) {
  path = path.substr(path.rfind('/') + 1);  // npos + 1 is 0.
  return path.substr(0, path.rfind('.'));
}

int line_at(std::string_view text, std::size_t offset) {
  int line = 1;
  for (const char c : text.substr(0, offset)) {
    line += c == '\n' ? 1 : 0;
  }
  return line;
}

}  // namespace millrace::lint
