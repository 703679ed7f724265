#include "base/uuid.h"

#include <set>

#include <gtest/gtest.h>

#include "base/random.h"

namespace millrace {
namespace {

TEST(Uuid, random_ones_are_version_4_and_differ) {
  Random random(1);
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string text = Uuid::random(random).to_string();
    ASSERT_EQ(text.size(), 36U);
    EXPECT_EQ(text[14], '4');
    EXPECT_NE(std::string("89ab").find(text[19]), std::string::npos);
    seen.insert(text);
  }
  EXPECT_EQ(seen.size(), 1000U);
}

TEST(Uuid, text_comes_back_in_any_case) {
  const auto uuid = Uuid::parse("0F8FAD5B-d9cb-469f-a165-70867728950e");
  ASSERT_TRUE(uuid);
  EXPECT_EQ(uuid->to_string(), "0f8fad5b-d9cb-469f-a165-70867728950e");
  EXPECT_EQ(uuid->to_base64(), "D4-tW9nLRp-hZXCGdyiVDg");
  EXPECT_FALSE(uuid->is_none());
  EXPECT_TRUE(Uuid{}.is_none());
}

TEST(Uuid, refuses_what_is_no_uuid) {
  for (const char* bad : {"",
                          "0f8fad5bd9cb469fa16570867728950e",
                          "0f8fad5b-d9cb-469f-a165-7086772895",
                          "0f8fad5b-d9cb-469f-a165-70867728950g",
                          "0f8fad5-bd9cb-469f-a165-70867728950e"}) {
    EXPECT_FALSE(Uuid::parse(bad)) << bad;
  }
}

}  // namespace
}  // namespace millrace
