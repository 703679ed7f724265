// Names of Kafka's broker settings without a row of their own.
#pragma once

#include <span>
#include <string_view>

namespace millrace::config::detail {

/// In order; the broker checks their values.
std::span<const std::string_view> kafka_names();

}  // namespace millrace::config::detail
