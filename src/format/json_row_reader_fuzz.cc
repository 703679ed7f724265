// Any bytes as one record, read the slow way into a nested type.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "format/json_decoder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using millrace::data::Type;
  using millrace::data::TypeKind;
  static millrace::format::JsonDecoder decoder = MUST(millrace::format::JsonDecoder::create(
      Type::map(Type(TypeKind::kString), Type::array(Type::decimal(20, 3))), {}));
  const std::string_view record(reinterpret_cast<const char*>(data), size);
  decoder.decode_slowly({&record, 1});
  return 0;
}
