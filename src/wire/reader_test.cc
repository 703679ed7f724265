#include "wire/reader.h"

#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace millrace::wire {
namespace {

std::string hex(std::string_view digits) {
  return from_hex(digits).value();
}

std::string why(const Reader& reader) {
  return reader.ok() ? "" : reader.error().to_string();
}

TEST(Reader, reads_numbers_highest_byte_first) {
  const std::string bytes = hex("0102030405060700");
  Reader reader{std::string_view(bytes)};
  EXPECT_EQ(reader.be<std::int8_t>("a"), 1);
  EXPECT_EQ(reader.be<std::int16_t>("b"), 0x0203);
  EXPECT_EQ(reader.be<std::uint32_t>("c"), 0x04050607U);
  EXPECT_FALSE(reader.boolean("d"));
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(reader.remaining(), 0U);
}

TEST(Reader, keeps_the_first_failure_and_gives_nothing_after_it) {
  const std::string bytes = hex("0102030405");
  Reader reader{std::string_view(bytes)};
  EXPECT_EQ(reader.be<std::int32_t>("first"), 0x01020304);
  EXPECT_EQ(reader.be<std::int32_t>("second"), 0);
  EXPECT_EQ(reader.be<std::int8_t>("third"), 0);
  EXPECT_EQ(reader.string(true, "fourth"), "");
  EXPECT_EQ(reader.array(true, {}, "fifth"), 0U);
  EXPECT_EQ(reader.remaining(), 0U);
  EXPECT_EQ(why(reader), "second at byte 4: 4 bytes are needed, 1 are left");
}

TEST(Reader, takes_varints_of_32_bits_and_no_more) {
  const auto read = [](std::string_view digits) {
    const std::string bytes = hex(digits);
    Reader reader{std::string_view(bytes)};
    const std::uint32_t value = reader.uvarint("n");
    return reader.ok() ? std::to_string(value) : why(reader);
  };
  EXPECT_EQ(read("00"), "0");
  EXPECT_EQ(read("7f"), "127");
  EXPECT_EQ(read("8001"), "128");
  EXPECT_EQ(read("ffffffff0f"), "4294967295");
  EXPECT_EQ(read("ffffffff1f"), "n at byte 0: a varint has more than 32 bits");
  EXPECT_EQ(read("ffffffffff01"), "n at byte 0: a varint has more than 32 bits");
  EXPECT_EQ(read("80"), "n at byte 0: a varint is cut off");
  EXPECT_EQ(read(""), "n at byte 0: a varint is cut off");
}

TEST(Reader, reads_strings_of_both_forms) {
  const std::string bytes = hex("0002616203636400ffff");
  Reader reader{std::string_view(bytes)};
  EXPECT_EQ(reader.string(false, "a"), "ab");
  EXPECT_EQ(reader.string(true, "b"), "cd");
  EXPECT_EQ(reader.nullable_string(true, true, "c"), std::nullopt);
  EXPECT_EQ(reader.nullable_string(false, true, "d"), std::nullopt);
  EXPECT_TRUE(reader.ok());
}

TEST(Reader, refuses_null_negative_and_too_long) {
  const auto read = [](std::string_view digits, bool compact) {
    const std::string bytes = hex(digits);
    Reader reader{std::string_view(bytes)};
    (void)reader.string(compact, "s");
    return why(reader);
  };
  EXPECT_EQ(read("00", true), "s at byte 1: null is not allowed here");
  EXPECT_EQ(read("ffff", false), "s at byte 2: null is not allowed here");
  EXPECT_EQ(read("fffe", false), "s at byte 2: a length of -2");
  EXPECT_EQ(read("000361", false), "s at byte 2: 3 bytes are needed, 1 are left");
  EXPECT_EQ(read("818002" + std::string(65536, '0'), true),
            "s at byte 3: a string of 32768 bytes, more than 32767");
}

TEST(Reader, gives_parts_of_its_block_and_copies_without_one) {
  const auto block = std::make_shared<const data::Block>(hex("03616200"));
  Reader reader{data::BlockSlice(block)};
  const data::BlockSlice part = reader.bytes(true, "b");
  EXPECT_EQ(part.view().data(), block->view().data() + 1);
  EXPECT_EQ(part.block(), block);
  EXPECT_EQ(reader.nullable_bytes(true, true, "n"), std::nullopt);

  Reader copying{block->view()};
  const data::BlockSlice copy = copying.bytes(true, "b");
  EXPECT_EQ(copy.view(), "ab");
  EXPECT_NE(copy.view().data(), block->view().data() + 1);
}

TEST(Reader, checks_a_count_against_what_is_left) {
  const std::string bytes = hex("00000003aabbcc");
  Reader enough{std::string_view(bytes)};
  EXPECT_EQ(enough.array(false, {.wire_bytes_min = 1, .memory_bytes = 8}, "a"), 3U);
  Reader many{std::string_view(bytes)};
  EXPECT_EQ(many.array(false, {.wire_bytes_min = 2, .memory_bytes = 8}, "a"), 0U);
  EXPECT_EQ(why(many), "a at byte 4: 3 elements cannot be in 3 bytes");
  const std::string negative = hex("fffffffe");
  Reader below{std::string_view(negative)};
  EXPECT_EQ(below.array(false, {}, "a"), 0U);
  EXPECT_EQ(why(below), "a at byte 4: a length of -2");
}

TEST(Reader, counts_what_it_allocates) {
  const std::string bytes = hex("00000003aabbcc");
  Reader reader(std::string_view(bytes), /*memory_max=*/299);
  EXPECT_EQ(reader.array(false, {.wire_bytes_min = 1, .memory_bytes = 100}, "a"), 0U);
  ASSERT_FALSE(reader.ok());
  EXPECT_EQ(reader.error().code(), ErrorCode::kExhausted);
}

TEST(Reader, skips_tags_it_does_not_know) {
  const std::string bytes = hex("020502aabb07002a");
  Reader reader{std::string_view(bytes)};
  reader.skip_tags("t");
  EXPECT_EQ(reader.be<std::int8_t>("after"), 0x2a);
  EXPECT_TRUE(reader.ok());
}

TEST(Reader, refuses_tags_that_pass_the_end_or_end_elsewhere) {
  const std::string beyond = hex("010504aabb");
  Reader reader{std::string_view(beyond)};
  reader.skip_tags("t");
  EXPECT_EQ(why(reader), "t at byte 3: 4 bytes are needed, 2 are left");

  const std::string other = hex("0503aabbcc");
  Reader elsewhere{std::string_view(other)};
  const Reader::Tag tag = elsewhere.tag("t");
  EXPECT_EQ(tag.number, 5U);
  (void)elsewhere.be<std::int16_t>("value");
  elsewhere.end_tag(tag, "t");
  EXPECT_EQ(why(elsewhere), "t at byte 4: a tagged field should end at byte 5");
}

TEST(Reader, ends_a_hostile_count_of_tags_with_the_bytes) {
  const std::string bytes = hex("ffffffff0f0100");
  Reader reader{std::string_view(bytes)};
  reader.skip_tags("t");
  EXPECT_EQ(why(reader), "t at byte 7: a varint is cut off");
}

}  // namespace
}  // namespace millrace::wire
