// A flow from topic to topic, with its JSON decoded, filtered, written and committed, beside a bare
// loop of simdjson On-Demand that reads the same fields of the same records and keeps nothing; and
// epochs of one record beside one write and one fdatasync each.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>
#include <simdjson.h>

#include "base/assert.h"
#include "flow/detail/bench_world.h"
#include "flow/detail/test_world.h"
#include "flow/flow_runner.h"
#include "flow/scan_decoder.h"

namespace millrace::flow {
namespace {

constexpr std::size_t kBids = 400'000;
constexpr std::size_t kEpochs = 4'000;
constexpr std::uint64_t kPriceBelow = 1'000'000;  // One bid of ten.

// One flow over the bids.
FileTexts project_of(const std::string& query) {
  return {{"spark-pipeline.yml",
           "name: bench\nstorage: file:///tmp/bench\nlibraries: [{glob: {include: "
           "transformations/**}}]\n"},
          {"sources/bids.sql",
           "CREATE TABLE bids (auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url "
           "STRING, dateTime BIGINT, extra STRING) USING rows;"},
          {"transformations/t.sql", "CREATE STREAMING TABLE t AS " + query + ";"}};
}

class NoRejects final : public exec::RejectSink {
 public:
  void reject(data::Batch& batch, const expr::EvalContext& /*context*/) override {
    MR_ASSERT(batch.errors.errors().empty(), "a bid was rejected");
  }
};

void run_flow(benchmark::State& state,
              const std::string& query,
              const std::vector<std::string>& records,
              std::size_t records_per_batch) {
  const TestProject project(project_of(query));
  MR_ASSERT(project.errors().empty(), "{}", project.errors());
  BenchLog bench;
  bench.fill("bids", records, records_per_batch);
  FlowStatus status;
  Wakeup wakeup;
  FlowRunnerOptions options;
  if (records_per_batch == 1) {
    options.epoch_bytes_max = 1;  // What one read gives: one batch.
  }
  FlowRunner flow(
      project.pipeline.flows[0], bench.log(), bench.clock(), status, wakeup, std::move(options));
  MUST(flow.open());
  const CpuTime cpu;
  for (auto _ : state) {
    for (;;) {
      if (!flow.step({}).progressed) {
        if (flow.caught_up()) {
          break;
        }
        wakeup.wait(1'000'000);
      }
    }
  }
  report(state, records, cpu.seconds());
  MR_ASSERT(status.read == records.size(), "{} records were read", status.read.load());
  state.counters["rows"] = static_cast<double>(status.output);
  state.counters["epochs"] = static_cast<double>(status.epoch);
}

void bids_topic_to_topic(benchmark::State& state) {
  run_flow(state,
           "SELECT auction, bidder, price, dateTime, extra FROM STREAM bids",
           make_records(make_bid, kBids),
           1000);
}

void bids_filter_topic_to_topic(benchmark::State& state) {
  run_flow(state,
           "SELECT auction, bidder, price, dateTime FROM STREAM bids WHERE price < " +
               std::to_string(kPriceBelow),
           make_records(make_bid, kBids),
           1000);
}

// What a flow does with a chunk between reading and writing: 4 of 7 columns, one row of ten.
void bids_filter_to_4_columns(benchmark::State& state) {
  const TestProject project(
      project_of("SELECT auction, bidder, price, dateTime FROM STREAM bids "
                 "WHERE price < " +
                 std::to_string(kPriceBelow)));
  MR_ASSERT(project.errors().empty(), "{}", project.errors());
  const std::vector<std::string> records = make_records(make_bid, kBids);
  std::vector<RecordChunk> chunks;
  for (std::size_t at = 0; at < records.size(); at += data::kBatchRows) {
    RecordChunk& chunk = chunks.emplace_back();
    const std::size_t end = std::min<std::size_t>(records.size(), at + data::kBatchRows);
    std::string all;
    for (std::size_t index = at; index < end; ++index) {
      all += records[index];
    }
    chunk.blocks.push_back(std::make_shared<const data::Block>(all));
    std::size_t begin = 0;
    for (std::size_t index = at; index < end; ++index) {
      record::RecordView& record = chunk.records.emplace_back();
      record.offset = Offset(static_cast<std::int64_t>(index));
      record.value = chunk.blocks[0]->view().substr(begin, records[index].size());
      begin += records[index].size();
    }
  }
  const auto program = MUST(exec::FlowProgram::build(project.pipeline.flows[0].query));
  const auto decoder = MUST(ScanDecoder::make(program->scans()[0], 0));
  const expr::EvalContext context;
  NoRejects rejects;
  exec::FlowCounts counts;
  const CpuTime cpu;
  for (auto _ : state) {
    for (const RecordChunk& chunk : chunks) {
      std::vector<Undecodable> undecodable;
      program->push(
          0,
          decoder->decode(chunk, undecodable),
          {.context = context, .rejects = rejects},
          counts,
          [](const data::Batch& batch) { benchmark::DoNotOptimize(batch.columns.data()); });
      MR_ASSERT(undecodable.empty());
    }
  }
  report(state, records, cpu.seconds());
  state.counters["rows"] = static_cast<double>(counts.output);
}

void epochs_of_one_record(benchmark::State& state) {
  run_flow(state,
           "SELECT auction, bidder, price, dateTime FROM STREAM bids",
           make_records(make_bid, kEpochs),
           1);
}

// The columns that the filter's query has.
void bids_filter_bare_on_demand(benchmark::State& state) {
  const std::vector<std::string> records = make_records(make_bid, kBids);
  std::vector<simdjson::padded_string> padded(records.begin(), records.end());
  simdjson::ondemand::parser parser;
  std::uint64_t kept = 0;
  const CpuTime cpu;
  for (auto _ : state) {
    for (const simdjson::padded_string& record : padded) {
      simdjson::ondemand::document document;
      MR_ASSERT(parser.iterate(record).get(document) == simdjson::SUCCESS);
      simdjson::ondemand::object object = document.get_object();
      std::uint64_t sum = 0;
      std::uint64_t price = 0;
      for (const std::string_view name : {"auction", "bidder", "price", "dateTime"}) {
        std::uint64_t value = 0;
        MR_ASSERT(object.find_field(name).get_uint64().get(value) == simdjson::SUCCESS);
        sum += value;
        price = name == "price" ? value : price;
      }
      kept += price < kPriceBelow ? 1 : 0;
      benchmark::DoNotOptimize(sum);
    }
  }
  report(state, records, cpu.seconds());
  state.counters["rows"] = static_cast<double>(kept);
}

void bare_sync_of_one_record(benchmark::State& state) {
  const std::vector<std::string> records = make_records(make_bid, kEpochs);
  BenchLog bench;
  const auto file = MUST(bench.files().open(bench.path("bare"), io::OpenMode::kCreate));
  const std::string zeros(4U << 20U, '\0');
  MUST(file->pwrite(zeros, 0));
  MUST(file->sync_all());
  const CpuTime cpu;
  for (auto _ : state) {
    std::uint64_t at = 0;
    for (const std::string& record : records) {
      MUST(file->pwrite(record, at));
      MUST(file->sync_data());
      at += record.size();
    }
  }
  report(state, records, cpu.seconds());
}

// Each run has its own log, hence one iteration; the spread is that of the repetitions.
BENCHMARK(bids_filter_bare_on_demand)->UseRealTime()->Iterations(1)->Repetitions(5);
BENCHMARK(bids_filter_to_4_columns)->UseRealTime()->Iterations(1)->Repetitions(5);
BENCHMARK(bids_filter_topic_to_topic)->UseRealTime()->Iterations(1)->Repetitions(5);
BENCHMARK(bids_topic_to_topic)->UseRealTime()->Iterations(1)->Repetitions(5);
BENCHMARK(bare_sync_of_one_record)->UseRealTime()->Iterations(1)->Repetitions(5);
BENCHMARK(epochs_of_one_record)->UseRealTime()->Iterations(1)->Repetitions(5);

}  // namespace
}  // namespace millrace::flow
