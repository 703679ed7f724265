#include "format/json_options.h"

#include <gtest/gtest.h>

namespace millrace::format {
namespace {

TEST(JsonOptions, reads_sparks_names_in_any_case) {
  const JsonOptions options = MUST(JsonOptions::from_text({{"ALLOWCOMMENTS", "True"},
                                                           {"timestampFormat", "yyyy"},
                                                           {"timeZone", "Asia/Tokyo"},
                                                           {"unknown", "x"}},
                                                          data::Zone()));
  EXPECT_TRUE(options.allow_comments);
  EXPECT_EQ(options.timestamp_format, "yyyy");
  EXPECT_EQ(options.zone.name(), "Asia/Tokyo");
}

TEST(JsonOptions, refuses_values_that_mean_nothing) {
  for (const TextOptions& bad : {TextOptions{{"mode", "DROPMALFORMED"}},
                                 {{"allowComments", "yes"}},
                                 {{"timeZone", "No/Where"}},
                                 {{"locale", "de-DE"}}}) {
    EXPECT_FALSE(JsonOptions::from_text(bad, data::Zone()).has_value()) << bad.begin()->first;
  }
}

}  // namespace
}  // namespace millrace::format
