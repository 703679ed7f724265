// The outcomes of appends and reads that Kafka has a number for.
#pragma once

#include "record/kafka_error.h"

namespace millrace::log {

using record::KafkaError;

}  // namespace millrace::log
