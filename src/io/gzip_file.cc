#include "io/gzip_file.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <zlib.h>

#include "base/assert.h"

namespace millrace::io {
namespace {

constexpr std::size_t kInputBytes = 64U << 10U;
constexpr std::size_t kOutputBytes = 256U << 10U;
// 16 more than the bits of the window: with the header of gzip.
constexpr int kWindowBits = 15 + 16;

Error read_only() {
  return Error(ErrorCode::kUnsupported, "a packed file can be read only");
}

}  // namespace

bool is_gzip_name(std::string_view path) {
  return path.ends_with(".gz");
}

struct GzipFile::Inflater {
  Inflater() { MR_ASSERT(inflateInit2(&stream, kWindowBits) == Z_OK, "zlib has no memory"); }

  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  ~Inflater() { inflateEnd(&stream); }

  z_stream stream = {};
  bool between_members = true;  // No member has begun, or the last one is over.
};

GzipFile::GzipFile(std::unique_ptr<File> packed) : packed_(std::move(packed)) {
  rewind();
}

GzipFile::~GzipFile() = default;

void GzipFile::rewind() {
  inflater_ = std::make_unique<Inflater>();
  input_.clear();
  input_offset_ = 0;
  text_.clear();
  text_offset_ = 0;
  ended_ = false;
}

Result<bool> GzipFile::take_input() {
  input_.resize(kInputBytes);
  const std::size_t got =
      TRY(packed_->pread(std::span(input_.data(), input_.size()), input_offset_));
  input_.resize(got);
  input_offset_ += got;
  inflater_->stream.next_in = reinterpret_cast<Bytef*>(input_.data());
  inflater_->stream.avail_in = static_cast<uInt>(got);
  return got > 0;
}

Result<bool> GzipFile::unpack() {
  z_stream& stream = inflater_->stream;
  if (text_.size() > kHistoryBytes + kOutputBytes) {
    const std::size_t dropped = text_.size() - kHistoryBytes;
    text_.erase(0, dropped);
    text_offset_ += dropped;
  }
  while (!ended_) {
    if (stream.avail_in == 0 && !TRY(take_input())) {
      if (!inflater_->between_members) {
        return Error(ErrorCode::kCorruption, "the packed file is cut off");
      }
      ended_ = true;
      break;
    }
    const std::size_t before = text_.size();
    text_.resize(before + kOutputBytes);
    stream.next_out = reinterpret_cast<Bytef*>(text_.data() + before);
    stream.avail_out = static_cast<uInt>(kOutputBytes);
    inflater_->between_members = false;
    const int state = inflate(&stream, Z_NO_FLUSH);
    text_.resize(before + kOutputBytes - stream.avail_out);
    if (state == Z_STREAM_END) {
      inflater_->between_members = true;
      MR_ASSERT(inflateReset2(&stream, kWindowBits) == Z_OK, "zlib was set up before");
    } else if (state != Z_OK && state != Z_BUF_ERROR) {
      return Error(ErrorCode::kCorruption,
                   std::string("the packed file is damaged: ") +
                       (stream.msg != nullptr ? stream.msg : "not gzip"));
    }
    const std::uint64_t unpacked = text_offset_ + text_.size();
    if (unpacked > kFreeBytes && unpacked / kRatioMax > input_offset_) {
      return Error(
          ErrorCode::kExhausted,
          "the packed file unpacks to more than " + std::to_string(kRatioMax) + " times its size");
    }
    if (text_.size() > before) {
      return true;
    }
  }
  return false;
}

Result<std::size_t> GzipFile::pread(std::span<char> into, std::uint64_t offset) {
  if (offset < text_offset_) {
    rewind();
  }
  std::size_t done = 0;
  while (done < into.size()) {
    const std::uint64_t at = offset + done;
    const std::uint64_t end = text_offset_ + text_.size();
    if (at >= text_offset_ && at < end) {
      const auto from = static_cast<std::size_t>(at - text_offset_);
      const std::size_t count = std::min(into.size() - done, text_.size() - from);
      std::memcpy(into.data() + done, text_.data() + from, count);
      done += count;
    } else if (!TRY(unpack())) {
      break;
    }
  }
  return done;
}

Result<void> GzipFile::pwrite(std::string_view /*bytes*/, std::uint64_t /*offset*/) {
  return read_only();
}

Result<void> GzipFile::pwritev(std::span<const std::string_view> /*parts*/,
                               std::uint64_t /*offset*/) {
  return read_only();
}

Result<void> GzipFile::sync_data() {
  return read_only();
}

Result<void> GzipFile::sync_all() {
  return read_only();
}

Result<void> GzipFile::truncate(std::uint64_t /*size*/) {
  return read_only();
}

Result<void> GzipFile::allocate(std::uint64_t /*offset*/, std::uint64_t /*size*/) {
  return read_only();
}

Result<std::uint64_t> GzipFile::size() {
  return Error(ErrorCode::kUnsupported, "the size of a packed text is known at its end");
}

Result<std::unique_ptr<FileView>> GzipFile::view() {
  return read_only();
}

Result<std::unique_ptr<File>> open_unpacked(Files& files, const std::string& path) {
  std::unique_ptr<File> file = TRY(files.open(path, OpenMode::kRead));
  if (is_gzip_name(path)) {
    file = std::make_unique<GzipFile>(std::move(file));
  }
  return file;
}

}  // namespace millrace::io
