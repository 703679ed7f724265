// Kafka's error codes in the words of its Java clients, which its tools print and scripts look for.
#pragma once

#include <string>
#include <string_view>

#include "client/cluster.h"

namespace millrace::cli {

/// "The group id does not exist.": the broker's own words when it has any.
std::string java_message(const client::Outcome& outcome);

/// "org.apache.kafka.common.errors.GroupIdNotFoundException: The group id does not exist."
std::string java_exception(const client::Outcome& outcome);

}  // namespace millrace::cli
