#include "broker/compatibility.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace millrace::broker {
namespace {

TEST(Compatibility, page_on_disk_is_what_the_code_says) {
  if (std::getenv("MR_WRITE_DOCS") != nullptr) {
    std::ofstream(MR_BROKER_COMPATIBILITY) << compatibility_page();
  }
  std::stringstream found;
  found << std::ifstream(MR_BROKER_COMPATIBILITY).rdbuf();
  EXPECT_TRUE(found.str() == compatibility_page())
      << "docs/kafka-compatibility.md is out of date: run this test with MR_WRITE_DOCS=1";
}

}  // namespace
}  // namespace millrace::broker
