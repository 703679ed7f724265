#include "base/bytes.h"

#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"

namespace millrace {
namespace {

TEST(Bytes, be_puts_the_highest_byte_first) {
  std::string out;
  ByteWriter writer(out);
  writer.be<std::int32_t>(0x01020304);
  writer.le<std::uint16_t>(0x0506);
  writer.be<std::int8_t>(-1);
  writer.be<std::int64_t>(-2);
  EXPECT_EQ(to_hex(out), "010203040605fffffffffffffffffe");
  ByteReader reader(out);
  EXPECT_EQ(reader.be<std::int32_t>(), 0x01020304);
  EXPECT_EQ(reader.le<std::uint16_t>(), 0x0506);
  EXPECT_EQ(reader.be<std::int8_t>(), -1);
  EXPECT_EQ(reader.be<std::int64_t>(), -2);
  EXPECT_TRUE(reader.ok() && reader.done());
}

TEST(Bytes, varints_come_back_at_every_power_of_two) {
  std::vector<std::int64_t> values = {
      0, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
  for (int bit = 0; bit < 63; ++bit) {
    const std::int64_t power = std::int64_t{1} << bit;
    values.insert(values.end(), {power, power - 1, -power, -power - 1});
  }
  std::string out;
  ByteWriter writer(out);
  for (const std::int64_t value : values) {
    writer.varint(value);
    writer.uvarint(static_cast<std::uint64_t>(value));
  }
  ByteReader reader(out);
  for (const std::int64_t value : values) {
    EXPECT_EQ(reader.varint(), value);
    EXPECT_EQ(reader.uvarint(), static_cast<std::uint64_t>(value));
  }
  EXPECT_TRUE(reader.ok() && reader.done());
}

TEST(Bytes, varints_have_kafkas_bytes) {
  std::string out;
  ByteWriter writer(out);
  writer.varint(-1);
  writer.varint(1);
  writer.varint(-64);
  writer.varint(64);
  writer.uvarint(300);
  EXPECT_EQ(to_hex(out), "01027f8001ac02");
}

TEST(Bytes, reader_refuses_a_varint_that_is_too_long) {
  ByteReader eleven(std::string_view("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 11));
  EXPECT_EQ(eleven.uvarint(), 0U);
  EXPECT_FALSE(eleven.ok());
  ByteReader too_big(std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10));
  EXPECT_EQ(too_big.uvarint(), 0U);
  EXPECT_FALSE(too_big.ok());
}

TEST(Bytes, reader_stays_failed_after_a_step_past_the_end) {
  ByteReader reader(std::string_view("\x01\x02\x03", 3));
  EXPECT_EQ(reader.be<std::int32_t>(), 0);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.be<std::int8_t>(), 0);
  EXPECT_EQ(reader.bytes(1), "");
}

TEST(Bytes, reader_refuses_a_size_beyond_the_rest) {
  std::string out;
  ByteWriter writer(out);
  writer.sized("abc");
  ByteReader good(out);
  EXPECT_EQ(good.sized(), "abc");
  ByteReader cut(std::string_view(out).substr(0, 3));
  EXPECT_EQ(cut.sized(), "");
  EXPECT_FALSE(cut.ok());
}

TEST(Bytes, hex_comes_back_and_refuses_what_is_none) {
  EXPECT_EQ(from_hex("00fFaB"), std::string("\x00\xff\xab", 3));
  EXPECT_EQ(from_hex("0"), std::nullopt);
  EXPECT_EQ(from_hex("0g"), std::nullopt);
  EXPECT_EQ(from_hex(""), "");
}

// RFC 4648, section 10.
TEST(Bytes, base64_has_the_vectors_of_its_rfc) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(to_base64(bytes), text);
    EXPECT_EQ(from_base64(text), bytes);
  }
  EXPECT_EQ(from_base64("Zm8"), "fo");
  EXPECT_EQ(from_base64("Z"), std::nullopt);
  EXPECT_EQ(from_base64("Zm8*"), std::nullopt);
}

TEST(Bytes, base64_brings_random_bytes_back) {
  Random random(1);
  for (int run = 0; run < 200; ++run) {
    std::string bytes;
    for (auto left = random.below(40); left > 0; --left) {
      bytes += static_cast<char>(random.below(256));
    }
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
    EXPECT_EQ(from_hex(to_hex(bytes)), bytes);
  }
}

}  // namespace
}  // namespace millrace
