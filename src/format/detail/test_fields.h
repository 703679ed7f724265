// What the tests of this module build schemas of.
#pragma once

#include <string>
#include <utility>

#include "data/type.h"

namespace millrace::format::detail {

inline data::Field field(std::string name, data::Type type) {
  return {.name = std::move(name), .type = std::move(type), .nullable = true, .comment = {}};
}

inline data::Field field(std::string name, data::TypeKind kind) {
  return field(std::move(name), data::Type(kind));
}

}  // namespace millrace::format::detail
