#include "connect/files/detail/settings.h"

#include <vector>

#include <fmt/format.h>

#include "base/ascii.h"
#include "connect/files/detail/glob.h"

namespace millrace::connect::files::detail {
namespace {

using config::Option;
using config::OptionType;
using config::OptionValues;

std::vector<Option> common_options() {
  return {
      {.name = "path",
       .required = true,
       .sentence = "A file, a folder, or a pattern with * ? [a-z] {one,two}.",
       .example = "data/users-*.json"},
      {.name = "order",
       .type = OptionType::kEnum,
       .default_value = "name",
       .choices = {"name", "time"},
       .sentence = "In which order files are read: by name, or by the time of their last change."},
      {.name = "pathGlobFilter",
       .sentence = "A pattern that the names of files must match.",
       .example = "*.json"},
      {.name = "recursiveFileLookup",
       .type = OptionType::kBool,
       .default_value = "false",
       .sentence = "Look into folders of folders too."},
      {.name = "interval",
       .type = OptionType::kDuration,
       .default_value = "1 s",
       .minimum = "10 ms",
       .maximum = "1 d",
       .unit = "s",
       .sentence = "How often the folder is looked at for new and longer files."},
      {.name = "settleTime",
       .type = OptionType::kDuration,
       .default_value = "1 s",
       .minimum = "0 s",
       .maximum = "1 d",
       .unit = "s",
       .sentence = "A file that has not changed for so long is complete, even if its last line has "
                   "no end."},
      {.name = "maxRecordBytes",
       .type = OptionType::kBytes,
       .default_value = "8 MiB",
       .minimum = "1",
       .maximum = "64 MiB",
       .sentence = "A longer line is a failed record."},
      {.name = "encoding",
       .type = OptionType::kEnum,
       .default_value = "UTF-8",
       .choices = {"UTF-8"},
       .also = {"charset"},
       .sentence = "The encoding of the files."},
      {.name = "mode",
       .type = OptionType::kEnum,
       .default_value = "PERMISSIVE",
       .choices = {"PERMISSIVE", "DROPMALFORMED", "FAILFAST"},
       .sentence = "What becomes of a record that the declared columns cannot take."},
      {.name = "maxFilesPerTrigger",
       .type = OptionType::kInt,
       .no_effect = true,
       .sentence = "Here reading is limited by bytes and records."},
      {.name = "maxBytesPerTrigger",
       .type = OptionType::kBytes,
       .no_effect = true,
       .sentence = "Here reading is limited by bytes and records."},
      {.name = "fileNameOnly",
       .type = OptionType::kBool,
       .no_effect = true,
       .sentence = "Here a file is known by its inode."},
  };
}

const Option kDateFormat = {.name = "dateFormat",
                            .sentence = "The pattern of dates, as in Spark.",
                            .example = "yyyy-MM-dd"};
const Option kTimestampFormat = {.name = "timestampFormat",
                                 .sentence = "The pattern of timestamps, as in Spark."};
const Option kMultiLine = {.name = "multiLine",
                           .type = OptionType::kBool,
                           .default_value = "false",
                           .sentence =
                               "Records may go over several lines: for JSON a file is one "
                               "text, for CSV a line end may stand between quotes."};

std::vector<Option> csv_options() {
  return {
      kMultiLine,
      kDateFormat,
      kTimestampFormat,
      {.name = "header",
       .type = OptionType::kBool,
       .default_value = "false",
       .sentence = "The first line of each file has the names of the columns."},
      {.name = "sep",
       .default_value = ",",
       .maximum = "8",
       .also = {"delimiter"},
       .sentence = "What stands between two fields."},
      {.name = "quote",
       .default_value = "\"",
       .maximum = "1",
       .sentence = "What stands around a field that has separators in it."},
      {.name = "escape",
       .default_value = "\\",
       .maximum = "1",
       .sentence = "What stands before a quote inside a field."},
      {.name = "comment", .maximum = "1", .sentence = "Lines that begin with it are left out."},
      {.name = "nullValue", .sentence = "The text that means null."},
      {.name = "emptyValue", .sentence = "The text that means an empty string."},
      {.name = "ignoreLeadingWhiteSpace",
       .type = OptionType::kBool,
       .default_value = "false",
       .sentence = "Drop blanks before a field."},
      {.name = "ignoreTrailingWhiteSpace",
       .type = OptionType::kBool,
       .default_value = "false",
       .sentence = "Drop blanks after a field."},
      {.name = "maxColumns",
       .type = OptionType::kInt,
       .default_value = "20480",
       .minimum = "1",
       .maximum = "1000000",
       .sentence = "A line with more fields is malformed."},
      {.name = "enforceSchema",
       .type = OptionType::kBool,
       .default_value = "true",
       .sentence = "The declared columns count, whatever the header says."},
      {.name = "inferSchema",
       .type = OptionType::kBool,
       .no_effect = true,
       .sentence = "Here columns are declared."},
  };
}

std::vector<Option> json_options() {
  return {kMultiLine, kDateFormat, kTimestampFormat};
}

std::vector<Option> text_options() {
  return {{.name = "wholetext",
           .type = OptionType::kBool,
           .default_value = "false",
           .sentence = "Each file is one record."}};
}

config::OptionTable make_table(std::string_view subject, std::vector<Option> own) {
  config::OptionTable table{.subject = subject, .options = common_options()};
  table.options.insert(table.options.end(), own.begin(), own.end());
  return table;
}

std::string absolute(std::string path, const std::string& folder) {
  constexpr std::string_view kScheme = "file:";
  if (path.starts_with(kScheme)) {
    path.erase(0, kScheme.size());
    while (path.starts_with("//")) {
      path.erase(0, 1);
    }
  }
  const bool relative = !path.starts_with('/') && !folder.empty();
  path = relative ? folder + "/" + path : path;
  while (path.size() > 1 && path.ends_with('/')) {
    path.pop_back();
  }
  return path;
}

char only_character(const OptionValues& values, std::string_view name) {
  const std::string& text = values.has(name) ? values.text(name) : std::string();
  return text.empty() ? '\0' : text[0];
}

}  // namespace

const config::OptionTable& option_table(FileFormat format) {
  static const config::OptionTable kJson = make_table("json source", json_options());
  static const config::OptionTable kCsv = make_table("csv source", csv_options());
  static const config::OptionTable kText = make_table("text source", text_options());
  switch (format) {
    case FileFormat::kJson:
      return kJson;
    case FileFormat::kCsv:
      return kCsv;
    case FileFormat::kText:
      return kText;
  }
  return kText;
}

Settings read_settings(FileFormat format, const OptionValues& values, const std::string& folder) {
  Settings settings;
  settings.format = format;
  settings.list.path = absolute(values.text("path"), folder);
  settings.list.name_filter =
      values.given("pathGlobFilter") ? values.text("pathGlobFilter") : std::string();
  settings.list.recursive = values.flag("recursiveFileLookup");
  settings.list.order = values.choice("order") == 1 ? FileOrder::kTime : FileOrder::kName;
  settings.cut.record_bytes_max = static_cast<std::size_t>(values.bytes("maxRecordBytes"));
  settings.interval_ms = values.duration_ms("interval");
  settings.settle_ms = values.duration_ms("settleTime");
  if (format == FileFormat::kJson) {
    settings.whole_files = values.flag("multiLine");
  } else if (format == FileFormat::kCsv) {
    settings.cut.quotes = values.flag("multiLine");
    settings.cut.quote = only_character(values, "quote");
    settings.cut.escape = only_character(values, "escape");
    settings.skip_header = values.flag("header");
    settings.comment = only_character(values, "comment");
  } else {
    settings.whole_files = values.flag("wholetext");
    settings.skip_blank = false;
  }
  return settings;
}

void check_settings(FileFormat /*format*/, const OptionValues& values, Diagnostics& diagnostics) {
  if (!values.given("path")) {
    return;
  }
  const std::string& path = values.text("path");
  if (is_glob(path) && expand_braces(path).empty()) {
    diagnostics.add(
        {.code = "MR6401",
         .where = values.where("path"),
         .message = fmt::format("braces without an end, or of too many names: \"{}\"", path),
         .help = "write them as {one,two}."});
  }
  const std::size_t scheme = path.find("://");
  if (scheme != std::string::npos && !path.starts_with("file:")) {
    diagnostics.add({.code = "MR6402",
                     .where = values.where("path"),
                     .message = fmt::format("only files of this machine are read, not \"{}\"",
                                            path.substr(0, scheme)),
                     .help = "copy or mount them here, or use USING http."});
  }
}

}  // namespace millrace::connect::files::detail
