// A Kafka cluster as a client sees it: where it is, who leads what, and one connection to each
// broker that is spoken to.
//
//     auto cluster = TRY(Cluster::connect({.bootstrap = TRY(parse_bootstrap("a:9092,b:9092"))},
//                                         clock));
//     const TopicInfo topic = TRY(cluster->topic("users", deadline));
//     Connection* leader = TRY(cluster->leader({"users", PartitionId(0)}, deadline));
//
// What may pass (an election, a coordinator that loads, a broker that restarts) is tried again
// with growing pauses until the deadline: Retry. An outcome that will stay is given at once.
//
// Tested by cluster_test.cc.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/random.h"
#include "base/result.h"
#include "base/uuid.h"
#include "client/connection.h"
#include "client/deadline.h"
#include "config/option_table.h"
#include "record/kafka_error.h"

namespace millrace::client {

using record::KafkaError;

struct TopicPartition {
  std::string topic = {};
  PartitionId partition{0};

  auto operator<=>(const TopicPartition&) const = default;

  /// "users-0"
  [[nodiscard]] std::string to_string() const;
};

/// What a broker said to one part of a request (a topic, a partition, a group).
struct Outcome {
  KafkaError error = KafkaError::kNone;
  std::string message = {};  ///< The broker's own words; may be empty.

  [[nodiscard]] bool ok() const { return error == KafkaError::kNone; }

  /// "UNKNOWN_TOPIC_OR_PARTITION: this server does not host …"; the broker's words when it has any.
  [[nodiscard]] std::string text() const;
};

/// The outcome as an Error, with the code that fits: kNotFound, kAlreadyExists, kPermissionDenied,
/// kInvalidArgument, kUnavailable (retriable ones) … `what` names the object: "topic \"users\"".
Error to_error(const Outcome& outcome, std::string_view what);

/// "h:9092,[::1]:9092"; without a port 9092. kInvalidArgument.
Result<std::vector<config::HostPort>> parse_bootstrap(std::string_view text);

struct ClientOptions {
  std::vector<config::HostPort> bootstrap = {};
  ConnectionOptions connection = {};
  /// For the answer to one request, beside what the request itself asks the broker to wait.
  std::int64_t request_timeout_ms = 30'000;
  /// For one call of Cluster, Admin, Producer or Fetcher with all its tries, where none is given.
  std::int64_t operation_timeout_ms = 60'000;
  std::int64_t metadata_max_age_ms = 300'000;
  BackoffOptions backoff = {.first_ms = 50, .max_ms = 1'000};
  /// Ends every wait within 100 ms, with kCancelled.
  std::stop_token stop = {};
};

struct Node {
  std::int32_t id = -1;
  config::HostPort address = {};
  std::string rack = {};
};

struct PartitionInfo {
  PartitionId id{0};
  KafkaError error = KafkaError::kNone;
  std::int32_t leader = -1;  ///< -1: none.
  std::int32_t leader_epoch = -1;
  std::vector<std::int32_t> replicas = {};
  std::vector<std::int32_t> in_sync = {};
  std::vector<std::int32_t> offline = {};
};

struct TopicInfo {
  std::string name = {};
  Uuid id = {};
  bool internal = false;
  KafkaError error = KafkaError::kNone;
  std::vector<PartitionInfo> partitions = {};  ///< Ascending.

  /// Null when there is none of this number.
  [[nodiscard]] const PartitionInfo* partition(PartitionId wanted) const;
};

/// Whether asking for a topic may make it.
enum class AutoCreate : std::uint8_t {
  kNo,
  kYes,  ///< If the broker allows it (auto.create.topics.enable).
};

/// Owned by one thread.
class Cluster {
 public:
  /// Reaches one of the bootstrap addresses and reads who is there. kUnavailable names each address
  /// and why it failed. The clock outlives it.
  static Result<std::unique_ptr<Cluster>> connect(ClientOptions options, const Clock& clock);
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;
  ~Cluster();

  [[nodiscard]] const ClientOptions& options() const { return options_; }

  [[nodiscard]] const Clock& clock() const { return clock_; }

  /// From here on, with the cluster's stop token; the default is operation_timeout_ms.
  [[nodiscard]] Deadline deadline() const { return deadline(options_.operation_timeout_ms); }

  [[nodiscard]] Deadline deadline(std::int64_t ms) const {
    return Deadline::after_ms(clock_, ms, options_.stop);
  }

