// Which topic names clients may use.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "log/log.h"

namespace millrace::broker {

/// Kept by the broker itself, and shown as internal; clients do not write to them.
bool is_internal_topic(std::string_view name);

/// A name that is told apart from `name` only by '.' against '_', among those that are there.
std::optional<std::string> find_collision(std::string_view name,
                                          const std::vector<log::TopicInfo>& topics);

}  // namespace millrace::broker
