// A part of a Block that keeps the Block alive.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

#include "data/block.h"

namespace millrace::data {

/// Bytes that live as long as the slice: a view into a Block and a share of that Block. Copies are
/// cheap and speak of the same bytes. Immutable.
class BlockSlice {
 public:
  /// No bytes.
  BlockSlice() = default;

  /// The whole block.
  // NOLINTNEXTLINE(google-explicit-constructor): a Block is a slice of itself.
  BlockSlice(BlockPtr block)
      : block_(std::move(block)), bytes_(block_ ? block_->view() : std::string_view{}) {}

  /// REQUIRES: `bytes` lies in the block
  BlockSlice(BlockPtr block, std::string_view bytes) : block_(std::move(block)), bytes_(bytes) {}

  /// A Block of its own with these bytes.
  static BlockSlice copy(std::string_view bytes) {
    return bytes.empty() ? BlockSlice() : BlockSlice(std::make_shared<const Block>(bytes));
  }

  [[nodiscard]] std::string_view view() const { return bytes_; }

  [[nodiscard]] std::size_t size() const { return bytes_.size(); }

  [[nodiscard]] bool empty() const { return bytes_.empty(); }

  /// Null when there are no bytes.
  [[nodiscard]] const BlockPtr& block() const { return block_; }

  /// REQUIRES: offset + size <= size()
  [[nodiscard]] BlockSlice part(std::size_t offset, std::size_t size) const {
    return {block_, bytes_.substr(offset, size)};
  }

  /// The same bytes, wherever they are.
  friend bool operator==(const BlockSlice& left, const BlockSlice& right) {
    return left.bytes_ == right.bytes_;
  }

 private:
  BlockPtr block_;  // Shared by all slices of it.
  std::string_view bytes_;
};

}  // namespace millrace::data
