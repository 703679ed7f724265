#include "record/compression.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include <lz4frame.h>
#include <lz4hc.h>
#include <snappy.h>
#include <zlib.h>
#include <zstd.h>

#include "base/bytes.h"
#include "base/result.h"

namespace millrace::record {
namespace {

constexpr std::size_t kStepBytes = 64U << 10;
constexpr std::string_view kXerialMagic("\x82SNAPPY\0", 8);
constexpr std::size_t kXerialHeaderBytes = 16;
constexpr std::size_t kXerialBlockBytes = 32U << 10;
// A window larger than this is refused: the decoder would have to keep that much.
constexpr int kZstdWindowLogMax = 27;

Error corrupt(std::string_view codec, std::string_view what) {
  return {ErrorCode::kCorruption,
          "records are not valid " + std::string(codec) + ": " + std::string(what)};
}

Error too_large(std::size_t bytes_max) {
  return {ErrorCode::kExhausted,
          "records become larger than the limit when decompressed: more than " +
              std::to_string(bytes_max) + " bytes"};
}

// Makes room for a step more, but never for more than one byte beyond the limit.
std::size_t grow(std::string& out, std::size_t used, std::size_t bytes_max) {
  const std::size_t wanted = std::max(used + kStepBytes, used * 2);
  out.resize(std::min(wanted, bytes_max + 1));
  return out.size() - used;
}

Bytef* zlib_bytes(std::string_view bytes) {
  // zlib takes its input as non-const, and does not write to it.
  return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
}

// Takes one gzip member from the front of `bytes`, appending to `out`, of which `used` are in use.
Result<void> inflate_member(z_stream& stream,
                            std::string& out,
                            std::size_t& used,
                            std::size_t bytes_max) {
  int status = Z_OK;
  while (status != Z_STREAM_END) {
    const std::size_t room = grow(out, used, bytes_max);
    if (room == 0) {
      return too_large(bytes_max);
    }
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + used);
    stream.avail_out = static_cast<uInt>(room);
    status = inflate(&stream, Z_NO_FLUSH);
    used += room - stream.avail_out;
    if (used > bytes_max) {
      return too_large(bytes_max);
    }
    if (status == Z_BUF_ERROR || (status == Z_OK && stream.avail_in == 0 && stream.avail_out > 0)) {
      return corrupt("gzip", "it is cut off");
    }
    if (status != Z_OK && status != Z_STREAM_END) {
      return corrupt("gzip", stream.msg == nullptr ? "bad data" : stream.msg);
    }
  }
  return {};
}

Result<std::string> gunzip(std::string_view bytes, std::size_t bytes_max) {
  z_stream stream{};
  constexpr int kGzipOnly = 16 + MAX_WBITS;
  if (inflateInit2(&stream, kGzipOnly) != Z_OK) {
    return Error(ErrorCode::kExhausted, "no memory for gzip");
  }
  const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, &inflateEnd);
  stream.next_in = zlib_bytes(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  std::size_t used = 0;
  do {
    TRY(inflate_member(stream, out, used, bytes_max));
    if (stream.avail_in > 0 && inflateReset(&stream) != Z_OK) {
      return corrupt("gzip", "bad member");
    }
  } while (stream.avail_in > 0);
  out.resize(used);
  return out;
}

Result<std::string> gzip(std::string_view bytes, int level) {
  const int chosen = level == kDefaultLevel ? Z_DEFAULT_COMPRESSION : level;
  if (chosen < -1 || chosen > 9) {
    return Error(ErrorCode::kInvalidArgument, "gzip has levels from 1 to 9, and -1");
  }
  z_stream stream{};
  constexpr int kMemory = 8;
  if (deflateInit2(&stream, chosen, Z_DEFLATED, 16 + MAX_WBITS, kMemory, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    return Error(ErrorCode::kExhausted, "no memory for gzip");
  }
  const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, &deflateEnd);
  std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  stream.next_in = zlib_bytes(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) {
    return Error(ErrorCode::kInternal, "gzip did not finish");
  }
  out.resize(stream.total_out);
  return out;
}

Result<void> unsnap_block(std::string_view block, std::string& out, std::size_t bytes_max) {
  std::size_t size = 0;
  if (!snappy::GetUncompressedLength(block.data(), block.size(), &size)) {
    return corrupt("snappy", "no length");
  }
  if (size > bytes_max - out.size()) {
    return too_large(bytes_max);
  }
  const std::size_t at = out.size();
  // Looked at before memory is taken: a length alone proves nothing.
  if (!snappy::IsValidCompressedBuffer(block.data(), block.size())) {
    return corrupt("snappy", "bad data");
  }
  out.resize(at + size);
  if (!snappy::RawUncompress(block.data(), block.size(), out.data() + at)) {
    return corrupt("snappy", "bad data");
  }
  return {};
}

Result<std::string> unsnap(std::string_view bytes, std::size_t bytes_max) {
  std::string out;
  if (!bytes.starts_with(kXerialMagic)) {
    TRY(unsnap_block(bytes, out, bytes_max));
    return out;
  }
  if (bytes.size() < kXerialHeaderBytes) {
    return corrupt("snappy", "it is cut off");
  }
  ByteReader reader(bytes.substr(kXerialHeaderBytes));
  while (!reader.done()) {
    const auto size = reader.be<std::uint32_t>();
    const std::string_view block = reader.bytes(size);
    if (!reader.ok()) {
      return corrupt("snappy", "it is cut off");
    }
    TRY(unsnap_block(block, out, bytes_max));
  }
  return out;
}

std::string snap(std::string_view bytes) {
  std::string out;
  ByteWriter writer(out);
  writer.bytes(kXerialMagic);
  writer.be<std::int32_t>(1);
  writer.be<std::int32_t>(1);
  std::string block;
  for (std::size_t at = 0; at < bytes.size(); at += kXerialBlockBytes) {
    const std::string_view part = bytes.substr(at, kXerialBlockBytes);
    block.resize(snappy::MaxCompressedLength(part.size()));
    std::size_t size = 0;
    snappy::RawCompress(part.data(), part.size(), block.data(), &size);
    writer.be(static_cast<std::uint32_t>(size));
    writer.bytes(std::string_view(block).substr(0, size));
  }
  return out;
}

Result<std::string> unlz4(std::string_view bytes, std::size_t bytes_max) {
  LZ4F_dctx* raw = nullptr;
  if (LZ4F_isError(LZ4F_createDecompressionContext(&raw, LZ4F_VERSION)) != 0U) {
    return Error(ErrorCode::kExhausted, "no memory for lz4");
  }
  const std::unique_ptr<LZ4F_dctx, LZ4F_errorCode_t (*)(LZ4F_dctx*)> context(
      raw, &LZ4F_freeDecompressionContext);
  std::string out;
  std::size_t used = 0;
  std::size_t wanted = 1;
  while (!bytes.empty() || wanted != 0) {
    std::size_t room = grow(out, used, bytes_max);
    if (room == 0) {
      return too_large(bytes_max);
    }
    std::size_t taken = bytes.size();
    wanted =
        LZ4F_decompress(context.get(), out.data() + used, &room, bytes.data(), &taken, nullptr);
    if (LZ4F_isError(wanted) != 0U) {
      return corrupt("lz4", LZ4F_getErrorName(wanted));
    }
    bytes.remove_prefix(taken);
    used += room;
    if (used > bytes_max) {
      return too_large(bytes_max);
    }
    if (taken == 0 && room == 0 && wanted != 0) {
      return corrupt("lz4", "it is cut off");
    }
  }
  out.resize(used);
  return out;
}

Result<std::string> lz4(std::string_view bytes, int level) {
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.blockMode = LZ4F_blockIndependent;
  preferences.frameInfo.blockSizeID = LZ4F_max64KB;
  if (level != kDefaultLevel) {
    if (level < 1 || level > LZ4HC_CLEVEL_MAX + 5) {
      return Error(ErrorCode::kInvalidArgument, "lz4 has levels from 1 to 17");
    }
    preferences.compressionLevel = std::min(level, LZ4HC_CLEVEL_MAX);
  }
  std::string out(LZ4F_compressFrameBound(bytes.size(), &preferences), '\0');
  const std::size_t size =
      LZ4F_compressFrame(out.data(), out.size(), bytes.data(), bytes.size(), &preferences);
  if (LZ4F_isError(size) != 0U) {
    return Error(ErrorCode::kInternal, std::string("lz4: ") + LZ4F_getErrorName(size));
  }
  out.resize(size);
  return out;
}

Result<std::string> unzstd(std::string_view bytes, std::size_t bytes_max) {
  const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(),
                                                                        &ZSTD_freeDCtx);
  if (context == nullptr || ZSTD_isError(ZSTD_DCtx_setParameter(
                                context.get(), ZSTD_d_windowLogMax, kZstdWindowLogMax)) != 0U) {
    return Error(ErrorCode::kExhausted, "no memory for zstd");
  }
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  std::string out;
  std::size_t used = 0;
  std::size_t wanted = 1;
  while (in.pos < in.size || wanted != 0) {
    const std::size_t room = grow(out, used, bytes_max);
    if (room == 0) {
      return too_large(bytes_max);
    }
    ZSTD_outBuffer step{out.data() + used, room, 0};
    const std::size_t before = in.pos;
    wanted = ZSTD_decompressStream(context.get(), &step, &in);
    if (ZSTD_isError(wanted) != 0U) {
      return corrupt("zstd", ZSTD_getErrorName(wanted));
    }
    used += step.pos;
    if (used > bytes_max) {
      return too_large(bytes_max);
    }
    if (in.pos == before && step.pos == 0 && wanted != 0) {
      return corrupt("zstd", "it is cut off");
    }
  }
  out.resize(used);
  return out;
}

