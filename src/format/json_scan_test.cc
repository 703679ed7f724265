#include "format/detail/json_scan.h"

#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace millrace::format::detail {
namespace {

std::optional<std::string> plain(std::string_view text) {
  std::string out(text.size(), '\0');
  const char* const end = unescape(text, out.data());
  if (end == nullptr) {
    return std::nullopt;
  }
  out.resize(static_cast<std::size_t>(end - out.data()));
  return out;
}

TEST(JsonScan, tells_numbers_from_what_looks_like_them) {
  for (const std::string_view integer : {"0", "-0", "12", "-9223372036854775809"}) {
    EXPECT_EQ(classify_number(integer), NumberKind::kInteger) << integer;
  }
  for (const std::string_view number : {"0.5", "1e3", "-1.5E-3", "1e+3"}) {
    EXPECT_EQ(classify_number(number), NumberKind::kFloat) << number;
  }
  for (const std::string_view bad :
       {"", "-", "01", "1.", ".5", "1e", "1e+", "+1", "1x", "0x1", "1 "}) {
    EXPECT_EQ(classify_number(bad), NumberKind::kNone) << bad;
  }
}

TEST(JsonScan, resolves_escapes_or_refuses_them) {
  EXPECT_EQ(plain(R"(a\"\\\/\b\f\n\r\tz)"), "a\"\\/\b\f\n\r\tz");
  EXPECT_EQ(plain(R"(\u00e9\u20ac\ud83d\ude00)"), "\u00e9\u20ac\U0001F600");
  EXPECT_EQ(plain(R"(\ud83d\u0041\udc00\ud83d)"), "?A??");
  for (const std::string_view bad : {"\\", "\\x", "\\u12", "\\u12g4", "\\ud83d\\u12"}) {
    EXPECT_EQ(plain(bad), std::nullopt) << bad;
  }
}

TEST(JsonScan, reads_short_integers_only) {
  std::int64_t value = 0;
  const auto read = [&](std::string_view text) {
    return read_short_integer(text.data(), text.data() + text.size(), value);
  };
  EXPECT_TRUE(read("-123456789012345678"));
  EXPECT_EQ(value, -123456789012345678);
  EXPECT_TRUE(read("0"));
  for (const std::string_view other : {"-0", "01", "1234567890123456789", "1.5", "-", "1 "}) {
    EXPECT_FALSE(read(other)) << other;
  }
}

TEST(JsonScan, compares_names_of_every_length) {
  const std::string name = "abcdefghijklmnopqrstuvwxyz";
  for (std::size_t size = 0; size <= name.size(); ++size) {
    EXPECT_TRUE(equal_bytes(name.data(), std::string(name).data(), size));
    for (std::size_t at = 0; at < size; ++at) {
      std::string other = name;
      other[at] = '#';
      EXPECT_FALSE(equal_bytes(name.data(), other.data(), size)) << size << ' ' << at;
    }
  }
}

}  // namespace
}  // namespace millrace::format::detail
