#include "connect/files/connector.h"

#include <memory>

#include "connect/files/detail/files_feed.h"
#include "connect/files/detail/settings.h"

namespace millrace::connect::files {
namespace {

using config::OptionValues;
using detail::FileFormat;

template <FileFormat kFormat>
void check(const OptionValues& values, Diagnostics& diagnostics) {
  detail::check_settings(kFormat, values, diagnostics);
}

template <FileFormat kFormat>
Result<std::unique_ptr<connector::Feed>> make_feed(const OptionValues& values,
                                                   const connector::FeedContext& context) {
  return std::unique_ptr<connector::Feed>(std::make_unique<detail::FilesFeed>(
      detail::read_settings(kFormat, values, context.folder), context.files, context.clock));
}

template <FileFormat kFormat>
connector::ConnectorInfo make_info(std::string_view name,
                                   std::string_view description,
                                   connector::ValueFormat format) {
  return {
      .name = name,
      .description = description,
      .options = &detail::option_table(kFormat),
      .format = format,
      .finite = [](const OptionValues&) { return true; },
      .check = check<kFormat>,
      .guarantee = [](const OptionValues&) { return detail::FilesFeed::promise(); },
      .make_feed = make_feed<kFormat>,
  };
}

}  // namespace

const connector::ConnectorInfo& json_connector() {
  static const connector::ConnectorInfo kInfo = make_info<FileFormat::kJson>(
      "json", "Files of JSON, one text a line.", connector::ValueFormat::kJson);
  return kInfo;
}

const connector::ConnectorInfo& csv_connector() {
  static const connector::ConnectorInfo kInfo = make_info<FileFormat::kCsv>(
      "csv", "Files of lines with separated fields.", connector::ValueFormat::kCsv);
  return kInfo;
}

const connector::ConnectorInfo& text_connector() {
  static const connector::ConnectorInfo kInfo =
      make_info<FileFormat::kText>("text", "Files of lines.", connector::ValueFormat::kText);
  return kInfo;
}

}  // namespace millrace::connect::files
