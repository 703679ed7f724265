#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/random.h"
#include "base/uuid.h"
#include "broker/admin_handlers.h"
#include "broker/broker_settings.h"
#include "broker/gather.h"
#include "broker/identity.h"
#include "broker/topic_changes.h"
#include "broker/topic_names.h"
#include "broker/topic_settings.h"
#include "log/log.h"

namespace millrace::broker {
namespace {

using wire::CreateTopicsRequest;
using wire::CreateTopicsResponse;
using wire::KafkaError;
using CreatableTopic = CreateTopicsRequest::CreatableTopic;
using CreatedTopic = CreateTopicsResponse::CreatableTopicResult;

constexpr std::int32_t kPartitionsOfOneMax = 100'000;

/// Why a topic is not made.
struct CreationRefusal {
  KafkaError error = KafkaError::kNone;
  std::string message;
};

std::string why_not_a_name(const std::string& name) {
  if (name.empty()) {
    return "Topic name is invalid: the empty string is not allowed";
  }
  if (name == "." || name == "..") {
    return fmt::format("Topic name is invalid: '{}' is not allowed", name);
  }
  if (name.size() > 249) {
    return fmt::format(
        "Topic name is invalid: the length of '{}' is longer than the max allowed length 249",
        name);
  }
  return fmt::format(
      "Topic name is invalid: '{}' contains one or more characters other than ASCII "
      "alphanumerics, '.', '_' and '-'",
      name);
}

std::optional<CreationRefusal> refuse_name(const Services& services,
                                           NameCollisions& collisions,
                                           const std::string& name) {
  if (!log::valid_topic_name(name)) {
    return CreationRefusal{KafkaError::kInvalidTopicException, why_not_a_name(name)};
  }
  if (services.log.topic(name)) {
    return CreationRefusal{KafkaError::kTopicAlreadyExists,
                           fmt::format("Topic '{}' already exists.", name)};
  }
  if (const auto other = collisions.find(name)) {
    return CreationRefusal{
        KafkaError::kInvalidTopicException,
        fmt::format("Topic '{}' collides with existing topic: {}", name, *other)};
  }
  return std::nullopt;
}

/// Replicas by hand: of every partition exactly this node.
std::optional<CreationRefusal> refuse_assignments(const CreatableTopic& topic, std::int32_t node) {
  if (topic.num_partitions != -1 || topic.replication_factor != -1) {
    return CreationRefusal{
        KafkaError::kInvalidRequest,
        "Both numPartitions or replicationFactor and replicasAssignments were set. Both cannot be "
        "used at the same time."};
  }
  std::set<std::int32_t> seen;
  for (const auto& assignment : topic.assignments) {
    if (assignment.broker_ids != std::vector<std::int32_t>{node}) {
      return CreationRefusal{
          KafkaError::kInvalidReplicaAssignment,
          fmt::format("The manual partition assignment names brokers that are not registered: "
                      "this cluster has broker {} only.",
                      node)};
    }
    seen.insert(assignment.partition_index);
  }
  const auto count = static_cast<std::int32_t>(topic.assignments.size());
  if (static_cast<std::int32_t>(seen.size()) != count || *seen.begin() != 0 ||
      *seen.rbegin() != count - 1) {
    return CreationRefusal{KafkaError::kInvalidReplicaAssignment,
                           "partitions should be a consecutive 0-based integer sequence"};
  }
  return std::nullopt;
}

std::optional<CreationRefusal> refuse_numbers(const CreatableTopic& topic) {
  if (topic.num_partitions == 0 || topic.num_partitions < -1) {
    return CreationRefusal{KafkaError::kInvalidPartitions,
                           "Number of partitions was set to an invalid non-positive value."};
  }
  if (topic.num_partitions > kPartitionsOfOneMax) {
    return CreationRefusal{KafkaError::kInvalidPartitions,
                           fmt::format("Number of partitions is at most {}.", kPartitionsOfOneMax)};
  }
  if (topic.replication_factor == 0 || topic.replication_factor < -1) {
    return CreationRefusal{
        KafkaError::kInvalidReplicationFactor,
        "Replication factor must be larger than 0, or -1 to use the default value."};
  }
  if (topic.replication_factor > 1) {
    return CreationRefusal{
        KafkaError::kInvalidReplicationFactor,
        fmt::format("Unable to replicate the partition {} time(s): The target replication factor "
                    "of {} cannot be reached because only 1 broker(s) are registered or some "
                    "brokers have all their log directories cordoned.",
                    topic.replication_factor,
                    topic.replication_factor)};
  }
  return std::nullopt;
}

CreatedTopic refused(const std::string& name, CreationRefusal refusal) {
  CreatedTopic topic;
  topic.name = name;
  topic.error_code = refusal.error;
  topic.error_message = std::move(refusal.message);
  return topic;
}

CreatedTopic created(const log::TopicInfo& info, const TopicDefaults& defaults) {
  CreatedTopic topic;
  topic.name = info.name;
  topic.topic_id = info.id;
  topic.error_message.reset();
  topic.num_partitions = info.partitions;
  topic.replication_factor = 1;
  auto& configs = topic.configs.emplace();
  for (DescribedConfig& row : defaults.describe(info.settings)) {
    configs.push_back({.name = std::move(row.name),
                       .value = std::move(row.value),
                       .read_only = row.read_only,
                       .config_source = static_cast<std::int8_t>(row.source),
                       .is_sensitive = row.sensitive});
  }
  return topic;
}

KafkaError creation_code(const Error& error) {
  const ErrorCode code = error.code();
  if (code == ErrorCode::kAlreadyExists) {
    return KafkaError::kTopicAlreadyExists;
  }
  if (code == ErrorCode::kExhausted) {
    return KafkaError::kPolicyViolation;
  }
  return code == ErrorCode::kInvalidArgument ? KafkaError::kInvalidRequest
                                             : KafkaError::kKafkaStorageError;
}

/// Checks topics, and makes them unless that is only to be tried. The answer of each goes to its
/// `index`. Owned by one thread.
class TopicCreation {
 public:
  TopicCreation(Services& services, Gather<CreateTopicsResponse> gather, bool only_checked)
      : services_(services),
        gather_(std::move(gather)),
        values_(services.settings.values()),
        defaults_(std::make_shared<const TopicDefaults>(services.settings)),
        only_checked_(only_checked),
        collisions_(services.log) {}

