// The directives of an expression: Name.fullName, number.numberBetween, … Names are those of Java
// Faker; compared without case and underscores, so that Name.full_name means Name.fullName.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "connect/faker/detail/draw.h"

namespace millrace::connect::faker::detail {

/// What a field that is one directive alone becomes in JSON.
enum class ValueKind : std::uint8_t {
  kText,
  kNumber,
  kBoolean,
};

using Arguments = std::span<const std::string>;

/// One row. Immutable.
struct Provider {
  std::string_view name;
  std::size_t arguments_min = 0;
  std::size_t arguments_max = 0;
  ValueKind kind = ValueKind::kText;
  /// Null, and the problem, when the arguments make no sense; as many as the limits allow.
  Maker (*make)(Arguments arguments, std::string& problem) = nullptr;
  std::string_view example = {};
};

/// Null when there is none of that name.
const Provider* find_provider(std::string_view name);

/// All, for "did you mean" and documentation.
std::span<const Provider> providers();

/// The rows of each family, put together by providers().
std::span<const Provider> people_providers();
std::span<const Provider> place_providers();
std::span<const Provider> value_providers();

/// Writes `#` as a digit, `?` as a small letter; for numerify, letterify, bothify.
struct FillOptions {
  bool digits = true;
  bool letters = true;
  bool capitals = false;
};

void append_filled(Draw& draw, std::string_view pattern, FillOptions options, std::string& out);

}  // namespace millrace::connect::faker::detail
