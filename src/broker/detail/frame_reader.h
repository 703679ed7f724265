// Cuts the bytes of a connection into requests: four bytes of size, then so many bytes, each
// request in a Block of its own. The size is checked, and its memory taken from the budget, before
// anything is allocated.
//
// Bytes come in two ways. feed() takes what was received into a buffer of the loop: small requests,
// many at a time, and the beginning of a large one. The rest of a large one is received straight
// into its Block: room() says where.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "broker/detail/budget.h"
#include "data/block.h"

namespace millrace::broker {

/// A whole request, without its size.
struct RequestFrame {
  data::BlockPtr bytes = {};
  Reservation memory = {};
};

/// Owned by one thread.
class FrameReader {
 public:
  enum class Outcome : std::uint8_t {
    kOk,
    kNoMemory,  ///< The budget is used up: wait for it, then resume().
    kBadSize,   ///< Negative, or larger than the limit: the connection makes no sense any more.
  };

  FrameReader(Budget& budget, std::size_t frame_bytes_max)
      : budget_(budget), frame_bytes_max_(frame_bytes_max) {}

  /// Takes the next bytes; whole requests go to the end of `out`. What cannot be taken for want of
  /// memory is kept. REQUIRES: the last outcome was kOk, and room() is empty
  Outcome feed(std::string_view bytes, std::vector<RequestFrame>& out);

  /// Goes on after kNoMemory.
  Outcome resume(std::vector<RequestFrame>& out);

  /// Where the rest of the request that has begun belongs; empty when none has.
  [[nodiscard]] std::span<char> room() const;

  /// So many bytes were written into room().
  void filled(std::size_t count, std::vector<RequestFrame>& out);

  /// Part of a request is here.
  [[nodiscard]] bool in_frame() const { return begun_.has_value() || !left_over_.empty(); }

  /// Of the request that has begun; 0 when that is not known yet.
  [[nodiscard]] std::size_t frame_bytes() const { return begun_ ? begun_->bytes->size() : 0; }

  /// What a request costs beside its bytes.
  static constexpr std::size_t kRequestCost = 512;

 private:
  Outcome take(std::string_view& bytes, std::vector<RequestFrame>& out);

  Budget& budget_;
  const std::size_t frame_bytes_max_;
  std::optional<RequestFrame> begun_;
  char* into_ = nullptr;     // In the Block of begun_, which nobody else has yet.
  std::size_t missing_ = 0;  // Of begun_.
  std::string left_over_;    // Of feed(): part of a size, or what waits for memory.
};

}  // namespace millrace::broker
