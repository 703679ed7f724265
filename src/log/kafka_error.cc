#include "log/kafka_error.h"

namespace millrace::log {

std::string_view to_string(KafkaError error) {
  switch (error) {
    case KafkaError::kNone:
      return "NONE";
    case KafkaError::kOffsetOutOfRange:
      return "OFFSET_OUT_OF_RANGE";
    case KafkaError::kCorruptMessage:
      return "CORRUPT_MESSAGE";
    case KafkaError::kUnknownTopicOrPartition:
      return "UNKNOWN_TOPIC_OR_PARTITION";
    case KafkaError::kMessageTooLarge:
      return "MESSAGE_TOO_LARGE";
    case KafkaError::kRecordListTooLarge:
      return "RECORD_LIST_TOO_LARGE";
    case KafkaError::kInvalidTimestamp:
      return "INVALID_TIMESTAMP";
    case KafkaError::kInvalidRequest:
      return "INVALID_REQUEST";
    case KafkaError::kOutOfOrderSequenceNumber:
      return "OUT_OF_ORDER_SEQUENCE_NUMBER";
    case KafkaError::kInvalidProducerEpoch:
      return "INVALID_PRODUCER_EPOCH";
    case KafkaError::kInvalidTxnState:
      return "INVALID_TXN_STATE";
    case KafkaError::kTransactionCoordinatorFenced:
      return "TRANSACTION_COORDINATOR_FENCED";
    case KafkaError::kOperationNotAttempted:
      return "OPERATION_NOT_ATTEMPTED";
    case KafkaError::kKafkaStorageError:
      return "KAFKA_STORAGE_ERROR";
    case KafkaError::kUnsupportedCompressionType:
      return "UNSUPPORTED_COMPRESSION_TYPE";
    case KafkaError::kInvalidRecord:
      return "INVALID_RECORD";
  }
  return "UNKNOWN_SERVER_ERROR";
}

}  // namespace millrace::log
