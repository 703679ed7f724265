#include "wire/records.h"

#include <cstring>

namespace millrace::wire {

void Records::append(data::BlockSlice slice) {
  if (slice.empty()) {
    return;
  }
  size_ += slice.size();
  if (!slices_.empty()) {
    data::BlockSlice& last = slices_.back();
    const char* begin = last.view().data();
    const char* end = begin + last.size();
    if (last.block() != nullptr && last.block() == slice.block() && end == slice.view().data()) {
      last = data::BlockSlice(last.block(), {begin, last.size() + slice.size()});
      return;
    }
  }
  slices_.push_back(std::move(slice));
}

data::BlockSlice Records::joined() const {
  if (slices_.empty()) {
    return {};
  }
  if (slices_.size() == 1) {
    return slices_.front();
  }
  return data::Block::make(size_, [this](char* to) {
    for (const data::BlockSlice& slice : slices_) {
      std::memcpy(to, slice.view().data(), slice.size());
      to += slice.size();
    }
  });
}

bool operator==(const Records& left, const Records& right) {
  return left.size_ == right.size_ && left.joined() == right.joined();
}

std::string join(std::span<const data::BlockSlice> slices) {
  std::string bytes;
  bytes.reserve(total_size(slices));
  for (const data::BlockSlice& slice : slices) {
    bytes.append(slice.view());
  }
  return bytes;
}

std::size_t total_size(std::span<const data::BlockSlice> slices) {
  std::size_t size = 0;
  for (const data::BlockSlice& slice : slices) {
    size += slice.size();
  }
  return size;
}

}  // namespace millrace::wire
