// Writes the primitive types of Kafka's protocol. The generated messages (wire/generated/*.h) are
// made of these calls.
//
// Small fields go to one growing buffer. Records are not copied: the writer notes where they belong
// and gives, at the end, a list of slices for one gathered write. As in Reader the first failure is
// kept: a string that is too long, null where the version has none, a value that the version cannot
// carry.
//
// Tested by writer_test.cc, messages_test.cc.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/uuid.h"
#include "data/block_slice.h"
#include "wire/records.h"

namespace millrace::wire {

/// Owned by one thread.
class Writer {
 public:
  Writer() = default;

  [[nodiscard]] bool ok() const { return why_.empty(); }

  /// "field: …". REQUIRES: !ok()
  [[nodiscard]] Error error() const;

  /// Keeps the first failure. `field` must be a literal.
  void fail(const char* field, std::string why);

  /// Bytes written so far, records included.
  [[nodiscard]] std::size_t size() const { return used_ + foreign_bytes_; }

  /// What was written, in order, to be sent as it is. Records are the slices that were given, the
  /// rest is one new Block. The writer is empty afterwards, its failure forgotten.
  std::vector<data::BlockSlice> finish();

  /// The same in one piece, copied.
  std::string finish_string();

  /// Drops everything.
  void clear();

  template <class T>
  void be(T value) {
    store_be(claim(sizeof(T)), value);
  }

  void boolean(bool value) { be<std::int8_t>(value ? 1 : 0); }

  void float64(double value) { be(std::bit_cast<std::uint64_t>(value)); }

  void uuid(const Uuid& id) { raw({reinterpret_cast<const char*>(id.bytes.data()), 16}); }

  void uvarint(std::uint32_t value);

  /// Bytes without a length.
  void raw(std::string_view bytes);

  /// Puts a number into bytes written before. REQUIRES: no records before `at`
  void patch_be32(std::size_t at, std::int32_t value) { store_be(buffer_.get() + at, value); }

  // `compact` is the form of flexible versions.

  void string(std::string_view text, bool compact, const char* field);
  void nullable_string(const std::optional<std::string>& text,
                       bool compact,
                       bool nullable,
                       const char* field);
  void bytes(const data::BlockSlice& bytes, bool compact, const char* field);
  void nullable_bytes(const std::optional<data::BlockSlice>& value,
                      bool compact,
                      bool nullable,
                      const char* field);
  void records(const Records& records, bool compact, const char* field);
  void nullable_records(const std::optional<Records>& value,
                        bool compact,
                        bool nullable,
                        const char* field);
  /// The count of an array.
  void array(std::size_t count, bool compact, const char* field);
  /// A null array, string or bytes.
  void null_array(bool compact, bool nullable, const char* field);
  void present(bool present, bool nullable, const char* field);
  /// The same in a tagged field, which marks it in another way.
  void tagged_present(bool present, bool nullable, const char* field);

  /// Writes the number of a tagged field; its data follow, then end_tag(). Gives the mark for it.
  std::size_t begin_tag(std::uint32_t number);
  /// Puts the size of what was written since the mark before it.
  void end_tag(std::size_t mark);

 private:
  struct Foreign {
    std::size_t at = 0;  // In the buffer.
    data::BlockSlice slice;
  };

  char* claim(std::size_t size) {
    if (capacity_ - used_ < size) [[unlikely]] {
      grow(size);
    }
    char* to = buffer_.get() + used_;
    used_ += size;
    return to;
  }

  void grow(std::size_t size);
  /// Length of bytes or count of an array. False when it is too much.
  bool wide_length(std::size_t length, bool compact, const char* field);

  std::unique_ptr<char[]> buffer_;
  std::size_t used_ = 0;
  std::size_t capacity_ = 0;
  std::vector<Foreign> foreign_;
  std::size_t foreign_bytes_ = 0;
  // The first failure.
  std::string why_;
  const char* field_ = "";
};

}  // namespace millrace::wire
