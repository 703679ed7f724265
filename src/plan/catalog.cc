#include "plan/catalog.h"

#include <algorithm>
#include <utility>

namespace millrace::plan {

std::vector<config::OptionEntry> option_entries(const Relation& source) {
  std::vector<config::OptionEntry> entries;
  for (const auto& [key, option] : source.options) {
    entries.push_back({.key = key,
                       .value = option.value,
                       .where = option.key_where,
                       .value_where = option.where,
                       .secret = option.secret});
  }
  // The order of writing may mean something: faker's fields are those of its records.
  std::ranges::stable_sort(entries, {}, [](const config::OptionEntry& entry) {
    return std::pair(entry.where.line, entry.where.column);
  });
  return entries;
}

const data::Schema& kafka_schema() {
  using data::Type;
  using data::TypeKind;
  static const data::Schema kSchema{{
      {.name = "key", .type = Type(TypeKind::kBinary)},
      {.name = "value", .type = Type(TypeKind::kBinary)},
      {.name = "topic", .type = Type(TypeKind::kString)},
      {.name = "partition", .type = Type(TypeKind::kInt)},
      {.name = "offset", .type = Type(TypeKind::kBigInt)},
      {.name = "timestamp", .type = Type(TypeKind::kTimestamp)},
      {.name = "timestampType", .type = Type(TypeKind::kInt)},
  }};
  return kSchema;
}

}  // namespace millrace::plan