  void add(const CreatableTopic& topic, std::size_t index) {
    if (auto refusal = refuse_name(services_, collisions_, topic.name)) {
      put(index, refused(topic.name, std::move(*refusal)));
      return;
    }
    auto refusal = topic.assignments.empty()
                       ? refuse_numbers(topic)
                       : refuse_assignments(topic, services_.identity.node_id);
    if (refusal) {
      put(index, refused(topic.name, std::move(*refusal)));
      return;
    }
    log::ConfigMap settings;
    for (const auto& config : topic.configs) {
      if (config.value) {
        settings[config.name] = *config.value;
      }
    }
    if (const Result<void> checked = check_topic_configs(settings, *values_); !checked) {
      put(index, refused(topic.name, {KafkaError::kInvalidConfig, checked.error().message()}));
      return;
    }
    make({.name = topic.name, .partitions = partitions_of(topic), .settings = std::move(settings)},
         index);
  }

  /// Makes what was found right.
  void run() { changes_.run(services_.log); }

 private:
  [[nodiscard]] std::int32_t partitions_of(const CreatableTopic& topic) const {
    if (!topic.assignments.empty()) {
      return static_cast<std::int32_t>(topic.assignments.size());
    }
    return topic.num_partitions == -1 ? values_->num_partitions : topic.num_partitions;
  }

  void make(log::NewTopic topic, std::size_t index) {
    if (only_checked_) {
      Random random = Random::from_system();
      put(index,
          created({.name = std::move(topic.name),
                   .id = Uuid::random(random),
                   .partitions = topic.partitions,
                   .settings = std::move(topic.settings)},
                  *defaults_));
      return;
    }
    gather_.expect();
    std::string name = topic.name;
    changes_.add(std::move(topic),
                 [gather = gather_, defaults = defaults_, index, name = std::move(name)](
                     const Result<log::TopicInfo>& made) {
                   CreatedTopic answer =
                       made ? created(*made, *defaults)
                            : refused(name, {creation_code(made.error()), made.error().message()});
                   gather.edit([&](CreateTopicsResponse& response) {
                     response.topics[index] = std::move(answer);
                   });
                   gather.done();
                 });
  }

  void put(std::size_t index, CreatedTopic topic) {
    gather_.edit(
        [&](CreateTopicsResponse& response) { response.topics[index] = std::move(topic); });
  }

  Services& services_;
  const Gather<CreateTopicsResponse> gather_;
  const std::shared_ptr<const BrokerValues> values_;     // Shared with the settings.
  const std::shared_ptr<const TopicDefaults> defaults_;  // Shared by the topics under way.
  const bool only_checked_;
  NameCollisions collisions_;
  TopicChanges changes_;
};

}  // namespace

void handle_create_topics(Services& services,
                          const RequestInfo& info,
                          wire::CreateTopicsRequest request,
                          Reply<wire::CreateTopicsResponse> reply) {
  static_cast<void>(info);
  const Gather<CreateTopicsResponse> gather(std::move(reply));
  gather.edit(
      [&](CreateTopicsResponse& response) { response.topics.resize(request.topics.size()); });
  TopicCreation creation(services, gather, request.validate_only);
  std::set<std::string> names;
  std::set<std::string> twice;
  for (const CreatableTopic& topic : request.topics) {
    if (!names.insert(topic.name).second) {
      twice.insert(topic.name);
    }
  }
  for (std::size_t i = 0; i < request.topics.size(); ++i) {
    const CreatableTopic& topic = request.topics[i];
    if (twice.contains(topic.name)) {
      gather.edit([&](CreateTopicsResponse& response) {
        response.topics[i] =
            refused(topic.name, {KafkaError::kInvalidRequest, "Duplicate topic name."});
      });
      continue;
    }
    creation.add(topic, i);
  }
  creation.run();
  gather.done();
}

}  // namespace millrace::broker
