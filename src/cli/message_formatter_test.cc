#include "cli/message_formatter.h"

#include <gtest/gtest.h>

namespace millrace::cli {
namespace {

ShownRecord record() {
  return {.topic = "users",
          .partition = 2,
          .offset = 41,
          .timestamp_ms = 1'700'000'000'000,
          .key = "k1",
          .value = "v1",
          .headers = {{.key = "h1", .value = "a"}, {.key = "h2", .value = std::nullopt}}};
}

std::string line(const Properties& properties, const ShownRecord& shown) {
  const Result<MessageFormatter> formatter =
      MessageFormatter::make("org.apache.kafka.tools.consumer.DefaultMessageFormatter", properties);
  if (!formatter) {
    return "!" + formatter.error().message();
  }
  std::string out;
  const Result<void> done = formatter->append(shown, out);
  return done ? out : "!" + done.error().message();
}

TEST(MessageFormatter, prints_the_value_and_nothing_else_by_default) {
  EXPECT_EQ(line({}, record()), "v1\n");
}

TEST(MessageFormatter, prints_what_the_properties_ask_for_in_kafkas_order) {
  EXPECT_EQ(line({{"print.key", "true"},
                  {"print.headers", "true"},
                  {"print.offset", "true"},
                  {"print.partition", " TRUE "},
                  {"print.timestamp", "true"}},
                 record()),
            "CreateTime:1700000000000\tPartition:2\tOffset:41\th1:a,h2:null\tk1\tv1\n");
}

TEST(MessageFormatter, takes_separators_and_the_word_for_null) {
  ShownRecord shown = record();
  shown.value = std::nullopt;
  EXPECT_EQ(line({{"print.key", "true"},
                  {"print.headers", "true"},
                  {"key.separator", "|"},
                  {"line.separator", ";\n"},
                  {"headers.separator", "+"},
                  {"null.literal", "NIL"}},
                 shown),
            "h1:a+h2:NIL|k1|NIL;\n");
}

TEST(MessageFormatter, says_when_there_is_no_time_epoch_or_header) {
  ShownRecord shown = record();
  shown.timestamp_ms = -1;
  shown.headers = {};
  EXPECT_EQ(line({{"print.timestamp", "true"}, {"print.epoch", "true"}, {"print.headers", "true"}},
                 shown),
            "NO_TIMESTAMP\tEpoch:NOT_PRESENT\tNO_HEADERS\tv1\n");
  shown.log_append_time = true;
  shown.timestamp_ms = 5;
  EXPECT_EQ(line({{"print.timestamp", "true"}, {"print.value", "false"}}, shown),
            "LogAppendTime:5\n");
}

TEST(MessageFormatter, deserializes_numbers_as_javas_classes_do) {
  using namespace std::string_literals;
  EXPECT_EQ(*deserialize(Deserializer::kInteger, "\xff\xff\xff\xfe"s), "-2");
  EXPECT_EQ(*deserialize(Deserializer::kLong, "\0\0\0\0\0\0\1\0"s), "256");
  EXPECT_EQ(*deserialize(Deserializer::kShort, "\1\2"s), "258");
  EXPECT_EQ(*deserialize(Deserializer::kDouble, "\x3f\xf0\0\0\0\0\0\0"s), "1.0");
  EXPECT_EQ(*deserialize(Deserializer::kFloat, "\x3f\xc0\0\0"s), "1.5");
  EXPECT_EQ(*deserialize(Deserializer::kBoolean, "\1"s), "true");
  ShownRecord shown = record();
  EXPECT_EQ(line({{"value.deserializer", "org.apache.kafka.common.serialization.LongDeserializer"}},
                 shown),
            "!Size of data received by LongDeserializer is not 8");
  const std::string seven = "\0\0\0\7"s;
  shown.value = seven;
  EXPECT_EQ(line({{"value.deserializer", "IntegerDeserializer"}}, shown), "7\n");
}

TEST(MessageFormatter, refuses_a_class_that_it_cannot_load) {
  const std::string avro = line(
      {{"value.deserializer", "io.confluent.kafka.serializers.KafkaAvroDeserializer"}}, record());
  EXPECT_NE(avro.find("Unable to instantiate a deserializer from io.confluent"), std::string::npos);
  EXPECT_NE(avro.find("String, ByteArray"), std::string::npos);
  const Result<MessageFormatter> other = MessageFormatter::make("com.example.Mine", {});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code(), ErrorCode::kUnsupported);
}

TEST(MessageFormatter, of_nothing_prints_nothing) {
  const Result<MessageFormatter> formatter =
      MessageFormatter::make("kafka.tools.NoOpMessageFormatter", {});
  ASSERT_TRUE(formatter);
  std::string out;
  ASSERT_TRUE(formatter->append(record(), out));
  EXPECT_EQ(out, "");
}

}  // namespace
}  // namespace millrace::cli
