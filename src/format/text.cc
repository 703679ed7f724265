#include "format/text.h"

#include "data/column_builder.h"

namespace millrace::format {

data::ColumnPtr decode_text(std::span<const std::string_view> records,
                            std::span<const data::BlockPtr> blocks) {
  data::ColumnBuilder builder(data::Type(data::TypeKind::kString), records.size());
  for (const data::BlockPtr& block : blocks) {
    builder.hold(block);
  }
  for (const std::string_view record : records) {
    if (record.data() == nullptr) {
      builder.append_null();
    } else {
      builder.append_view(record);
    }
  }
  return builder.finish();
}

}  // namespace millrace::format
