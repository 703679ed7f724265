// Families that have no file yet. Whoever adds <family>_functions.cc deletes its line here.
#include "expr/families.h"

namespace millrace::expr {

std::span<const Function> string_functions() {
  return {};
}

std::span<const Function> math_functions() {
  return {};
}

std::span<const Function> datetime_functions() {
  return {};
}

std::span<const Function> hash_functions() {
  return {};
}

std::span<const Function> json_functions() {
  return {};
}

std::span<const Function> collection_functions() {
  return {};
}

std::span<const Function> lambda_functions() {
  return {};
}

std::span<const Function> misc_functions() {
  return {};
}

}  // namespace millrace::expr
