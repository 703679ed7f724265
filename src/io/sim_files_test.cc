#include "io/sim_files.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "base/random.h"

namespace millrace::io {
namespace {

constexpr std::uint64_t kSimSector = SimFiles::kSector;
constexpr std::size_t kNamesPendingMax = 9;  // the naive check tries every subset of them

template <class T>
ErrorCode sim_code_of(const Result<T>& result) {
  return result ? ErrorCode::kInternal : result.error().code();
}

void put(Files& files, const std::string& path, std::string_view bytes) {
  const auto file = MUST(files.open(path, OpenMode::kCreate));
  MUST(file->pwrite(bytes, 0));
  MUST(file->sync_data());
}

// The naive disk: every content that each file ever had since its last sync, and every change of
// names, written down. It says what may be there after a crash by looking at all of it.
struct NaiveDisk {
  using Names = std::map<std::string, std::uint64_t>;  // path → inode
  using Step = std::vector<std::pair<std::string, std::uint64_t>>;

  static std::string folder_of(const std::string& path) { return path.substr(0, 1); }

  void apply(Names& names, const Step& step) const {
    for (const auto& [path, inode] : step) {
      if (inode == 0) {
        names.erase(path);
      } else {
        names[path] = inode;
      }
    }
  }

  void change(const Step& step) {
    apply(now, step);
    pending.push_back(step);
  }

  void sync_dir(const std::string& folder) {
    for (Step& step : pending) {
      Step rest;
      for (const auto& part : step) {
        if (folder_of(part.first) == folder) {
          apply(durable, {part});
        } else {
          rest.push_back(part);
        }
      }
      step = rest;
    }
    std::erase_if(pending, [](const Step& step) { return step.empty(); });
  }

  [[nodiscard]] bool may_have_names(const Names& found) const {
    for (std::uint64_t subset = 0; subset < (std::uint64_t{1} << pending.size()); ++subset) {
      Names names = durable;
      for (std::size_t i = 0; i < pending.size(); ++i) {
        if (((subset >> i) & 1U) != 0) {
          apply(names, pending[i]);
        }
      }
      if (names == found) {
        return true;
      }
    }
    return false;
  }

  [[nodiscard]] bool may_have_bytes(std::uint64_t inode, const std::string& found) const {
    const auto& all = contents.at(inode);
    if (std::ranges::none_of(all, [&](const auto& one) { return one.size() == found.size(); })) {
      return false;
    }
    for (std::size_t i = 0; i < found.size(); ++i) {
      const auto has = [&](const std::string& one) {
        return (i < one.size() ? one[i] : '\0') == found[i];
      };
      if (std::ranges::none_of(all, has)) {
        return false;
      }
    }
    return true;
  }

  Names now;
  Names durable;
  std::vector<Step> pending;
  std::map<std::uint64_t, std::vector<std::string>> contents;  // the first is the synced one
};

// Does random things to a simulated and to a naive disk.
class Workload {
 public:
  explicit Workload(std::uint64_t seed) : random_(seed), disk_(seed * 31 + 1) {
    for (const char* folder : {"a", "b"}) {
      MUST(disk_.make_dir(folder));
    }
    MUST(disk_.sync_dir("/"));
  }

  void step() {
    switch (random_.below(10)) {
      case 0:
      case 1:
      case 2:
      case 3:
        write();
        break;
      case 4:
        cut();
        break;
      case 5:
        sync_file();
        break;
      case 6:
        create();
        break;
      case 7:
        rename();
        break;
      case 8:
        remove();
        break;
      default:
        sync_dir();
    }
  }

  void crash_and_check() {
    disk_.crash();
    const NaiveDisk::Names found = names_on_disk();
    ASSERT_TRUE(naive_.may_have_names(found));
    for (const auto& [path, inode] : found) {
      const std::string bytes = MUST(read_all(disk_, path, 1 << 20));
      ASSERT_TRUE(naive_.may_have_bytes(inode, bytes)) << path;
    }
    // What is there now is durable: a second crash changes nothing.
    disk_.crash();
    ASSERT_EQ(names_on_disk(), found);
    NaiveDisk next;
    next.now = next.durable = found;
    for (const auto& [path, inode] : found) {
      next.contents[inode] = {MUST(read_all(disk_, path, 1 << 20))};
    }
    naive_ = next;
  }

