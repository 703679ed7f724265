// Where a node of a tree was written, and the pointer that holds its children.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/diagnostic.h"

namespace millrace::sql {

/// A place in the text of one file. Lines and columns count from 1, columns in code points; `end`
/// is the column after the last character, on the same line (0: one character). What spans several
/// lines ends with its first line.
struct Position {
  std::int32_t line = 0;
  std::int32_t column = 0;
  std::int32_t end = 0;
};

/// The position of a node. All of them are equal, so that comparing two trees compares what was
/// written, not where.
struct NodePosition : Position {
  NodePosition() = default;

  // NOLINTNEXTLINE(google-explicit-constructor): a node takes any Position.
  NodePosition(Position position) : Position(position) {}

  friend bool operator==(const NodePosition&, const NodePosition&) { return true; }
};

/// The span for a Diagnostic about a node of `file`.
inline SourceSpan to_span(const Position& position, const std::string& file) {
  return {.file = file, .line = position.line, .column = position.column, .end = position.end};
}

/// A unique_ptr that compares what it points to. Owned by one thread.
template <class T>
class Box {
 public:
  Box() = default;

  // NOLINTNEXTLINE(google-explicit-constructor): null is a value of every Box.
  Box(std::nullptr_t) {}

  explicit Box(std::unique_ptr<T> pointer) : pointer_(std::move(pointer)) {}

  T& operator*() const { return *pointer_; }

  T* operator->() const { return pointer_.get(); }

  [[nodiscard]] T* get() const { return pointer_.get(); }

  explicit operator bool() const { return pointer_ != nullptr; }

  friend bool operator==(const Box& a, const Box& b) {
    return (!a || !b) ? a.get() == b.get() : *a == *b;
  }

  friend bool operator==(const Box& a, std::nullptr_t) { return !a; }

 private:
  std::unique_ptr<T> pointer_;
};

/// A Box that holds `value`.
template <class T>
Box<T> make_box(T value) {
  return Box<T>(std::make_unique<T>(std::move(value)));
}

}  // namespace millrace::sql
