// The types of Spark SQL. A Type is a value: comparing, copying and printing are cheap.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::data {

enum class TypeKind : std::uint8_t {
  kVoid,  ///< The type of a bare NULL.
  kBoolean,
  kTinyInt,
  kSmallInt,
  kInt,
  kBigInt,
  kFloat,
  kDouble,
  kDecimal,  ///< precision 1..38, scale 0..precision
  kString,   ///< UTF-8, compared byte by byte
  kBinary,
  kDate,               ///< days since 1970-01-01, proleptic Gregorian
  kTimestamp,          ///< µs since 1970-01-01T00:00:00Z
  kTimestampNtz,       ///< µs of local time, no zone
  kTime,               ///< µs since midnight
  kYearMonthInterval,  ///< months
  kDayTimeInterval,    ///< µs
  kCalendarInterval,   ///< months, days, µs: what INTERVAL of mixed units gives
  kArray,
  kMap,
  kStruct,
  kVariant,
};

/// Units of an interval type, in Spark's order: year-month intervals use the first two.
enum class IntervalUnit : std::uint8_t {
  kYear,
  kMonth,
  kDay,
  kHour,
  kMinute,
  kSecond
};

struct Field;

/// Immutable.
class Type {
 public:
  Type() = default;  // VOID

  /// Any kind without parameters: Type(TypeKind::kBigInt).
  explicit Type(TypeKind kind) : kind_(kind) {}

  static Type decimal(int precision, int scale);
  static Type interval(IntervalUnit first, IntervalUnit last);
  static Type array(Type element, bool contains_null = true);
  static Type map(Type key, Type value, bool value_contains_null = true);
  static Type structure(std::vector<Field> fields);

  [[nodiscard]] TypeKind kind() const { return kind_; }

  [[nodiscard]] int precision() const { return precision_; }

  [[nodiscard]] int scale() const { return scale_; }

  [[nodiscard]] IntervalUnit interval_first() const {
    return static_cast<IntervalUnit>(precision_);
  }

  [[nodiscard]] IntervalUnit interval_last() const { return static_cast<IntervalUnit>(scale_); }

  /// REQUIRES: an array
  [[nodiscard]] const Type& element() const;
  /// REQUIRES: a map
  [[nodiscard]] const Type& key() const;
  [[nodiscard]] const Type& value() const;
  /// The fields of a struct; an array has one ("element"), a map two ("key", "value").
  [[nodiscard]] const std::vector<Field>& fields() const;

  /// Spark's simpleString: "decimal(10,2)", "array<int>", "struct<a:int,b:string>", "interval day
  /// to second".
  [[nodiscard]] std::string to_string() const;
  /// As SQL writes it in messages: "DECIMAL(10,2)", "ARRAY<INT>", "STRUCT<a: INT>".
  [[nodiscard]] std::string to_sql() const;

  /// Equal up to nullness and comments of nested fields.
  friend bool operator==(const Type& left, const Type& right);

  [[nodiscard]] bool is_void() const { return kind_ == TypeKind::kVoid; }

  [[nodiscard]] bool is_integral() const {
    return kind_ >= TypeKind::kTinyInt && kind_ <= TypeKind::kBigInt;
  }

  [[nodiscard]] bool is_floating() const {
    return kind_ == TypeKind::kFloat || kind_ == TypeKind::kDouble;
  }

  [[nodiscard]] bool is_numeric() const {
    return kind_ >= TypeKind::kTinyInt && kind_ <= TypeKind::kDecimal;
  }

  [[nodiscard]] bool is_string_or_binary() const {
    return kind_ == TypeKind::kString || kind_ == TypeKind::kBinary;
  }

  [[nodiscard]] bool is_nested() const {
    return kind_ == TypeKind::kArray || kind_ == TypeKind::kMap || kind_ == TypeKind::kStruct;
  }

  /// Bytes of one value in a column; 0 for strings and nested types.
  [[nodiscard]] std::size_t width() const;

 private:
  TypeKind kind_ = TypeKind::kVoid;
  std::uint8_t precision_ = 0;
  std::uint8_t scale_ = 0;
  // Shared by all copies of the type; never changed.
  std::shared_ptr<const std::vector<Field>> fields_;
};

/// A named column of a schema or a field of a struct. Immutable by use.
struct Field {
  std::string name = {};
  Type type = {};
  bool nullable = true;
  std::string comment = {};

  friend bool operator==(const Field& left, const Field& right) {
    return left.name == right.name && left.type == right.type;
  }
};

/// The columns of a table, view or query, in order.
struct Schema {
  std::vector<Field> fields = {};

  /// The position of the column with that name, ignoring case; nothing when there is none. The
  /// first of several.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;
  /// "struct<a:int,b:string>"
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const Schema&, const Schema&) = default;
};

}  // namespace millrace::data
