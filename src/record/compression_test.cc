#include "record/compression.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"

namespace millrace::record {
namespace {

const std::vector<Compression>& codecs() {
  static const std::vector<Compression> kAll{
      Compression::kGzip, Compression::kSnappy, Compression::kLz4, Compression::kZstd};
  return kAll;
}

std::string sample(std::size_t size, std::uint64_t letters) {
  Random random(size + letters);
  std::string text(size, '\0');
  for (char& c : text) {
    c = static_cast<char>(random.below(letters));
  }
  return text;
}

TEST(Compression, reads_back_what_it_wrote_at_every_size) {
  for (const Compression codec : codecs()) {
    for (const std::size_t size : {0U, 1U, 100U, 32768U, 32769U, 65536U, 200'001U}) {
      const std::string text = sample(size, 7);
      const std::string packed = MUST(compress(codec, text));
      if (packed.empty()) {
        continue;  // Snappy of nothing is nothing, which no reader takes for records.
      }
      EXPECT_EQ(MUST(decompress(codec, packed)), text) << to_string(codec) << " " << size;
    }
  }
}

TEST(Compression, reads_exactly_up_to_the_limit) {
  for (const Compression codec : codecs()) {
    const std::string packed = MUST(compress(codec, sample(10'000, 3)));
    EXPECT_TRUE(decompress(codec, packed, 10'000).has_value()) << to_string(codec);
    const Result<std::string> over = decompress(codec, packed, 9'999);
    ASSERT_FALSE(over.has_value()) << to_string(codec);
    EXPECT_EQ(over.error().code(), ErrorCode::kExhausted);
  }
}

TEST(Compression, stops_a_bomb) {
  const std::string zeros(64 << 20, '\0');
  for (const Compression codec : codecs()) {
    const std::string packed = MUST(compress(codec, zeros));
    const Result<std::string> out = decompress(codec, packed, 1 << 20);
    ASSERT_FALSE(out.has_value());
    EXPECT_EQ(out.error().code(), ErrorCode::kExhausted);
  }
}

TEST(Compression, refuses_what_is_cut_off) {
  for (const Compression codec : codecs()) {
    const std::string packed = MUST(compress(codec, sample(5'000, 5)));
    for (std::size_t size = 0; size < packed.size(); size += 7) {
      EXPECT_FALSE(decompress(codec, std::string_view(packed).substr(0, size)).has_value())
          << to_string(codec) << " " << size;
    }
  }
}

TEST(Compression, refuses_what_follows_the_end) {
  for (const Compression codec : codecs()) {
    const std::string packed = MUST(compress(codec, sample(5'000, 5)));
    EXPECT_FALSE(decompress(codec, packed + "rubbish").has_value()) << to_string(codec);
  }
}

TEST(Compression, reads_gzip_of_two_members) {
  const std::string two =
      MUST(compress(Compression::kGzip, "one ")) + MUST(compress(Compression::kGzip, "two"));
  EXPECT_EQ(MUST(decompress(Compression::kGzip, two)), "one two");
}

TEST(Compression, refuses_levels_that_the_codec_does_not_have) {
  EXPECT_EQ(compress(Compression::kGzip, "x", 10).error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(compress(Compression::kLz4, "x", 0).error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(compress(Compression::kZstd, "x", 23).error().code(), ErrorCode::kInvalidArgument);
  EXPECT_TRUE(compress(Compression::kGzip, "x", 9).has_value());
  EXPECT_TRUE(compress(Compression::kLz4, "x", 17).has_value());
  EXPECT_TRUE(compress(Compression::kZstd, "x", 22).has_value());
}

TEST(Compression, survives_random_bytes) {
  Random random(3);
  for (int round = 0; round < 2'000; ++round) {
    const Compression codec = codecs().at(random.below(codecs().size()));
    std::string bytes = MUST(compress(codec, sample(random.below(300), 9)));
    for (int change = 0; change < 3 && !bytes.empty(); ++change) {
      bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
    }
    decompress(codec, bytes, 1 << 16).ignore_error("any answer will do, a crash will not");
  }
}

}  // namespace
}  // namespace millrace::record
