// Command lines as Kafka's own tools read them: joptsimple's rules, not those of this program.
//
//   --topic a   --topic=a   -topic a   -topic=a     the same; a flag may be given several times
//   --state     --state empty                       an optional value is taken unless it looks like
//                                                   a flag
//   a required value is whatever comes next, also when it looks like a flag
//   --                                              ends the flags
//
// Nothing is abbreviated. Words that belong to no flag are kept aside.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace millrace::cli {

enum class JavaArgument : std::uint8_t {
  kNone,
  kRequired,
  kOptional
};

enum class JavaType : std::uint8_t {
  kString,
  kInteger,  ///< 32 bits.
  kLong
};

/// One flag of a tool. All views are of static text.
struct JavaOptionRow {
  std::string_view name = {};
  std::string_view sentence = {};
  JavaArgument argument = JavaArgument::kNone;
  JavaType type = JavaType::kString;
  std::string_view described = {};  ///< What the value is, for help.
  std::string_view fallback = {};   ///< The value without the flag; empty: none.
};

/// What was given on a command line. Immutable by use.
class JavaOptions {
 public:
  JavaOptions() = default;

  explicit JavaOptions(std::span<const JavaOptionRow> rows) : rows_(rows) {}

  [[nodiscard]] bool has(std::string_view name) const { return given_.contains(name); }

  /// Every value, in order; the fallback when the flag was not given.
  [[nodiscard]] std::vector<std::string> values(std::string_view name) const;
  /// The one value, or the fallback, or nothing. The last one when there are several:
  /// check_java_values() refuses those.
  [[nodiscard]] std::optional<std::string> value(std::string_view name) const;
  /// value() of an Integer or Long flag; nothing when it is none: check_java_values() refuses it.
  [[nodiscard]] std::optional<std::int64_t> number(std::string_view name) const;

  [[nodiscard]] const std::vector<std::string>& words() const { return words_; }

  void add(std::string_view name, std::optional<std::string> value);

  void add_word(std::string word) { words_.push_back(std::move(word)); }

 private:
  [[nodiscard]] const JavaOptionRow* row(std::string_view name) const;

  std::span<const JavaOptionRow> rows_;
  std::map<std::string, std::vector<std::optional<std::string>>, std::less<>> given_;
  std::vector<std::string> words_;
};

/// kInvalidArgument with joptsimple's sentence, and "did you mean" where there is something alike:
/// an unknown flag, a missing value. Thread-safe.
Result<JavaOptions> parse_java_options(std::span<const JavaOptionRow> rows,
                                       std::span<const std::string> arguments);

/// The same of a number that is none, and of a flag given twice that is not among `repeated`.
Result<void> check_java_values(std::span<const JavaOptionRow> rows,
                               std::span<const std::string_view> repeated,
                               const JavaOptions& options);

/// The flags with their sentences, in order of name.
std::string java_options_help(std::span<const JavaOptionRow> rows, std::size_t columns);

/// `key=value` pairs of flags such as --property; what has no "=" is a key with an empty value. A
/// later pair wins.
std::map<std::string, std::string> parse_key_values(std::span<const std::string> pairs);

/// Nothing unless all of `text` is a number of the type, as Java's valueOf takes it.
std::optional<std::int64_t> parse_java_number(std::string_view text, JavaType type);

}  // namespace millrace::cli
