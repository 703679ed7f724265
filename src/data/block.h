// Immutable shared bytes. Records travel from socket to segment, and their strings into columns,
// as views of Blocks.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace millrace::data {

/// Immutable.
class Block {
 public:
  /// Readable (not meaningful) bytes after the end, so that wide loads need no check.
  static constexpr std::size_t kSlack = 64;

  explicit Block(std::string_view bytes) : size_(bytes.size()), bytes_(new char[size_ + kSlack]) {
    std::memcpy(bytes_.get(), bytes.data(), size_);
    std::memset(bytes_.get() + size_, 0, kSlack);
  }

  /// A block of `size` bytes that `fill` writes once.
  template <class Fill>
  static std::shared_ptr<const Block> make(std::size_t size, const Fill& fill) {
    std::shared_ptr<Block> block(new Block(size));
    fill(block->bytes_.get());
    return block;
  }

  [[nodiscard]] std::string_view view() const { return {bytes_.get(), size_}; }

  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  explicit Block(std::size_t size) : size_(size), bytes_(new char[size + kSlack]) {
    std::memset(bytes_.get() + size, 0, kSlack);
  }

  std::size_t size_;
  std::unique_ptr<char[]> bytes_;
};

// Shared by the log's tail cache, readers, and every column with views into it.
using BlockPtr = std::shared_ptr<const Block>;

}  // namespace millrace::data
