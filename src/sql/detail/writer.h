// What the printer writes into.
#pragma once

#include <string>
#include <string_view>

#include "sql/ast.h"

namespace millrace::sql::detail {

/// How tightly an operator binds; what is written in a place that needs a higher level gets
/// brackets.
enum class Level {
  kAny,
  kOr,
  kAnd,
  kNot,
  kPredicate,
  kComparison,  ///< what Spark's valueExpression takes
  kBitOr,
  kBitXor,
  kBitAnd,
  kShift,
  kAdd,
  kMultiply,
  kUnary,
  kPrimary,
};

/// Owned by one thread.
class Writer {
 public:
  Writer& operator<<(std::string_view text) {
    out_ += text;
    return *this;
  }

  /// Writes each item, with `separator` between two.
  template <class List, class One>
  void join(const List& list, One one, std::string_view separator = ", ") {
    bool first = true;
    for (const auto& item : list) {
      if (!first) {
        out_ += separator;
      }
      first = false;
      one(*this, item);
    }
  }

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

void write_string(Writer& writer, std::string_view text);
void write(Writer& writer, const Identifier& identifier);
void write(Writer& writer, const Name& name);
void write(Writer& writer, const TypeName& type);
void write(Writer& writer, const Expression& expression, Level level);
/// At the lowest level: in a list, between brackets.
void write(Writer& writer, const ExpressionPtr& expression);
/// A key of GROUP BY or ORDER BY: ALL is a word there.
void write_key(Writer& writer, const ExpressionPtr& key);
void write(Writer& writer, const Argument& argument);
void write(Writer& writer, const SortItem& item);
void write(Writer& writer, const WindowSpecification& window);
void write(Writer& writer, const Query& query);
void write(Writer& writer, const Relation& relation);
void write(Writer& writer, const Property& property);
void write_properties(Writer& writer, const std::vector<Property>& properties);
/// ` AS name`, ` AS (a, b)` or nothing.
void write_names(Writer& writer, const std::vector<Identifier>& names, bool bracketed);

/// Calls the right write() for any item of a list.
inline constexpr auto kWriteEach = [](Writer& writer, const auto& item) {
  write(writer, item);
};

template <class List>
void write_list(Writer& writer, const List& list) {
  writer.join(list, kWriteEach);
}

/// `(a, b)`.
template <class List>
void write_bracketed(Writer& writer, const List& list) {
  writer << "(";
  writer.join(list, kWriteEach);
  writer << ")";
}

}  // namespace millrace::sql::detail
