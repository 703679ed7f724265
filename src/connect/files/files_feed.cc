#include "connect/files/detail/files_feed.h"

#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/crc32c.h"
#include "base/hash.h"
#include "io/gzip_file.h"

namespace millrace::connect::files::detail {
namespace {

using connector::Credit;
using connector::FeedFailure;
using connector::FeedPoll;

constexpr std::int64_t kBadCursorWaitMs = 5'000;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
// Packed in ways that are not read; .gz is.
constexpr std::string_view kCompressed[] = {".zst", ".lz4", ".snappy", ".bz2"};

bool is_compressed(std::string_view path) {
  return std::ranges::any_of(kCompressed,
                             [&](std::string_view suffix) { return path.ends_with(suffix); });
}

// Simulated disks may have no inodes.
std::uint64_t identity_of(const FoundFile& file) {
  return file.stat.inode != 0 ? file.stat.inode : xxh64(file.path);
}

}  // namespace

FilesFeed::FilesFeed(Settings settings, io::Files& files, const Clock& clock)
    : settings_(std::move(settings)), files_(files), clock_(clock) {}

connector::FeedGuarantee FilesFeed::promise() {
  return {.guarantee = connector::Guarantee::kExactly,
          .why = "the offset in each file is stored with the records read from it"};
}

FeedPoll FilesFeed::poll(std::string_view cursor, Credit credit, const std::stop_token& stop) {
  FeedPoll poll;
  if (!take_cursor(cursor)) {
    poll.next_cursor = cursor;
    poll.wait_ms = kBadCursorWaitMs;
    poll.problem =
        "the stored position is not one of a files source: " + std::string(cursor.substr(0, 200));
    return poll;
  }
  const bool all_read = next_file_ >= found_.size();
  if (all_read && monotonic_ms() < next_look_ms_) {
    poll.next_cursor = cursor;
    poll.wait_ms = next_look_ms_ - monotonic_ms();
    poll.caught_up = !some_wait_;
    return poll;
  }
  if (all_read) {
    look(poll);
  }
  Batch batch{.poll = poll, .credit = credit, .stop = stop, .now_ms = clock_.wall_ms()};
  read_files(batch);
  cursor_ = format_position(position_);
  poll.next_cursor = cursor_;
  if (next_file_ >= found_.size()) {
    poll.caught_up = !some_wait_;
    poll.wait_ms = std::max<std::int64_t>(0, next_look_ms_ - monotonic_ms());
  }
  return poll;
}

// A cursor other than the one given last means that the reader could not store it: what is known
// of the files is known anew.
bool FilesFeed::take_cursor(std::string_view cursor) {
  if (started_ && cursor == cursor_) {
    return true;
  }
  std::optional<FilesPosition> position = parse_position(cursor);
  if (!position) {
    return false;
  }
  position_ = std::move(*position);
  cursor_ = cursor;
  started_ = true;
  found_.clear();
  next_file_ = 0;
  next_look_ms_ = 0;
  return true;
}

void FilesFeed::note_problem(FeedPoll& poll, std::string problem) {
  if (poll.problem.empty()) {
    poll.problem = std::move(problem);
  }
}

void FilesFeed::look(FeedPoll& poll) {
  next_look_ms_ = monotonic_ms() + settings_.interval_ms;
  next_file_ = 0;
  some_wait_ = false;
  found_.clear();
  Result<std::vector<FoundFile>> listed = list_files(files_, settings_.list);
  if (!listed) {
    note_problem(poll,
                 fmt::format("{}: {}; looking again in {} ms",
                             settings_.list.path,
                             listed.error().to_string(),
                             settings_.interval_ms));
    return;
  }
  found_ = std::move(listed).release();
  forget_gone();
}

void FilesFeed::forget_gone() {
  std::set<std::uint64_t> there;
  for (const FoundFile& file : found_) {
    there.insert(identity_of(file));
  }
  std::erase_if(position_.files, [&](const auto& file) { return !there.contains(file.first); });
  while (position_.files.size() > kEntriesMax) {
    const auto oldest = std::ranges::min_element(
        position_.files, {}, [](const auto& file) { return file.second.modified_us; });
    position_.finished_us = std::max(position_.finished_us, oldest->second.modified_us);
    position_.files.erase(oldest);
  }
}

void FilesFeed::read_files(Batch& batch) {
  while (next_file_ < found_.size() && !batch.full()) {
    const FileState state = read_file(found_[next_file_], batch);
    if (state == FileState::kPartial) {
      return;
    }
    some_wait_ = some_wait_ || state == FileState::kWaits;
    ++next_file_;
  }
}

bool FilesFeed::is_settled(const FoundFile& file) const {
  return clock_.wall_us() - file.stat.modified_us >= settings_.settle_ms * 1000;
}

FilesFeed::FileState FilesFeed::read_file(const FoundFile& file, Batch& batch) {
  const auto known = position_.files.find(identity_of(file));
  FileEntry entry = known == position_.files.end() ? FileEntry{} : known->second;
  if (known == position_.files.end() && file.stat.modified_us != 0 &&
      file.stat.modified_us <= position_.finished_us) {
    return FileState::kRead;
  }
  entry.modified_us = file.stat.modified_us;
  return io::is_gzip_name(file.path) ? read_packed(file, entry, batch)
                                     : read_plain(file, entry, batch);
}

FilesFeed::FileState FilesFeed::read_plain(const FoundFile& file, FileEntry entry, Batch& batch) {
  if (entry.offset > file.stat.size) {
    note_problem(batch.poll,
                 fmt::format("{} was cut from {} to {} bytes; it is read again from its start",
                             file.path,
                             entry.offset,
                             file.stat.size));
    entry = FileEntry{.modified_us = file.stat.modified_us};
  }
  if (entry.offset == file.stat.size) {
    position_.files[identity_of(file)] = entry;
    return FileState::kRead;
  }
  const Result<std::unique_ptr<io::File>> open = files_.open(file.path, io::OpenMode::kRead);
  if (!open) {
    return note_failed(file, open.error(), entry, batch);
  }
  return read_open(file, **open, **open, entry, batch);
}

FilesFeed::FileState FilesFeed::read_packed(const FoundFile& file, FileEntry entry, Batch& batch) {
  if (entry.packed_bytes == file.stat.size && file.stat.size > 0) {
    position_.files[identity_of(file)] = entry;
    return FileState::kRead;
  }
  if (!is_settled(file)) {
    return FileState::kWaits;
  }
  Result<std::unique_ptr<io::File>> raw = files_.open(file.path, io::OpenMode::kRead);
  if (!raw) {
    return note_failed(file, raw.error(), entry, batch);
  }
  if (!packed_.text || packed_.identity != identity_of(file) || packed_.bytes != file.stat.size) {
    Result<std::unique_ptr<io::File>> text = io::open_unpacked(files_, file.path);
    if (!text) {
      return note_failed(file, text.error(), entry, batch);
    }
    packed_ = {
        .identity = identity_of(file), .bytes = file.stat.size, .text = std::move(text).release()};
  }
  const FileState state = read_open(file, **raw, *packed_.text, entry, batch);
  if (state != FileState::kPartial) {
    packed_ = {};
  }
  return state;
}

// `raw` has the bytes of the file, `text` what is read; they differ when it is packed.
FilesFeed::FileState FilesFeed::read_open(
    const FoundFile& file, io::File& raw, io::File& text, FileEntry& entry, Batch& batch) {
  const Result<bool> same = is_same(raw, entry);
  if (same && !*same) {
    entry = FileEntry{.modified_us = file.stat.modified_us};  // Another file with a freed inode.
  }
  const FileState state = settings_.whole_files ? read_whole(file, text, entry, batch)
                                                : read_records(file, text, entry, batch);
  note_head(raw, entry).ignore_error("without it a file with the same inode is taken for it");
  position_.files[identity_of(file)] = entry;
  return state;
}

void FilesFeed::finish(const FoundFile& file, FileEntry& entry, std::uint64_t offset) {
  if (io::is_gzip_name(file.path)) {
    entry.packed_bytes = file.stat.size;
    entry.offset = offset;
  } else {
    entry.offset = file.stat.size;
  }
}

// A damaged file is one failure and over; any other trouble may pass.
FilesFeed::FileState FilesFeed::note_failed(const FoundFile& file,
                                            const Error& error,
                                            FileEntry& entry,
                                            Batch& batch) {
  const bool damaged = io::is_gzip_name(file.path) && (error.code() == ErrorCode::kCorruption ||
                                                       error.code() == ErrorCode::kExhausted);
  if (!damaged) {
    note_problem(batch.poll, fmt::format("{} cannot be read: {}", file.path, error.to_string()));
    return FileState::kFailed;
  }
  fail(file,
       entry.offset,
       {.error_class = "FILE_DAMAGED", .reason = file.path + ": " + std::string(error.message())},
       batch);
  finish(file, entry, entry.offset);
  return FileState::kRead;
}

Result<bool> FilesFeed::is_same(io::File& open, const FileEntry& entry) const {
  std::array<char, kHeadBytesMax> head{};
  const std::span<char> wanted(head.data(), static_cast<std::size_t>(entry.head_bytes));
  const std::size_t got = TRY(open.pread(wanted, 0));
  return got == wanted.size() && crc32c({head.data(), got}) == entry.head_crc;
}

Result<void> FilesFeed::note_head(io::File& open, FileEntry& entry) const {
  const std::uint64_t wanted = std::min(entry.offset, kHeadBytesMax);
  if (entry.head_bytes == wanted && wanted > 0) {
    return {};
  }
  std::array<char, kHeadBytesMax> head{};
  const std::size_t got =
      TRY(open.pread(std::span(head.data(), static_cast<std::size_t>(wanted)), 0));
  entry.head_bytes = got;
  entry.head_crc = crc32c({head.data(), got});
  return {};
}

void FilesFeed::give(const FoundFile& file,
                     std::uint64_t offset,
                     std::string_view value,
                     Batch& batch) {
  connector::FeedRecord& record = batch.poll.records.emplace_back();
  record.value = value;
  record.timestamp_ms = batch.now_ms;
  record.headers.emplace_back("millrace.file", file.path);
  record.headers.emplace_back("millrace.file_offset", std::to_string(offset));
  batch.bytes += value.size();
}

void FilesFeed::fail(const FoundFile& file,
                     std::uint64_t offset,
                     FeedFailure failure,
                     Batch& batch) {
  failure.bytes.resize(std::min(failure.bytes.size(), connector::kFailureBytesMax));
  failure.headers = {{"millrace.file", file.path},
                     {"millrace.file_offset", std::to_string(offset)}};
  batch.bytes += failure.bytes.size();
  batch.poll.failures.push_back(std::move(failure));
}

FilesFeed::FileState FilesFeed::read_records(const FoundFile& file,
                                             io::File& open,
                                             FileEntry& entry,
                                             Batch& batch) {
  if (is_compressed(file.path)) {
    fail(file,
         0,
         {.error_class = "FILE_COMPRESSED",
          .reason = "of packed files only .gz is read: " + file.path},
         batch);
    entry.offset = file.stat.size;
    return FileState::kRead;
  }
  const bool packed = io::is_gzip_name(file.path);
  const std::uint64_t size = packed ? std::numeric_limits<std::uint64_t>::max() : file.stat.size;
  RecordReader reader(open, entry.offset, size, settings_.cut);
  while (!batch.full()) {
    Result<RecordReader::Step> step = reader.next(batch.stop);
    if (!step) {
      return note_failed(file, step.error(), entry, batch);
    }
    using Step = RecordReader::Step;
    if (*step == Step::kEnd) {
      finish(file, entry, entry.offset);
      return FileState::kRead;
    }
    if (*step == Step::kStopped) {
      return FileState::kPartial;
    }
    if (*step == Step::kUnfinished && !is_settled(file)) {
      return FileState::kWaits;
    }
    entry.offset = reader.end();
    if (*step == Step::kTooLong || reader.is_too_long()) {
      fail(file,
           reader.begin(),
           {.error_class = "RECORD_TOO_LONG",
            .reason = fmt::format("a record of {} bytes is over the limit of {}",
                                  reader.end() - reader.begin(),
                                  settings_.cut.record_bytes_max),
            .bytes = std::string(reader.record().substr(0, connector::kFailureBytesMax))},
           batch);
      continue;
    }
    std::string_view value = reader.record();
    if (reader.begin() == 0 && value.starts_with(kByteOrderMark)) {
      value.remove_prefix(kByteOrderMark.size());
    }
    const bool skipped = (settings_.skip_blank && trim_blanks(value).empty()) ||
                         (settings_.skip_header && reader.begin() == 0) ||
                         (settings_.comment != '\0' && value.starts_with(settings_.comment));
    if (!skipped) {
      give(file, reader.begin(), value, batch);
    }
  }
  return FileState::kPartial;
}

FilesFeed::FileState FilesFeed::read_whole(const FoundFile& file,
                                           io::File& open,
                                           FileEntry& entry,
                                           Batch& batch) {
  if (entry.offset > 0) {
    note_problem(batch.poll, file.path + " changed after it was read; the change is ignored");
    finish(file, entry, entry.offset);
    return FileState::kRead;
  }
  if (!is_settled(file)) {
    return FileState::kWaits;
  }
  // A byte over the limit tells that there are more.
  const bool packed = io::is_gzip_name(file.path);
  const std::uint64_t most = settings_.cut.record_bytes_max + 1;
  std::string text(static_cast<std::size_t>(packed ? most : std::min(most, file.stat.size)), '\0');
  Result<std::size_t> got = open.pread(std::span(text.data(), text.size()), 0);
  if (!got) {
    return note_failed(file, got.error(), entry, batch);
  }
  if (*got == most) {
    fail(file,
         0,
         {.error_class = "RECORD_TOO_LONG",
          .reason = packed ? fmt::format("a packed file of more than {} bytes", most - 1)
                           : fmt::format("a file of {} bytes is over the limit of {}",
                                         file.stat.size,
                                         settings_.cut.record_bytes_max)},
         batch);
    finish(file, entry, most);
    return FileState::kRead;
  }
  text.resize(*got);
  if (text.starts_with(kByteOrderMark)) {
    text.erase(0, kByteOrderMark.size());
  }
  finish(file, entry, *got);
  if (settings_.format != FileFormat::kJson) {
    give(file, 0, text, batch);
    return FileState::kRead;
  }
  const connector::JsonSlices slices = slicer_.cut(text, {});
  if (slices.problem != connector::SliceProblem::kNone) {
    fail(file,
         0,
         {.error_class = "INVALID_JSON",
          .reason = file.path + " is not one JSON text: " + slices.reason,
          .bytes = text},
         batch);
    return FileState::kRead;
  }
  for (const std::string_view record : slices.records) {
    give(file, 0, record, batch);
  }
  return FileState::kRead;
}

}  // namespace millrace::connect::files::detail
