#include "wire/codec.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "wire/generated/client_protocol.h"
#include "wire/generated/fetch.h"
#include "wire/generated/group_coordinator_records.h"
#include "wire/generated/metadata.h"

namespace millrace::wire {
namespace {

TEST(Codec, key_begins_with_the_record_type) {
  const std::string key =
      MUST(encode_key(OffsetCommitKey{.group = "g", .topic = "t", .partition = 3}));
  EXPECT_EQ(to_hex(key), "000100016700017400000003");
  EXPECT_EQ(MUST(record_type(key)), OffsetCommitKey::kRecordType);
  EXPECT_EQ(MUST(decode_key<OffsetCommitKey>(key)).partition, 3);
  EXPECT_EQ(decode_key<GroupMetadataKey>(key).error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(record_type("").error().code(), ErrorCode::kCorruption);
}

TEST(Codec, value_begins_with_its_version) {
  const OffsetCommitValue value{.offset = 5, .metadata = "m", .commit_timestamp = 6};
  const std::string bytes = MUST(encode_versioned(value, 1));
  EXPECT_EQ(bytes.substr(0, 2), std::string("\0\1", 2));
  EXPECT_EQ(MUST(decode_versioned<OffsetCommitValue>(bytes)).offset, 5);
  EXPECT_EQ(decode_versioned<OffsetCommitValue>(bytes + "x").error().code(),
            ErrorCode::kCorruption);
  EXPECT_EQ(decode_versioned<OffsetCommitValue>("\x7f\x7f").error().code(),
            ErrorCode::kUnsupported);
}

TEST(Codec, newer_client_protocol_is_read_as_the_newest) {
  ConsumerProtocolSubscription subscription;
  subscription.topics = {"t"};
  std::string bytes = MUST(encode_versioned(subscription, 3));
  bytes[1] = 9;
  bytes += "what version 9 adds";
  EXPECT_EQ(decode_versioned<ConsumerProtocolSubscription>(bytes).error().code(),
            ErrorCode::kUnsupported);
  EXPECT_EQ(
      MUST(decode_versioned<ConsumerProtocolSubscription>(bytes, NewerVersion::kReadAsNewest)),
      subscription);
}

TEST(Codec, failure_names_message_version_field_and_place) {
  const std::string bytes = from_hex("0000000100056162").value();
  EXPECT_EQ(decode_all<MetadataRequest>(std::string_view(bytes), 1).error().to_string(),
            "MetadataRequest v1: MetadataRequestTopic.name at byte 6: 5 bytes are needed, 2 are "
            "left");
  EXPECT_EQ(decode_all<MetadataRequest>(std::string_view(bytes), 77).error().to_string(),
            "MetadataRequest has no version 77");
}

TEST(Codec, refuses_what_is_left_over) {
  const std::string bytes = from_hex("000000002a").value();
  EXPECT_EQ(decode_all<MetadataRequest>(std::string_view(bytes), 1).error().to_string(),
            "MetadataRequest v1: 1 bytes are left at byte 4");
}

TEST(Codec, null_where_the_version_has_none_is_refused) {
  MetadataRequest request;
  request.topics = std::nullopt;
  EXPECT_EQ(encode_string(request, 0).error().to_string(),
            "MetadataRequest v0: MetadataRequest.topics: null is not allowed in this version");
  EXPECT_EQ(to_hex(MUST(encode_string(request, 1))), "ffffffff");
  const std::string null = from_hex("ffffffff").value();
  EXPECT_EQ(decode_all<MetadataRequest>(std::string_view(null), 0).error().code(),
            ErrorCode::kCorruption);
}

TEST(Codec, unknown_tags_are_skipped_and_known_ones_are_read) {
  FetchRequest request{.cluster_id = "c"};
  std::string bytes = MUST(encode_string(request, 12));
  // The section at the end is "1 tag: number 0, 2 bytes"; a second one, unknown, is put after it.
  ASSERT_EQ(to_hex(bytes).substr(to_hex(bytes).size() - 10), "0100020263");
  bytes[bytes.size() - 5] = 2;
  bytes += from_hex("2a03aabbcc").value();
  EXPECT_EQ(MUST(decode_all<FetchRequest>(std::string_view(bytes), 12)), request);
}

TEST(Codec, hostile_count_does_not_allocate) {
  // 100 million topics in a frame that has room for them by the bytes of the wire.
  const std::string many = from_hex("80c2d72f").value() + std::string(99'999'999, '\1');
  const Result<MetadataRequest> result = decode_all<MetadataRequest>(std::string_view(many), 9);
  EXPECT_EQ(result.error().code(), ErrorCode::kExhausted);
}

}  // namespace
}  // namespace millrace::wire
