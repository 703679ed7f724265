#include "client/cluster.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/suggest.h"
#include "base/thread.h"
#include "client/detail/ask.h"
#include "wire/generated/find_coordinator.h"
#include "wire/generated/metadata.h"

namespace millrace::client {
namespace {

constexpr std::uint16_t kKafkaPort = 9092;
// How long a topic that asking should have made may stay unknown.
constexpr std::int64_t kAutoCreateMs = 10'000;
constexpr std::size_t kBootstrapMax = 100;

std::vector<Node> nodes_of(const std::vector<wire::MetadataResponse::MetadataResponseBroker>& all) {
  constexpr std::int32_t kPortMax = 65'535;
  std::vector<Node> nodes;
  for (const auto& broker : all) {
    if (broker.port > 0 && broker.port <= kPortMax && !broker.host.empty()) {
      nodes.push_back(
          {.id = broker.node_id,
           .address = {.host = broker.host, .port = static_cast<std::uint16_t>(broker.port)},
           .rack = broker.rack.value_or("")});
    }
  }
  return nodes;
}

TopicInfo topic_of(wire::MetadataResponse::MetadataResponseTopic& topic) {
  TopicInfo info{.name = topic.name.value_or(""),
                 .id = topic.topic_id,
                 .internal = topic.is_internal,
                 .error = topic.error_code};
  for (auto& partition : topic.partitions) {
    if (partition.partition_index >= 0) {
      info.partitions.push_back({.id = PartitionId(partition.partition_index),
                                 .error = partition.error_code,
                                 .leader = partition.leader_id,
                                 .leader_epoch = partition.leader_epoch,
                                 .replicas = std::move(partition.replica_nodes),
                                 .in_sync = std::move(partition.isr_nodes),
                                 .offline = std::move(partition.offline_replicas)});
    }
  }
  std::ranges::sort(info.partitions, {}, &PartitionInfo::id);
  const auto twice = std::ranges::unique(info.partitions, {}, &PartitionInfo::id);
  info.partitions.erase(twice.begin(), twice.end());
  return info;
}

}  // namespace

Result<std::vector<config::HostPort>> parse_bootstrap(std::string_view text) {
  std::vector<config::HostPort> addresses;
  while (true) {
    const std::size_t comma = text.find(',');
    std::string_view one = text.substr(0, comma);
    one.remove_prefix(std::min(one.find_first_not_of(' '), one.size()));
    one = one.substr(0, one.find_last_not_of(' ') + 1);
    const auto address = config::parse_host_port(one, kKafkaPort);
    if (!address || address->host.empty() || address->port == 0) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("a Kafka address is host:port, several with commas between, found "
                               "\"{}\"",
                               one));
    }
    addresses.push_back(*address);
    if (addresses.size() > kBootstrapMax) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("more than {} Kafka addresses", kBootstrapMax));
    }
    if (comma == std::string_view::npos) {
      return addresses;
    }
    text.remove_prefix(comma + 1);
  }
}

const PartitionInfo* TopicInfo::partition(PartitionId wanted) const {
  const auto found = std::ranges::lower_bound(partitions, wanted, {}, &PartitionInfo::id);
  return found == partitions.end() || found->id != wanted ? nullptr : &*found;
}

Result<void> Retry::pause(std::string_view why) {
  const std::int64_t left = deadline_.left_ms();
  if (left == 0) {
    return Error(ErrorCode::kTimeout, fmt::format("gave up: {}", why));
  }
  Wakeup never;
  never.wait(std::min(backoff_.next_ms(cluster_.random()), left) * kNsPerMs, deadline_.stop());
  if (deadline_.stop().stop_requested()) {
    return Error(ErrorCode::kCancelled, "stopped");
  }
  return {};
}

Result<void> Retry::after(Error error) {
  const bool may_pass =
      error.code() == ErrorCode::kUnavailable || error.code() == ErrorCode::kTimeout;
  if (!may_pass || deadline_.over()) {
    return error;
  }
  return pause(error.to_string());
}

Cluster::Cluster(ClientOptions options, const Clock& clock)
    : options_(std::move(options)), clock_(clock), random_(Random::from_system()) {}

Cluster::~Cluster() = default;

Result<std::unique_ptr<Cluster>> Cluster::connect(ClientOptions options, const Clock& clock) {
  if (options.bootstrap.empty()) {
    return Error(ErrorCode::kInvalidArgument, "no Kafka address is given");
  }
  std::unique_ptr<Cluster> cluster(new Cluster(std::move(options), clock));
  const Deadline deadline = cluster->deadline();
  TRY(cluster->bootstrap(deadline));
  return cluster;
}

