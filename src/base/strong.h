// Integers that do not mix: an Offset is no Epoch. Strong<Tag, T> compares, hashes, prints and
// counts up; anything else takes .value().
#pragma once

#include <compare>
#include <cstddef>
#include <functional>

#include <fmt/core.h>

namespace millrace {

template <class Tag, class T>
class Strong {
 public:
  using value_type = T;

  constexpr Strong() = default;

  constexpr explicit Strong(T value) : value_(value) {}

  [[nodiscard]] constexpr T value() const { return value_; }

  constexpr auto operator<=>(const Strong&) const = default;

  constexpr Strong& operator++() {
    ++value_;
    return *this;
  }

  constexpr Strong& operator+=(T count) {
    value_ += count;
    return *this;
  }

  friend constexpr Strong operator+(Strong left, T count) {
    return Strong(static_cast<T>(left.value_ + count));
  }

  friend constexpr T operator-(Strong left, Strong right) {
    return static_cast<T>(left.value_ - right.value_);
  }

 private:
  T value_{};
};

}  // namespace millrace

template <class Tag, class T>
struct std::hash<millrace::Strong<Tag, T>> {
  std::size_t operator()(const millrace::Strong<Tag, T>& id) const noexcept {
    return std::hash<T>{}(id.value());
  }
};

template <class Tag, class T>
struct fmt::formatter<millrace::Strong<Tag, T>> {
  constexpr auto parse(fmt::format_parse_context& context) { return context.begin(); }

  template <class Context>
  auto format(const millrace::Strong<Tag, T>& id, Context& context) const {
    return fmt::format_to(context.out(), "{}", id.value());
  }
};
