#include "record/kafka_error.h"

#include <gtest/gtest.h>

namespace millrace::record {
namespace {

TEST(KafkaErrorName, is_the_one_of_the_protocol) {
  EXPECT_EQ(to_string(KafkaError::kNone), "NONE");
  EXPECT_EQ(to_string(KafkaError::kUnknownServerError), "UNKNOWN_SERVER_ERROR");
  EXPECT_EQ(to_string(KafkaError::kKafkaStorageError), "KAFKA_STORAGE_ERROR");
  EXPECT_EQ(static_cast<int>(KafkaError::kKafkaStorageError), 56);
  EXPECT_EQ(static_cast<int>(KafkaError::kInvalidRecord), 87);
}

TEST(KafkaErrorName, of_a_number_nobody_knows_is_unknown) {
  EXPECT_EQ(to_string(static_cast<KafkaError>(9999)), "UNKNOWN_SERVER_ERROR");
  EXPECT_EQ(to_string(static_cast<KafkaError>(-2)), "UNKNOWN_SERVER_ERROR");
  EXPECT_EQ(to_string(static_cast<KafkaError>(134)), "UNKNOWN_SERVER_ERROR");
}

TEST(KafkaErrorName, says_what_may_be_tried_again) {
  EXPECT_TRUE(kafka_error_info(KafkaError::kNotCoordinator).retriable);
  EXPECT_FALSE(kafka_error_info(KafkaError::kMessageTooLarge).retriable);
  EXPECT_EQ(kafka_errors().size(), 135U);
}

}  // namespace
}  // namespace millrace::record
