#include "cli/record_reader.h"

#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "cli/record_format.h"

// The first byte says how the line is read; what read_json_record() takes, RecordFormat's json
// writes so that it is read back the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;
  using namespace millrace::cli;
  if (size == 0) {
    return 0;
  }
  const std::string_view line(reinterpret_cast<const char*>(data) + 1, size - 1);
  Properties properties;
  properties["parse.key"] = (data[0] & 1U) != 0 ? "true" : "false";
  properties["parse.headers"] = (data[0] & 2U) != 0 ? "true" : "false";
  properties["ignore.error"] = (data[0] & 4U) != 0 ? "true" : "false";
  if ((data[0] & 8U) != 0) {
    properties["null.marker"] = "";
  }
  Result<LineRecordReader> reader = LineRecordReader::make(properties);
  MR_ASSERT(reader.has_value());
  reader->read(line).ignore_error("any line may be wrong");

  const Result<ReadRecord> record = read_json_record(line);
  if (!record) {
    return 0;
  }
  ShownRecord shown{.partition = record->partition.value_or(0),
                    .timestamp_ms = record->timestamp_ms.value_or(-1),
                    .key = record->key,
                    .value = record->value};
  for (const auto& [key, value] : record->headers) {
    shown.headers.push_back({.key = key, .value = value});
  }
  std::string text;
  RecordFormat::make("json")->append(shown, text);
  Result<ReadRecord> again = read_json_record(text);
  MR_ASSERT(again.has_value());
  again->partition = record->partition;
  MR_ASSERT(*again == *record);
  return 0;
}
