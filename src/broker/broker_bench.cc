// The broker beside the bare loops that do only what cannot be left out, in the same run.
//
//   produce   1 KiB batches, 64 under way: through the handler, and over loopback, beside groups of
//             64 written and synced without anything else
//   fetch     1 MiB answers over loopback, beside the same bytes written to a socket by send();
//             the counter says how many bytes were copied for each byte that was sent
#include "broker/broker.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/thread.h"
#include "broker/detail/test_broker.h"
#include "broker/detail/test_client.h"
#include "broker/handlers.h"
#include "config/option_table.h"
#include "io/bench_disk.h"
#include "log/log.h"
#include "record/batch.h"

namespace millrace::broker {
namespace {

constexpr std::size_t kRecordBytes = 1024;
constexpr int kOutstanding = 64;

/// A broker on a real disk.
class BenchServer {
 public:
  BenchServer() {
    log_ = MUST(log::Log::open(
        disk_.files(), clock_, metrics_, {.directory = disk_.path(), .min_free_bytes = 0}));
    MUST(log_->create_topic({.name = "t"}));
    broker_ = MUST(Broker::start(
        *log_, clock_, metrics_, {.listeners = {{.address = {.host = "127.0.0.1"}}}, .loops = 1}));
    port_ = config::parse_host_port(broker_->summary().addresses.at(0))->port;
  }

  ~BenchServer() {
    broker_.reset();
    log_.reset();
  }

  BenchServer(const BenchServer&) = delete;
  BenchServer& operator=(const BenchServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }

  [[nodiscard]] log::Log& log() { return *log_; }

