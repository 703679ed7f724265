// What is counted of connections and requests, for /metrics and the page.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/metrics.h"
#include "wire/api_key.h"
#include "wire/kafka_error.h"

namespace millrace::broker {

/// Thread-safe.
class RequestMetrics {
 public:
  explicit RequestMetrics(Metrics& metrics);
  RequestMetrics(const RequestMetrics&) = delete;
  RequestMetrics& operator=(const RequestMetrics&) = delete;
  ~RequestMetrics() = default;

  /// A request was answered, so long after it was whole.
  void note_answer(wire::ApiKey key, std::int64_t ns);
  /// An answer says so. kNone is not counted.
  void note_error(wire::KafkaError error);

  Counter& bytes_in;
  Counter& bytes_out;
  Gauge& connections;
  Counter& accepted;
  Counter& refused;      ///< Connections, because of a limit.
  Counter& malformed;    ///< Connections that were closed for what they sent.
  Counter& timed_out;    ///< Connections that were closed because they did not move.
  Counter& unsupported;  ///< Requests of an API or version that is not served.

 private:
  static constexpr std::size_t kKeysMax = 128;
  static constexpr std::int16_t kErrorsMax = 160;

  struct Api {
    std::atomic<Counter*> requests{nullptr};
    std::atomic<Histogram*> time{nullptr};
  };

  Metrics& metrics_;
  std::array<Api, kKeysMax> apis_;
  std::array<std::atomic<Counter*>, kErrorsMax> errors_{};
};

}  // namespace millrace::broker
