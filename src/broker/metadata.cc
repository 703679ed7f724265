// Metadata: where topics are, and, for many clients, how they come into being.
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "broker/authorized_operations.h"
#include "broker/broker_settings.h"
#include "broker/gather.h"
#include "broker/handlers.h"
#include "broker/identity.h"
#include "broker/request_metrics.h"
#include "broker/topic_changes.h"
#include "broker/topic_names.h"
#include "log/log.h"

namespace millrace::broker {
namespace {

using wire::KafkaError;
using wire::MetadataRequest;
using wire::MetadataResponse;
using MetadataTopic = MetadataResponse::MetadataResponseTopic;

/// Of one request; the client asks again for the rest.
constexpr std::size_t kCreatedMax = 1'000;
constexpr std::int16_t kFirstMetadataWithIds = 12;

MetadataTopic describe_topic(const log::TopicInfo& info, std::int32_t node, bool operations) {
  MetadataTopic topic;
  topic.name = info.name;
  topic.topic_id = info.id;
  topic.is_internal = is_internal_topic(info.name);
  topic.partitions.reserve(static_cast<std::size_t>(info.partitions));
  for (std::int32_t i = 0; i < info.partitions; ++i) {
    topic.partitions.push_back({.partition_index = i,
                                .leader_id = node,
                                .leader_epoch = 0,
                                .replica_nodes = {node},
                                .isr_nodes = {node}});
  }
  if (operations) {
    topic.topic_authorized_operations = kTopicOperations;
  }
  return topic;
}

MetadataTopic refused_topic(std::string name, KafkaError error, bool operations) {
  MetadataTopic topic;
  if (operations) {
    topic.topic_authorized_operations = kTopicOperations;
  }
  topic.error_code = error;
  topic.is_internal = is_internal_topic(name);
  topic.name = std::move(name);
  return topic;
}

/// Reads what is there, and notes what is to be made. Owned by one thread.
class TopicLookup {
 public:
  TopicLookup(Services& services, const RequestInfo& info, const MetadataRequest& request)
      : services_(services),
        values_(services.settings.values()),
        version_(info.version),
        create_(request.allow_auto_topic_creation && values_->auto_create_topics),
        operations_(request.include_topic_authorized_operations),
        collisions_(services.log) {}

  struct Missing {
    std::size_t index = 0;  // In the answer.
    std::string name;
  };

  void add_all(MetadataResponse& response) {
    for (const log::TopicInfo& topic : services_.log.topics()) {
      response.topics.push_back(describe(topic));
    }
  }

  void add(const MetadataRequest::MetadataRequestTopic& wanted, MetadataResponse& response) {
    if (!wanted.topic_id.is_none() || !wanted.name) {
      response.topics.push_back(by_id(wanted));
      return;
    }
    if (!seen_.insert(*wanted.name).second) {
      return;
    }
    if (const std::optional<log::TopicInfo> topic = services_.log.topic(*wanted.name)) {
      response.topics.push_back(describe(*topic));
      return;
    }
    const KafkaError error = why_not_made(*wanted.name);
    if (error == KafkaError::kNone) {
      missing_.push_back({.index = response.topics.size(), .name = *wanted.name});
    }
    response.topics.push_back(refused_topic(*wanted.name, error, operations_));
  }

  [[nodiscard]] std::vector<Missing>& missing() { return missing_; }

  [[nodiscard]] const BrokerValues& values() const { return *values_; }

  [[nodiscard]] MetadataTopic describe(const log::TopicInfo& topic) const {
    return describe_topic(topic, services_.identity.node_id, operations_);
  }

 private:
  MetadataTopic by_id(const MetadataRequest::MetadataRequestTopic& wanted) {
    if (version_ < kFirstMetadataWithIds) {
      return refused_topic(wanted.name.value_or(""), KafkaError::kInvalidRequest, operations_);
    }
    if (const std::optional<log::TopicInfo> topic = services_.log.topic(wanted.topic_id)) {
      return describe(*topic);
    }
    MetadataTopic topic;
    topic.error_code = KafkaError::kUnknownTopicId;
    topic.name.reset();
    topic.topic_id = wanted.topic_id;
    return topic;
  }

  KafkaError why_not_made(const std::string& name) {
    if (!log::valid_topic_name(name)) {
      return KafkaError::kInvalidTopicException;
    }
    // Internal topics are made by those who keep them.
    if (!create_ || missing_.size() >= kCreatedMax || is_internal_topic(name)) {
      return KafkaError::kUnknownTopicOrPartition;
    }
    return collisions_.find(name) ? KafkaError::kInvalidTopicException : KafkaError::kNone;
  }

  Services& services_;
  const std::shared_ptr<const BrokerValues> values_;  // Shared with the settings.
  const std::int16_t version_;
  const bool create_;
  const bool operations_;
  NameCollisions collisions_;
  std::set<std::string> seen_;
  std::vector<Missing> missing_;
};

KafkaError creation_error(const Error& error) {
  if (error.code() == ErrorCode::kInvalidArgument) {
    return KafkaError::kInvalidTopicException;
  }
  if (error.code() == ErrorCode::kExhausted) {
    return KafkaError::kPolicyViolation;
  }
  return KafkaError::kKafkaStorageError;
}

}  // namespace

void handle_metadata(Services& services,
                     const RequestInfo& info,
                     MetadataRequest request,
                     Reply<MetadataResponse> reply) {
  const Identity& identity = services.identity;
  MetadataResponse response;
  const config::HostPort address = identity.address_for(info);
  response.brokers.push_back(
      {.node_id = identity.node_id, .host = address.host, .port = address.port});
  response.cluster_id = identity.cluster_id;
  response.controller_id = identity.node_id;
  if (request.include_cluster_authorized_operations) {
    response.cluster_authorized_operations = kClusterOperations;
  }
  TopicLookup lookup(services, info, request);
  const bool all = !request.topics || (info.version == 0 && request.topics->empty());
  if (all) {
    lookup.add_all(response);
  } else {
    for (const MetadataRequest::MetadataRequestTopic& wanted : *request.topics) {
      lookup.add(wanted, response);
    }
  }
  for (const MetadataTopic& topic : response.topics) {
    services.counts.note_error(topic.error_code);
  }
  const std::int32_t partitions = lookup.values().num_partitions;
  const bool operations = request.include_topic_authorized_operations;
  const Gather<MetadataResponse> gather(std::move(reply), std::move(response));
  TopicChanges changes;
  for (const TopicLookup::Missing& missing : lookup.missing()) {
    gather.expect();
    changes.add(
        log::EnsuredTopic{.topic = {.name = missing.name, .partitions = partitions}},
        [gather, missing, operations, node = identity.node_id](const Result<log::TopicInfo>& made) {
          gather.edit([&](MetadataResponse& whole) {
            whole.topics[missing.index] =
                made ? describe_topic(*made, node, operations)
                     : refused_topic(missing.name, creation_error(made.error()), operations);
          });
          gather.done();
        });
  }
  changes.run(services.log);
  gather.done();
}

}  // namespace millrace::broker
