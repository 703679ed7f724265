#include <fmt/format.h>
#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

// The texts are those of the examples in Spark's function documentation.
TEST(CryptoFunctions, decrypt_what_spark_encrypted) {
  TestTable table;
  EXPECT_EQ(
      table.run("CAST(aes_decrypt(unhex('83F16B2AA704794132802D248E6BFD4E380078182D1544813898AC97E"
                "709B28A94'), '0000111122223333') AS STRING)"),
      "Spark");
  EXPECT_EQ(table.run("CAST(aes_decrypt(unbase64('3lmwu+Mw0H3fi5NDvcu9lg=='), "
                      "'1234567890abcdef', 'ECB', 'PKCS') AS STRING)"),
            "Spark SQL");
  EXPECT_EQ(table.run("CAST(aes_decrypt(unbase64('2NYmDCjgXTbbxGA3/SnJEfFC/JQ7olk2VQWReIAAFKo='),"
                      " '1234567890abcdef', 'CBC') AS STRING)"),
            "Apache Spark");
  EXPECT_EQ(table.run("CAST(aes_decrypt(unbase64('AAAAAAAAAAAAAAAAQiYi+sTLm7KD9UcZ2nlRdYDe/PX4'), "
                      "'abcdefghijklmnop12345678ABCDEFGH', 'GCM', 'DEFAULT', "
                      "'This is an AAD mixed into the input') AS STRING)"),
            "Spark");
}

TEST(CryptoFunctions, encrypt_as_spark_does_with_a_given_vector) {
  TestTable table;
  EXPECT_EQ(table.run("base64(aes_encrypt('Spark', 'abcdefghijklmnop12345678ABCDEFGH', 'CBC', "
                      "'DEFAULT', unhex('00000000000000000000000000000000')))"),
            "AAAAAAAAAAAAAAAAAAAAAPSd4mWyMZ5mhvjiAPQJnfg=");
  EXPECT_EQ(table.run("base64(aes_encrypt('Spark', 'abcdefghijklmnop12345678ABCDEFGH', 'GCM', "
                      "'DEFAULT', unhex('000000000000000000000000'), 'This is an AAD mixed into "
                      "the input'))"),
            "AAAAAAAAAAAAAAAAQiYi+sTLm7KD9UcZ2nlRdYDe/PX4");
  EXPECT_EQ(table.run("base64(aes_encrypt('Spark SQL', '1234567890abcdef', 'ECB', 'PKCS'))"),
            "3lmwu+Mw0H3fi5NDvcu9lg==");
}

TEST(CryptoFunctions, decrypt_what_they_encrypted) {
  TestTable table;
  for (const std::string mode : {"GCM", "CBC", "ECB"}) {
    for (const std::string key :
         {"0000111122223333", "000011112222333344445555", "00001111222233334444555566667777"}) {
      const std::string rest = fmt::format("'{}', '{}')", key, mode);
      EXPECT_EQ(table.run(fmt::format(
                    "CAST(aes_decrypt(aes_encrypt('a text', {}, {} AS STRING)", rest, rest)),
                "a text")
          << mode;
    }
  }
  EXPECT_EQ(table.run("aes_encrypt(CAST(NULL AS STRING), '0000111122223333')"), "NULL");
}

TEST(CryptoFunctions, say_what_is_wrong) {
  TestTable table;
  EXPECT_EQ(table.run("aes_encrypt('x', 'short')"), "!INVALID_PARAMETER_VALUE.AES_KEY_LENGTH");
  EXPECT_EQ(table.run("aes_encrypt('x', '0000111122223333', 'CTR')"),
            "!UNSUPPORTED_FEATURE.AES_MODE");
  EXPECT_EQ(table.run("aes_encrypt('x', '0000111122223333', 'GCM', 'NONE', 'iv')"),
            "!INVALID_PARAMETER_VALUE.AES_IV_LENGTH");
  EXPECT_EQ(table.run("aes_decrypt('rubbish that is long enough for all of it', "
                      "'0000111122223333')"),
            "!INVALID_PARAMETER_VALUE.AES_CRYPTO_ERROR");
  EXPECT_EQ(table.run("try_aes_decrypt('rubbish', '0000111122223333')"), "NULL");
}

}  // namespace
}  // namespace millrace::expr
