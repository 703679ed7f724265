// What of Kafka is here and what is not, as a page for people: docs/kafka-compatibility.md.
#pragma once

#include <string>

namespace millrace::broker {

/// Markdown, made from the tables that the broker works with: APIs, settings, known differences.
std::string compatibility_page();

}  // namespace millrace::broker