 private:
  NaiveDisk::Names names_on_disk() {
    NaiveDisk::Names found;
    for (const char* folder : {"a", "b"}) {
      for (const DirEntry& entry : MUST(disk_.list(folder))) {
        const std::string path = std::string(folder) + "/" + entry.name;
        found[path] = MUST(disk_.stat(path)).inode;
      }
    }
    return found;
  }

  std::string any_path() {
    return std::string(random_.one_in(2) ? "a/" : "b/") + static_cast<char>('p' + random_.below(4));
  }

  std::optional<std::string> existing_path() {
    if (naive_.now.empty()) {
      return std::nullopt;
    }
    return std::next(naive_.now.begin(),
                     static_cast<std::ptrdiff_t>(random_.below(naive_.now.size())))
        ->first;
  }

  std::string& content_of(const std::string& path) {
    auto& all = naive_.contents[naive_.now[path]];
    all.push_back(all.back());
    return all.back();
  }

  void write() {
    const auto path = existing_path();
    if (!path) {
      return;
    }
    const std::size_t offset = random_.below(2000);
    const std::string bytes(1 + random_.below(1200), static_cast<char>('A' + random_.below(26)));
    const auto file = MUST(disk_.open(*path, OpenMode::kReadWrite));
    MUST(file->pwrite(bytes, offset));
    std::string& content = content_of(*path);
    content.resize(std::max(content.size(), offset + bytes.size()));
    content.replace(offset, bytes.size(), bytes);
    ASSERT_EQ(MUST(read_all(disk_, *path, 1 << 20)), content);
  }

  void cut() {
    const auto path = existing_path();
    if (!path) {
      return;
    }
    const std::size_t size = random_.below(2500);
    MUST(MUST(disk_.open(*path, OpenMode::kReadWrite))->truncate(size));
    content_of(*path).resize(size);
  }

  void sync_file() {
    const auto path = existing_path();
    if (!path) {
      return;
    }
    MUST(MUST(disk_.open(*path, OpenMode::kReadWrite))->sync_data());
    auto& all = naive_.contents[naive_.now[*path]];
    all = {all.back()};
  }

  [[nodiscard]] bool may_change_names() const { return naive_.pending.size() < kNamesPendingMax; }

  void create() {
    const std::string path = any_path();
    if (!may_change_names() || naive_.now.contains(path)) {
      return;
    }
    MUST(disk_.open(path, OpenMode::kExclusive));
    const std::uint64_t inode = MUST(disk_.stat(path)).inode;
    naive_.contents[inode] = {""};
    naive_.change({{path, inode}});
  }

  void rename() {
    const auto from = existing_path();
    const std::string to = any_path();
    if (!may_change_names() || !from || naive_.now[*from] == naive_.now[to]) {
      std::erase_if(naive_.now, [](const auto& entry) { return entry.second == 0; });
      return;
    }
    MUST(disk_.rename(*from, to));
    naive_.change({{*from, 0}, {to, naive_.now[*from]}});
  }

  void remove() {
    const auto path = existing_path();
    if (!may_change_names() || !path) {
      return;
    }
    MUST(disk_.remove(*path));
    naive_.change({{*path, 0}});
  }

  void sync_dir() {
    const std::string folder = random_.one_in(2) ? "a" : "b";
    MUST(disk_.sync_dir(folder));
    naive_.sync_dir(folder);
  }

  Random random_;
  SimFiles disk_;
  NaiveDisk naive_;
};

void compare_with_naive(std::uint64_t first, std::uint64_t last) {
  for (std::uint64_t seed = first; seed < last; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Workload workload(seed);
    for (int crash = 0; crash < 3; ++crash) {
      for (int step = 0; step < 40; ++step) {
        workload.step();
      }
      workload.crash_and_check();
      if (::testing::Test::HasFatalFailure()) {
        return;
      }
    }
  }
}

TEST(SimFiles, leaves_after_a_crash_only_what_the_naive_disk_allows) {
  compare_with_naive(0, 300);
}

TEST(SimFilesSlow, leaves_after_a_crash_only_what_the_naive_disk_allows) {
  compare_with_naive(1000, 9000);
}

// What can happen must also happen: a simulation that never loses anything proves nothing.
TEST(SimFiles, loses_keeps_and_tears_within_a_hundred_seeds) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SimFiles disk(seed);
    put(disk, "f", std::string(4 * kSimSector, 'o'));
    MUST(disk.sync_dir("/"));
    MUST(MUST(disk.open("f", OpenMode::kReadWrite))->pwrite(std::string(4 * kSimSector, 'n'), 0));
    disk.crash();
    const std::string bytes = MUST(read_all(disk, "f", 1 << 20));
    std::set<char> kinds(bytes.begin(), bytes.end());
    seen.insert(kinds.size() == 2 ? "some" : std::string(1, *kinds.begin()));
    for (std::size_t sector = 0; sector < 4; ++sector) {
      const std::string part = bytes.substr(sector * kSimSector, kSimSector);
      kinds = std::set<char>(part.begin(), part.end());
      seen.insert(kinds.size() == 2 ? "torn" : "whole");
    }
  }
  EXPECT_EQ(seen, (std::set<std::string>{"n", "o", "some", "torn", "whole"}));
}

