#include "broker/request_metrics.h"

#include <string>

namespace millrace::broker {

RequestMetrics::RequestMetrics(Metrics& metrics)
    : bytes_in(metrics.counter("millrace_broker_bytes_in_total", "Bytes that Kafka clients sent.")),
      bytes_out(metrics.counter("millrace_broker_bytes_out_total", "Bytes sent to Kafka clients.")),
      connections(metrics.gauge("millrace_broker_connections", "Connections of Kafka clients.")),
      accepted(metrics.counter("millrace_broker_connections_accepted_total",
                               "Connections of Kafka clients that were accepted.")),
      refused(metrics.counter("millrace_broker_connections_refused_total",
                              "Connections that were closed at once because of a limit.")),
      malformed(metrics.counter("millrace_broker_connections_malformed_total",
                                "Connections that were closed for what they sent.")),
      timed_out(metrics.counter("millrace_broker_connections_timed_out_total",
                                "Connections that were closed because they did not move.")),
      unsupported(metrics.counter("millrace_broker_requests_unsupported_total",
                                  "Requests of an API or version that is not served.")),
      metrics_(metrics) {}

void RequestMetrics::note_answer(wire::ApiKey key, std::int64_t ns) {
  const auto index = static_cast<std::size_t>(key);
  if (index >= kKeysMax) {
    return;
  }
  Api& api = apis_[index];
  Counter* requests = api.requests.load();
  if (requests == nullptr) {
    // Asking twice gives the same metric.
    const Labels labels = {{"api", std::string(wire::to_string(key))}};
    requests = &metrics_.counter(
        "millrace_broker_requests_total", "Requests that were answered, by API.", labels);
    api.time = &metrics_.histogram("millrace_broker_request_seconds",
                                   "Time from a whole request to its answer, by API.",
                                   labels);
    api.requests = requests;
  }
  requests->add();
  api.time.load()->record_ns(ns);
}

void RequestMetrics::note_error(wire::KafkaError error) {
  const auto code = static_cast<std::int16_t>(error);
  if (code == 0) {
    return;
  }
  const auto index = static_cast<std::size_t>(code + 1);  // -1 is a code, too.
  if (code < -1 || index >= static_cast<std::size_t>(kErrorsMax)) {
    return;
  }
  Counter* counter = errors_[index].load();
  if (counter == nullptr) {
    counter = &metrics_.counter("millrace_broker_errors_total",
                                "Errors in answers, by Kafka's code.",
                                {{"code", std::to_string(code)}});
    errors_[index] = counter;
  }
  counter->add();
}

}  // namespace millrace::broker
