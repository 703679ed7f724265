// Any bytes as one record, read the slow way into a nested type.
#include "format/json_row_reader.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using millrace::data::Type;
  using millrace::data::TypeKind;
  static const millrace::format::JsonRowReader reader =
      MUST(millrace::format::JsonRowReader::create(
          Type::map(Type(TypeKind::kString), Type::array(Type::decimal(20, 3))), {}));
  millrace::data::Value value;
  reader.read(std::string_view(reinterpret_cast<const char*>(data), size), value);
  return 0;
}
