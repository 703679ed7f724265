#include "data/row_hash.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "base/bytes.h"
#include "base/hash.h"
#include "data/detail/order.h"

namespace millrace::data {

using detail::compare_floating;
using detail::three_way;

namespace {

constexpr int kLongDecimalDigits = 18;

constexpr std::uint64_t kPrime1 = 0x9E3779B185EBCA87ULL;
constexpr std::uint64_t kPrime2 = 0xC2B2AE3D27D4EB4FULL;
constexpr std::uint64_t kPrime3 = 0x165667B19E3779F9ULL;
constexpr std::uint64_t kPrime4 = 0x85EBCA77C2B2AE63ULL;
constexpr std::uint64_t kPrime5 = 0x27D4EB2F165667C5ULL;

std::uint32_t mix_block(std::uint32_t block) {
  block *= 0xcc9e2d51U;
  return std::rotl(block, 15) * 0x1b873593U;
}

std::uint32_t mix_hash(std::uint32_t hash, std::uint32_t block) {
  return std::rotl(hash ^ block, 13) * 5 + 0xe6546b64U;
}

std::int32_t finish_murmur(std::uint32_t hash, std::uint32_t length) {
  hash ^= length;
  hash = (hash ^ (hash >> 16U)) * 0x85ebca6bU;
  hash = (hash ^ (hash >> 13U)) * 0xc2b2ae35U;
  return static_cast<std::int32_t>(hash ^ (hash >> 16U));
}

std::int64_t finish_xxhash(std::uint64_t hash) {
  hash = (hash ^ (hash >> 33U)) * kPrime2;
  hash = (hash ^ (hash >> 29U)) * kPrime3;
  return static_cast<std::int64_t>(hash ^ (hash >> 32U));
}

std::int32_t float_bits(float value) {
  if (value == 0) {
    return 0;
  }
  return std::isnan(value) ? 0x7fc00000 : std::bit_cast<std::int32_t>(value);
}

std::int64_t double_bits(double value) {
  if (value == 0) {
    return 0;
  }
  return std::isnan(value) ? 0x7ff8000000000000 : std::bit_cast<std::int64_t>(value);
}

// The shortest big-endian two's complement bytes: Java's BigInteger.toByteArray. `buffer` is 16
// bytes.
std::string_view minimal_bytes(Int128 value, char* buffer) {
  for (std::size_t i = 0; i < 16; ++i) {
    buffer[i] =
        static_cast<char>(static_cast<UInt128>(value) >> (120U - 8U * static_cast<unsigned>(i)));
  }
  std::size_t skip = 0;
  const char filler = value < 0 ? '\xff' : '\0';
  while (skip < 15 && buffer[skip] == filler && ((buffer[skip + 1] & '\x80') != 0) == (value < 0)) {
    ++skip;
  }
  return {buffer + skip, 16 - skip};
}

struct Murmur {
  using Hash = std::int32_t;

  static Hash of_int(std::int32_t value, Hash seed) { return murmur3_int(value, seed); }

  static Hash of_long(std::int64_t value, Hash seed) { return murmur3_long(value, seed); }

  static Hash of_bytes(std::string_view bytes, Hash seed) { return murmur3_bytes(bytes, seed); }
};

struct Xxhash {
  using Hash = std::int64_t;

  static Hash of_int(std::int32_t value, Hash seed) { return xxhash64_int(value, seed); }

  static Hash of_long(std::int64_t value, Hash seed) { return xxhash64_long(value, seed); }

