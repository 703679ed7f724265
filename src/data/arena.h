// Memory for bytes that a column's views point into and that come from no Block: unescaped strings,
// results of string functions.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "data/block.h"

namespace millrace::data {

/// Hands out bytes from Blocks of growing size. What it gave stays where it is for as long as the
/// Blocks live that take() returns. Owned by one thread.
class Arena {
 public:
  static constexpr std::size_t kFirstBlock = 4096;
  static constexpr std::size_t kLargestBlock = 256 * 1024;

  /// `size` bytes to write to.
  char* allocate(std::size_t size) {
    if (size > static_cast<std::size_t>(end_ - at_)) {
      grow(size);
    }
    char* bytes = at_;
    at_ += size;
    return bytes;
  }

  /// Gives back the last `size` bytes of the latest allocate().
  void give_back(std::size_t size) { at_ -= size; }

  /// A copy of the bytes.
  std::string_view copy(std::string_view bytes);

  /// All Blocks; the arena is empty afterwards.
  std::vector<BlockPtr> take();

  [[nodiscard]] bool empty() const { return blocks_.empty(); }

 private:
  void grow(std::size_t size);

  char* at_ = nullptr;
  char* end_ = nullptr;
  std::size_t next_size_ = kFirstBlock;
  std::vector<BlockPtr> blocks_;
};

}  // namespace millrace::data
