// Kafka's broker settings, by Kafka's names. One row of broker_config_rows() says all that is known
// of one: type, default, limits, whether it can be changed while the broker runs, of which topic
// setting it is the default. Those that mean nothing on one node are accepted and kept.
//
// Two forms of one state: the texts (for DescribeConfigs) and the values that handlers need, read
// once and swapped as a whole, so that a request sees one state of all of them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "broker/broker.h"
#include "log/topic_config.h"

namespace millrace::broker {

/// The numbers are DescribeConfigs's.
enum class ConfigType : std::int8_t {
  kBoolean = 1,
  kString = 2,
  kInt = 3,
  kShort = 4,
  kLong = 5,
  kDouble = 6,
  kList = 7,
  kClass = 8,
  kPassword = 9
};

/// Whether and for whom a setting can be changed while the broker runs.
enum class ConfigScope : std::uint8_t {
  kReadOnly,
  kPerBroker,
  kClusterWide
};

/// One setting. Immutable; all views are of static text.
struct BrokerConfigRow {
  std::string_view name = {};
  ConfigType type = ConfigType::kString;
  std::string_view default_value = {};  ///< Made without a text: none (null).
  ConfigScope scope = ConfigScope::kReadOnly;
  /// The topic setting whose default this is, and what its value is multiplied with to be one of
  /// that (hours to milliseconds). Of several rows of one topic setting the first that is given
  /// counts.
  std::string_view topic = {};
  std::int64_t factor = 1;
  std::string_view minimum = {};
  std::string_view maximum = {};
  bool effective = false;  ///< It changes something here.
  bool older = false;      ///< Of an earlier Kafka: taken, but not told of.

  [[nodiscard]] constexpr bool has_default() const { return default_value.data() != nullptr; }
};

/// In the order of precedence where that matters.
std::span<const BrokerConfigRow> broker_config_rows();

/// Null: Kafka has no such setting.
const BrokerConfigRow* find_broker_config(std::string_view name);

/// What handlers need. Immutable.
struct BrokerValues {
  std::int32_t node_id = 1;
  std::int32_t num_partitions = 1;
  bool auto_create_topics = true;
  bool delete_topics = true;
  std::int64_t request_bytes_max = 104'857'600;
  std::int64_t idle_ms = 600'000;
  std::int64_t connections_max = 2'147'483'647;
  std::int64_t connections_per_ip_max = 2'147'483'647;
  std::int64_t fetch_bytes_max = 57'671'680;
  std::int64_t fetch_sessions_max = 1'000;
  std::int64_t transaction_timeout_max_ms = 900'000;
  /// Of a topic that is made without saying otherwise.
  log::TopicConfig topic_defaults = {};
};

using ConfigTexts = std::map<std::string, std::string, std::less<>>;

/// What is changed while the broker runs: for this broker, and, behind that, for all of a cluster.
struct DynamicConfigs {
  ConfigTexts broker = {};
  ConfigTexts cluster = {};

  /// The nearest value of a setting; null when it was not changed.
  [[nodiscard]] const std::string* find(std::string_view name) const;

  [[nodiscard]] bool empty() const { return broker.empty() && cluster.empty(); }
};

/// Thread-safe.
class BrokerSettings {
 public:
  /// Checks all of them. kInvalidArgument names the first that is unknown (did you mean) or wrong.
  static Result<std::unique_ptr<BrokerSettings>> parse(ConfigTexts given);

  /// The state as it is; later changes do not touch it.
  [[nodiscard]] std::shared_ptr<const BrokerValues> values() const;

  /// What was given at the start, by name.
  [[nodiscard]] const ConfigTexts& given() const { return given_; }

  /// The value in effect, as text; nothing for one without a value.
  [[nodiscard]] std::optional<std::string> text(std::string_view name) const;
  /// The same of a number, which has one.
  [[nodiscard]] std::int64_t number(std::string_view name) const;

  /// What is changed while the broker runs, in the place of what was changed before. Nothing
  /// changes when one of them is wrong: kInvalidArgument.
  Result<void> set_dynamic(DynamicConfigs changed);
  /// Makes what is changed from what was changed before, and calls `changed` with it: one edit at a
  /// time, so that none is lost and they are kept in their order. The edit's Error;
  /// kInvalidArgument.
  Result<void> edit_dynamic(
      const std::function<Result<DynamicConfigs>(const DynamicConfigs&)>& edit,
      const std::function<void(const DynamicConfigs&)>& changed);
  /// Whether set_dynamic() would take them.
  [[nodiscard]] Result<void> check_dynamic(const DynamicConfigs& changed) const;

  [[nodiscard]] DynamicConfigs dynamic() const;

 private:
  explicit BrokerSettings(ConfigTexts given) : given_(std::move(given)) {}

  const ConfigTexts given_;
  Mutex edits_;  // Taken before mutex_.
  mutable Mutex mutex_;
  DynamicConfigs dynamic_ MR_GUARDED_BY(mutex_);
  // Shared with requests that are under way.
  std::shared_ptr<const BrokerValues> values_ MR_GUARDED_BY(mutex_);
};

/// Whether the text is a value of the row: kInvalidArgument says what it must be.
Result<void> check_broker_config(const BrokerConfigRow& row, std::string_view text);

/// Reads Kafka's listeners: "PLAINTEXT://0.0.0.0:9092,HOST://:29092". The address of
/// ListenerOptions is filled in. kInvalidArgument.
Result<std::vector<ListenerOptions>> parse_listeners(std::string_view text);

/// Puts Kafka's advertised.listeners to the listeners of the same names; a name that no listener
/// has is kInvalidArgument. A single listener takes the address with its port (else its name, else
/// the first), and each further one becomes a listener on the port that it advertises: so the usual
/// line "PLAINTEXT://broker:29092,HOST://localhost:9092" says it all. REQUIRES: at least one
/// listener
Result<void> apply_advertised(std::string_view text, std::vector<ListenerOptions>& listeners);

}  // namespace millrace::broker
