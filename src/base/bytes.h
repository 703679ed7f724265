// Bytes in and out of memory: loads and stores of either byte order, a writer that appends and a
// reader that checks every step.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace millrace {

/// Loads an integer stored with its highest byte first (network order; Kafka).
template <class T>
[[nodiscard]] T load_be(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  if constexpr (sizeof(T) == 2) {
    return static_cast<T>(__builtin_bswap16(static_cast<std::uint16_t>(value)));
  } else if constexpr (sizeof(T) == 4) {
    return static_cast<T>(__builtin_bswap32(static_cast<std::uint32_t>(value)));
  } else if constexpr (sizeof(T) == 8) {
    return static_cast<T>(__builtin_bswap64(static_cast<std::uint64_t>(value)));
  } else {
    static_assert(sizeof(T) == 1);
    return value;
  }
}

template <class T>
void store_be(void* to, T value) {
  const T swapped = load_be<T>(&value);
  std::memcpy(to, &swapped, sizeof swapped);
}

/// Loads an integer stored with its lowest byte first (our own formats). The machine is x86-64.
template <class T>
[[nodiscard]] T load_le(const void* from) {
  static_assert(std::endian::native == std::endian::little);
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <class T>
void store_le(void* to, T value) {
  std::memcpy(to, &value, sizeof value);
}

/// Appends to a std::string, which serves as byte buffer throughout. Owned by one thread.
class ByteWriter {
 public:
  explicit ByteWriter(std::string& out) : out_(out) {}

  template <class T>
  void be(T value) {
    char bytes[sizeof(T)];
    store_be(bytes, value);
    out_.append(bytes, sizeof bytes);
  }

  template <class T>
  void le(T value) {
    char bytes[sizeof(T)];
    store_le(bytes, value);
    out_.append(bytes, sizeof bytes);
  }

  /// 7 bits a byte, low group first, high bit = more (Kafka's uvarint, protobuf's varint).
  void uvarint(std::uint64_t value);
  /// Zig-zag, then uvarint (Kafka's varint and varlong).
  void varint(std::int64_t value);

  void bytes(std::string_view bytes) { out_.append(bytes); }

  /// Length as uvarint, then the bytes.
  void sized(std::string_view bytes) {
    uvarint(bytes.size());
    out_.append(bytes);
  }

  [[nodiscard]] std::size_t size() const { return out_.size(); }

 private:
  std::string& out_;
};

/// Reads what ByteWriter wrote, from bytes that may be hostile: after the first step past the end
/// (or a varint that is too long) ok() is false, every further read gives zero or an empty view.
/// Owned by one thread.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  template <class T>
  T be() {
    const char* from = take(sizeof(T));
    return from == nullptr ? T{} : load_be<T>(from);
  }

  template <class T>
  T le() {
    const char* from = take(sizeof(T));
    return from == nullptr ? T{} : load_le<T>(from);
  }

  std::uint64_t uvarint();
  std::int64_t varint();

  std::string_view bytes(std::size_t count) {
    const char* from = take(count);
    return from == nullptr ? std::string_view{} : std::string_view(from, count);
  }

  std::string_view sized() {
    const std::uint64_t count = uvarint();
    if (count > rest_.size()) {
      fail();
      return {};
    }
    return bytes(static_cast<std::size_t>(count));
  }

  [[nodiscard]] bool ok() const { return ok_; }

  [[nodiscard]] bool done() const { return rest_.empty(); }

  [[nodiscard]] std::string_view rest() const { return rest_; }

  void fail() {
    ok_ = false;
    rest_ = {};
  }

 private:
  const char* take(std::size_t count) {
    if (count > rest_.size()) [[unlikely]] {
      fail();
      return nullptr;
    }
    const char* from = rest_.data();
    rest_.remove_prefix(count);
    return from;
  }

  std::string_view rest_;
  bool ok_ = true;
};

/// Lower-case hexadecimal, two digits a byte.
std::string to_hex(std::string_view bytes);
/// Nothing when a character is no digit or the count is odd.
std::optional<std::string> from_hex(std::string_view text);
/// RFC 4648 with padding.
std::string to_base64(std::string_view bytes);
/// Nothing when the text is not base64; padding may be missing.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace millrace
