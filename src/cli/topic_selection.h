// Which topics a flag of Kafka's tools means: --topic and --include are regular expressions.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "expr/java_regex.h"

namespace millrace::cli {

/// Kafka's IncludeList: a Java pattern that matches the whole name; commas separate alternatives,
/// blanks and quotes around it do not count. Immutable.
class TopicPattern {
 public:
  /// kInvalidArgument, kUnsupported: as JavaRegex::compile().
  static Result<TopicPattern> compile(std::string_view text);

  [[nodiscard]] bool matches(std::string_view name) const { return regex_.found_in(name); }

 private:
  explicit TopicPattern(expr::JavaRegex regex) : regex_(std::move(regex)) {}

  expr::JavaRegex regex_;
};

}  // namespace millrace::cli
