// Lines of text as records: one STRING column, "value".
#pragma once

#include <span>
#include <string_view>

#include "data/block.h"
#include "data/column.h"

namespace millrace::format {

/// One row a record, as views into `blocks`; a view with a null pointer is null.
data::ColumnPtr decode_text(std::span<const std::string_view> records,
                            std::span<const data::BlockPtr> blocks);

}  // namespace millrace::format
