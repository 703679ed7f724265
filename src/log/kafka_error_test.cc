#include "log/kafka_error.h"

#include <gtest/gtest.h>

namespace millrace::log {
namespace {

TEST(KafkaErrorName, is_the_one_of_the_protocol) {
  EXPECT_EQ(to_string(KafkaError::kNone), "NONE");
  EXPECT_EQ(to_string(KafkaError::kKafkaStorageError), "KAFKA_STORAGE_ERROR");
  EXPECT_EQ(static_cast<int>(KafkaError::kKafkaStorageError), 56);
  EXPECT_EQ(static_cast<int>(KafkaError::kInvalidRecord), 87);
}

}  // namespace
}  // namespace millrace::log
