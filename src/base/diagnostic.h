// What is wrong with a text that a user wrote: SQL, YAML, options, records. A reader of such a text
// adds every Diagnostic it finds and returns what it understood; Error (result.h) is for one failed
// operation.
//
//   pipeline.yml:14:9: unknown key "tpoic" in source kafka; did you mean "topic"?
//      13 |     source: kafka
//      14 |     tpoic: users_created
//         |     ^^^^^
//   help: keys of a kafka source are topic, brokers, group, start. MR1042
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

enum class Severity : std::uint8_t {
  kError,
  kWarning,
  kNote
};

/// A place in a user's text. Lines and columns count from 1, columns in code points with a tab as
/// one; 0 = not known. `end` is the column after the last character (0: one character).
struct SourceSpan {
  std::string file = {};
  int line = 0;
  int column = 0;
  int end = 0;

  friend bool operator==(const SourceSpan&, const SourceSpan&) = default;
};

/// One finding. `code` ("MR1042") is stable and never reused; `error_class` and `sqlstate` are
/// Spark's ("UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703") where Spark has them. `message` is static
/// text first and values last; `help` says what to do next.
struct Diagnostic {
  std::string code = {};
  Severity severity = Severity::kError;
  std::string error_class = {};
  std::string sqlstate = {};
  SourceSpan where = {};
  std::string message = {};
  std::string help = {};

  friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

/// All findings of one pass, in the order in which they were found. Owned by one thread.
class Diagnostics {
 public:
  /// Adds one; beyond kLimit further ones are counted only.
  void add(Diagnostic diagnostic);
  void add_all(Diagnostics other);

  [[nodiscard]] bool has_errors() const { return errors_ > 0; }

  [[nodiscard]] std::size_t error_count() const { return errors_; }

  [[nodiscard]] std::span<const Diagnostic> all() const { return all_; }

  [[nodiscard]] bool empty() const { return all_.empty(); }

  /// Keeps at most this many, so that a hostile file cannot fill the memory.
  static constexpr std::size_t kLimit = 1000;

 private:
  std::vector<Diagnostic> all_;
  std::size_t errors_ = 0;
};

/// The texts of the files that Diagnostics speak of, by file name, for source lines and carets.
using SourceTexts = std::map<std::string, std::string, std::less<>>;

/// "file:line:column: message", the line, a caret under the token, "help: …  MRnnnn".
std::string format_diagnostic(const Diagnostic& diagnostic, const SourceTexts& texts);

/// Every Diagnostic, one blank line between two, the last line counts them.
std::string format_diagnostics(const Diagnostics& diagnostics, const SourceTexts& texts);

/// {"code","severity","class","sqlstate","file","line","column","end_column","message","help"}.
std::string diagnostic_to_json(const Diagnostic& diagnostic);

}  // namespace millrace