std::string Cluster::name() const {
  return config::to_string(options_.bootstrap.front());
}

// The first address that answers; who is there is what it says.
Result<void> Cluster::bootstrap(const Deadline& deadline) {
  std::string why;
  for (const config::HostPort& address : options_.bootstrap) {
    auto opened = Connection::open(address, options_.connection, deadline);
    if (opened) {
      first_ = *std::move(opened);
      auto asked =
          ask_metadata_once(*first_, std::vector<std::string>(), AutoCreate::kNo, deadline);
      if (asked) {
        break;
      }
      first_.reset();
      opened = std::move(asked).error();
    }
    if (opened.error().code() == ErrorCode::kCancelled) {
      return std::move(opened).error();
    }
    why += (why.empty() ? "" : "; ") + opened.error().to_string();
  }
  if (first_ == nullptr) {
    return Error(ErrorCode::kUnavailable, why);
  }
  const auto own = std::ranges::find(nodes_, first_->address(), &Node::address);
  if (own != nodes_.end()) {
    connections_[own->id] = std::move(first_);
  }
  return {};
}

const Node* Cluster::find_node(std::int32_t id) const {
  const auto found = std::ranges::find(nodes_, id, &Node::id);
  return found == nodes_.end() ? nullptr : &*found;
}

Result<std::unique_ptr<Connection>> Cluster::open_node(std::int32_t id, const Deadline& deadline) {
  const Node* node = find_node(id);
  if (node == nullptr) {
    TRY(ask_metadata(std::vector<std::string>(), AutoCreate::kNo, deadline));
    node = find_node(id);
  }
  if (node == nullptr) {
    return Error(ErrorCode::kUnavailable,
                 fmt::format("broker {} is not there now, says {}", id, name()));
  }
  const config::HostPort address = node->address;
  auto opened = Connection::open(address, options_.connection, deadline);
  const bool elsewhere = std::ranges::find(options_.bootstrap, address) == options_.bootstrap.end();
  if (!opened && opened.error().code() != ErrorCode::kCancelled && elsewhere) {
    return std::move(opened).error().with_context(
        fmt::format("{} says that broker {} is at {} (its advertised.listeners)",
                    name(),
                    id,
                    config::to_string(address)));
  }
  return opened;
}

Result<std::unique_ptr<Connection>> Cluster::own_connection(std::int32_t id,
                                                            const Deadline& deadline) {
  return open_node(id, deadline);
}

Result<Connection*> Cluster::node(std::int32_t id, const Deadline& deadline) {
  std::unique_ptr<Connection>& known = connections_[id];
  if (known != nullptr && known->is_idle_and_open()) {
    return known.get();
  }
  known.reset();
  auto opened = TRY(open_node(id, deadline));
  std::unique_ptr<Connection>& place = connections_[id];  // open_node() may have changed the map.
  place = std::move(opened);
  return place.get();
}

// One that is open; else any node, else a bootstrap address again.
Result<Connection*> Cluster::any(const Deadline& deadline) {
  if (first_ != nullptr && first_->is_idle_and_open()) {
    return first_.get();
  }
  for (const auto& [id, connection] : connections_) {
    if (connection != nullptr && connection->is_idle_and_open()) {
      return connection.get();
    }
  }
  std::vector<Node> nodes = nodes_;
  for (std::size_t i = nodes.size(); i > 1; --i) {
    std::swap(nodes[i - 1], nodes[random_.below(i)]);
  }
  for (const Node& each : nodes) {
    Result<std::unique_ptr<Connection>> opened =
        Connection::open(each.address, options_.connection, deadline);
    if (opened) {
      std::unique_ptr<Connection>& place = connections_[each.id];
      place = *std::move(opened);
      return place.get();
    }
    if (opened.error().code() == ErrorCode::kCancelled) {
      return std::move(opened).error();
    }
    opened.ignore_error("the bootstrap addresses are asked next");
  }
  TRY(bootstrap(deadline));
  if (first_ != nullptr) {
    return first_.get();
  }
  const auto open =
      std::ranges::find_if(connections_, [](const auto& entry) { return entry.second != nullptr; });
  return open->second.get();
}

