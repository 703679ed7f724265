#include "config/codes.h"

#include <array>

namespace millrace::config {

namespace {

constexpr std::array kEntries = {
    CodeEntry{kYamlSyntax,
              "The YAML cannot be read",
              "Mend the line that is named; most often it is the indentation, a tab, or a text "
              "with \": \" or \"#\" in it that needs quotes."},
    CodeEntry{kYamlLimit,
              "The YAML is beyond a limit",
              "The message names the limit: bytes, depth, or nodes after aliases are expanded."},
    CodeEntry{kYamlDuplicateKey,
              "The same key twice in one map",
              "Keep one of the two; the message names both places."},
    CodeEntry{kYamlWrongKind,
              "A map, list or text was expected and another kind was found",
              "Write the kind that the message names."},
    CodeEntry{
        kYamlMissingKey, "A required key is missing", "Add the key at the place that is named."},
    CodeEntry{
        kNotUtf8, "The file is not UTF-8 text", "Save it as UTF-8, without control characters."},
    CodeEntry{kUnknownOption,
              "Unknown key or option",
              "Nothing unknown is ignored. The help line lists what there is."},
    CodeEntry{kWrongValue, "A value has the wrong form", "Write it as the message describes."},
    CodeEntry{kOutOfRange,
              "A value is outside its limits",
              "Choose a value inside the limits that the message names."},
    CodeEntry{
        kMissingOption, "A required option is missing", "Add it; the help line has an example."},
    CodeEntry{
        kOptionTwice,
        "The same option twice",
        "Keep one of the two; names are compared without case, and some options have two names."},
    CodeEntry{
        kForeignSpelling, "The spelling of another tool", "Use the name that the message gives."},
    CodeEntry{kOptionConflict,
              "Options that exclude each other",
              "Give one of those that the message lists."},
    CodeEntry{kNoEffect,
              "An option without effect here",
              "It is accepted because other systems have it; it may stay or go."},
    CodeEntry{kVariableUnset,
              "A variable of the environment is not set",
              "Set it, set NAME_FILE to a file that holds it, or write ${NAME:-default}."},
    CodeEntry{
        kSubstitutionSyntax,
        "A ${…} that cannot be read",
        "Write ${NAME}, ${NAME:-default}, ${env:NAME} or ${file:path}; $${ gives a plain ${."},
    CodeEntry{kSubstitutionFile,
              "The file of a ${file:…} cannot be read",
              "Check path and permissions; a relative path starts at the project folder."},
    CodeEntry{
        kSubstitutionLimit, "A substitution is beyond a limit", "The message names the limit."},
    CodeEntry{kNoProject,
              "There is no project here",
              "Go to a project folder, name one, or make one with `millrace init NAME`."},
    CodeEntry{kSpecFile,
              "spark-pipeline.yml is not there, or there twice",
              "Keep exactly one of spark-pipeline.yml and spark-pipeline.yaml."},
    CodeEntry{kSpecField,
              "A field of spark-pipeline.yml is wrong",
              "The fields are name, storage, catalog, database, schema, configuration, libraries."},
    CodeEntry{kSpecGlob,
              "A glob that Spark does not accept",
              "Name a file, or a folder with all below it: transformations/**"},
    CodeEntry{kFileExtension,
              "A file that does not belong under a library's glob",
              "Keep only .sql files there; Spark refuses anything but .sql and .py, and .py "
              "needs Spark."},
    CodeEntry{kFileLimit,
              "The project is beyond a limit",
              "The message names the limit: bytes of a file, number of files, depth of folders."},
    CodeEntry{kFileUnreadable,
              "A file of the project cannot be read",
              "Check its permissions, and that it is no link in a circle."},
    CodeEntry{
        kOldSpecName, "The name of an older preview", "Rename pipeline.yml to spark-pipeline.yml."},
    CodeEntry{kEmptyPipeline,
              "The project defines no table",
              "Add a CREATE STREAMING TABLE or CREATE MATERIALIZED VIEW to a file in "
              "transformations/."},
    CodeEntry{kRefreshConflict,
              "Refresh options that exclude each other",
              "Use --full-refresh-all alone."},
    CodeEntry{kMisplacedFile,
              "A file where it is not read",
              "Move it to the folder that the message names."},
    CodeEntry{kStatementRefused,
              "A statement that does not belong in this folder",
              "sources/ has CREATE TABLE … USING …, sinks/ the same with AS SELECT, "
              "transformations/ what Spark takes in a pipeline."},
};

}  // namespace

std::span<const CodeEntry> code_entries() {
  return kEntries;
}

}  // namespace millrace::config
