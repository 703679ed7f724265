#include "log/detail/wal.h"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "io/sim_files.h"

namespace millrace::log {
namespace {

constexpr WalMark kStart{};

// Frames with one position each; what was read back is the list of names.
class WalTest : public testing::Test {
 protected:
  explicit WalTest(std::uint64_t seed = 1) : files_(seed) {}

  void open(const WalMark& mark = kStart) {
    wal_.reset();
    wal_ = MUST(Wal::open(
        files_,
        {.directory = "wal", .first_file_bytes = 4096, .file_bytes = 8192, .bytes_max = 32768},
        random_));
    names_.clear();
    replayed_ = wal_->replay(mark, [this](const WalFrame& frame) -> Result<void> {
      EntryReader reader(frame.payload);
      Entry entry;
      while (TRY(reader.next(entry))) {
        names_.emplace_back(entry.name);
      }
      return {};
    });
  }

  bool write(const std::string& name, std::size_t padding = 100) {
    std::string& bytes = *frames_.emplace_back(std::make_unique<std::string>());
    FrameWriter(bytes).add_position(name, std::string(padding, '.'));
    if (!MUST(wal_->reserve(bytes.size()))) {
      return false;
    }
    wal_->append(bytes.data(), bytes.size());
    return true;
  }

  void add_file(std::uint64_t bytes) {
    auto file = std::make_shared<WalFile>();
    file->path = wal_->next_path();
    while (!MUST(Wal::prepare(files_, *file, bytes))) {
    }
    wal_->add_prepared(std::move(file));
  }

  void commit() {
    MUST(wal_->write());
    MUST(wal_->sync());
  }

