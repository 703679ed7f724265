#include "cli/java_errors.h"

#include <fmt/format.h>

#include "base/ascii.h"

namespace millrace::cli {
namespace {

using client::KafkaError;

struct JavaError {
  KafkaError error;
  std::string_view exception;
  std::string_view message;
};

// Those that administration meets; as kafka-clients 4.3.1 words them.
constexpr JavaError kJavaErrors[] = {
    {KafkaError::kUnknownServerError,
     "UnknownServerException",
     "The server experienced an unexpected error when processing the request."},
    {KafkaError::kOffsetOutOfRange,
     "OffsetOutOfRangeException",
     "The requested offset is not within the range of offsets maintained by the server."},
    {KafkaError::kUnknownTopicOrPartition,
     "UnknownTopicOrPartitionException",
     "This server does not host this topic-partition."},
    {KafkaError::kLeaderNotAvailable,
     "LeaderNotAvailableException",
     "There is no leader for this topic-partition as we are in the middle of a leadership "
     "election."},
    {KafkaError::kNotLeaderOrFollower,
     "NotLeaderOrFollowerException",
     "For requests intended only for the leader, this error indicates that the broker is not the "
     "current leader. For requests intended for any replica, this error indicates that the broker "
     "is not a replica of the topic partition."},
    {KafkaError::kRequestTimedOut, "TimeoutException", "The request timed out."},
    {KafkaError::kMessageTooLarge,
     "RecordTooLargeException",
     "The request included a message larger than the max message size the server will accept."},
    {KafkaError::kCoordinatorLoadInProgress,
     "CoordinatorLoadInProgressException",
     "The coordinator is loading and hence can't process requests."},
    {KafkaError::kCoordinatorNotAvailable,
     "CoordinatorNotAvailableException",
     "The coordinator is not available."},
    {KafkaError::kNotCoordinator,
     "NotCoordinatorException",
     "This is not the correct coordinator."},
    {KafkaError::kInvalidTopicException,
     "InvalidTopicException",
     "The request attempted to perform an operation on an invalid topic."},
    {KafkaError::kNotEnoughReplicas,
     "NotEnoughReplicasException",
     "Messages are rejected since there are fewer in-sync replicas than required."},
    {KafkaError::kInvalidGroupId, "InvalidGroupIdException", "The group id is invalid."},
    {KafkaError::kUnknownMemberId,
     "UnknownMemberIdException",
     "The coordinator is not aware of this member."},
    {KafkaError::kRebalanceInProgress,
     "RebalanceInProgressException",
     "The group is rebalancing, so a rejoin is needed."},
    {KafkaError::kTopicAuthorizationFailed,
     "TopicAuthorizationException",
     "Topic authorization failed."},
    {KafkaError::kGroupAuthorizationFailed,
     "GroupAuthorizationException",
     "Group authorization failed."},
    {KafkaError::kClusterAuthorizationFailed,
     "ClusterAuthorizationException",
     "Cluster authorization failed."},
    {KafkaError::kUnsupportedVersion,
     "UnsupportedVersionException",
     "The version of API is not supported."},
    {KafkaError::kTopicAlreadyExists,
     "TopicExistsException",
     "Topic with this name already exists."},
    {KafkaError::kInvalidPartitions,
     "InvalidPartitionsException",
     "Number of partitions is below 1."},
    {KafkaError::kInvalidReplicationFactor,
     "InvalidReplicationFactorException",
     "Replication factor is below 1 or larger than the number of available brokers."},
    {KafkaError::kInvalidReplicaAssignment,
     "InvalidReplicaAssignmentException",
     "Replica assignment is invalid."},
    {KafkaError::kInvalidConfig, "InvalidConfigurationException", "Configuration is invalid."},
    {KafkaError::kNotController,
     "NotControllerException",
     "This is not the correct controller for this cluster."},
    {KafkaError::kInvalidRequest,
     "InvalidRequestException",
     "This most likely occurs because of a request being malformed by the client library or the "
     "message was sent to an incompatible broker. See the broker logs for more details."},
    {KafkaError::kPolicyViolation,
     "PolicyViolationException",
     "Request parameters do not satisfy the configured policy."},
    {KafkaError::kNonEmptyGroup, "GroupNotEmptyException", "The group is not empty."},
    {KafkaError::kGroupIdNotFound, "GroupIdNotFoundException", "The group id does not exist."},
    {KafkaError::kTopicDeletionDisabled,
     "TopicDeletionDisabledException",
     "Topic deletion is disabled."},
    {KafkaError::kGroupSubscribedToTopic,
     "GroupSubscribedToTopicException",
     "Deleting offsets of a topic is forbidden while the consumer group is actively subscribed to "
     "it."},
    {KafkaError::kUnstableOffsetCommit,
     "UnstableOffsetCommitException",
     "There are unstable offsets that need to be cleared."},
    {KafkaError::kThrottlingQuotaExceeded,
     "ThrottlingQuotaExceededException",
     "The throttling quota has been exceeded."},
};

const JavaError* find_error(KafkaError error) {
  for (const JavaError& row : kJavaErrors) {
    if (row.error == error) {
      return &row;
    }
  }
  return nullptr;
}

// INVALID_TXN_STATE -> InvalidTxnStateException
std::string exception_of(std::string_view name) {
  std::string exception;
  bool capital = true;
  for (const char c : name) {
    if (c == '_') {
      capital = true;
      continue;
    }
    exception += capital ? c : ascii_lower(c);
    capital = false;
  }
  return exception + "Exception";
}

}  // namespace

std::string java_message(const client::Outcome& outcome) {
  if (!outcome.message.empty()) {
    return outcome.message;
  }
  const JavaError* const known = find_error(outcome.error);
  return std::string(known == nullptr ? record::kafka_error_info(outcome.error).message
                                      : known->message);
}

std::string java_exception(const client::Outcome& outcome) {
  const JavaError* const known = find_error(outcome.error);
  return fmt::format("org.apache.kafka.common.errors.{}: {}",
                     known == nullptr ? exception_of(record::to_string(outcome.error))
                                      : std::string(known->exception),
                     java_message(outcome));
}

}  // namespace millrace::cli
