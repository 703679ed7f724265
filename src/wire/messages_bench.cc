// Messages to bytes and back, beside a bare copy of as many bytes. Records are not copied, so the
// bytes per second of produce and fetch say nothing; the time of a message does.
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "wire/codec.h"
#include "wire/generated/fetch.h"
#include "wire/generated/metadata.h"
#include "wire/generated/produce.h"

namespace millrace::wire {
namespace {

constexpr std::int16_t kProduceVersion = 12;
constexpr std::int16_t kFetchVersion = 16;
constexpr std::int16_t kMetadataVersion = 12;
constexpr std::size_t kBatchBytes = 1024;

ProduceRequest produce_request(std::int32_t partitions) {
  const data::BlockSlice batch = data::BlockSlice::copy(std::string(kBatchBytes, 'r'));
  ProduceRequest request{.acks = -1, .timeout_ms = 30'000};
  auto& topic = request.topic_data.emplace_back();
  topic.name = "users_created";
  for (std::int32_t i = 0; i < partitions; ++i) {
    topic.partition_data.push_back({.index = i, .records = Records(batch)});
  }
  return request;
}

FetchResponse fetch_response(std::int32_t partitions) {
  const data::BlockSlice batch = data::BlockSlice::copy(std::string(kBatchBytes, 'r'));
  FetchResponse response{.session_id = 7};
  auto& topic = response.responses.emplace_back();
  topic.topic_id = Uuid::from_bits(1, 2);
  for (std::int32_t i = 0; i < partitions; ++i) {
    auto& partition = topic.partitions.emplace_back();
    partition.partition_index = i;
    partition.high_watermark = 1000;
    partition.last_stable_offset = 1000;
    partition.log_start_offset = 0;
    partition.records = Records(batch);
  }
  return response;
}

MetadataResponse metadata_response(std::int32_t partitions) {
  MetadataResponse response;
  response.brokers.push_back({.node_id = 1, .host = "localhost", .port = 9092});
  auto& topic = response.topics.emplace_back();
  topic.name = "users_created";
  for (std::int32_t i = 0; i < partitions; ++i) {
    auto& partition = topic.partitions.emplace_back();
    partition.partition_index = i;
    partition.leader_id = 1;
    partition.replica_nodes = {1};
    partition.isr_nodes = {1};
  }
  return response;
}

void set_size(benchmark::State& state, std::size_t bytes) {
  state.counters["bytes"] = static_cast<double>(bytes);
}

template <class Message>
void encode(benchmark::State& state, const Message& message, std::int16_t version) {
  Writer writer;
  std::size_t bytes = 0;
  for (auto _ : state) {
    MUST(message.encode(writer, version));
    const std::vector<data::BlockSlice> slices = writer.finish();
    bytes = total_size(slices);
    benchmark::DoNotOptimize(slices.data());
  }
  set_size(state, bytes);
}

template <class Message>
void decode(benchmark::State& state, const Message& message, std::int16_t version) {
  const data::BlockSlice bytes = data::BlockSlice::copy(MUST(encode_string(message, version)));
  for (auto _ : state) {
    const Message read = MUST(decode_all<Message>(bytes, version));
    benchmark::DoNotOptimize(&read);
  }
  set_size(state, bytes.size());
}

/// The lower bound: the same bytes from one place to another, records included.
template <class Message>
void copy(benchmark::State& state, const Message& message, std::int16_t version) {
  const std::string bytes = MUST(encode_string(message, version));
  std::vector<char> to(bytes.size());
  for (auto _ : state) {
    std::memcpy(to.data(), bytes.data(), bytes.size());
    benchmark::DoNotOptimize(to.data());
    benchmark::ClobberMemory();
  }
  set_size(state, bytes.size());
}

std::int32_t partitions(const benchmark::State& state) {
  return static_cast<std::int32_t>(state.range(0));
}

void BM_produce_encode(benchmark::State& state) {
  encode(state, produce_request(partitions(state)), kProduceVersion);
}

void BM_produce_decode(benchmark::State& state) {
  decode(state, produce_request(partitions(state)), kProduceVersion);
}

void BM_produce_copy(benchmark::State& state) {
  copy(state, produce_request(partitions(state)), kProduceVersion);
}

void BM_fetch_encode(benchmark::State& state) {
  encode(state, fetch_response(partitions(state)), kFetchVersion);
}

void BM_fetch_decode(benchmark::State& state) {
  decode(state, fetch_response(partitions(state)), kFetchVersion);
}

void BM_fetch_copy(benchmark::State& state) {
  copy(state, fetch_response(partitions(state)), kFetchVersion);
}

void BM_metadata_encode(benchmark::State& state) {
  encode(state, metadata_response(partitions(state)), kMetadataVersion);
}

void BM_metadata_decode(benchmark::State& state) {
  decode(state, metadata_response(partitions(state)), kMetadataVersion);
}

void BM_metadata_copy(benchmark::State& state) {
  copy(state, metadata_response(partitions(state)), kMetadataVersion);
}

BENCHMARK(BM_produce_encode)->Arg(1)->Arg(100);
BENCHMARK(BM_produce_decode)->Arg(1)->Arg(100);
BENCHMARK(BM_produce_copy)->Arg(1)->Arg(100);
BENCHMARK(BM_fetch_encode)->Arg(1)->Arg(100);
BENCHMARK(BM_fetch_decode)->Arg(1)->Arg(100);
BENCHMARK(BM_fetch_copy)->Arg(1)->Arg(100);
BENCHMARK(BM_metadata_encode)->Arg(1000);
BENCHMARK(BM_metadata_decode)->Arg(1000);
BENCHMARK(BM_metadata_copy)->Arg(1000);

}  // namespace
}  // namespace millrace::wire
