// What the options of a files source say.
#pragma once

#include <cstdint>
#include <string>

#include "config/option_table.h"
#include "connect/files/detail/file_list.h"
#include "connect/files/detail/record_reader.h"

namespace millrace::connect::files::detail {

enum class FileFormat : std::uint8_t {
  kJson,
  kCsv,
  kText,
};

struct Settings {
  FileFormat format = FileFormat::kText;
  ListOptions list;
  CutOptions cut;
  bool whole_files = false;
  bool skip_header = false;
  bool skip_blank = true;
  char comment = '\0';  ///< Lines that begin with it are skipped; 0: none.
  std::int64_t interval_ms = 1'000;
  std::int64_t settle_ms = 1'000;
};

const config::OptionTable& option_table(FileFormat format);

/// A relative path begins at `folder`.
Settings read_settings(FileFormat format,
                       const config::OptionValues& values,
                       const std::string& folder);

void check_settings(FileFormat format,
                    const config::OptionValues& values,
                    Diagnostics& diagnostics);

}  // namespace millrace::connect::files::detail
