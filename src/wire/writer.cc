#include "wire/writer.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/core.h>

namespace millrace::wire {

namespace {

// Below it, bytes are copied: a slice of their own would cost more.
constexpr std::size_t kForeignBytesMin = 512;
// A larger buffer is not kept for the next message.
constexpr std::size_t kBufferKept = 64 * 1024;

int uvarint_size(std::uint32_t value) {
  int size = 1;
  while (value >= 0x80) {
    value >>= 7U;
    ++size;
  }
  return size;
}

void store_uvarint(char* to, std::uint32_t value) {
  while (value >= 0x80) {
    *to++ = static_cast<char>(value | 0x80U);
    value >>= 7U;
  }
  *to = static_cast<char>(value);
}

}  // namespace

Error Writer::error() const {
  return Error(ErrorCode::kInvalidArgument, fmt::format("{}: {}", field_, why_));
}

void Writer::fail(const char* field, std::string why) {
  if (ok()) {
    field_ = field;
    why_ = std::move(why);
  }
}

void Writer::clear() {
  used_ = 0;
  if (capacity_ > kBufferKept) {
    buffer_.reset();
    capacity_ = 0;
  }
  foreign_.clear();
  foreign_bytes_ = 0;
  why_.clear();
}

std::vector<data::BlockSlice> Writer::finish() {
  std::vector<data::BlockSlice> slices;
  slices.reserve(foreign_.size() * 2 + 1);
  const data::BlockSlice own = data::BlockSlice::copy({buffer_.get(), used_});
  std::size_t from = 0;
  for (Foreign& foreign : foreign_) {
    if (foreign.at > from) {
      slices.push_back(own.part(from, foreign.at - from));
      from = foreign.at;
    }
    slices.push_back(std::move(foreign.slice));
  }
  if (used_ > from) {
    slices.push_back(own.part(from, used_ - from));
  }
  clear();
  return slices;
}

std::string Writer::finish_string() {
  std::string bytes;
  bytes.reserve(size());
  std::size_t from = 0;
  for (const Foreign& foreign : foreign_) {
    bytes.append(buffer_.get() + from, foreign.at - from);
    bytes.append(foreign.slice.view());
    from = foreign.at;
  }
  if (used_ > from) {
    bytes.append(buffer_.get() + from, used_ - from);
  }
  clear();
  return bytes;
}

void Writer::grow(std::size_t size) {
  constexpr std::size_t kFirst = 256;
  capacity_ = std::max({kFirst, capacity_ * 2, used_ + size});
  std::unique_ptr<char[]> larger(new char[capacity_]);
  if (used_ > 0) {
    std::memcpy(larger.get(), buffer_.get(), used_);
  }
  buffer_ = std::move(larger);
}

void Writer::uvarint(std::uint32_t value) {
  store_uvarint(claim(static_cast<std::size_t>(uvarint_size(value))), value);
}

void Writer::raw(std::string_view bytes) {
  if (!bytes.empty()) {
    std::memcpy(claim(bytes.size()), bytes.data(), bytes.size());
  }
}

bool Writer::wide_length(std::size_t length, bool compact, const char* field) {
  if (length >= std::numeric_limits<std::int32_t>::max()) {
    fail(field, "longer than 2 GiB");
    return false;
  }
  if (compact) {
    uvarint(static_cast<std::uint32_t>(length) + 1);
  } else {
    be(static_cast<std::int32_t>(length));
  }
  return true;
}

void Writer::string(std::string_view text, bool compact, const char* field) {
  if (text.size() > std::numeric_limits<std::int16_t>::max()) {
    fail(field, fmt::format("a string of {} bytes, more than 32767", text.size()));
    return;
  }
  if (compact) {
    uvarint(static_cast<std::uint32_t>(text.size()) + 1);
  } else {
    be(static_cast<std::int16_t>(text.size()));
  }
  raw(text);
}

void Writer::nullable_string(const std::optional<std::string>& text,
                             bool compact,
                             bool nullable,
                             const char* field) {
  if (text) {
    string(*text, compact, field);
  } else if (!nullable) {
    fail(field, "null is not allowed in this version");
  } else if (compact) {
    uvarint(0);
  } else {
    be<std::int16_t>(-1);
  }
}

void Writer::bytes(const data::BlockSlice& bytes, bool compact, const char* field) {
  if (!wide_length(bytes.size(), compact, field)) {
    return;
  }
  if (bytes.size() < kForeignBytesMin) {
    raw(bytes.view());
    return;
  }
  foreign_bytes_ += bytes.size();
  foreign_.push_back({.at = used_, .slice = bytes});
}

void Writer::nullable_bytes(const std::optional<data::BlockSlice>& value,
                            bool compact,
                            bool nullable,
                            const char* field) {
  if (value) {
    bytes(*value, compact, field);
  } else {
    null_array(compact, nullable, field);
  }
}

void Writer::records(const Records& records, bool compact, const char* field) {
  if (!wide_length(records.size(), compact, field)) {
    return;
  }
  for (const data::BlockSlice& slice : records.slices()) {
    if (slice.size() < kForeignBytesMin) {
      raw(slice.view());
      continue;
    }
    foreign_bytes_ += slice.size();
    foreign_.push_back({.at = used_, .slice = slice});
  }
}

void Writer::nullable_records(const std::optional<Records>& value,
                              bool compact,
                              bool nullable,
                              const char* field) {
  if (value) {
    records(*value, compact, field);
  } else {
    null_array(compact, nullable, field);
  }
}

void Writer::array(std::size_t count, bool compact, const char* field) {
  wide_length(count, compact, field);
}

void Writer::null_array(bool compact, bool nullable, const char* field) {
  if (!nullable) {
    fail(field, "null is not allowed in this version");
  } else if (compact) {
    uvarint(0);
  } else {
    be<std::int32_t>(-1);
  }
}

void Writer::present(bool present, bool nullable, const char* field) {
  if (!present && !nullable) {
    fail(field, "null is not allowed in this version");
  }
  be<std::int8_t>(present ? 1 : -1);
}

void Writer::tagged_present(bool present, bool nullable, const char* field) {
  if (!present && !nullable) {
    fail(field, "null is not allowed in this version");
  }
  uvarint(present ? 1 : 0);
}

std::size_t Writer::begin_tag(std::uint32_t number) {
  uvarint(number);
  foreign_.push_back({.at = used_, .slice = {}});
  return foreign_.size() - 1;
}

void Writer::end_tag(std::size_t mark) {
  const std::size_t begin = foreign_[mark].at;
  std::size_t size = used_ - begin;
  foreign_.erase(foreign_.begin() + static_cast<std::ptrdiff_t>(mark));
  for (std::size_t i = mark; i < foreign_.size(); ++i) {
    size += foreign_[i].slice.size();
  }
  const auto length = static_cast<std::uint32_t>(size);
  const auto room = static_cast<std::size_t>(uvarint_size(length));
  claim(room);
  char* at = buffer_.get() + begin;
  std::memmove(at + room, at, used_ - room - begin);
  store_uvarint(at, length);
  for (std::size_t i = mark; i < foreign_.size(); ++i) {
    foreign_[i].at += room;
  }
}

}  // namespace millrace::wire
