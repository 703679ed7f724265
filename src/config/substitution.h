// ${VAR}, ${VAR:-default}, ${env:N} and ${file:path} in sources/, sinks/ and *.yml; never in
// transformations/, which Spark must read as they are.
//
//   form              becomes
//   ${VAR}            the variable of the environment; where it is unset, the file that VAR_FILE
//                     names; where that is unset too, an error
//   ${VAR:-default}   the same, and `default` when it is unset or empty; the default may hold
//                     further ${…}
//   ${env:VAR}        the same as ${VAR}
//   ${file:path}      the text of the file, without the line end at its end; a relative path starts
//                     at the project folder
//   $${               ${ as it is
//
// A value is a value: in SQL one that lands inside quotes is escaped, so that a password with a
// quote in it neither breaks the statement nor becomes a part of it; a comment is left alone. Text
// that came from a file is a secret: it is marked, and no message shows it. What a value contains
// is not substituted again.
//
// After substitution the result's positions are not the user's. The result therefore keeps a map of
// pieces, and origin() and original() lead any place in it back to where it was written: inside a
// substituted value that is the ${…}.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"

namespace millrace::config {

enum class SubstitutionSyntax : std::uint8_t {
  kPlain,  ///< Values go in as they are (a scalar of YAML).
  kSql,    ///< Values inside quotes are escaped; comments are left alone.
};

/// The world as substitution sees it: the caller says where variables and files come from.
/// Immutable.
struct SubstitutionSources {
  /// The value of a variable; nothing when it is unset.
  std::function<std::optional<std::string>(const std::string& name)> variable = {};
  /// The text of a file. Reads at most kMaxFileBytes + 1 bytes.
  std::function<Result<std::string>(const std::string& path)> file = {};

  static constexpr std::size_t kMaxFileBytes = 64 * 1024;
};

/// The process's own environment and no files; for programs that add a file reader.
std::optional<std::string> process_variable(const std::string& name);

/// A text after substitution, with the way back. Immutable.
struct Substituted {
  /// [begin, end) of the result came from [from, until) of the original: byte for byte when the
  /// lengths are equal and `copied`, else as the value of a ${…}.
  struct Piece {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t from = 0;
    std::size_t until = 0;
    bool copied = true;
    bool secret = false;
  };

  std::string text;
  std::vector<Piece> pieces;  ///< Ascending, without holes.

  /// The offset in the original that belongs to an offset in the result.
  [[nodiscard]] std::size_t origin(std::size_t offset) const;
  /// The same for an end: the end of the ${…} when it lies inside a value.
  [[nodiscard]] std::size_t origin_end(std::size_t offset) const;
  /// The span in `original` for a span in the result (which is taken to be of `text`).
  [[nodiscard]] SourceSpan original(const SourceSpan& span, std::string_view original) const;
  [[nodiscard]] bool has_secrets() const;
  [[nodiscard]] bool changed() const;
};

/// Replaces every ${…} and adds a Diagnostic for each that cannot be (its text then stays). `file`
/// is only for positions.
Substituted substitute(std::string_view text,
                       SubstitutionSyntax syntax,
                       const SubstitutionSources& sources,
                       const std::string& file,
                       Diagnostics& diagnostics);

/// Limits: a ${…} may nest this deep, and a result may be this long.
inline constexpr int kMaxSubstitutionDepth = 8;
inline constexpr std::size_t kMaxSubstitutedBytes = 16U * 1024 * 1024;

}  // namespace millrace::config
