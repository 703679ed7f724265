#include "wire/reader.h"

#include <cstring>
#include <limits>

#include <fmt/core.h>

namespace millrace::wire {

Error Reader::error() const {
  return Error(code_, fmt::format("{} at byte {}: {}", field_, failed_at_, why_));
}

void Reader::fail(const char* field, std::string why, ErrorCode code) {
  if (!ok()) {
    return;
  }
  why_ = std::move(why);
  field_ = field;
  failed_at_ = position();
  code_ = code;
  end_ = at_;
}

void Reader::fail_short(const char* field, std::size_t wanted) {
  fail(field, fmt::format("{} bytes are needed, {} are left", wanted, remaining()));
}

void Reader::fail_null(const char* field) {
  fail(field, "null is not allowed here");
}

Uuid Reader::uuid(const char* field) {
  Uuid id;
  if (remaining() < id.bytes.size()) [[unlikely]] {
    fail_short(field, id.bytes.size());
    return id;
  }
  std::memcpy(id.bytes.data(), at_, id.bytes.size());
  at_ += id.bytes.size();
  return id;
}

std::uint32_t Reader::long_uvarint(const char* field) {
  constexpr int kLastShift = 28;
  std::uint32_t value = 0;
  const char* at = at_;
  for (int shift = 0; shift <= kLastShift; shift += 7) {
    if (at == end_) {
      fail(field, "a varint is cut off");
      return 0;
    }
    const auto byte = static_cast<std::uint8_t>(*at++);
    if (shift == kLastShift && byte > 0x0F) {
      break;
    }
    value |= static_cast<std::uint32_t>(byte & 0x7F) << shift;
    if (byte < 0x80) {
      at_ = at;
      return value;
    }
  }
  fail(field, "a varint has more than 32 bits");
  return 0;
}

std::int64_t Reader::length(bool compact, bool wide, const char* field) {
  std::int64_t size = 0;
  if (compact) {
    size = static_cast<std::int64_t>(uvarint(field)) - 1;
    if (!ok()) {
      return 0;
    }
  } else {
    size = wide ? be<std::int32_t>(field) : be<std::int16_t>(field);
  }
  if (size < -1) {
    fail(field, fmt::format("a length of {}", size));
    return 0;
  }
  return size;
}

std::string_view Reader::take(std::int64_t size) {
  const std::string_view taken(at_, static_cast<std::size_t>(size));
  at_ += size;
  return taken;
}

bool Reader::claim(std::size_t memory_bytes, const char* field) {
  if (memory_bytes > memory_left_) {
    fail(field, "the message takes more memory than one may", ErrorCode::kExhausted);
    return false;
  }
  memory_left_ -= memory_bytes;
  return true;
}

std::optional<std::string> Reader::nullable_string(bool compact, bool nullable, const char* field) {
  const std::int64_t size = length(compact, /*wide=*/false, field);
  if (size < 0) {
    if (nullable) {
      return std::nullopt;
    }
    fail_null(field);
    return std::string();
  }
  if (static_cast<std::size_t>(size) > remaining()) {
    fail_short(field, static_cast<std::size_t>(size));
    return std::string();
  }
  if (size > std::numeric_limits<std::int16_t>::max()) {
    fail(field, fmt::format("a string of {} bytes, more than 32767", size));
    return std::string();
  }
  if (!claim(static_cast<std::size_t>(size), field)) {
    return std::string();
  }
  return std::string(take(size));
}

std::string Reader::string(bool compact, const char* field) {
  std::optional<std::string> text = nullable_string(compact, /*nullable=*/false, field);
  return text ? std::move(*text) : std::string();
}

data::BlockSlice Reader::take_slice(std::int64_t size, const char* field) {
  if (static_cast<std::size_t>(size) > remaining()) {
    fail_short(field, static_cast<std::size_t>(size));
    return {};
  }
  const std::string_view taken = take(size);
  if (bytes_.block() == nullptr) {
    return data::BlockSlice::copy(taken);
  }
  return {bytes_.block(), taken};
}

std::optional<data::BlockSlice> Reader::nullable_bytes(bool compact,
                                                       bool nullable,
                                                       const char* field) {
  const std::int64_t size = length(compact, /*wide=*/true, field);
  if (size < 0) {
    if (nullable) {
      return std::nullopt;
    }
    fail_null(field);
    return data::BlockSlice();
  }
  return take_slice(size, field);
}

data::BlockSlice Reader::bytes(bool compact, const char* field) {
  std::optional<data::BlockSlice> slice = nullable_bytes(compact, /*nullable=*/false, field);
  return slice ? std::move(*slice) : data::BlockSlice();
}

std::optional<Records> Reader::nullable_records(bool compact, bool nullable, const char* field) {
  std::optional<data::BlockSlice> slice = nullable_bytes(compact, nullable, field);
  if (!slice) {
    return std::nullopt;
  }
  return Records(std::move(*slice));
}

std::int64_t Reader::nullable_array(bool compact,
                                    bool nullable,
                                    Element element,
                                    const char* field) {
  const std::int64_t count = length(compact, /*wide=*/true, field);
  if (count < 0) {
    if (nullable) {
      return -1;
    }
    fail_null(field);
    return 0;
  }
  const auto elements = static_cast<std::size_t>(count);
  if (elements > remaining() / element.wire_bytes_min) {
    fail(field, fmt::format("{} elements cannot be in {} bytes", elements, remaining()));
    return 0;
  }
  return claim(elements * element.memory_bytes, field) ? count : 0;
}

std::size_t Reader::array(bool compact, Element element, const char* field) {
  const std::int64_t count = nullable_array(compact, /*nullable=*/false, element, field);
  return count < 0 ? 0 : static_cast<std::size_t>(count);
}

bool Reader::present(bool nullable, const char* field) {
  const auto marker = be<std::int8_t>(field);
  if (!ok()) {
    return false;
  }
  if (marker >= 0) {
    return true;
  }
  if (!nullable) {
    fail_null(field);
  }
  return false;
}

bool Reader::tagged_present(bool nullable, const char* field) {
  const bool there = uvarint(field) != 0;
  if (!there && !nullable) {
    fail_null(field);
  }
  return there;
}

Reader::Tag Reader::tag(const char* field) {
  Tag tag{.number = uvarint(field)};
  const std::uint32_t size = uvarint(field);
  if (size > remaining()) {
    fail_short(field, size);
  }
  tag.end = ok() ? position() + size : position();
  return tag;
}

void Reader::end_tag(const Tag& tag, const char* field) {
  if (ok() && position() != tag.end) {
    fail(field, fmt::format("a tagged field should end at byte {}", tag.end));
  }
}

void Reader::skip_tag(const Tag& tag) {
  if (ok()) {
    at_ = bytes_.view().data() + tag.end;
  }
}

void Reader::skip_tags(const char* field) {
  for (std::uint32_t left = uvarint(field); left > 0 && ok(); --left) {
    skip_tag(tag(field));
  }
}

}  // namespace millrace::wire
