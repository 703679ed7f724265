// The stable codes of findings about options, YAML, substitution, settings and project folders. A
// code is never reused; `millrace explain MRnnnn` prints its title and what to do.
#pragma once

#include <span>
#include <string_view>

namespace millrace::config {

struct CodeEntry {
  std::string_view code;
  std::string_view title;
  std::string_view explanation;
};

inline constexpr std::string_view kYamlSyntax = "MR1001";
inline constexpr std::string_view kYamlLimit = "MR1002";
inline constexpr std::string_view kYamlDuplicateKey = "MR1003";
inline constexpr std::string_view kYamlWrongKind = "MR1004";
inline constexpr std::string_view kYamlMissingKey = "MR1005";
inline constexpr std::string_view kNotUtf8 = "MR1006";
inline constexpr std::string_view kUnknownOption = "MR1042";
inline constexpr std::string_view kWrongValue = "MR1043";
inline constexpr std::string_view kOutOfRange = "MR1044";
inline constexpr std::string_view kMissingOption = "MR1045";
inline constexpr std::string_view kOptionTwice = "MR1046";
inline constexpr std::string_view kForeignSpelling = "MR1047";
inline constexpr std::string_view kOptionConflict = "MR1048";
inline constexpr std::string_view kNoEffect = "MR1049";
inline constexpr std::string_view kVariableUnset = "MR1050";
inline constexpr std::string_view kSubstitutionSyntax = "MR1051";
inline constexpr std::string_view kSubstitutionFile = "MR1052";
inline constexpr std::string_view kSubstitutionLimit = "MR1053";

inline constexpr std::string_view kNoProject = "MR1101";
inline constexpr std::string_view kSpecFile = "MR1102";
inline constexpr std::string_view kSpecField = "MR1103";
inline constexpr std::string_view kSpecGlob = "MR1104";
inline constexpr std::string_view kFileExtension = "MR1105";
inline constexpr std::string_view kFileLimit = "MR1106";
inline constexpr std::string_view kFileUnreadable = "MR1107";
inline constexpr std::string_view kOldSpecName = "MR1108";
inline constexpr std::string_view kEmptyPipeline = "MR1109";
inline constexpr std::string_view kRefreshConflict = "MR1110";
inline constexpr std::string_view kMisplacedFile = "MR1111";
inline constexpr std::string_view kStatementRefused = "MR1112";

/// All codes above, ascending.
std::span<const CodeEntry> code_entries();

}  // namespace millrace::config
