#include "log/detail/wal.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <span>

#include <fmt/core.h>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/crc32c.h"
#include "base/fault.h"

namespace millrace::log {
namespace {

constexpr std::uint64_t kWalMagic = 0x314C41574552524D;  // "MRREWAL1", as bytes in this order
constexpr std::uint32_t kWalVersion = 1;
constexpr std::size_t kHeaderFieldBytes = 40;  // Before the CRC.
constexpr std::size_t kWindowBytes = 1U << 20;
constexpr std::uint64_t kPrepareStepBytes = 4ULL << 20;
constexpr std::size_t kZeroBytes = 64U << 10U;
constexpr std::size_t kFreeFilesKept = 2;
constexpr std::uint64_t kEndOfFile = std::numeric_limits<std::uint64_t>::max();

// The part of a file that is in memory while it is read from front to back. Owned by one thread.
class Window {
 public:
  explicit Window(io::File& file) : file_(file) {}

  // At least `bytes` from `at` on, fewer where the file ends.
  Result<std::string_view> get(std::uint64_t at, std::size_t bytes) {
    if (at < start_ || at + bytes > start_ + held_) {
      start_ = at;
      buffer_.resize(std::max(bytes, kWindowBytes));
      held_ = TRY(file_.pread(buffer_, at));
    }
    return std::string_view(buffer_).substr(at - start_, held_ - (at - start_));
  }

