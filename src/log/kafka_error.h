// The outcomes of appends and reads that Kafka has a number for.
#pragma once

#include <cstdint>
#include <string_view>

namespace millrace::log {

/// Kafka's error codes, as far as the log gives them; the numbers are the wire's.
enum class KafkaError : std::int16_t {
  kNone = 0,
  kOffsetOutOfRange = 1,
  kCorruptMessage = 2,
  kUnknownTopicOrPartition = 3,
  kMessageTooLarge = 10,
  kRecordListTooLarge = 18,
  kInvalidTimestamp = 32,
  kInvalidRequest = 42,
  kOutOfOrderSequenceNumber = 45,
  kInvalidProducerEpoch = 47,
  kInvalidTxnState = 48,
  kTransactionCoordinatorFenced = 52,
  kOperationNotAttempted = 55,
  kKafkaStorageError = 56,
  kUnsupportedCompressionType = 76,
  kInvalidRecord = 87,
};

/// Kafka's name of it: "OFFSET_OUT_OF_RANGE".
std::string_view to_string(KafkaError error);

}  // namespace millrace::log