  io::SimFiles files_;
  Random random_{2};
  std::unique_ptr<Wal> wal_;
  std::vector<std::unique_ptr<std::string>> frames_;
  std::vector<std::string> names_;
  Result<void> replayed_;
};

using Names = std::vector<std::string>;

TEST_F(WalTest, synced_frames_are_read_back_in_order) {
  open();
  for (const char* name : {"a", "b", "c"}) {
    ASSERT_TRUE(write(name));
  }
  commit();
  files_.crash();
  open();
  EXPECT_EQ(names_, (Names{"a", "b", "c"}));
  EXPECT_EQ(wal_->next_sequence(), 4U);
}

TEST_F(WalTest, frames_behind_the_mark_are_read_only) {
  open();
  ASSERT_TRUE(write("a"));
  commit();
  const WalMark mark = wal_->mark();
  ASSERT_TRUE(write("b"));
  commit();
  open(mark);
  EXPECT_EQ(names_, (Names{"b"}));
}

TEST_F(WalTest, bytes_of_an_earlier_life_are_never_taken_for_a_frame) {
  open();
  // The same frames in both lives: only salt and file tell them apart.
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(write("old" + std::to_string(i)));
  }
  commit();
  const WalMark mark = wal_->mark();
  open(mark);
  ASSERT_TRUE(write("new0"));
  commit();
  files_.crash();
  open(mark);
  EXPECT_EQ(names_, (Names{"new0"}));
}

TEST_F(WalTest, second_file_is_wanted_when_a_frame_waits) {
  open();
  EXPECT_EQ(wal_->wanted_file_bytes(), 0U);
  EXPECT_GT(wal_->wanted_file_bytes(/*ahead=*/true), 0U);
  ASSERT_TRUE(write("first"));
  EXPECT_EQ(wal_->wanted_file_bytes(), 0U);
  ASSERT_FALSE(write("waits", 4'000));
  EXPECT_GT(wal_->wanted_file_bytes(), 0U);
}

TEST_F(WalTest, second_file_is_wanted_when_the_first_is_filling) {
  open();
  ASSERT_TRUE(write("first"));
  ASSERT_TRUE(write("filling", 2'100));
  EXPECT_GT(wal_->wanted_file_bytes(), 0U);
}

TEST_F(WalTest, recycled_file_gives_only_its_new_frames) {
  open();
  for (int round = 0; round < 20; ++round) {
    while (!write("r" + std::to_string(round), 1500)) {
      wal_->release(wal_->mark());
      if (wal_->wanted_file_bytes() > 0) {
        auto file = std::make_shared<WalFile>();
        file->path = wal_->next_path();
        while (!MUST(Wal::prepare(files_, *file, wal_->wanted_file_bytes()))) {
        }
        wal_->add_prepared(std::move(file));
      }
    }
    commit();
    const WalMark mark = wal_->mark();
    if (round % 3 == 2) {
      files_.crash();
      open(mark);
      EXPECT_TRUE(replayed_.has_value());
      EXPECT_EQ(names_, Names{}) << round;
    }
  }
  EXPECT_LE(wal_->total_bytes(), 32768U);
}

// One run on a disk of its own.
class ForgottenFrames : public WalTest {
 public:
  explicit ForgottenFrames(std::uint64_t seed) : WalTest(seed) {}

  void TestBody() override {}

  // Frame 2 is durable, and a second file's header says so; then a sync fails, so that both frames
  // 2 and 3 do not count. A checkpoint that began before ends, and the power fails.
  std::string run() {
    open();
    write("a");
    commit();
    const WalMark mark = wal_->mark();
    write("b");
    add_file(4096);
    write("c", 3'300);
    wal_->abandon();
    wal_->release(mark);
    if (write("d", 3'300)) {
      MUST(wal_->write());
    }
    files_.crash();
    open(mark);
    return replayed_.has_value() ? "" : replayed_.error().to_string();
  }
};

TEST(Wal, file_with_forgotten_frames_stays_as_long_as_a_header_speaks_of_them) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    EXPECT_EQ(ForgottenFrames(seed).run(), "") << "seed " << seed;
  }
}

TEST_F(WalTest, frame_larger_than_a_file_gets_one_of_its_own_which_goes_after_release) {
  open();
  ASSERT_TRUE(write("small"));
  ASSERT_TRUE(write("large", 20'000));
  commit();
  ASSERT_TRUE(write("after", 20'000));
  commit();
  files_.crash();
  open();
  EXPECT_EQ(names_, (Names{"small", "large", "after"}));
  EXPECT_FALSE(wal_->release(wal_->mark()).empty());
}

TEST_F(WalTest, abandoned_frames_are_gone_when_later_ones_are_there) {
  open();
  ASSERT_TRUE(write("a"));
  commit();
  ASSERT_TRUE(write("lost"));
  MUST(wal_->write());
  files_.fail_at(files_.operations() + 1);
  EXPECT_FALSE(wal_->sync().has_value());
  wal_->abandon();
  add_file(8192);
  ASSERT_TRUE(write("b"));
  commit();
  open();
  EXPECT_EQ(names_, (Names{"a", "b"}));
}

TEST_F(WalTest, gap_between_files_is_a_loss_and_is_said) {
  open();
  ASSERT_TRUE(write("a", 3000));
  commit();
  add_file(8192);
  ASSERT_TRUE(write("b", 3000));
  commit();
  wal_.reset();
  MUST(files_.remove("wal/00000001.wal"));
  open();
  ASSERT_FALSE(replayed_.has_value());
  EXPECT_EQ(replayed_.error().code(), ErrorCode::kCorruption);
}

TEST_F(WalTest, file_that_was_abandoned_before_its_first_frame_is_no_gap) {
  open();
  const auto prepare = [&] {
    auto file = std::make_shared<WalFile>();
    file->path = wal_->next_path();
    while (!MUST(Wal::prepare(files_, *file, 8192))) {
    }
    wal_->add_prepared(std::move(file));
  };
  ASSERT_TRUE(write("a", 3000));
  commit();
  prepare();
  prepare();
  prepare();
  // "b" is durable when the next file comes into use, but its group fails.
  ASSERT_TRUE(write("b", 3000));
  ASSERT_TRUE(write("c", 6000));
  wal_->abandon();
  ASSERT_TRUE(write("d", 100));
  commit();
  open();
  EXPECT_TRUE(replayed_.has_value());
  EXPECT_EQ(names_, (Names{"a", "d"}));
}

TEST_F(WalTest, id_of_a_mark_is_not_given_again) {
  open({.sequence = 10, .file_id = 4, .at = ~std::uint64_t{0}});
  ASSERT_TRUE(write("a"));
  commit();
  open({.sequence = 10, .file_id = 4, .at = ~std::uint64_t{0}});
  EXPECT_EQ(names_, (Names{"a"}));
}

TEST(WalHeader, reads_back_and_refuses_other_bytes) {
  const WalFile file{.id = 3, .first_sequence = 17, .salt = 99};
  const std::string sector = encode_wal_header(file);
  EXPECT_EQ(sector.size(), kWalHeaderBytes);
  WalFile read;
  ASSERT_TRUE(decode_wal_header(sector, read));
  EXPECT_EQ(read.id, 3U);
  EXPECT_EQ(read.first_sequence, 17U);
  EXPECT_EQ(read.salt, 99U);
  for (std::size_t i = 0; i < 44; ++i) {
    std::string changed = sector;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    WalFile other;
    EXPECT_FALSE(decode_wal_header(changed, other)) << i;
  }
}

}  // namespace
}  // namespace millrace::log