 private:
  io::File& file_;
  std::string buffer_;
  std::uint64_t start_ = 0;
  std::size_t held_ = 0;
};

std::uint64_t number_of(std::string_view name) {
  std::uint64_t number = 0;
  std::from_chars(name.data(), name.data() + name.size(), number);
  return number;
}

}  // namespace

std::string encode_wal_header(const WalFile& file) {
  std::string sector;
  ByteWriter writer(sector);
  writer.le(kWalMagic);
  writer.le(kWalVersion);
  writer.le(std::uint32_t{0});
  writer.le(file.id);
  writer.le(file.first_sequence);
  writer.le(file.salt);
  writer.le(crc32c(sector));
  sector.resize(kWalHeaderBytes);
  return sector;
}

bool decode_wal_header(std::string_view sector, WalFile& file) {
  ByteReader reader(sector);
  const auto magic = reader.le<std::uint64_t>();
  const auto version = reader.le<std::uint32_t>();
  reader.le<std::uint32_t>();
  const auto id = reader.le<std::uint64_t>();
  const auto first_sequence = reader.le<std::uint64_t>();
  const auto salt = reader.le<std::uint64_t>();
  const auto crc = reader.le<std::uint32_t>();
  if (!reader.ok() || magic != kWalMagic || version != kWalVersion || id == 0 ||
      first_sequence == 0 || crc != crc32c(sector.substr(0, kHeaderFieldBytes))) {
    return false;
  }
  file.id = id;
  file.first_sequence = first_sequence;
  file.last_sequence = first_sequence - 1;
  file.salt = salt;
  return true;
}

Result<std::unique_ptr<Wal>> Wal::open(io::Files& files, WalOptions options, Random& random) {
  TRY(io::make_dirs(files, options.directory));
  std::unique_ptr<Wal> wal(new Wal(files, std::move(options), random));
  TRY_DOING(wal->read_slots(), "open write-ahead log " + wal->options_.directory);
  return wal;
}

Result<void> Wal::read_slots() {
  for (const io::DirEntry& entry : TRY(files_.list(options_.directory))) {
    if (entry.is_directory || !entry.name.ends_with(".wal")) {
      continue;
    }
    auto slot = std::make_shared<WalFile>();
    slot->path = options_.directory + "/" + entry.name;
    slot->file = TRY(files_.open(slot->path, io::OpenMode::kReadWrite));
    slot->size = TRY(slot->file->size());
    last_number_ = std::max(last_number_, number_of(entry.name));
    std::string sector(kWalHeaderBytes, '\0');
    const std::size_t read = TRY(slot->file->pread(sector, 0));
    decode_wal_header(std::string_view(sector).substr(0, read), *slot);
    last_id_ = std::max(last_id_, slot->id);
    free_.push_back(std::move(slot));
  }
  return {};
}

Result<void> Wal::replay_file(const WalFilePtr& file,
                              std::uint64_t until,
                              const WalMark& mark,
                              std::uint64_t& next,
                              const WalVisitor& visit) {
  Window window(*file->file);
  const bool marked = file->id == mark.file_id;
  std::uint64_t at = marked ? mark.at : kWalHeaderBytes;
  std::uint64_t sequence = marked ? mark.sequence + 1 : file->first_sequence;
  file->last_sequence = sequence - 1;
  while (sequence < until && at < file->size) {
    std::string_view bytes = TRY(window.get(at, kFrameHeaderBytes));
    std::size_t size = 0;
    FrameStatus status = read_frame(bytes, sequence, file->salt, size);
    if (status == FrameStatus::kTorn && at + size <= file->size && size > bytes.size()) {
      bytes = TRY(window.get(at, size));
      status = read_frame(bytes, sequence, file->salt, size);
    }
    if (status != FrameStatus::kFrame) {
      break;
    }
    if (sequence == next) {
      TRY(visit({.sequence = sequence,
                 .payload = bytes.substr(kFrameHeaderBytes, size - kFrameHeaderBytes),
                 .file = file,
                 .payload_at = at + kFrameHeaderBytes}));
      ++next;
    }
    file->last_sequence = sequence;
    at += size;
    ++sequence;
  }
  file->end = at;
  return {};
}

Result<void> Wal::replay(const WalMark& mark, const WalVisitor& visit) {
  // The header of the file that the mark speaks of may be lost; its id is not given again.
  last_id_ = std::max(last_id_, mark.file_id);
  std::vector<WalFilePtr> used;
  std::erase_if(free_, [&](const WalFilePtr& file) {
    if (file->id != 0) {
      used.push_back(file);
    }
    return file->id != 0;
  });
  std::ranges::sort(used, {}, [](const WalFilePtr& file) { return file->id; });
  std::vector<std::uint64_t> until(used.size(), std::numeric_limits<std::uint64_t>::max());
  for (std::size_t i = used.size(); i-- > 1;) {
    until[i - 1] = std::min(until[i], used[i]->first_sequence);
  }
  std::uint64_t next = mark.sequence + 1;
  for (std::size_t i = 0; i < used.size(); ++i) {
    const WalFilePtr& file = used[i];
    const bool released = file->id < mark.file_id || until[i] <= mark.sequence + 1;
    const bool abandoned = file->first_sequence >= until[i];  // The writer began again before it.
    if (released || abandoned) {
      free_.push_back(file);
      continue;
    }
    if (file->id != mark.file_id && file->first_sequence > next) {
      return Error(ErrorCode::kCorruption,
                   fmt::format("write-ahead log: frames {} to {} are missing before {}; the disk "
                               "lost what it had reported as written",
                               next,
                               file->first_sequence - 1,
                               file->path));
    }
    TRY_DOING(replay_file(file, until[i], mark, next, visit), "replay " + file->path);
    const bool needed = file->last_sequence > mark.sequence;
    (needed ? full_ : free_).push_back(file);
  }
  next_sequence_ = next;
  synced_sequence_ = next - 1;
  return {};
}

WalMark Wal::mark() const {
  if (current_ == nullptr) {
    return {.sequence = synced_sequence_, .file_id = last_id_, .at = kEndOfFile};
  }
  return {.sequence = synced_sequence_, .file_id = current_->id, .at = current_->end};
}

std::string Wal::next_path() {
  return fmt::format("{}/{:08d}.wal", options_.directory, ++last_number_);
}

Result<bool> Wal::prepare(io::Files& files, WalFile& file, std::uint64_t bytes) {
  if (file.file == nullptr) {
    TRY(fault_error("wal.prepare"));
    file.file = TRY(files.open(file.path, io::OpenMode::kExclusive));
    file.size = 0;
  }
  // Never written to, so all of it is the kernel's one page of zeros: no memory.
  static char zeros[kZeroBytes];  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
  const std::uint64_t step = std::min(kPrepareStepBytes, bytes - file.size);
  std::vector<std::string_view> parts;
  for (std::uint64_t left = step; left > 0; left -= parts.back().size()) {
    parts.emplace_back(zeros, std::min<std::uint64_t>(left, kZeroBytes));
  }
  TRY_DOING(file.file->pwritev(parts, file.size), "prepare " + file.path);
  file.size += step;
  if (file.size < bytes) {
    return false;
  }
  TRY(fault_error("wal.prepare.sync"));
  TRY(file.file->sync_all());
  TRY(files.sync_dir(io::parent_path(file.path)));
  return true;
}

Result<WalFilePtr> Wal::make_file(std::uint64_t bytes) {
  auto file = std::make_shared<WalFile>();
  file->path = next_path();
  while (!TRY(prepare(files_, *file, bytes))) {
  }
  return file;
}

Result<void> Wal::activate(WalFilePtr file) {
  // A file's first sequence on disk says that all frames before it are durable: then a gap between
  // files is never the trace of a crash, but of a disk that lost what it had promised to keep.
  TRY(write());
  TRY(sync_dirty());
  retire_current();
  file->id = ++last_id_;
  file->first_sequence = next_sequence_;
  file->last_sequence = next_sequence_ - 1;
  // With the id, so that not even a generator that repeats itself gives a salt twice.
  file->salt = random_.next() ^ (file->id * 0x9E3779B97F4A7C15);
  file->end = kWalHeaderBytes;
  TRY(fault_error("wal.activate"));
  const Result<void> written = file->file->pwrite(encode_wal_header(*file), 0);
  if (!written) {
    // Its first sector may be anything: it must not come into use with an id that is given again.
    full_.push_back(std::move(file));
    return Error(written.error().code(), written.error().to_string());
  }
  dirty_.push_back(file);
  current_ = std::move(file);
  queued_at_ = kWalHeaderBytes;
  return {};
}

void Wal::retire_current() {
  if (current_ != nullptr) {
    full_.push_back(std::move(current_));
    current_ = nullptr;
  }
}

Result<bool> Wal::take_free(std::uint64_t bytes) {
  WalFilePtr* best = nullptr;
  for (WalFilePtr& file : free_) {
    const bool fits = file->size >= bytes + kWalHeaderBytes && file.use_count() == 1;
    if (fits && (best == nullptr || file->size > (*best)->size)) {
      best = &file;
    }
  }
  if (best == nullptr) {
    return false;
  }
  WalFilePtr taken = std::move(*best);
  free_.erase(free_.begin() + (best - free_.data()));
  starved_ = false;
  waiting_ = false;
  TRY(activate(std::move(taken)));
  return true;
}

Result<bool> Wal::reserve(std::uint64_t bytes) {
  if (current_ != nullptr && current_->end + bytes <= current_->size) {
    return true;
  }
  if (TRY(take_free(bytes))) {
    return true;
  }
  if (total_bytes() == 0) {
    const std::uint64_t size = std::max(options_.first_file_bytes, bytes + kWalHeaderBytes);
    TRY(activate(TRY(make_file(size))));
    return true;
  }
  // A frame larger than a file gets a file of its own, which release() throws away.
  if (bytes + kWalHeaderBytes > options_.file_bytes &&
      (used_bytes() < options_.bytes_max || full_.empty())) {
    TRY(activate(TRY(make_file(bytes + kWalHeaderBytes))));
    return true;
  }
  starved_ = full_.empty();
  waiting_ = true;
  return false;
}

WalPlace Wal::append(char* frame, std::size_t size) {
  MR_ASSERT(
      current_ != nullptr && current_->end + size <= current_->size, "no room for {} bytes", size);
  seal_frame(frame, size, next_sequence_, current_->salt);
  if (queued_.empty()) {
    queued_at_ = current_->end;
  }
  if (!queued_.empty() && queued_.back().data() + queued_.back().size() == frame) {
    queued_.back() = {queued_.back().data(), queued_.back().size() + size};
  } else {
    queued_.emplace_back(frame, size);
  }
  const WalPlace place{.file = current_, .at = current_->end};
  current_->end += size;
  current_->last_sequence = next_sequence_;
  ++next_sequence_;
  return place;
}

Result<void> Wal::write() {
  if (queued_.empty()) {
    return {};
  }
  TRY(fault_error("wal.write"));
  const std::vector<std::string_view> parts = std::move(queued_);
  queued_.clear();
  if (dirty_.empty() || dirty_.back() != current_) {
    dirty_.push_back(current_);
  }
  return current_->file->pwritev(parts, queued_at_);
}

Result<void> Wal::sync_dirty() {
  for (const WalFilePtr& file : dirty_) {
    TRY(fault_error("wal.sync"));
    TRY(file->file->sync_data());
  }
  dirty_.clear();
  return {};
}

Result<void> Wal::sync() {
  TRY(sync_dirty());
  synced_sequence_ = next_sequence_ - 1;
  return {};
}

void Wal::abandon() {
  queued_.clear();
  dirty_.clear();
  for (const WalFilePtr& file : full_) {
    file->last_sequence = std::min(file->last_sequence, synced_sequence_);
  }
  if (current_ != nullptr) {
    current_->last_sequence = std::min(current_->last_sequence, synced_sequence_);
  }
  retire_current();
  next_sequence_ = synced_sequence_ + 1;
}

std::vector<std::string> Wal::release(const WalMark& mark) {
  std::vector<std::string> unwanted;
  std::erase_if(full_, [&](const WalFilePtr& file) {
    // Replay reads nothing of a file whose mark lies behind its end.
    const bool behind =
        file->id < mark.file_id || (file->id == mark.file_id && mark.at == kEndOfFile);
    if (file->last_sequence > mark.sequence || !behind) {
      return false;
    }
    const bool odd_size =
        file->size > options_.file_bytes || (file->size < options_.file_bytes && !free_.empty());
    if (odd_size || free_.size() >= kFreeFilesKept) {
      unwanted.push_back(file->path);
    } else {
      free_.push_back(file);
    }
    return true;
  });
  return unwanted;
}

std::uint64_t Wal::used_bytes() const {
  std::uint64_t bytes = current_ == nullptr ? 0 : current_->size;
  for (const WalFilePtr& file : full_) {
    bytes += file->size;
  }
  return bytes;
}

std::uint64_t Wal::total_bytes() const {
  std::uint64_t bytes = used_bytes();
  for (const WalFilePtr& file : free_) {
    bytes += file->size;
  }
  return bytes;
}

std::uint64_t Wal::wanted_file_bytes(bool ahead) const {
  const bool spare = std::ranges::any_of(free_, [&](const WalFilePtr& file) {
    return file->size >= options_.file_bytes && file.use_count() == 1;
  });
  // The first file is made by the first frame. A second one beside it would hold up both.
  const bool none = current_ == nullptr && free_.empty() && total_bytes() > 0;
  const bool filling = current_ != nullptr && current_->end > current_->size / 4;
  const bool soon = ahead || waiting_ || none || filling;
  // Where everything is released, and what is free is too small or still being read, waiting would
  // not help: one file more than the limit does.
  const bool room = starved_ || total_bytes() + options_.file_bytes <= options_.bytes_max;
  if (spare || !soon || !room) {
    return 0;
  }
  return options_.file_bytes;
}

void Wal::add_prepared(WalFilePtr file) {
  free_.push_back(std::move(file));
}

}  // namespace millrace::log
