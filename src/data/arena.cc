#include "data/arena.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace millrace::data {

std::string_view Arena::copy(std::string_view bytes) {
  if (bytes.empty()) {
    return {};
  }
  char* to = allocate(bytes.size());
  std::memcpy(to, bytes.data(), bytes.size());
  return {to, bytes.size()};
}

std::vector<BlockPtr> Arena::take() {
  at_ = nullptr;
  end_ = nullptr;
  next_size_ = kFirstBlock;
  return std::exchange(blocks_, {});
}

// The Block is written until take(): nobody else sees it before.
void Arena::grow(std::size_t size) {
  const std::size_t block_size = std::max(size, next_size_);
  next_size_ = std::min(next_size_ * 4, kLargestBlock);
  blocks_.push_back(Block::make(block_size, [&](char* bytes) { at_ = bytes; }));
  end_ = at_ + block_size;
}

}  // namespace millrace::data
