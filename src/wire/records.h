// Record batches inside a message, without copying them.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/block_slice.h"

namespace millrace::wire {

/// The value of a `records` field: any number of whole batches, in one piece when they were
/// received, in several when they come from the log. Nothing is copied until bytes are put into one
/// piece. Owned by one thread; copies share the bytes.
class Records {
 public:
  Records() = default;

  // NOLINTNEXTLINE(google-explicit-constructor): one piece is the usual case.
  Records(data::BlockSlice slice) { append(std::move(slice)); }

  /// Adds bytes at the end. Joins them to the last piece when they follow it in the same Block.
  void append(data::BlockSlice slice);

  [[nodiscard]] std::size_t size() const { return size_; }

  [[nodiscard]] bool empty() const { return size_ == 0; }

  [[nodiscard]] std::span<const data::BlockSlice> slices() const { return slices_; }

  /// All bytes in one piece: copied only when there are several.
  [[nodiscard]] data::BlockSlice joined() const;

  /// The same bytes, however they are cut.
  friend bool operator==(const Records& left, const Records& right);

 private:
  std::vector<data::BlockSlice> slices_;  // None is empty.
  std::size_t size_ = 0;
};

/// The bytes of all slices, one after the other.
std::string join(std::span<const data::BlockSlice> slices);

/// How many bytes they are in all.
std::size_t total_size(std::span<const data::BlockSlice> slices);

}  // namespace millrace::wire
