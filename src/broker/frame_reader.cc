#include "broker/detail/frame_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/assert.h"
#include "base/bytes.h"

namespace millrace::broker {
namespace {

constexpr std::size_t kSizeBytes = 4;

}  // namespace

FrameReader::Outcome FrameReader::feed(std::string_view bytes, std::vector<RequestFrame>& out) {
  MR_ASSERT(missing_ == 0, "{} bytes of a request are missing", missing_);
  if (!left_over_.empty()) {
    left_over_.append(bytes);
    return resume(out);
  }
  const Outcome outcome = take(bytes, out);
  left_over_.assign(bytes);
  return outcome;
}

FrameReader::Outcome FrameReader::resume(std::vector<RequestFrame>& out) {
  const std::string held = std::exchange(left_over_, {});
  std::string_view bytes = held;
  const Outcome outcome = take(bytes, out);
  left_over_.assign(bytes);
  return outcome;
}

// Takes from the front of `bytes` what it can.
FrameReader::Outcome FrameReader::take(std::string_view& bytes, std::vector<RequestFrame>& out) {
  while (bytes.size() >= kSizeBytes) {
    const auto size = load_be<std::int32_t>(bytes.data());
    if (size < 0 || static_cast<std::size_t>(size) > frame_bytes_max_) {
      return Outcome::kBadSize;
    }
    const auto wanted = static_cast<std::size_t>(size);
    if (!budget_.try_take(wanted + kRequestCost)) {
      return Outcome::kNoMemory;
    }
    bytes.remove_prefix(kSizeBytes);
    RequestFrame frame{.memory = Reservation(budget_, wanted + kRequestCost)};
    frame.bytes = data::Block::make(wanted, [this](char* at) { into_ = at; });
    begun_ = std::move(frame);
    missing_ = wanted;
    const std::size_t here = std::min(wanted, bytes.size());
    if (here > 0) {
      std::memcpy(into_, bytes.data(), here);
      bytes.remove_prefix(here);
    }
    filled(here, out);
  }
  return Outcome::kOk;
}

std::span<char> FrameReader::room() const {
  return {into_, missing_};
}

void FrameReader::filled(std::size_t count, std::vector<RequestFrame>& out) {
  MR_ASSERT(begun_.has_value() && count <= missing_, "{} bytes, {} missing", count, missing_);
  into_ += count;
  missing_ -= count;
  if (missing_ == 0) {
    out.push_back(*std::exchange(begun_, std::nullopt));
    into_ = nullptr;
  }
}

}  // namespace millrace::broker
