// What the benchmarks of the disk share: the folder that is measured, and the bare loop that does
// on the disk what a log cannot leave out, and nothing else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include <unistd.h>

#include "base/assert.h"
#include "base/result.h"
#include "io/files.h"
#include "io/real_files.h"

namespace millrace::io {

/// A folder of this process below MILLRACE_BENCH_DIR, else below the current one. Made at once and
/// removed at the end. Owned by one thread.
class BenchDirectory {
 public:
  explicit BenchDirectory(const std::string& name) {
    const char* chosen = std::getenv("MILLRACE_BENCH_DIR");
    path_ = std::string(chosen == nullptr ? "." : chosen) + "/millrace-" + name + "-" +
            std::to_string(getpid());
    MUST(make_dirs(files_, path_));
  }

  ~BenchDirectory() { MUST(remove_all(files_, path_)); }

  BenchDirectory(const BenchDirectory&) = delete;
  BenchDirectory& operator=(const BenchDirectory&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

  [[nodiscard]] RealFiles& files() { return files_; }

 private:
  RealFiles files_;
  std::string path_;
};

/// Groups of bytes, one write and one fdatasync each, into a file that was filled in advance.
/// Owned by one thread.
class BareGroupCommit {
 public:
  BareGroupCommit(const std::string& name, std::size_t group_bytes)
      : directory_(name), group_(group_bytes, 'x') {
    file_ = MUST(directory_.files().open(directory_.path() + "/bare", OpenMode::kCreate));
    const std::string zeros(1U << 20U, '\0');
    for (std::uint64_t at = 0; at < kFileBytes; at += zeros.size()) {
      MUST(file_->pwrite(zeros, at));
    }
    MUST(file_->sync_all());
  }

  void commit() {
    MUST(file_->pwrite(group_, at_));
    MUST(file_->sync_data());
    at_ = (at_ + group_.size()) % (kFileBytes - group_.size());
  }

 private:
  static constexpr std::uint64_t kFileBytes = 64ULL << 20U;

  BenchDirectory directory_;
  const std::string group_;
  std::unique_ptr<File> file_;
  std::uint64_t at_ = 0;
};

}  // namespace millrace::io
