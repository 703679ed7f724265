// What holds for real and simulated files alike.
#include "io/files.h"

#include <cstdlib>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fault.h"
#include "io/real_files.h"
#include "io/sim_files.h"

namespace millrace::io {
namespace {

using ::testing::ElementsAre;

// A place to work in: a new folder of the machine, or a simulated disk.
struct Place {
  std::unique_ptr<Files> files;
  std::string folder;
};

Place real_place() {
  std::string folder = ::testing::TempDir() + "millrace_files_XXXXXX";
  EXPECT_NE(::mkdtemp(folder.data()), nullptr);
  return {.files = std::make_unique<RealFiles>(), .folder = folder};
}

Place simulated_place() {
  return {.files = std::make_unique<SimFiles>(1), .folder = "/"};
}

class FilesTest : public ::testing::TestWithParam<std::function<Place()>> {
 protected:
  FilesTest() : place_(GetParam()()), files_(*place_.files) {}

  void TearDown() override {
    if (place_.folder != "/") {
      MUST(remove_all(files_, place_.folder));
    }
  }

  [[nodiscard]] std::string at(const std::string& name) const { return place_.folder + "/" + name; }

  void write(const std::string& name, std::string_view bytes) {
    const auto file = MUST(files_.open(at(name), OpenMode::kCreate));
    MUST(file->truncate(0));
    MUST(file->pwrite(bytes, 0));
  }

  std::string read(const std::string& name) { return MUST(read_all(files_, at(name), 1 << 20)); }

