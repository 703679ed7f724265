#include "cli/kafka_session.h"

#include <utility>

#include <fmt/format.h>

#include "base/ascii.h"
#include "cli/terminal.h"
#include "config/option_table.h"

namespace millrace::cli {
namespace {

constexpr int kInterruptSignal = 2;
constexpr int kInterruptedCode = 130;

Result<void> apply_ms(const Properties& properties, const std::string& name, std::int64_t& ms) {
  const auto found = properties.find(name);
  if (found == properties.end()) {
    return {};
  }
  const std::optional<std::int64_t> number = config::parse_int(found->second);
  if (!number || *number <= 0 || *number > INT32_MAX) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("{} is a number of milliseconds, found \"{}\"", name, found->second));
  }
  ms = *number;
  return {};
}

}  // namespace

FlagRow bootstrap_flag() {
  return {.name = "bootstrap-server",
          .value = "A:P",
          .sentence = "The Kafka address, or several with commas; 127.0.0.1:9092 without it.",
          .letter = 'b'};
}

Result<KafkaTarget> apply_client_properties(KafkaTarget target, const Properties& properties) {
  if (const auto found = properties.find("security.protocol");
      found != properties.end() && !equal_ignoring_case(found->second, "PLAINTEXT")) {
    return Error(ErrorCode::kUnsupported,
                 fmt::format("security.protocol is {}, and these commands speak PLAINTEXT only; "
                             "take Kafka's own tools for this address",
                             found->second));
  }
  if (const auto found = properties.find("client.id"); found != properties.end()) {
    target.client_id = found->second;
  }
  TRY(apply_ms(properties, "request.timeout.ms", target.request_timeout_ms));
  TRY(apply_ms(properties, "default.api.timeout.ms", target.operation_timeout_ms));
  return target;
}

Result<client::Isolation> parse_isolation(std::string_view text) {
  if (text == "read_committed") {
    return client::Isolation::kReadCommitted;
  }
  if (text == "read_uncommitted") {
    return client::Isolation::kReadUncommitted;
  }
  return Error(
      ErrorCode::kInvalidArgument,
      fmt::format("the isolation level is read_committed or read_uncommitted, found \"{}\"", text));
}

KafkaSession::KafkaSession()
    : signals_([this](int number, int count) {
        if (count > 1) {
          exit_now(kInterruptedCode);
        }
        interrupted_ = number == kInterruptSignal;
        stop_.request_stop();
      }) {}

Result<std::unique_ptr<KafkaSession>> KafkaSession::open(const KafkaTarget& target,
                                                         const Clock& clock,
                                                         StopEnds ends) {
  std::unique_ptr<KafkaSession> session(new KafkaSession());
  client::ClientOptions options;
  options.bootstrap = TRY(client::parse_bootstrap(target.bootstrap));
  options.connection.client_id = target.client_id;
  options.request_timeout_ms = target.request_timeout_ms;
  options.operation_timeout_ms = target.operation_timeout_ms;
  if (ends == StopEnds::kWaits) {
    options.stop = session->stop();
  }
  session->cluster_ = TRY(client::Cluster::connect(std::move(options), clock));
  return session;
}

}  // namespace millrace::cli