 private:
  io::BenchDirectory disk_{"broker-bench"};
  SystemClock clock_;
  Metrics metrics_;
  std::unique_ptr<log::Log> log_;
  std::unique_ptr<Broker> broker_;
  std::uint16_t port_ = 0;
};

wire::ProduceRequest produce_request(std::size_t bytes) {
  record::BatchBuilder builder;
  builder.add({.timestamp_ms = 1'700'000'000'000, .value = std::string(bytes, 'v')});
  wire::ProduceRequest request{.acks = -1};
  request.topic_data.push_back({.name = "t",
                                .partition_data = {{.index = 0,
                                                    .records = wire::Records(data::BlockSlice::copy(
                                                        MUST(builder.finish())))}}});
  return request;
}

void bare_produce(benchmark::State& state) {
  io::BareGroupCommit bare("broker-bench", kOutstanding * kRecordBytes);
  for (auto _ : state) {
    bare.commit();
  }
  state.SetItemsProcessed(state.iterations() * kOutstanding);
}

BENCHMARK(bare_produce)->UseRealTime()->MinTime(0.5);

// The handler alone, its log without threads and without a disk: CPU of the path.
void produce_handler(benchmark::State& state) {
  TestBroker broker;
  broker.make_topic("t");
  const std::string request = TestClient::request(produce_request(kRecordBytes), 9).substr(4);
  const auto pipeline = std::make_shared<Pipeline>(
      *broker.services, broker.inbox, broker.budget, Peer{}, PipelineLimits{});
  for (auto _ : state) {
    for (int i = 0; i < kOutstanding; ++i) {
      pipeline->push({.bytes = std::make_shared<data::Block>(request)});
    }
    broker.settle();
    pipeline->sent(pipeline->unsent_bytes());
  }
  pipeline->close();
  state.SetItemsProcessed(state.iterations() * kOutstanding);
}

BENCHMARK(produce_handler)->MinTime(0.5);

void produce_loopback(benchmark::State& state) {
  BenchServer server;
  TestClient client(server.port());
  std::string group;
  for (int i = 0; i < kOutstanding; ++i) {
    group += TestClient::request(produce_request(kRecordBytes), 9);
  }
  for (auto _ : state) {
    MR_ASSERT(client.send(group), "the broker is gone");
    for (int i = 0; i < kOutstanding; ++i) {
      MR_ASSERT(client.receive_frame().has_value(), "the broker is gone");
    }
  }
  state.SetItemsProcessed(state.iterations() * kOutstanding);
}

BENCHMARK(produce_loopback)->UseRealTime()->MinTime(0.5);

// One request at a time: the latency that one producer sees.
void produce_one_by_one(benchmark::State& state) {
  BenchServer server;
  TestClient client(server.port());
  const std::string request = TestClient::request(produce_request(kRecordBytes), 9);
  for (auto _ : state) {
    MR_ASSERT(client.send(request), "the broker is gone");
    MR_ASSERT(client.receive_frame().has_value(), "the broker is gone");
  }
}

BENCHMARK(produce_one_by_one)->UseRealTime()->MinTime(0.5);

constexpr std::size_t kFetchBytes = 1U << 20U;

void bare_send(benchmark::State& state) {
  int ends[2] = {-1, -1};
  MR_ASSERT(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "no sockets");
  const std::string bytes(kFetchBytes, 'x');
  Thread sender("sender", [&](const std::stop_token&) {
    char go = 0;
    while (::recv(ends[1], &go, 1, MSG_WAITALL) == 1) {
      std::size_t sent = 0;
      while (sent < bytes.size()) {
        const ssize_t count =
            ::send(ends[1], bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (count <= 0) {
          return;
        }
        sent += static_cast<std::size_t>(count);
      }
    }
  });
  std::string into(kFetchBytes, '\0');
  for (auto _ : state) {
    MR_ASSERT(::send(ends[0], "g", 1, MSG_NOSIGNAL) == 1, "the sender is gone");
    MR_ASSERT(
        ::recv(ends[0], into.data(), into.size(), MSG_WAITALL) == static_cast<ssize_t>(into.size()),
        "the sender is gone");
  }
  ::shutdown(ends[0], SHUT_RDWR);
  sender.join();
  ::close(ends[0]);
  ::close(ends[1]);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kFetchBytes));
}

BENCHMARK(bare_send)->UseRealTime()->MinTime(0.5);

wire::FetchRequest fetch_request() {
  wire::FetchRequest request{.max_wait_ms = 0, .min_bytes = 1, .max_bytes = 1 << 30};
  request.topics.push_back(
      {.topic = "t",
       .partitions = {{.partition = 0,
                       .fetch_offset = 0,
                       .partition_max_bytes = static_cast<std::int32_t>(kFetchBytes)}}});
  return request;
}

void fill(log::Log& log) {
  for (int i = 0; i < 20; ++i) {
    log::Frame frame;
    frame.batches.push_back(
        {.to = {.topic = "t"},
         .batch = std::string(
             produce_request(100'000).topic_data[0].partition_data[0].records->joined().view())});
    MUST(log.append_and_wait(std::move(frame)));
  }
}

void fetch_loopback(benchmark::State& state) {
  BenchServer server;
  fill(server.log());
  TestClient client(server.port());
  const std::string request = TestClient::request(fetch_request(), 12);
  std::int64_t bytes = 0;
  for (auto _ : state) {
    MR_ASSERT(client.send(request), "the broker is gone");
    const auto answer = client.receive_frame();
    MR_ASSERT(answer.has_value(), "the broker is gone");
    bytes += static_cast<std::int64_t>(answer->size());
  }
  state.SetBytesProcessed(bytes);
}

BENCHMARK(fetch_loopback)->UseRealTime()->MinTime(0.5);

// Without a socket: what of an answer is new memory was copied into it.
void fetch_handler(benchmark::State& state) {
  TestBroker broker;
  broker.make_topic("t");
  fill(*broker.log);
  const std::string request = TestClient::request(fetch_request(), 12).substr(4);
  const auto pipeline = std::make_shared<Pipeline>(
      *broker.services, broker.inbox, broker.budget, Peer{}, PipelineLimits{});
  const log::ReadResult stored = MUST(broker.log->read({.topic = "t"}, Offset(0)));
  std::size_t copied = 0;
  std::size_t sent = 0;
  for (auto _ : state) {
    pipeline->push({.bytes = std::make_shared<data::Block>(request)});
    broker.settle();
    for (const data::BlockSlice& slice : pipeline->output()) {
      bool of_log = false;
      for (const log::StoredBatch& batch : stored.batches) {
        of_log = of_log || batch.block == slice.block();
      }
      copied += of_log ? 0 : slice.size();
      sent += slice.size();
    }
    pipeline->sent(pipeline->unsent_bytes());
  }
  pipeline->close();
  state.SetBytesProcessed(static_cast<std::int64_t>(sent));
  state.counters["copied_per_byte"] = static_cast<double>(copied) / static_cast<double>(sent);
}

BENCHMARK(fetch_handler)->MinTime(0.5);

}  // namespace
}  // namespace millrace::broker
