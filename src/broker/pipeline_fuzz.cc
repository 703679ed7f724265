// Any bytes that a client may send, cut anywhere, through frames, headers, messages and handlers,
// over a small log in memory. The first byte says how the rest is cut.
#include "broker/detail/pipeline.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "base/bytes.h"
#include "broker/detail/test_broker.h"

namespace millrace::broker {
namespace {

constexpr std::size_t kFrameMax = 1U << 20U;

// Answers are whole frames.
void check_output(Pipeline& pipeline) {
  std::string bytes;
  for (const data::BlockSlice& slice : pipeline.output()) {
    MR_ASSERT(!slice.empty(), "an empty slice would be sent");
    bytes.append(slice.view());
  }
  MR_ASSERT(bytes.size() == pipeline.unsent_bytes(), "{} bytes are counted", bytes.size());
  std::string_view rest = bytes;
  while (!rest.empty()) {
    MR_ASSERT(rest.size() >= 4, "an answer is cut");
    const auto size = static_cast<std::size_t>(load_be<std::int32_t>(rest.data()));
    MR_ASSERT(size >= 4 && rest.size() >= 4 + size, "an answer is cut");
    rest.remove_prefix(4 + size);
  }
  if (!bytes.empty()) {
    pipeline.sent(bytes.size());
  }
}

void run(std::string_view input) {
  TestBroker world(ConfigTexts{{"num.partitions", "2"}}, 8U << 20U);
  world.make_topic("t", 2);
  world.append("t", {"a", "b"});
  Budget& budget = world.budget;
  {
    const auto pipeline = std::make_shared<Pipeline>(
        *world.services, world.inbox, budget, Peer{.client_host = "127.0.0.1"}, PipelineLimits{});
    FrameReader reader(budget, kFrameMax);
    const std::size_t step = 1 + static_cast<unsigned char>(input.front());
    input.remove_prefix(1);
    std::vector<RequestFrame> frames;
    while (!input.empty() && !pipeline->broken()) {
      std::string_view part = input.substr(0, std::min(step, input.size()));
      input.remove_prefix(part.size());
      const std::span<char> room = reader.room();
      const std::size_t direct = std::min(room.size(), part.size());
      if (!room.empty()) {
        std::copy_n(part.data(), direct, room.data());
        reader.filled(direct, frames);
        part.remove_prefix(direct);
      }
      if (!part.empty() && reader.feed(part, frames) != FrameReader::Outcome::kOk) {
        break;
      }
      for (RequestFrame& frame : frames) {
        pipeline->push(std::move(frame));
      }
      frames.clear();
      world.settle();
      check_output(*pipeline);
    }
    pipeline->close();
  }
  world.settle();
  MR_ASSERT(budget.used() == 0, "{} bytes were never given back", budget.used());
}

}  // namespace
}  // namespace millrace::broker

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 0) {
    millrace::broker::run({reinterpret_cast<const char*>(data), size});
  }
  return 0;
}
