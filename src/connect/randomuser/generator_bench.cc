#include "connect/randomuser/generator.h"

#include <string>

#include <benchmark/benchmark.h>

namespace millrace::connect::randomuser {
namespace {

void append_user(benchmark::State& state) {
  const Generator generator({.seed = "bench"});
  std::string json;
  std::uint64_t page = 0;
  std::int64_t bytes = 0;
  for (auto _ : state) {
    json.clear();
    generator.append_user(++page, 0, json);
    bytes += static_cast<std::int64_t>(json.size());
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(bytes);
}

BENCHMARK(append_user);

}  // namespace
}  // namespace millrace::connect::randomuser