TEST(SimFiles, may_lose_the_size_and_keep_the_name) {
  std::set<std::uint64_t> sizes;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SimFiles disk(seed);
    const auto file = MUST(disk.open("f", OpenMode::kCreate));
    MUST(disk.sync_dir("/"));
    MUST(file->pwrite("first", 0));
    MUST(file->pwrite("second", 5));
    disk.crash();
    sizes.insert(MUST(disk.stat("f")).size);
  }
  EXPECT_EQ(sizes, (std::set<std::uint64_t>{0, 5, 11}));
}

TEST(SimFiles, a_name_that_was_not_synced_may_be_lost_with_its_synced_bytes) {
  int lost = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SimFiles disk(seed);
    put(disk, "f", "synced");
    disk.crash();
    if (MUST(exists(disk, "f"))) {
      EXPECT_EQ(MUST(read_all(disk, "f", 100)), "synced");
    } else {
      ++lost;
    }
  }
  EXPECT_GT(lost, 20);
  EXPECT_LT(lost, 80);
}

TEST(SimFiles, write_atomically_leaves_the_old_or_the_new_at_every_power_failure) {
  std::map<std::string, int> seen;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    SimFiles disk(seed);
    MUST(write_atomically(disk, "f", std::string(2000, 'o')));
    disk.power_off_at(disk.operations() + 1 + seed % 7);
    const bool done = static_cast<bool>(write_atomically(disk, "f", std::string(1500, 'n')));
    disk.crash();
    const std::string bytes = MUST(read_all(disk, "f", 1 << 20));
    ASSERT_TRUE(bytes == std::string(2000, 'o') || bytes == std::string(1500, 'n')) << seed;
    ASSERT_TRUE(!done || bytes[0] == 'n') << seed;
    ++seen[std::string(1, bytes[0]) + (done ? " done" : " not done")];
  }
  EXPECT_EQ(seen.size(), 3U);  // old, new, and new although it was not answered
}

// The checker above must be able to fail: without the sync of the bytes it finds a mixture.
TEST(SimFiles, write_atomically_is_found_out_when_syncs_do_nothing) {
  int broken = 0;
  int lost = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SimFiles disk(seed);
    MUST(write_atomically(disk, "f", std::string(2000, 'o')));
    disk.disable_sync(seed % 2 == 0 ? SimFiles::SyncKind::kFile : SimFiles::SyncKind::kDirectory,
                      "");
    MUST(write_atomically(disk, "f", std::string(1500, 'n')));
    disk.crash();
    const std::string bytes = MUST(read_all(disk, "f", 1 << 20));
    if (bytes == std::string(2000, 'o')) {
      ++lost;
    } else if (bytes != std::string(1500, 'n')) {
      ++broken;
    }
  }
  EXPECT_GT(broken, 10);
  EXPECT_GT(lost, 10);
}

TEST(SimFiles, the_same_seed_and_calls_give_the_same_disk) {
  const auto run = [](std::uint64_t seed) {
    SimFiles disk(seed);
    const auto file = MUST(disk.open("f", OpenMode::kCreate));
    MUST(disk.sync_dir("/"));
    for (std::uint64_t i = 0; i < 20; ++i) {
      MUST(file->pwrite(std::string(700, static_cast<char>('a' + i)), i * 300));
    }
    disk.crash();
    return MUST(read_all(disk, "f", 1 << 20));
  };
  std::set<std::string> different;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    EXPECT_EQ(run(seed), run(seed));
    different.insert(run(seed));
  }
  EXPECT_GT(different.size(), 20U);
}

