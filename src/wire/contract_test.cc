// The tables that are written by hand say what the contract says.
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "wire/api_key.h"
#include "wire/kafka_error.h"

namespace millrace::wire {
namespace {

TEST(Contract, errors_are_those_of_kafka) {
  std::ifstream file(MR_WIRE_CONTRACT "/errors.tsv");
  std::string line;
  std::getline(file, line);
  std::size_t seen = 0;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    int code = 0;
    std::string name;
    std::string retriable;
    words >> code >> name >> retriable;
    ASSERT_LT(seen, record::kafka_errors().size());
    const record::KafkaErrorInfo& info = record::kafka_errors()[seen];
    EXPECT_EQ(static_cast<int>(info.error), code);
    EXPECT_EQ(info.name, name);
    EXPECT_EQ(info.retriable, retriable == "true") << name;
    EXPECT_FALSE(info.message.empty()) << name;
    ++seen;
  }
  EXPECT_EQ(seen, record::kafka_errors().size());
}

TEST(Contract, apis_are_those_of_kafka) {
  std::ifstream file(MR_WIRE_CONTRACT "/apis.tsv");
  std::string line;
  std::getline(file, line);
  std::size_t seen = 0;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    int key = 0;
    std::string name;
    int low = 0;
    int high = 0;
    words >> key >> name >> low >> high;
    const ApiInfo* info = find_api(static_cast<ApiKey>(key));
    ASSERT_NE(info, nullptr) << name;
    EXPECT_EQ(info->name, name);
    EXPECT_EQ(info->version_min, low) << name;
    EXPECT_EQ(info->version_max, high) << name;
    ++seen;
  }
  EXPECT_EQ(seen, apis().size());
}

}  // namespace
}  // namespace millrace::wire
