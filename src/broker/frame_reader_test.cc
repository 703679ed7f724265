#include "broker/detail/frame_reader.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/random.h"

namespace millrace::broker {
namespace {

std::string framed(std::string_view body) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.be(static_cast<std::int32_t>(body.size()));
  writer.bytes(body);
  return bytes;
}

TEST(FrameReader, gives_the_same_requests_however_the_bytes_are_cut) {
  Random random(7);
  for (int round = 0; round < 200; ++round) {
    std::string stream;
    std::vector<std::string> bodies;
    for (int i = 0; i < 8; ++i) {
      bodies.emplace_back(random.below(i % 3 == 0 ? 5'000 : 40), static_cast<char>('a' + i));
      stream += framed(bodies.back());
    }
    Budget budget(1U << 20U);
    FrameReader reader(budget, 1U << 20U);
    std::vector<RequestFrame> frames;
    for (std::size_t at = 0; at < stream.size();) {
      const std::size_t count = std::min<std::size_t>(1 + random.below(700), stream.size() - at);
      std::string_view part = std::string_view(stream).substr(at, count);
      at += count;
      const std::span<char> room = reader.room();
      const std::size_t direct = std::min(room.size(), part.size());
      if (!room.empty()) {
        std::copy_n(part.data(), direct, room.data());
        reader.filled(direct, frames);
        part.remove_prefix(direct);
      }
      if (!part.empty()) {
        ASSERT_EQ(reader.feed(part, frames), FrameReader::Outcome::kOk);
      }
    }
    ASSERT_EQ(frames.size(), bodies.size());
    for (std::size_t i = 0; i < bodies.size(); ++i) {
      EXPECT_EQ(frames[i].bytes->view(), bodies[i]);
    }
    EXPECT_FALSE(reader.in_frame());
    frames.clear();
    EXPECT_EQ(budget.used(), 0U);
  }
}

TEST(FrameReader, refuses_sizes_that_make_no_sense_before_taking_memory) {
  for (const std::int32_t size : {-1, -2'147'483'647 - 1, 1'001, 2'147'483'647}) {
    Budget budget(1U << 20U);
    FrameReader reader(budget, 1'000);
    std::vector<RequestFrame> frames;
    std::string bytes;
    ByteWriter(bytes).be(size);
    EXPECT_EQ(reader.feed(bytes, frames), FrameReader::Outcome::kBadSize) << size;
    EXPECT_EQ(budget.used(), 0U);
  }
}

TEST(FrameReader, keeps_what_has_no_memory_until_there_is_some) {
  Budget budget(4'000);
  FrameReader reader(budget, 1U << 20U);
  std::vector<RequestFrame> frames;
  const std::string stream = framed(std::string(3'000, 'a')) + framed(std::string(2'000, 'b'));
  EXPECT_EQ(reader.feed(stream, frames), FrameReader::Outcome::kNoMemory);
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_TRUE(reader.in_frame());
  EXPECT_EQ(reader.resume(frames), FrameReader::Outcome::kNoMemory);
  frames.clear();
  EXPECT_EQ(reader.resume(frames), FrameReader::Outcome::kOk);
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].bytes->view(), std::string(2'000, 'b'));
}

TEST(FrameReader, takes_a_request_larger_than_the_budget_when_nothing_else_is_there) {
  Budget budget(100);
  FrameReader reader(budget, 1U << 20U);
  std::vector<RequestFrame> frames;
  EXPECT_EQ(reader.feed(framed(std::string(5'000, 'x')), frames), FrameReader::Outcome::kOk);
  EXPECT_EQ(frames.size(), 1U);
}

}  // namespace
}  // namespace millrace::broker
