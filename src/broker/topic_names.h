// Which topic names clients may use.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::log {
class Log;
}  // namespace millrace::log

namespace millrace::broker {

/// Kept by the broker itself, and shown as internal; clients do not write to them.
bool is_internal_topic(std::string_view name);

/// Names of topics that are told apart only by '.' against '_'. The topics that are there are read
/// when they are first needed, once for all names of a request. Owned by one thread.
class NameCollisions {
 public:
  /// The log outlives it.
  explicit NameCollisions(const log::Log& log) : log_(log) {}

  /// Another topic that is there.
  std::optional<std::string> find(std::string_view name);

 private:
  const log::Log& log_;
  std::optional<std::multimap<std::string, std::string>> by_folded_;
};

}  // namespace millrace::broker
