// Any bytes as YAML scalar and as SQL: pieces cover the result, and every place leads back.
#include "config/substitution.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"

namespace {

void check(std::string_view text, millrace::config::SubstitutionSyntax syntax) {
  namespace config = millrace::config;
  const config::SubstitutionSources sources{
      .variable = [](const std::string& name) -> std::optional<std::string> {
        if (name == "A") {
          return "a'\"\\`\n${B}";
        }
        return name == "E" ? std::optional<std::string>("") : std::nullopt;
      },
      .file = [](const std::string& path) -> millrace::Result<std::string> {
        return path;
      }};
  millrace::Diagnostics diagnostics;
  const config::Substituted result = config::substitute(text, syntax, sources, "fuzz", diagnostics);
  std::size_t end = 0;
  std::size_t until = 0;
  for (const config::Substituted::Piece& piece : result.pieces) {
    MR_ASSERT(piece.begin == end && piece.from == until, "a hole between pieces");
    MR_ASSERT(!piece.copied || result.text.substr(piece.begin, piece.end - piece.begin) ==
                                   text.substr(piece.from, piece.until - piece.from),
              "a piece is no copy");
    end = piece.end;
    until = piece.until;
  }
  MR_ASSERT(end == result.text.size() && until == text.size(), "the pieces do not cover the text");
  const std::size_t step = result.text.size() / 50 + 1;
  std::size_t before = 0;
  for (std::size_t offset = 0; offset <= result.text.size(); offset += step) {
    const std::size_t origin = result.origin(offset);
    MR_ASSERT(origin >= before && origin <= text.size(), "origin {} after {}", origin, before);
    MR_ASSERT(result.origin_end(offset) <= text.size(), "end past the text");
    before = origin;
  }
  (void)result.original({.file = "fuzz", .line = 1, .column = 2, .end = 5}, text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check(text, millrace::config::SubstitutionSyntax::kPlain);
  check(text, millrace::config::SubstitutionSyntax::kSql);
  return 0;
}
