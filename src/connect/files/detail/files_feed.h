// Follows files: reads each from where it was left, in order, and looks again at intervals for new
// files and for longer ones.
//
// A line without its end at the end of a file is left there until its end comes, or until the file
// has not changed for the settle time. A packed file (.gz) is read when it has not changed for that
// time; its offsets are those of the text in it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "connect/files/detail/file_list.h"
#include "connect/files/detail/position.h"
#include "connect/files/detail/settings.h"
#include "connector/feed.h"
#include "connector/json_slices.h"
#include "io/files.h"

namespace millrace::connect::files::detail {

/// Owned by one thread.
class FilesFeed final : public connector::Feed {
 public:
  FilesFeed(Settings settings, io::Files& files, const Clock& clock);

  connector::FeedPoll poll(std::string_view cursor,
                           connector::Credit credit,
                           const std::stop_token& stop) override;

  [[nodiscard]] connector::FeedGuarantee guarantee() const override { return promise(); }

  static connector::FeedGuarantee promise();

 private:
  enum class FileState : std::uint8_t {
    kRead,     ///< All that is there now was given.
    kWaits,    ///< It may be incomplete.
    kPartial,  ///< The credit is used up, or a stop was asked.
    kFailed,   ///< It cannot be read now.
  };

  /// What a poll has given so far.
  struct Batch {
    connector::FeedPoll& poll;
    connector::Credit credit;
    const std::stop_token& stop;
    std::int64_t now_ms = 0;
    std::size_t bytes = 0;

    [[nodiscard]] bool full() const {
      return poll.fetched() >= credit.records || bytes >= credit.bytes || stop.stop_requested();
    }
  };

  [[nodiscard]] std::int64_t monotonic_ms() const { return clock_.monotonic_ns() / 1'000'000; }

  bool take_cursor(std::string_view cursor);
  void look(connector::FeedPoll& poll);
  void forget_gone();
  void read_files(Batch& batch);
  FileState read_file(const FoundFile& file, Batch& batch);
  FileState read_plain(const FoundFile& file, FileEntry entry, Batch& batch);
  FileState read_packed(const FoundFile& file, FileEntry entry, Batch& batch);
  FileState read_open(
      const FoundFile& file, io::File& raw, io::File& text, FileEntry& entry, Batch& batch);
  FileState read_records(const FoundFile& file, io::File& open, FileEntry& entry, Batch& batch);
  FileState read_whole(const FoundFile& file, io::File& open, FileEntry& entry, Batch& batch);
  /// What a file that cannot be read now, or never, comes to.
  FileState note_failed(const FoundFile& file, const Error& error, FileEntry& entry, Batch& batch);
  /// Notes that there is no more to read.
  static void finish(const FoundFile& file, FileEntry& entry, std::uint64_t offset);
  /// False when these are not the bytes that were read before.
  Result<bool> is_same(io::File& open, const FileEntry& entry) const;
  Result<void> note_head(io::File& open, FileEntry& entry) const;
  [[nodiscard]] bool is_settled(const FoundFile& file) const;
  void give(const FoundFile& file, std::uint64_t offset, std::string_view value, Batch& batch);
  void fail(const FoundFile& file,
            std::uint64_t offset,
            connector::FeedFailure failure,
            Batch& batch);
  void note_problem(connector::FeedPoll& poll, std::string problem);

  /// The packed file that was read last: to go on there without unpacking its start again.
  struct OpenPacked {
    std::uint64_t identity = 0;
    std::uint64_t bytes = 0;
    std::unique_ptr<io::File> text = {};
  };

  const Settings settings_;
  io::Files& files_;
  const Clock& clock_;
  connector::JsonSlicer slicer_;
  std::string cursor_;  // What position_ is as text.
  FilesPosition position_;
  bool started_ = false;
  std::vector<FoundFile> found_;
  std::size_t next_file_ = 0;  // Those before it have nothing more since the last look.
  bool some_wait_ = false;
  OpenPacked packed_;
  std::int64_t next_look_ms_ = 0;
};

}  // namespace millrace::connect::files::detail
