// Spark's hash() and xxhash64() of rows (streaming-sql.md §5.1): every column's hash seeds that of
// the next, a null leaves the seed alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "data/column.h"

namespace millrace::data {

inline constexpr std::int32_t kSparkHashSeed = 42;

/// Murmur3 as Spark has it (its tail is not the standard one).
std::int32_t murmur3_int(std::int32_t value, std::int32_t seed);
std::int32_t murmur3_long(std::int64_t value, std::int32_t seed);
std::int32_t murmur3_bytes(std::string_view bytes, std::int32_t seed);

std::int64_t xxhash64_int(std::int32_t value, std::int64_t seed);
std::int64_t xxhash64_long(std::int64_t value, std::int64_t seed);
std::int64_t xxhash64_bytes(std::string_view bytes, std::int64_t seed);

/// Whether the type has a hash: MAP, VARIANT and what holds them have none.
bool is_hashable(const Type& type);

/// REQUIRES: the column's type is hashable
std::int32_t hash_value(const Column& column, std::size_t row, std::int32_t seed);
std::int64_t xxhash64_value(const Column& column, std::size_t row, std::int64_t seed);

std::int32_t hash_row(std::span<const ColumnPtr> columns, std::size_t row);
std::int64_t xxhash64_row(std::span<const ColumnPtr> columns, std::size_t row);

/// Spark's order of two rows of columns of one type, as compare_values. Does not box.
int compare_rows(const Column& left,
                 std::size_t left_row,
                 const Column& right,
                 std::size_t right_row);

}  // namespace millrace::data
