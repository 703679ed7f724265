// Cuts a file into records at its line ends, in constant memory however long a line is.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/files.h"

namespace millrace::connect::files::detail {

struct CutOptions {
  std::size_t record_bytes_max = 8U << 20U;
  /// A line end between quotes belongs to the record (CSV with multiLine).
  bool quotes = false;
  char quote = '"';
  char escape = '\\';
};

/// Owned by one thread.
class RecordReader {
 public:
  /// Reads [offset, size) of the file, which outlives the reader.
  RecordReader(io::File& file, std::uint64_t offset, std::uint64_t size, CutOptions options);

  enum class Step : std::uint8_t {
    kRecord,      ///< A whole record.
    kTooLong,     ///< A record over the limit: its first bytes are there.
    kUnfinished,  ///< Bytes without a line end at the end of the file.
    kEnd,
    kStopped,
  };

  /// The next record, which is valid until the next call.
  Result<Step> next(const std::stop_token& stop);

  /// Without its line end.
  [[nodiscard]] std::string_view record() const { return record_; }

  /// Where the record begins, and where the next one does.
  [[nodiscard]] std::uint64_t begin() const { return begin_; }

  [[nodiscard]] std::uint64_t end() const { return end_; }

  /// Of an unfinished record: whether it is over the limit already.
  [[nodiscard]] bool is_too_long() const { return too_long_; }

 private:
  /// Reads a further chunk behind the buffer; false at the end of the file.
  Result<bool> fill();
  /// The line end at or after `from` in the buffer; npos: none yet.
  std::size_t find_end(std::size_t from);
  Result<Step> skip_long(const std::stop_token& stop);
  Step give(Step step, std::size_t length, std::size_t with_end);

  io::File& file_;
  const std::uint64_t size_;
  const CutOptions options_;
  std::string buffer_;
  std::size_t at_ = 0;           // Of the next record, in the buffer.
  std::uint64_t buffer_offset_;  // Of the buffer's first byte, in the file.
  bool in_quotes_ = false;
  bool escaped_ = false;
  std::string_view record_;
  std::uint64_t begin_;
  std::uint64_t end_;
  bool too_long_ = false;
};

}  // namespace millrace::connect::files::detail
