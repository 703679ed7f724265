#include "io/gzip_file.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "base/random.h"
#include "io/sim_files.h"
#include "io/test_gzip.h"

namespace millrace::io {
namespace {

/// A simulated disk with one file. Owned by one thread.
class Disk {
 public:
  explicit Disk(std::string_view bytes, const std::string& name = "a.gz") : name_(name) {
    const auto file = MUST(files_.open(name, OpenMode::kCreate));
    MUST(file->pwrite(bytes, 0));
  }

  std::unique_ptr<File> open() { return MUST(open_unpacked(files_, name_)); }

 private:
  SimFiles files_{1};
  std::string name_;
};

std::string read(File& file, std::uint64_t offset, std::size_t count) {
  std::string text(count, '\0');
  text.resize(MUST(file.pread(std::span(text.data(), text.size()), offset)));
  return text;
}

// Lines that pack, but not to nothing.
std::string lines(std::size_t bytes) {
  Random random(7);
  std::string text;
  while (text.size() < bytes) {
    text += "{\"id\":" + std::to_string(random.below(1'000'000'000)) + "}\n";
  }
  return text;
}

TEST(GzipFile, reads_at_any_offset_what_was_packed) {
  const std::string text = lines(3U << 20U);
  Disk disk(packed(text));
  const auto file = disk.open();
  Random random(3);
  for (int step = 0; step < 60; ++step) {
    const auto offset = static_cast<std::size_t>(random.below(text.size()));
    const auto count = static_cast<std::size_t>(random.below(300'000));
    EXPECT_TRUE(read(*file, offset, count) == text.substr(offset, count)) << offset;
  }
  EXPECT_EQ(read(*file, text.size(), 10), "");
  EXPECT_EQ(read(*file, text.size() - 3, 10), text.substr(text.size() - 3));
}

TEST(GzipFile, takes_several_members_for_one_text) {
  Disk disk(packed("first\n") + packed("") + packed("second\n"));
  EXPECT_EQ(read(*disk.open(), 0, 100), "first\nsecond\n");
}

TEST(GzipFile, says_that_a_file_is_damaged_or_cut_off) {
  const std::string whole = packed(lines(100'000));
  char byte = 0;
  const auto code_of = [&](const std::string& bytes) {
    Disk disk(bytes);
    return disk.open()->pread({&byte, 1}, 90'000).error().code();
  };
  EXPECT_EQ(code_of(whole.substr(0, whole.size() / 2)), ErrorCode::kCorruption);
  EXPECT_EQ(code_of("no gzip at all, but long enough to look at"), ErrorCode::kCorruption);
  std::string wrong = whole;
  wrong[wrong.size() - 6] = static_cast<char>(wrong[wrong.size() - 6] ^ 1);
  Disk disk(wrong);
  std::string text(200'000, '\0');
  EXPECT_EQ(disk.open()->pread(std::span(text.data(), text.size()), 0).error().code(),
            ErrorCode::kCorruption);
}

TEST(GzipFile, reads_an_empty_file_as_an_empty_text) {
  EXPECT_EQ(read(*Disk(packed("")).open(), 0, 10), "");
  EXPECT_EQ(read(*Disk("").open(), 0, 10), "");
}

TEST(GzipFileSlow, refuses_a_bomb) {
  // 2 GiB of zeros in 2 MiB: a member of 64 MiB, again and again.
  const std::string member = packed(std::string(64U << 20U, '\0'));
  std::string bomb;
  for (int each = 0; each < 24; ++each) {
    bomb += member;
  }
  Disk disk(bomb);
  char byte = 0;
  EXPECT_EQ(disk.open()->pread({&byte, 1}, 1'500'000'000).error().code(), ErrorCode::kExhausted);
}

TEST(GzipFile, opens_other_names_as_they_are) {
  Disk disk("plain", "a.txt");
  EXPECT_EQ(read(*disk.open(), 1, 10), "lain");
  EXPECT_FALSE(is_gzip_name("a.gz.txt"));
}

}  // namespace
}  // namespace millrace::io
