// Any bytes as a pattern, a replacement and a text: no crash, and matches do not go backwards.
#include "expr/java_regex.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t line = input.find('\n');
  const std::string_view text = line == std::string_view::npos ? input : input.substr(line + 1);
  const auto regex = millrace::expr::JavaRegex::compile(input.substr(0, line));
  if (!regex) {
    regex.ignore_error("not a pattern");
    return 0;
  }
  const auto replacement = millrace::expr::RegexReplacement::parse(text, *regex);
  std::size_t before = 0;
  int count = 0;
  regex->for_each_match(
      text, 0, regex->group_count(), [&](const millrace::expr::RegexMatch& match) {
        if (match.begin() < before || match.end() < match.begin() || match.end() > text.size()) {
          std::abort();
        }
        before = match.end();
        if (replacement) {
          std::string out;
          replacement->append_to(out, text, match);
        }
        return ++count < 1000;
      });
  return 0;
}
