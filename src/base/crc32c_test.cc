#include "base/crc32c.h"

#include <string>

#include <gtest/gtest.h>

#include "base/random.h"

namespace millrace {
namespace {

// RFC 3720, B.4.
TEST(Crc32c, has_the_vectors_of_iscsi) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aaU);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43U);
  EXPECT_EQ(crc32c(""), 0U);
}

TEST(Crc32c, fast_and_naive_agree_whole_and_in_two_parts) {
  Random random(7);
  for (std::size_t size = 0; size < 300; ++size) {
    std::string bytes;
    while (bytes.size() < size) {
      bytes += static_cast<char>(random.below(256));
    }
    const std::uint32_t crc = crc32c_naive(bytes);
    EXPECT_EQ(crc32c(bytes), crc);
    const auto cut = static_cast<std::size_t>(random.below(size + 1));
    const std::string_view view(bytes);
    EXPECT_EQ(crc32c(view.substr(cut), crc32c(view.substr(0, cut))), crc);
  }
}

}  // namespace
}  // namespace millrace