Result<Connection*> Cluster::controller(const Deadline& deadline) {
  return controller_id_ >= 0 && find_node(controller_id_) != nullptr
             ? node(controller_id_, deadline)
             : any(deadline);
}

Result<std::vector<TopicInfo>> Cluster::ask_metadata_once(
    Connection& connection,
    const std::optional<std::vector<std::string>>& names,
    AutoCreate create,
    const Deadline& deadline) {
  constexpr std::int16_t kCreationIsSaid = 4;
  const std::int16_t version = TRY(connection.version_of(wire::ApiKey::kMetadata));
  wire::MetadataRequest request;
  request.allow_auto_topic_creation = create == AutoCreate::kYes || version < kCreationIsSaid;
  if (names) {
    for (const std::string& name : *names) {
      request.topics->push_back({.name = name});
    }
  } else if (version > 0) {
    request.topics.reset();
  }
  wire::MetadataResponse answer = TRY(connection.call<wire::MetadataResponse>(
      request, deadline.within_ms(options_.request_timeout_ms)));
  if (answer.error_code != KafkaError::kNone) {
    return to_error({.error = answer.error_code}, "metadata of " + name());
  }
  nodes_ = nodes_of(answer.brokers);
  std::erase_if(connections_,
                [this](const auto& entry) { return find_node(entry.first) == nullptr; });
  cluster_id_ = answer.cluster_id.value_or("");
  controller_id_ = answer.controller_id;
  std::vector<TopicInfo> topics;
  for (auto& topic : answer.topics) {
    topics.push_back(topic_of(topic));
    TopicInfo& info = topics.back();
    if (info.error == KafkaError::kNone) {
      topics_[info.name] = {.info = info, .asked_ns = clock_.monotonic_ns()};
    } else {
      topics_.erase(info.name);
    }
  }
  return topics;
}

Result<std::vector<TopicInfo>> Cluster::ask_metadata(
    const std::optional<std::vector<std::string>>& names,
    AutoCreate create,
    const Deadline& deadline) {
  Retry retry(*this, deadline);
  while (true) {
    Result<Connection*> connection = any(deadline);
    if (!connection) {
      TRY(retry.after(std::move(connection).error()));
      continue;
    }
    // What it is asked for may close it: the connection is looked up again for each try.
    Result<std::vector<TopicInfo>> topics =
        ask_metadata_once(**connection, names, create, deadline);
    if (topics) {
      return topics;
    }
    TRY(retry.after(std::move(topics).error()));
  }
}

Result<std::vector<TopicInfo>> Cluster::all_topics(const Deadline& deadline) {
  std::vector<TopicInfo> topics = TRY(ask_metadata(std::nullopt, AutoCreate::kNo, deadline));
  std::ranges::sort(topics, {}, &TopicInfo::name);
  return topics;
}

Result<std::vector<TopicInfo>> Cluster::topics(std::span<const std::string> names,
                                               const Deadline& deadline) {
  std::vector<TopicInfo> found;
  if (names.empty()) {
    return found;
  }
  std::vector<TopicInfo> answered = TRY(ask_metadata(
      std::vector<std::string>(names.begin(), names.end()), AutoCreate::kNo, deadline));
  for (const std::string& name : names) {
    const auto topic = std::ranges::find(answered, name, &TopicInfo::name);
    if (topic == answered.end()) {
      found.push_back({.name = name, .error = KafkaError::kUnknownTopicOrPartition});
    } else {
      found.push_back(*topic);
    }
  }
  return found;
}

Error Cluster::unknown_topic(const std::string& topic, const Deadline& deadline) {
  std::vector<std::string> names;
  if (auto all = all_topics(deadline.within_ms(options_.request_timeout_ms))) {
    names.reserve(all->size());
    for (const TopicInfo& info : *all) {
      names.push_back(info.name);
    }
  } else {
    all.ignore_error("without suggestions then");
  }
  return {ErrorCode::kNotFound,
          fmt::format(
              "topic \"{}\" does not exist on {}{}", topic, name(), did_you_mean(topic, names))};
}

