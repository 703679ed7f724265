// What brokers say to parts of a request, and what it means for who asked.
#include <algorithm>

#include <fmt/format.h>

#include "client/cluster.h"

namespace millrace::client {
namespace {

ErrorCode code_of(KafkaError error) {
  using enum KafkaError;
  constexpr KafkaError kMissing[] = {kUnknownTopicOrPartition,
                                     kUnknownTopicId,
                                     kGroupIdNotFound,
                                     kResourceNotFound,
                                     kUnknownMemberId,
                                     kTransactionalIdNotFound};
  constexpr KafkaError kForbidden[] = {kTopicAuthorizationFailed,
                                       kGroupAuthorizationFailed,
                                       kClusterAuthorizationFailed,
                                       kTransactionalIdAuthorizationFailed,
                                       kSaslAuthenticationFailed,
                                       kIllegalSaslState};
  constexpr KafkaError kClash[] = {kNonEmptyGroup,
                                   kGroupSubscribedToTopic,
                                   kFencedInstanceId,
                                   kProducerFenced,
                                   kInvalidProducerEpoch,
                                   kIllegalGeneration,
                                   kOutOfOrderSequenceNumber};
  const auto among = [error](const auto& list) {
    return std::find(std::begin(list), std::end(list), error) != std::end(list);
  };
  if (among(kMissing)) {
    return ErrorCode::kNotFound;
  }
  if (among(kForbidden)) {
    return ErrorCode::kPermissionDenied;
  }
  if (among(kClash)) {
    return ErrorCode::kConflict;
  }
  if (error == kTopicAlreadyExists) {
    return ErrorCode::kAlreadyExists;
  }
  if (error == kUnsupportedVersion) {
    return ErrorCode::kUnsupported;
  }
  if (error == kRequestTimedOut) {
    return ErrorCode::kTimeout;
  }
  if (error == kUnknownServerError || error == kKafkaStorageError) {
    return ErrorCode::kIo;
  }
  return is_retriable(error) ? ErrorCode::kUnavailable : ErrorCode::kInvalidArgument;
}

}  // namespace

std::string TopicPartition::to_string() const {
  return fmt::format("{}-{}", topic, partition);
}

std::string Outcome::text() const {
  return fmt::format("{}: {}",
                     record::to_string(error),
                     message.empty() ? record::kafka_error_info(error).message : message);
}

Error to_error(const Outcome& outcome, std::string_view what) {
  return {code_of(outcome.error), fmt::format("{}: {}", what, outcome.text())};
}

bool is_retriable(KafkaError error) {
  return record::kafka_error_info(error).retriable;
}

bool is_stale_leader(KafkaError error) {
  using enum KafkaError;
  constexpr KafkaError kStale[] = {kNotLeaderOrFollower,
                                   kLeaderNotAvailable,
                                   kReplicaNotAvailable,
                                   kUnknownTopicOrPartition,
                                   kUnknownTopicId,
                                   kInconsistentTopicId,
                                   kFencedLeaderEpoch,
                                   kUnknownLeaderEpoch,
                                   kKafkaStorageError};
  return std::find(std::begin(kStale), std::end(kStale), error) != std::end(kStale);
}

bool is_stale_coordinator(KafkaError error) {
  using enum KafkaError;
  return error == kNotCoordinator || error == kCoordinatorNotAvailable;
}

}  // namespace millrace::client