Result<std::string> zstd(std::string_view bytes, int level) {
  constexpr int kOwnDefault = 3;
  const int chosen = level == kDefaultLevel ? kOwnDefault : level;
  if (chosen < ZSTD_minCLevel() || chosen > ZSTD_maxCLevel()) {
    return Error(ErrorCode::kInvalidArgument, "zstd has levels from -131072 to 22");
  }
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  const std::size_t size =
      ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), chosen);
  if (ZSTD_isError(size) != 0U) {
    return Error(ErrorCode::kInternal, std::string("zstd: ") + ZSTD_getErrorName(size));
  }
  out.resize(size);
  return out;
}

}  // namespace

std::string_view to_string(Compression compression) {
  switch (compression) {
    case Compression::kNone:
      return "none";
    case Compression::kGzip:
      return "gzip";
    case Compression::kSnappy:
      return "snappy";
    case Compression::kLz4:
      return "lz4";
    case Compression::kZstd:
      return "zstd";
  }
  return "unknown";
}

Result<std::string> decompress(Compression compression,
                               std::string_view bytes,
                               std::size_t bytes_max) {
  if (bytes.size() > std::numeric_limits<std::uint32_t>::max()) {
    return too_large(bytes_max);
  }
  if (compression != Compression::kNone && bytes.empty()) {
    return corrupt(to_string(compression), "it is empty");
  }
  switch (compression) {
    case Compression::kNone:
      if (bytes.size() > bytes_max) {
        return too_large(bytes_max);
      }
      return std::string(bytes);
    case Compression::kGzip:
      return gunzip(bytes, bytes_max);
    case Compression::kSnappy:
      return unsnap(bytes, bytes_max);
    case Compression::kLz4:
      return unlz4(bytes, bytes_max);
    case Compression::kZstd:
      return unzstd(bytes, bytes_max);
  }
  return Error(ErrorCode::kUnsupported, "unknown compression");
}

Result<std::string> compress(Compression compression, std::string_view bytes, int level) {
  if (bytes.size() > std::numeric_limits<std::int32_t>::max()) {
    return Error(ErrorCode::kExhausted, "too many bytes for one batch");
  }
  switch (compression) {
    case Compression::kNone:
      return std::string(bytes);
    case Compression::kGzip:
      return gzip(bytes, level);
    case Compression::kSnappy:
      return snap(bytes);
    case Compression::kLz4:
      return lz4(bytes, level);
    case Compression::kZstd:
      return zstd(bytes, level);
  }
  return Error(ErrorCode::kUnsupported, "unknown compression");
}

}  // namespace millrace::record