  // As of the last metadata.
  [[nodiscard]] const std::string& cluster_id() const { return cluster_id_; }

  [[nodiscard]] std::int32_t controller_id() const { return controller_id_; }

  [[nodiscard]] const std::vector<Node>& nodes() const { return nodes_; }

  /// "127.0.0.1:9092": the first bootstrap address, for messages.
  [[nodiscard]] std::string name() const;

  /// One topic, from what is known if that is young. kNotFound names near names; other errors as
  /// to_error(). A topic with leaderless partitions is given as it is.
  Result<TopicInfo> topic(const std::string& name,
                          const Deadline& deadline,
                          AutoCreate create = AutoCreate::kNo);

  /// All topics, freshly asked for; internal ones too. Ascending by name.
  Result<std::vector<TopicInfo>> all_topics(const Deadline& deadline);

  /// These topics, freshly asked for, each with its own error. In the order of `names`.
  Result<std::vector<TopicInfo>> topics(std::span<const std::string> names,
                                        const Deadline& deadline);

  /// What is known of it has become wrong: it is asked for again at the next use.
  void forget_topic(const std::string& name);
  void forget_coordinator(const std::string& group);

  // Connections, opened when needed and kept. The pointer is good until the next call that takes a
  // connection; a connection that failed is opened anew by the next call.
  Result<Connection*> any(const Deadline& deadline);
  Result<Connection*> node(std::int32_t id, const Deadline& deadline);
  /// Waits for an election within the deadline.
  Result<Connection*> leader(const TopicPartition& partition, const Deadline& deadline);
  /// The id of it; for callers that gather what goes to one broker.
  Result<std::int32_t> leader_id(const TopicPartition& partition, const Deadline& deadline);
  Result<Connection*> controller(const Deadline& deadline);
  /// Of a group; waits while it loads.
  Result<Connection*> coordinator(const std::string& group, const Deadline& deadline);

  /// One for the caller alone, who may have several questions under way on it.
  Result<std::unique_ptr<Connection>> own_connection(std::int32_t id, const Deadline& deadline);

  Random& random() { return random_; }

 private:
  struct KnownTopic {
    TopicInfo info = {};
    std::int64_t asked_ns = 0;
  };

  Cluster(ClientOptions options, const Clock& clock);

  Result<void> bootstrap(const Deadline& deadline);
  [[nodiscard]] const Node* find_node(std::int32_t id) const;
  Result<std::unique_ptr<Connection>> open_node(std::int32_t id, const Deadline& deadline);
  Result<std::vector<TopicInfo>> ask_metadata(const std::optional<std::vector<std::string>>& names,
                                              AutoCreate create,
                                              const Deadline& deadline);
  Result<std::vector<TopicInfo>> ask_metadata_once(
      Connection& connection,
      const std::optional<std::vector<std::string>>& names,
      AutoCreate create,
      const Deadline& deadline);
  Result<std::int32_t> find_coordinator(const std::string& group, const Deadline& deadline);
  Error unknown_topic(const std::string& topic, const Deadline& deadline);

  ClientOptions options_;
  const Clock& clock_;
  Random random_;
  std::string cluster_id_;
  std::int32_t controller_id_ = -1;
  std::vector<Node> nodes_;
  std::map<std::string, KnownTopic> topics_;
  std::map<std::string, std::int32_t> coordinators_;
  std::map<std::int32_t, std::unique_ptr<Connection>> connections_;
  std::unique_ptr<Connection> first_;  // To a bootstrap address that is no node's own.
};

/// Pauses between tries. Owned by one thread.
class Retry {
 public:
  Retry(Cluster& cluster, Deadline deadline)
      : cluster_(cluster), deadline_(std::move(deadline)), backoff_(cluster.options().backoff) {}

  /// Waits before the next try. kTimeout with `why` when there is no time for one; kCancelled.
  Result<void> pause(std::string_view why);

  /// Takes a failure of a try: waits when another try may help (kUnavailable, and kTimeout of one
  /// request), else gives it back.
  Result<void> after(Error error);

 private:
  Cluster& cluster_;
  Deadline deadline_;
  Backoff backoff_;
};

/// Whether sending it again, perhaps to another broker, may help.
bool is_retriable(KafkaError error);
/// Whether what is known of leaders must be read again first.
bool is_stale_leader(KafkaError error);
/// The same for the coordinator of a group.
bool is_stale_coordinator(KafkaError error);

}  // namespace millrace::client
