// Hostile CSV: splits, decodes and infers; what the writer makes of the strings has to read back.
#include "format/csv.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "format/detail/test_fields.h"
#include "format/schema_inference.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;
  if (size < 1) {
    return 0;
  }
  format::CsvOptions options;
  options.multi_line = (data[0] & 1U) != 0;
  options.infer_schema = true;
  options.header = (data[0] & 2U) != 0;
  options.escape = (data[0] & 4U) != 0 ? '"' : '\\';
  options.separator = (data[0] & 8U) != 0 ? "||" : ",";
  options.null_value = "\x01null";
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::vector<std::string_view> records;
  format::CsvRecords reader(text, options);
  while (const auto record = reader.next()) {
    records.push_back(*record);
    if (records.size() == 100) {
      break;
    }
  }
  const data::Schema inferred = format::infer_csv_schema(records, options);
  MUST(format::CsvDecoder::create(inferred, options)).decode(records, {});

  const data::Schema strings{{format::detail::field("a", data::TypeKind::kString),
                              format::detail::field("b", data::TypeKind::kString)}};
  format::CsvDecoder decoder = MUST(format::CsvDecoder::create(strings, options));
  const format::DecodedRows rows = decoder.decode(records, {});
  const format::CsvWriter writer = MUST(format::CsvWriter::create(strings, options));
  for (std::size_t row = 0; row < records.size(); ++row) {
    std::string out;
    writer.append_row(out, rows.columns, row);
    const std::vector<std::string_view> again{out};
    const format::DecodedRows back = decoder.decode(again, {});
    for (std::size_t column = 0; column < 2; ++column) {
      const data::Value left = rows.columns[column]->value(row);
      const data::Value right = back.columns[column]->value(0);
      MR_ASSERT(data::compare_values(strings.fields[column].type, left, right) == 0, "{}", out);
    }
  }
  return 0;
}
