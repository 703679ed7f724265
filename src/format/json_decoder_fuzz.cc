// The fast way and the slow way have to give the same cells and outcomes. Lines of the input are
// records; its first byte chooses options.
#include "format/json_decoder.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "format/detail/test_fields.h"
#include "format/json_writer.h"

namespace {

using millrace::data::Type;
using millrace::data::TypeKind;
using millrace::format::detail::field;

Type schema() {
  const Type inner = Type::structure({field("x", Type(TypeKind::kInt)),
                                      field("y", Type(TypeKind::kString)),
                                      field("l", Type::array(Type(TypeKind::kInt)))});
  return Type::structure({
      field("b", Type(TypeKind::kBoolean)),
      field("t", Type(TypeKind::kTinyInt)),
      field("i", Type(TypeKind::kBigInt)),
      field("f", Type(TypeKind::kFloat)),
      field("d", Type(TypeKind::kDouble)),
      field("c", Type::decimal(10, 2)),
      field("s", Type(TypeKind::kString)),
      field("h", Type(TypeKind::kBinary)),
      field("ts", Type(TypeKind::kTimestamp)),
      field("day", Type(TypeKind::kDate)),
      field("n", inner),
      field("l", Type::array(inner)),
      field("ll", Type::array(Type::array(Type(TypeKind::kString)))),
      field("m", Type::map(Type(TypeKind::kString), inner)),
      field("v", Type(TypeKind::kVariant)),
      field("_corrupt_record", Type(TypeKind::kString)),
  });
}

std::string print(const millrace::format::JsonRows& rows, const Type& root) {
  const millrace::format::JsonWriter writer(millrace::data::Schema{root.fields()});
  std::string out;
  for (std::size_t row = 0; row < rows.outcomes.size(); ++row) {
    out += std::to_string(static_cast<int>(rows.outcomes[row]));
    writer.append_row(out, rows.columns, row);
    out += '\n';
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;
  if (size == 0) {
    return 0;
  }
  format::JsonOptions options;
  options.allow_comments = (data[0] & 1U) != 0;
  options.allow_single_quotes = (data[0] & 2U) == 0;
  options.allow_unquoted_field_names = (data[0] & 4U) != 0;
  options.allow_numeric_leading_zeros = (data[0] & 8U) != 0;
  options.allow_backslash_escaping_any_character = (data[0] & 16U) != 0;
  options.allow_unquoted_control_chars = (data[0] & 64U) != 0;
  const auto block = std::make_shared<const data::Block>(
      std::string_view(reinterpret_cast<const char*>(data) + 1, size - 1));
  std::vector<std::string_view> records;
  std::string_view rest = block->view();
  while (records.size() < 100) {
    const std::size_t line = rest.find('\n');
    records.push_back(rest.substr(0, line));
    if (line == std::string_view::npos) {
      break;
    }
    rest.remove_prefix(line + 1);
  }
  const std::vector<data::BlockPtr> blocks{block};
  const Type root = schema();
  auto decoder = format::JsonDecoder::create(root, options);
  MR_ASSERT(decoder.has_value());
  const std::string fast = print(decoder->decode(records, blocks), root);
  const std::string slow = print(decoder->decode_slowly(records), root);
  MR_ASSERT(fast == slow, "{}\n---\n{}", fast, slow);
  return 0;
}
