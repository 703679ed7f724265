// Reads the primitive types of Kafka's protocol from bytes that may be hostile. The generated
// messages (wire/generated/*.h) are made of these calls.
//
// The first failure is kept, with the field and the position in the bytes; every further read gives
// zero, nothing or an empty array. So a decoder reads straight on and looks at ok() once per array
// element. Two limits hold: the count of an array is checked against the bytes that are left before
// anything is allocated, and all that is allocated counts against memory_max (a count of one byte
// may stand for a struct of a hundred).
//
// Tested by reader_test.cc, messages_fuzz.cc.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "base/uuid.h"
#include "data/block_slice.h"
#include "wire/records.h"

namespace millrace::wire {

/// What the decoded form of one message may take in memory, records not counted, by default.
inline constexpr std::size_t kDecodedBytesMax = 64U << 20;

/// Owned by one thread.
class Reader {
 public:
  /// Bytes and records fields of what is read are parts of the slice.
  explicit Reader(data::BlockSlice bytes, std::size_t memory_max = kDecodedBytesMax)
      : bytes_(std::move(bytes)), memory_left_(memory_max) {
    begin();
  }

  /// Bytes and records fields of what is read are copies. The bytes outlive the reader.
  explicit Reader(std::string_view bytes, std::size_t memory_max = kDecodedBytesMax)
      : bytes_(nullptr, bytes), memory_left_(memory_max) {
    begin();
  }

  [[nodiscard]] bool ok() const { return why_.empty(); }

  /// Bytes read so far.
  [[nodiscard]] std::size_t position() const {
    return static_cast<std::size_t>(at_ - bytes_.view().data());
  }

  /// Bytes not yet read; 0 after a failure.
  [[nodiscard]] std::size_t remaining() const { return static_cast<std::size_t>(end_ - at_); }

  /// The bytes not yet read.
  [[nodiscard]] std::string_view rest() const { return {at_, remaining()}; }

  /// "field at byte 17: …". REQUIRES: !ok()
  [[nodiscard]] Error error() const;

  /// Keeps the first failure. `field` must be a literal.
  void fail(const char* field, std::string why, ErrorCode code = ErrorCode::kCorruption);

  /// A number of fixed size, highest byte first.
  template <class T>
  T be(const char* field) {
    if (remaining() < sizeof(T)) [[unlikely]] {
      fail_short(field, sizeof(T));
      return T{};
    }
    const T value = load_be<T>(at_);
    at_ += sizeof(T);
    return value;
  }

  bool boolean(const char* field) { return be<std::int8_t>(field) != 0; }

  double float64(const char* field) { return std::bit_cast<double>(be<std::uint64_t>(field)); }

  Uuid uuid(const char* field);

  std::uint32_t uvarint(const char* field) {
    if (at_ != end_ && static_cast<std::uint8_t>(*at_) < 0x80) [[likely]] {
      return static_cast<std::uint8_t>(*at_++);
    }
    return long_uvarint(field);
  }

  // `compact` is the form of flexible versions. Where null is not allowed it is a failure.

  std::string string(bool compact, const char* field);
  std::optional<std::string> nullable_string(bool compact, bool nullable, const char* field);
  data::BlockSlice bytes(bool compact, const char* field);
  std::optional<data::BlockSlice> nullable_bytes(bool compact, bool nullable, const char* field);

  Records records(bool compact, const char* field) { return {bytes(compact, field)}; }

  std::optional<Records> nullable_records(bool compact, bool nullable, const char* field);

  /// Size of an element on the wire, at least, and in memory.
  struct Element {
    std::size_t wire_bytes_min = 1;
    std::size_t memory_bytes = 1;
  };

  /// The count of an array; 0 after a failure.
  std::size_t array(bool compact, Element element, const char* field);
  /// The same, -1 for null.
  std::int64_t nullable_array(bool compact, bool nullable, Element element, const char* field);

  /// Whether a nullable struct is there.
  bool present(bool nullable, const char* field);
  /// The same in a tagged field, which marks it in another way.
  bool tagged_present(bool nullable, const char* field);

  /// One tagged field: its number, and where its data ends.
  struct Tag {
    std::uint32_t number = 0;
    std::size_t end = 0;
  };

  Tag tag(const char* field);
  /// The data of a known tag must have been read to its end.
  void end_tag(const Tag& tag, const char* field);
  void skip_tag(const Tag& tag);
  /// A section of which no tag is known.
  void skip_tags(const char* field);

 private:
  void begin() {
    at_ = bytes_.view().data();
    end_ = at_ + bytes_.size();
  }

  std::uint32_t long_uvarint(const char* field);
  void fail_short(const char* field, std::size_t wanted);
  void fail_null(const char* field);
  /// The length of what follows: -1 for null. Never more than what is left.
  std::int64_t length(bool compact, bool wide, const char* field);
  std::string_view take(std::int64_t size);
  data::BlockSlice take_slice(std::int64_t size, const char* field);
  bool claim(std::size_t memory_bytes, const char* field);

  data::BlockSlice bytes_;
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  std::size_t memory_left_;
  // The first failure.
  std::string why_;
  const char* field_ = "";
  std::size_t failed_at_ = 0;
  ErrorCode code_ = ErrorCode::kCorruption;
};

}  // namespace millrace::wire
