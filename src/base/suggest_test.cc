#include "base/suggest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::vector<std::string> kKeys = {"topic", "tonic", "brokers", "group", "start", "key"};

TEST(Suggest, finds_a_transposition_first) {
  EXPECT_THAT(suggest("tpoic", kKeys), ElementsAre("topic", "tonic"));
  EXPECT_THAT(suggest("TOPIC", kKeys), ElementsAre("topic", "tonic"));
}

TEST(Suggest, allows_short_words_one_step_only) {
  EXPECT_THAT(suggest("ky", kKeys), ElementsAre("key"));
  EXPECT_THAT(suggest("xx", kKeys), IsEmpty());
}

TEST(Suggest, gives_three_at_most_and_nothing_twice) {
  const std::vector<std::string> many = {"aaaaa", "aaaaa", "aaaab", "aaaac", "aaaad"};
  EXPECT_THAT(suggest("aaaaa", many), ElementsAre("aaaaa", "aaaab", "aaaac"));
}

TEST(Suggest, makes_half_a_sentence) {
  EXPECT_EQ(did_you_mean("tpoic", kKeys), "; did you mean \"topic\" or \"tonic\"?");
  EXPECT_EQ(did_you_mean("strat", kKeys), "; did you mean \"start\"?");
  EXPECT_EQ(did_you_mean("nothing like it", kKeys), "");
}

}  // namespace
}  // namespace millrace