Result<TopicInfo> Cluster::topic(const std::string& name,
                                 const Deadline& deadline,
                                 AutoCreate create) {
  const auto known = topics_.find(name);
  if (known != topics_.end() &&
      clock_.monotonic_ns() - known->second.asked_ns < options_.metadata_max_age_ms * kNsPerMs) {
    return known->second.info;
  }
  const Deadline until = create == AutoCreate::kYes ? deadline.within_ms(kAutoCreateMs) : deadline;
  Retry retry(*this, until);
  while (true) {
    std::vector<TopicInfo> answered =
        TRY(ask_metadata(std::vector<std::string>{name}, create, deadline));
    TopicInfo info = answered.empty() ? TopicInfo{.name = name} : std::move(answered.front());
    if (answered.empty() || info.name != name) {
      return Error(ErrorCode::kCorruption,
                   fmt::format("{} did not answer about topic \"{}\"", this->name(), name));
    }
    if (info.error == KafkaError::kNone) {
      return info;
    }
    const bool unknown = info.error == KafkaError::kUnknownTopicOrPartition;
    if (unknown && (create == AutoCreate::kNo || until.over())) {
      return unknown_topic(name, deadline);
    }
    if (!is_retriable(info.error)) {
      return to_error({.error = info.error}, fmt::format("topic \"{}\"", name));
    }
    TRY(retry.pause(to_error({.error = info.error}, fmt::format("topic \"{}\"", name)).message()));
  }
}

void Cluster::forget_topic(const std::string& name) {
  topics_.erase(name);
}

void Cluster::forget_coordinator(const std::string& group) {
  coordinators_.erase(group);
}

Result<std::int32_t> Cluster::leader_id(const TopicPartition& partition, const Deadline& deadline) {
  Retry retry(*this, deadline);
  while (true) {
    const TopicInfo info = TRY(topic(partition.topic, deadline));
    const PartitionInfo* const found = info.partition(partition.partition);
    if (found == nullptr) {
      return Error(ErrorCode::kNotFound,
                   fmt::format("topic \"{}\" has no partition {}, it has {}: 0 to {}",
                               partition.topic,
                               partition.partition,
                               info.partitions.size(),
                               info.partitions.empty() ? 0 : info.partitions.size() - 1));
    }
    if (found->leader >= 0 && find_node(found->leader) != nullptr) {
      return found->leader;
    }
    forget_topic(partition.topic);
    TRY(retry.pause(fmt::format("partition {} has no leader", partition.to_string())));
  }
}

Result<Connection*> Cluster::leader(const TopicPartition& partition, const Deadline& deadline) {
  const std::int32_t id = TRY(leader_id(partition, deadline));
  Result<Connection*> connection = node(id, deadline);
  if (!connection) {
    forget_topic(partition.topic);
  }
  return connection;
}

// Waits while the coordinator loads or its topic is made.
Result<std::int32_t> Cluster::find_coordinator(const std::string& group, const Deadline& deadline) {
  constexpr std::int16_t kSeveralKeys = 4;
  Retry retry(*this, deadline);
  while (true) {
    const auto pick = [&] {
      return any(deadline);
    };
    const auto build = [&group](std::int16_t version) {
      wire::FindCoordinatorRequest request;
      if (version >= kSeveralKeys) {
        request.coordinator_keys = {group};
      } else {
        request.key = group;
      }
      return request;
    };
    const auto answer = TRY((ask_built<wire::FindCoordinatorRequest, wire::FindCoordinatorResponse>(
        *this, {.deadline = deadline}, pick, build)));
    Outcome outcome{.error = answer.error_code, .message = answer.error_message.value_or("")};
    Node found{.id = answer.node_id,
               .address = {.host = answer.host, .port = static_cast<std::uint16_t>(answer.port)}};
    if (!answer.coordinators.empty()) {
      const auto& only = answer.coordinators.front();
      outcome = {.error = only.error_code, .message = only.error_message.value_or("")};
      found = {.id = only.node_id,
               .address = {.host = only.host, .port = static_cast<std::uint16_t>(only.port)}};
    }
    if (outcome.ok()) {
      if (find_node(found.id) == nullptr && !found.address.host.empty()) {
        nodes_.push_back(found);
      }
      return found.id;
    }
    Error error = to_error(outcome, fmt::format("coordinator of group \"{}\"", group));
    TRY(retry.after(std::move(error)));
  }
}

Result<Connection*> Cluster::coordinator(const std::string& group, const Deadline& deadline) {
  auto known = coordinators_.find(group);
  if (known == coordinators_.end()) {
    const std::int32_t id = TRY(find_coordinator(group, deadline));
    known = coordinators_.insert_or_assign(group, id).first;
  }
  Result<Connection*> connection = node(known->second, deadline);
  if (!connection) {
    forget_coordinator(group);
  }
  return connection;
}

}  // namespace millrace::client
