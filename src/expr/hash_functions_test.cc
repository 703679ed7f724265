#include <gtest/gtest.h>

#include "expr/detail/run_sql.h"

namespace millrace::expr {
namespace {

using detail::expect_cases;
using detail::SqlCase;

TEST(HashFunctions, digest) {
  static constexpr SqlCase kCases[] = {
      {"md5('Spark')", "8cde774d6f7333752ed72cacddb05126"},
      {"md5('')", "d41d8cd98f00b204e9800998ecf8427e"},
      {"sha1('Spark')", "85f5955f4b27a9a4c2aab6ffe5d7189fc298b92c"},
      {"sha2('Spark', 256)", "529bc3b07127ecb7e53a4dcf1991d9152c24537d919178022b2c42657f79a26b"},
      {"sha2('Spark', 1)", "NULL"},
      {"crc32('Spark')", "1557323817"},
  };
  expect_cases(kCases);
}

TEST(HashFunctions, hash_rows_as_spark_does) {
  static constexpr SqlCase kCases[] = {
      {"hash('Spark')", "228093765"},
      {"hash('a', 1, NULL)", "532252686"},
      {"hash(array(1,2))", "-222940379"},
      {"hash(1.10)", "588972421"},
      {"xxhash64('Spark')", "-4294468057691064905"},
      {"xxhash64('a', 1, NULL)", "-4810547614043336770"},
      {"hash(map(1, 2))", "! DATATYPE_MISMATCH.HASH_MAP_TYPE"},
  };
  expect_cases(kCases);
}

}  // namespace
}  // namespace millrace::expr
