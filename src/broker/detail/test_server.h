// For tests: a broker with threads, clients over loopback, and a disk in memory.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/thread.h"
#include "broker/broker.h"
#include "broker/detail/test_client.h"
#include "config/option_table.h"
#include "io/sim_files.h"
#include "log/log.h"
#include "record/batch.h"
#include "wire/generated/api_versions.h"
#include "wire/generated/fetch.h"
#include "wire/generated/produce.h"

namespace millrace::broker {

using Texts = std::map<std::string, std::string>;

/// Owned by one thread.
class Server {
 public:
  explicit Server(Texts settings = {}, std::size_t memory = 0, std::int64_t timeout_ms = 30'000)
      : disk_(1) {
    log_ = MUST(log::Log::open(
        disk_, clock_, metrics_, {.directory = "data", .min_free_bytes = 0, .seed = 1}));
    MUST(log_->create_topic({.name = "t"}));
    broker_ = MUST(Broker::start(*log_,
                                 clock_,
                                 metrics_,
                                 {.listeners = {{.address = {.host = "127.0.0.1"}}},
                                  .settings = std::move(settings),
                                  .loops = 2,
                                  .memory_max_bytes = memory,
                                  .request_timeout_ms = timeout_ms,
                                  .answer_timeout_ms = timeout_ms}));
    port_ = config::parse_host_port(broker_->summary().addresses.at(0))->port;
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }

  [[nodiscard]] log::Log& log() { return *log_; }

  [[nodiscard]] std::size_t connections() const { return broker_->summary().connections; }

  /// Waits until there are so many.
  [[nodiscard]] bool reaches_connections(std::size_t count) const {
    for (int i = 0; i < 1'000; ++i) {
      if (connections() == count) {
        return true;
      }
      Wakeup().wait(5'000'000);
    }
    return false;
  }

  [[nodiscard]] bool says(const std::string& metric) const {
    return metrics_.to_prometheus().find(metric) != std::string::npos;
  }

  void stop() { broker_.reset(); }

  [[nodiscard]] const Clock& clock() const { return clock_; }

 private:
  SystemClock clock_;
  Metrics metrics_;
  io::SimFiles disk_;
  std::unique_ptr<log::Log> log_;
  std::unique_ptr<Broker> broker_;
  std::uint16_t port_ = 0;
};

inline std::string one_batch(std::size_t bytes = 10) {
  record::BatchBuilder builder;
  builder.add({.timestamp_ms = 1'000, .key = "k", .value = std::string(bytes, 'v')});
  return MUST(builder.finish());
}

inline wire::ProduceRequest produce_to_t(const std::string& batch, std::int16_t acks = -1) {
  wire::ProduceRequest request{.acks = acks, .timeout_ms = 1'000};
  request.topic_data.push_back(
      {.name = "t",
       .partition_data = {{.index = 0, .records = wire::Records(data::BlockSlice::copy(batch))}}});
  return request;
}

inline wire::FetchRequest fetch_from_t(std::int32_t wait_ms, std::int64_t offset = 0) {
  wire::FetchRequest request{.max_wait_ms = wait_ms, .min_bytes = 1, .max_bytes = 50 << 20};
  request.topics.push_back(
      {.topic = "t",
       .partitions = {{.partition = 0, .fetch_offset = offset, .partition_max_bytes = 50 << 20}}});
  return request;
}

inline void expect_alive(const Server& server) {
  TestClient client(server.port());
  ASSERT_TRUE(client.send(TestClient::request(wire::ApiVersionsRequest(), 0)));
  EXPECT_TRUE(client.answer<wire::ApiVersionsResponse>(0).has_value());
}

}  // namespace millrace::broker