  Place place_;
  Files& files_;
};

template <class T>
ErrorCode files_code_of(const Result<T>& result) {
  return result ? ErrorCode::kInternal : result.error().code();
}

TEST_P(FilesTest, opens_as_the_mode_says) {
  EXPECT_EQ(files_code_of(files_.open(at("a"), OpenMode::kRead)), ErrorCode::kNotFound);
  EXPECT_EQ(files_code_of(files_.open(at("a"), OpenMode::kReadWrite)), ErrorCode::kNotFound);
  EXPECT_TRUE(files_.open(at("a"), OpenMode::kExclusive));
  EXPECT_EQ(files_code_of(files_.open(at("a"), OpenMode::kExclusive)), ErrorCode::kAlreadyExists);
  EXPECT_TRUE(files_.open(at("a"), OpenMode::kCreate));
  EXPECT_EQ(files_code_of(files_.open(at("no/a"), OpenMode::kCreate)), ErrorCode::kNotFound);
  const auto reader = MUST(files_.open(at("a"), OpenMode::kRead));
  EXPECT_FALSE(reader->pwrite("x", 0));
}

TEST_P(FilesTest, reads_what_was_written_and_stops_at_the_end) {
  const auto file = MUST(files_.open(at("a"), OpenMode::kCreate));
  MUST(file->pwrite("hello", 3));
  char buffer[16] = {};
  EXPECT_EQ(MUST(file->pread(buffer, 0)), 8U);
  EXPECT_EQ(std::string_view(buffer, 8), std::string_view("\0\0\0hello", 8));
  EXPECT_EQ(MUST(file->pread(buffer, 6)), 2U);
  EXPECT_EQ(MUST(file->pread(buffer, 8)), 0U);
  EXPECT_EQ(MUST(file->pread(buffer, 800)), 0U);
  EXPECT_EQ(MUST(file->size()), 8U);
  EXPECT_EQ(files_code_of(read_exactly(*file, buffer, 0)), ErrorCode::kCorruption);
  MUST(read_exactly(*file, std::span(buffer).first(8), 0));
}

TEST_P(FilesTest, writes_many_parts_in_order) {
  std::vector<std::string> texts;
  std::string whole = "..";
  for (int i = 0; i < 300; ++i) {
    texts.push_back(
        i % 7 == 0 ? ""
                   : std::string(static_cast<std::size_t>(i), static_cast<char>('a' + i % 26)));
    whole += texts.back();
  }
  const std::vector<std::string_view> parts(texts.begin(), texts.end());
  const auto file = MUST(files_.open(at("a"), OpenMode::kCreate));
  MUST(file->pwrite("..", 0));
  MUST(file->pwritev(parts, 2));
  MUST(file->pwritev({}, 5));
  EXPECT_EQ(read("a"), whole);
}

TEST_P(FilesTest, cuts_and_grows_with_zeros) {
  const auto file = MUST(files_.open(at("a"), OpenMode::kCreate));
  MUST(file->pwrite("abcdef", 0));
  MUST(file->truncate(2));
  MUST(file->truncate(4));
  EXPECT_EQ(read("a"), std::string("ab\0\0", 4));
  MUST(file->allocate(1, 7));
  EXPECT_EQ(read("a"), std::string("ab\0\0\0\0\0\0", 8));
  MUST(file->allocate(0, 2));
  EXPECT_EQ(MUST(file->size()), 8U);
  MUST(file->sync_data());
  MUST(file->sync_all());
}

TEST_P(FilesTest, shows_a_file_as_memory) {
  write("a", "view of it");
  const auto file = MUST(files_.open(at("a"), OpenMode::kRead));
  const auto view = MUST(file->view());
  EXPECT_EQ(view->bytes(), "view of it");
  write("empty", "");
  EXPECT_EQ(MUST(MUST(files_.open(at("empty"), OpenMode::kRead))->view())->bytes(), "");
}

TEST_P(FilesTest, lists_by_name) {
  write("b", "1");
  write("a", "22");
  MUST(files_.make_dir(at("c")));
  const auto entries = MUST(files_.list(place_.folder));
  EXPECT_THAT(entries,
              ElementsAre(DirEntry{.name = "a", .is_directory = false},
                          DirEntry{.name = "b", .is_directory = false},
                          DirEntry{.name = "c", .is_directory = true}));
  EXPECT_EQ(MUST(files_.stat(at("a"))).size, 2U);
  EXPECT_TRUE(MUST(files_.stat(at("c"))).is_directory);
  EXPECT_NE(MUST(files_.stat(at("a"))).inode, MUST(files_.stat(at("b"))).inode);
  EXPECT_EQ(files_code_of(files_.list(at("none"))), ErrorCode::kNotFound);
  EXPECT_EQ(files_code_of(files_.stat(at("none"))), ErrorCode::kNotFound);
  EXPECT_EQ(files_code_of(files_.make_dir(at("c"))), ErrorCode::kAlreadyExists);
}

TEST_P(FilesTest, removes_and_those_who_have_it_open_keep_it) {
  write("a", "kept");
  const auto file = MUST(files_.open(at("a"), OpenMode::kRead));
  MUST(files_.remove(at("a")));
  EXPECT_FALSE(MUST(exists(files_, at("a"))));
  char buffer[4];
  MUST(read_exactly(*file, buffer, 0));
  EXPECT_EQ(files_code_of(files_.remove(at("a"))), ErrorCode::kNotFound);
}

TEST_P(FilesTest, removes_only_empty_folders_and_whole_trees_on_demand) {
  MUST(make_dirs(files_, at("x/y/z")));
  MUST(make_dirs(files_, at("x/y/z")));
  write("x/y/a", "1");
  EXPECT_EQ(files_code_of(files_.remove(at("x/y"))), ErrorCode::kAlreadyExists);
  MUST(remove_all(files_, at("x")));
  EXPECT_FALSE(MUST(exists(files_, at("x"))));
  MUST(remove_all(files_, at("x")));
}

TEST_P(FilesTest, rename_replaces_a_file) {
  write("a", "new");
  write("b", "old");
  MUST(files_.rename(at("a"), at("b")));
  EXPECT_EQ(read("b"), "new");
  EXPECT_FALSE(MUST(exists(files_, at("a"))));
  EXPECT_EQ(files_code_of(files_.rename(at("a"), at("b"))), ErrorCode::kNotFound);
  MUST(files_.make_dir(at("c")));
  MUST(files_.rename(at("b"), at("c/b")));
  EXPECT_EQ(read("c/b"), "new");
  MUST(files_.rename(at("c"), at("d")));
  EXPECT_EQ(read("d/b"), "new");
}

TEST_P(FilesTest, writes_atomically_and_reads_with_a_limit) {
  MUST(write_atomically(files_, at("a"), "one"));
  MUST(write_atomically(files_, at("a"), "two"));
  EXPECT_EQ(read("a"), "two");
  EXPECT_FALSE(MUST(exists(files_, at("a.tmp"))));
  EXPECT_EQ(files_code_of(read_all(files_, at("a"), 2)), ErrorCode::kExhausted);
  EXPECT_EQ(MUST(read_all(files_, at("a"), 3)), "two");
}

TEST_P(FilesTest, lock_is_for_one_and_names_its_holder) {
  auto lock = MUST(files_.lock(at("LOCK")));
  EXPECT_EQ(files_code_of(files_.lock(at("LOCK"))), ErrorCode::kConflict);
  EXPECT_GT(MUST(lock_holder(files_, at("LOCK"))), 0);
  lock.reset();
  EXPECT_TRUE(files_.lock(at("LOCK")));
}

TEST_P(FilesTest, syncs_folders_and_disks) {
  write("a", "1");
  MUST(files_.sync_dir(place_.folder));
  MUST(files_.sync_disk(place_.folder));
  EXPECT_GT(MUST(files_.free_bytes(place_.folder)), 0U);
}

TEST_P(FilesTest, passes_a_fault_point_in_every_operation) {
  arm_fault("file.write", 2, FaultAction::kError);
  const auto file = MUST(files_.open(at("a"), OpenMode::kCreate));
  MUST(file->pwrite("1", 0));
  EXPECT_EQ(files_code_of(file->pwrite("2", 1)), ErrorCode::kIo);
  EXPECT_EQ(read("a"), "1");
  MUST(file->sync_data());
  MUST(file->truncate(0));
  MUST(file->allocate(0, 512));
  MUST(files_.make_dir(at("d")));
  MUST(files_.rename(at("a"), at("d/b")));
  MUST(files_.stat(at("d/b")));
  MUST(files_.list(at("d")));
  MUST(files_.remove(at("d/b")));
  MUST(files_.sync_dir(at("d")));
  MUST(files_.lock(at("LOCK")));
  for (const char* point : {"file.open",
                            "file.read",
                            "file.sync",
                            "file.truncate",
                            "file.allocate",
                            "file.rename",
                            "file.remove",
                            "file.make_dir",
                            "file.sync_dir",
                            "file.list",
                            "file.stat",
                            "file.lock"}) {
    EXPECT_GT(fault_passes()[point], 0U) << point;
  }
}

std::string place_name(const ::testing::TestParamInfo<std::function<Place()>>& info) {
  return info.index == 0 ? "real" : "simulated";
}

INSTANTIATE_TEST_SUITE_P(Files,
                         FilesTest,
                         ::testing::Values(&real_place, &simulated_place),
                         place_name);

TEST(Paths, parent_of_each_kind) {
  EXPECT_EQ(parent_path("a/b/c"), "a/b");
  EXPECT_EQ(parent_path("a/b/"), "a");
  EXPECT_EQ(parent_path("c"), ".");
  EXPECT_EQ(parent_path("/c"), "/");
  EXPECT_EQ(parent_path("/"), "/");
}

TEST(RealFiles, tells_a_read_only_place_from_a_missing_one) {
  RealFiles files;
  EXPECT_EQ(files_code_of(files.open("/proc/version", OpenMode::kExclusive)),
            ErrorCode::kAlreadyExists);
  EXPECT_NE(files_code_of(files.make_dir("/proc/millrace")), ErrorCode::kAlreadyExists);
  EXPECT_GT(MUST(read_all(files, "/proc/self/status", 1 << 20)).size(), 0U);
}

}  // namespace
}  // namespace millrace::io
