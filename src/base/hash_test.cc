#include "base/hash.h"

#include <string>

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace millrace {
namespace {

std::string as_hex(const Hash128& hash) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.le(hash.low);
  writer.le(hash.high);
  return to_hex(bytes);
}

TEST(Hash, xxh64_has_the_values_of_its_specification) {
  EXPECT_EQ(xxh64(""), 0xef46db3751d8e999U);
  EXPECT_EQ(xxh64("abc"), 0x44bc2cf5ad770999U);
  EXPECT_NE(xxh64("abc", 1), xxh64("abc"));
}

// vectors_sip128 of the reference implementation: key 00 … 0f, messages 00, 01, 02 …
TEST(Hash, siphash128_has_the_vectors_of_its_reference) {
  const Hash128 key{.high = 0x0f0e0d0c0b0a0908, .low = 0x0706050403020100};
  EXPECT_EQ(as_hex(siphash128(key, "")), "a3817f04ba25a8e66df67214c7550293");
  EXPECT_EQ(as_hex(siphash128(key, std::string(1, '\0'))), "da87c1d86b99af44347659119b22fc45");
  std::string message;
  for (char c = 0; c < 15; ++c) {
    message += c;
  }
  EXPECT_EQ(as_hex(siphash128(key, message)), "5493e99933b0a8117e08ec0f97cfc3d9");
}

// UtilsTest of Apache Kafka.
TEST(Hash, murmur2_has_kafkas_values) {
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("21")), -973932308);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("foobar")), -790332482);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("a-little-bit-long-string")), -985981536);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("a-little-bit-longer-string")), -1486304829);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8")),
            -58897971);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("abc")), 479470107);
}

}  // namespace
}  // namespace millrace