TEST(SimFiles, the_nth_operation_fails_and_the_next_goes_on) {
  SimFiles disk(1);
  const auto file = MUST(disk.open("f", OpenMode::kCreate));
  disk.fail_at(disk.operations() + 2, ErrorCode::kExhausted);
  MUST(file->pwrite("one", 0));
  EXPECT_EQ(sim_code_of(file->pwrite("two", 3)), ErrorCode::kExhausted);
  MUST(file->pwrite("two", 3));
  EXPECT_EQ(MUST(read_all(disk, "f", 100)), "onetwo");
  disk.fail_at(disk.operations() + 1);
  EXPECT_EQ(sim_code_of(disk.remove("f")), ErrorCode::kIo);
  EXPECT_TRUE(MUST(exists(disk, "f")));
}

TEST(SimFiles, a_good_sync_after_a_failed_one_does_not_save_the_bytes) {
  int lost = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SimFiles disk(seed);
    put(disk, "f", std::string(kSimSector * 4, 'o'));
    MUST(disk.sync_dir("/"));
    const auto file = MUST(disk.open("f", OpenMode::kReadWrite));
    MUST(file->pwrite(std::string(kSimSector * 4, 'n'), 0));
    disk.fail_at(disk.operations() + 1);
    EXPECT_FALSE(file->sync_data());
    MUST(file->sync_data());
    EXPECT_EQ(MUST(read_all(disk, "f", 1 << 20)), std::string(kSimSector * 4, 'n'));
    disk.crash();
    lost += MUST(read_all(disk, "f", 1 << 20)).find('o') != std::string::npos ? 1 : 0;
  }
  EXPECT_GT(lost, 25);
}

TEST(SimFiles, nothing_works_between_power_failure_and_crash) {
  SimFiles disk(3);
  const auto file = MUST(disk.open("f", OpenMode::kCreate));
  MUST(disk.sync_dir("/"));
  disk.power_off_at(disk.operations() + 1);
  EXPECT_EQ(sim_code_of(file->pwrite("x", 0)), ErrorCode::kIo);
  EXPECT_EQ(sim_code_of(disk.stat("f")), ErrorCode::kIo);
  EXPECT_EQ(sim_code_of(disk.sync_dir("/")), ErrorCode::kIo);
  disk.crash();
  EXPECT_TRUE(MUST(exists(disk, "f")));
  EXPECT_EQ(sim_code_of(file->size()), ErrorCode::kIo);
}

TEST(SimFiles, locks_are_free_after_a_crash) {
  SimFiles disk(3);
  const auto lock = MUST(disk.lock("LOCK"));
  EXPECT_EQ(sim_code_of(disk.lock("LOCK")), ErrorCode::kConflict);
  disk.crash();
  EXPECT_TRUE(disk.lock("LOCK"));
}

TEST(SimFiles, a_full_disk_takes_no_more_and_recovers) {
  SimFiles disk(1);
  disk.set_capacity(1000);
  const auto file = MUST(disk.open("f", OpenMode::kCreate));
  MUST(file->pwrite(std::string(900, 'x'), 0));
  EXPECT_EQ(MUST(disk.free_bytes("/")), 100U);
  EXPECT_EQ(sim_code_of(file->pwrite(std::string(200, 'y'), 900)), ErrorCode::kExhausted);
  EXPECT_EQ(sim_code_of(file->allocate(0, 2000)), ErrorCode::kExhausted);
  MUST(file->pwrite(std::string(900, 'z'), 0));
  MUST(file->truncate(0));
  MUST(file->pwrite(std::string(1000, 'y'), 0));
}

TEST(SimFiles, a_read_only_disk_refuses_changes) {
  SimFiles disk(1);
  put(disk, "f", "bytes");
  disk.set_read_only(true);
  EXPECT_EQ(sim_code_of(disk.open("g", OpenMode::kCreate)), ErrorCode::kPermissionDenied);
  EXPECT_EQ(sim_code_of(disk.open("f", OpenMode::kReadWrite)), ErrorCode::kPermissionDenied);
  EXPECT_EQ(sim_code_of(disk.remove("f")), ErrorCode::kPermissionDenied);
  EXPECT_EQ(MUST(read_all(disk, "f", 100)), "bytes");
  disk.set_read_only(false);
  MUST(disk.remove("f"));
}

TEST(SimFiles, sync_disk_makes_everything_durable) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    SimFiles disk(seed);
    MUST(disk.make_dir("d"));
    MUST(MUST(disk.open("d/f", OpenMode::kCreate))->pwrite("bytes", 0));
    MUST(disk.sync_disk("/"));
    disk.crash();
    EXPECT_EQ(MUST(read_all(disk, "d/f", 100)), "bytes");
  }
}

}  // namespace
}  // namespace millrace::io
