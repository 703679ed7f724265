// Kafka's error codes, as the fields of messages carry them.
#pragma once

#include "record/kafka_error.h"

namespace millrace::wire {

using record::KafkaError;

}  // namespace millrace::wire
