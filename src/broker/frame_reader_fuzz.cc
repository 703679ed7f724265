// A stream of requests, cut anywhere, gives the same as a naive reading of the whole. The first
// byte says how it is cut, the second how small the memory is.
#include "broker/detail/frame_reader.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "base/bytes.h"

namespace millrace::broker {
namespace {

constexpr std::size_t kFuzzFrameMax = 4'096;

struct Cut {
  std::vector<std::string_view> bodies;
  bool bad = false;
};

Cut read_naively(std::string_view stream) {
  Cut cut;
  while (stream.size() >= 4) {
    const auto size = load_be<std::int32_t>(stream.data());
    if (size < 0 || static_cast<std::size_t>(size) > kFuzzFrameMax) {
      cut.bad = true;
      break;
    }
    if (stream.size() - 4 < static_cast<std::size_t>(size)) {
      break;
    }
    cut.bodies.push_back(stream.substr(4, static_cast<std::size_t>(size)));
    stream.remove_prefix(4 + static_cast<std::size_t>(size));
  }
  return cut;
}

/// Takes what comes, and frees it at once where memory is wanted. Owned by one thread.
class Taker {
 public:
  explicit Taker(std::size_t memory) : budget_(memory), reader_(budget_, kFuzzFrameMax) {}

  /// False when a size makes no sense.
  bool take(std::string_view part, const Cut& expected) {
    const std::span<char> room = reader_.room();
    const std::size_t direct = std::min(room.size(), part.size());
    if (!room.empty()) {
      std::copy_n(part.data(), direct, room.data());
      reader_.filled(direct, frames_);
      part.remove_prefix(direct);
    }
    FrameReader::Outcome outcome = FrameReader::Outcome::kOk;
    if (!part.empty()) {
      outcome = reader_.feed(part, frames_);
    }
    check(expected);
    while (outcome == FrameReader::Outcome::kNoMemory) {
      outcome = reader_.resume(frames_);
      MR_ASSERT(outcome != FrameReader::Outcome::kNoMemory || !frames_.empty(),
                "{} bytes are taken, and nothing is under way",
                budget_.used());
      check(expected);
    }
    return outcome == FrameReader::Outcome::kOk;
  }

  [[nodiscard]] std::size_t seen() const { return seen_; }

 private:
  void check(const Cut& expected) {
    for (const RequestFrame& frame : frames_) {
      MR_ASSERT(seen_ < expected.bodies.size(), "one request too many");
      MR_ASSERT(frame.bytes->view() == expected.bodies[seen_], "request {} differs", seen_);
      ++seen_;
    }
    frames_.clear();
  }

  Budget budget_;
  FrameReader reader_;
  std::vector<RequestFrame> frames_;
  std::size_t seen_ = 0;
};

void check_stream(std::size_t step, std::size_t memory, std::string_view stream) {
  const Cut expected = read_naively(stream);
  Taker taker(memory);
  bool good = true;
  while (good && !stream.empty()) {
    const std::size_t count = std::min(step, stream.size());
    good = taker.take(stream.substr(0, count), expected);
    stream.remove_prefix(count);
  }
  MR_ASSERT(good != expected.bad, "a size was judged otherwise");
  MR_ASSERT(taker.seen() == expected.bodies.size(),
            "{} of {} requests",
            taker.seen(),
            expected.bodies.size());
}

}  // namespace
}  // namespace millrace::broker

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size >= 2) {
    const std::string_view stream(reinterpret_cast<const char*>(data) + 2, size - 2);
    millrace::broker::check_stream(1U + data[0], 1U + data[1] * 64U, stream);
  }
  return 0;
}