  static Hash of_bytes(std::string_view bytes, Hash seed) { return xxhash64_bytes(bytes, seed); }
};

template <class H>
typename H::Hash hash_decimal(const Type& type, Int128 value, typename H::Hash seed) {
  if (type.precision() <= kLongDecimalDigits) {
    return H::of_long(static_cast<std::int64_t>(value), seed);
  }
  char buffer[16];
  return H::of_bytes(minimal_bytes(value, buffer), seed);
}

template <class H>
typename H::Hash hash_cell(const Column& column, std::size_t row, typename H::Hash seed) {
  if (column.is_null(row)) {
    return seed;
  }
  switch (column.type().kind()) {
    case TypeKind::kBoolean:
      return H::of_int(column.get<std::uint8_t>(row) != 0 ? 1 : 0, seed);
    case TypeKind::kTinyInt:
      return H::of_int(column.get<std::int8_t>(row), seed);
    case TypeKind::kSmallInt:
      return H::of_int(column.get<std::int16_t>(row), seed);
    case TypeKind::kInt:
    case TypeKind::kDate:
    case TypeKind::kYearMonthInterval:
      return H::of_int(column.get<std::int32_t>(row), seed);
    case TypeKind::kBigInt:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz:
    case TypeKind::kTime:
    case TypeKind::kDayTimeInterval:
      return H::of_long(column.get<std::int64_t>(row), seed);
    case TypeKind::kFloat:
      return H::of_int(float_bits(column.get<float>(row)), seed);
    case TypeKind::kDouble:
      return H::of_long(double_bits(column.get<double>(row)), seed);
    case TypeKind::kDecimal:
      return hash_decimal<H>(column.type(), column.get<Int128>(row), seed);
    case TypeKind::kString:
    case TypeKind::kBinary:
      return H::of_bytes(column.string(row), seed);
    case TypeKind::kCalendarInterval: {
      const auto& value = column.get<CalendarInterval>(row);
      return H::of_int(value.months, H::of_int(value.days, H::of_long(value.microseconds, seed)));
    }
    case TypeKind::kArray:
      for (std::int32_t i = column.begin_of(row); i < column.end_of(row); ++i) {
        seed = hash_cell<H>(*column.child(0), static_cast<std::size_t>(i), seed);
      }
      return seed;
    case TypeKind::kStruct:
      for (std::size_t i = 0; i < column.type().fields().size(); ++i) {
        seed = hash_cell<H>(*column.child(i), column.child_row(row), seed);
      }
      return seed;
    case TypeKind::kVoid:
    case TypeKind::kMap:
    case TypeKind::kVariant:
      return seed;
  }
  return seed;
}

}  // namespace

std::int32_t murmur3_int(std::int32_t value, std::int32_t seed) {
  const std::uint32_t hash =
      mix_hash(static_cast<std::uint32_t>(seed), mix_block(static_cast<std::uint32_t>(value)));
  return finish_murmur(hash, 4);
}

std::int32_t murmur3_long(std::int64_t value, std::int32_t seed) {
  const auto bits = static_cast<std::uint64_t>(value);
  std::uint32_t hash =
      mix_hash(static_cast<std::uint32_t>(seed), mix_block(static_cast<std::uint32_t>(bits)));
  hash = mix_hash(hash, mix_block(static_cast<std::uint32_t>(bits >> 32U)));
  return finish_murmur(hash, 8);
}

std::int32_t murmur3_bytes(std::string_view bytes, std::int32_t seed) {
  auto hash = static_cast<std::uint32_t>(seed);
  std::size_t at = 0;
  for (; at + 4 <= bytes.size(); at += 4) {
    hash = mix_hash(hash, mix_block(load_le<std::uint32_t>(bytes.data() + at)));
  }
  for (; at < bytes.size(); ++at) {
    const auto extended = static_cast<std::int32_t>(static_cast<signed char>(bytes[at]));
    hash = mix_hash(hash, mix_block(static_cast<std::uint32_t>(extended)));
  }
  return finish_murmur(hash, static_cast<std::uint32_t>(bytes.size()));
}

std::int64_t xxhash64_int(std::int32_t value, std::int64_t seed) {
  std::uint64_t hash = static_cast<std::uint64_t>(seed) + kPrime5 + 4;
  hash ^= static_cast<std::uint64_t>(static_cast<std::uint32_t>(value)) * kPrime1;
  return finish_xxhash(std::rotl(hash, 23) * kPrime2 + kPrime3);
}

std::int64_t xxhash64_long(std::int64_t value, std::int64_t seed) {
  std::uint64_t hash = static_cast<std::uint64_t>(seed) + kPrime5 + 8;
  hash ^= std::rotl(static_cast<std::uint64_t>(value) * kPrime2, 31) * kPrime1;
  return finish_xxhash(std::rotl(hash, 27) * kPrime1 + kPrime4);
}

std::int64_t xxhash64_bytes(std::string_view bytes, std::int64_t seed) {
  return static_cast<std::int64_t>(xxh64(bytes, static_cast<std::uint64_t>(seed)));
}

bool is_hashable(const Type& type) {
  if (type.kind() == TypeKind::kMap || type.kind() == TypeKind::kVariant) {
    return false;
  }
  for (const Field& field : type.fields()) {
    if (!is_hashable(field.type)) {
      return false;
    }
  }
  return true;
}

std::int32_t hash_value(const Column& column, std::size_t row, std::int32_t seed) {
  return hash_cell<Murmur>(column, row, seed);
}

std::int64_t xxhash64_value(const Column& column, std::size_t row, std::int64_t seed) {
  return hash_cell<Xxhash>(column, row, seed);
}

std::int32_t hash_row(std::span<const ColumnPtr> columns, std::size_t row) {
  std::int32_t hash = kSparkHashSeed;
  for (const ColumnPtr& column : columns) {
    hash = hash_value(*column, row, hash);
  }
  return hash;
}

std::int64_t xxhash64_row(std::span<const ColumnPtr> columns, std::size_t row) {
  std::int64_t hash = kSparkHashSeed;
  for (const ColumnPtr& column : columns) {
    hash = xxhash64_value(*column, row, hash);
  }
  return hash;
}

int compare_rows(const Column& left,
                 std::size_t left_row,
                 const Column& right,
                 std::size_t right_row) {
  if (left.is_null(left_row) || right.is_null(right_row)) {
    return three_way(!left.is_null(left_row), !right.is_null(right_row));
  }
  switch (left.type().kind()) {
    case TypeKind::kVoid:
      return 0;
    case TypeKind::kBoolean:
      return three_way(left.get<std::uint8_t>(left_row), right.get<std::uint8_t>(right_row));
    case TypeKind::kTinyInt:
      return three_way(left.get<std::int8_t>(left_row), right.get<std::int8_t>(right_row));
    case TypeKind::kSmallInt:
      return three_way(left.get<std::int16_t>(left_row), right.get<std::int16_t>(right_row));
    case TypeKind::kInt:
    case TypeKind::kDate:
    case TypeKind::kYearMonthInterval:
      return three_way(left.get<std::int32_t>(left_row), right.get<std::int32_t>(right_row));
    case TypeKind::kBigInt:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz:
    case TypeKind::kTime:
    case TypeKind::kDayTimeInterval:
      return three_way(left.get<std::int64_t>(left_row), right.get<std::int64_t>(right_row));
    case TypeKind::kFloat:
      return compare_floating(double{left.get<float>(left_row)},
                              double{right.get<float>(right_row)});
    case TypeKind::kDouble:
      return compare_floating(left.get<double>(left_row), right.get<double>(right_row));
    case TypeKind::kDecimal:
      return three_way(left.get<Int128>(left_row), right.get<Int128>(right_row));
    case TypeKind::kString:
    case TypeKind::kBinary:
    case TypeKind::kVariant:
      return three_way(left.string(left_row).compare(right.string(right_row)), 0);
    case TypeKind::kCalendarInterval:
    case TypeKind::kArray:
    case TypeKind::kMap:
    case TypeKind::kStruct:
      return compare_values(left.type(), left.value(left_row), right.value(right_row));
  }
  return 0;
}

}  // namespace millrace::data
