#include "connect/files/detail/record_reader.h"

#include <algorithm>
#include <span>

namespace millrace::connect::files::detail {
namespace {

constexpr std::size_t kChunkBytes = 256U << 10U;
constexpr std::size_t kKeptOfLong = 64U << 10U;

}  // namespace

RecordReader::RecordReader(io::File& file,
                           std::uint64_t offset,
                           std::uint64_t size,
                           CutOptions options)
    : file_(file),
      size_(size),
      options_(options),
      buffer_offset_(offset),
      begin_(offset),
      end_(offset) {}

Result<bool> RecordReader::fill() {
  if (at_ > 0) {
    buffer_.erase(0, at_);
    buffer_offset_ += at_;
    at_ = 0;
  }
  const std::uint64_t from = buffer_offset_ + buffer_.size();
  if (from >= size_) {
    return false;
  }
  const std::size_t wanted =
      static_cast<std::size_t>(std::min<std::uint64_t>(kChunkBytes, size_ - from));
  const std::size_t before = buffer_.size();
  buffer_.resize(before + wanted);
  const std::size_t got = TRY(file_.pread(std::span(buffer_.data() + before, wanted), from));
  buffer_.resize(before + got);
  return got > 0;
}

std::size_t RecordReader::find_end(std::size_t from) {
  if (!options_.quotes) {
    return buffer_.find('\n', from);
  }
  for (std::size_t i = from; i < buffer_.size(); ++i) {
    const char c = buffer_[i];
    if (escaped_) {
      escaped_ = false;
    } else if (in_quotes_ && c == options_.escape && options_.escape != options_.quote) {
      escaped_ = true;
    } else if (c == options_.quote) {
      in_quotes_ = !in_quotes_;
    } else if (c == '\n' && !in_quotes_) {
      return i;
    }
  }
  return std::string::npos;
}

RecordReader::Step RecordReader::give(Step step, std::size_t length, std::size_t with_end) {
  record_ = std::string_view(buffer_).substr(at_, length);
  if (with_end > length && record_.ends_with('\r')) {
    record_.remove_suffix(1);
  }
  begin_ = buffer_offset_ + at_;
  end_ = begin_ + with_end;
  at_ += with_end;
  in_quotes_ = false;
  escaped_ = false;
  return step;
}

Result<RecordReader::Step> RecordReader::next(const std::stop_token& stop) {
  too_long_ = false;
  std::size_t scanned = 0;  // Of the record, in the buffer.
  while (true) {
    const std::size_t found = find_end(at_ + scanned);
    if (found != std::string::npos) {
      const std::size_t length = found - at_;
      const bool fits = length <= options_.record_bytes_max;
      return give(fits ? Step::kRecord : Step::kTooLong, length, length + 1);
    }
    scanned = buffer_.size() - at_;
    if (scanned > options_.record_bytes_max) {
      return skip_long(stop);
    }
    if (stop.stop_requested()) {
      return Step::kStopped;
    }
    const bool more = TRY(fill());
    if (!more) {
      return scanned == 0 ? Step::kEnd : give(Step::kUnfinished, scanned, scanned);
    }
  }
}

// Drops what is over the limit up to the next line end, between quotes or not.
Result<RecordReader::Step> RecordReader::skip_long(const std::stop_token& stop) {
  const std::string kept = buffer_.substr(at_, kKeptOfLong);
  begin_ = buffer_offset_ + at_;
  at_ = buffer_.size();
  Step step = Step::kTooLong;
  while (true) {
    if (stop.stop_requested()) {
      return Step::kStopped;
    }
    const bool more = TRY(fill());
    const std::size_t found = buffer_.find('\n', at_);
    if (found != std::string::npos) {
      at_ = found + 1;
      break;
    }
    at_ = buffer_.size();
    if (!more) {
      step = Step::kUnfinished;
      break;
    }
  }
  end_ = buffer_offset_ + at_;
  in_quotes_ = false;
  escaped_ = false;
  too_long_ = true;
  // The bytes stand before the rest of the buffer, so that the view has something to look at.
  buffer_.erase(0, at_);
  buffer_.insert(0, kept);
  at_ = kept.size();
  buffer_offset_ = end_ - kept.size();
  record_ = std::string_view(buffer_).substr(0, kept.size());
  return step;
}

}  // namespace millrace::connect::files::detail
