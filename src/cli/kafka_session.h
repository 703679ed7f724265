// A command's way to a Kafka address: flags, properties of Kafka's clients, Ctrl-C.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "cli/command_table.h"
#include "cli/message_formatter.h"
#include "client/cluster.h"
#include "client/fetcher.h"
#include "io/signals.h"

namespace millrace::cli {

inline constexpr std::string_view kDefaultBootstrap = "127.0.0.1:9092";

/// `-b, --bootstrap-server`: of every command that speaks to a Kafka address.
FlagRow bootstrap_flag();

/// Where to connect and as whom.
struct KafkaTarget {
  std::string bootstrap = std::string(kDefaultBootstrap);
  std::string client_id = "millrace";
  std::int64_t request_timeout_ms = 30'000;
  std::int64_t operation_timeout_ms = 60'000;
};

/// The properties of Kafka's clients that mean something here (client.id, request.timeout.ms,
/// default.api.timeout.ms) over `target`. kUnsupported: security.protocol is not PLAINTEXT;
/// kInvalidArgument: a number that is none. What else there is, is not looked at.
Result<KafkaTarget> apply_client_properties(KafkaTarget target, const Properties& properties);

/// Of isolation.level or --isolation-level. kInvalidArgument names both.
Result<client::Isolation> parse_isolation(std::string_view text);

/// What the first Ctrl-C ends.
enum class StopEnds : std::uint8_t {
  kWaits,  ///< Every wait for the cluster, with kCancelled.
  kInput,  ///< Nothing by itself: who reads input looks at stop(), and what was read is still sent.
};

/// A cluster that is connected to, until Ctrl-C. Owned by one thread.
class KafkaSession {
 public:
  /// From here on the first Ctrl-C asks for the end, the second one ends the process. Errors as
  /// Cluster::connect(). The clock outlives it.
  static Result<std::unique_ptr<KafkaSession>> open(const KafkaTarget& target,
                                                    const Clock& clock,
                                                    StopEnds ends = StopEnds::kWaits);
  KafkaSession(const KafkaSession&) = delete;
  KafkaSession& operator=(const KafkaSession&) = delete;
  ~KafkaSession() = default;

  [[nodiscard]] client::Cluster& cluster() { return *cluster_; }

  [[nodiscard]] std::stop_token stop() const { return stop_.get_token(); }

  /// Whether somebody asked for the end.
  [[nodiscard]] bool stopped() const { return stop_.stop_requested(); }

  /// The same by SIGINT: such a process ends with 130.
  [[nodiscard]] bool interrupted() const { return interrupted_; }

 private:
  KafkaSession();

  std::stop_source stop_;
  std::atomic<bool> interrupted_{false};
  io::StopSignals signals_;
  std::unique_ptr<client::Cluster> cluster_;
};

}  // namespace millrace::cli
