#include "wire/frame.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "wire/generated/api_versions.h"
#include "wire/generated/metadata.h"
#include "wire/generated/produce.h"

namespace millrace::wire {
namespace {

std::string frame_of(const std::vector<data::BlockSlice>& slices) {
  return join(slices);
}

TEST(Frame, size_has_limits) {
  EXPECT_EQ(frame_size(std::string_view("\0\0\1\0", 4)).value(), 256U);
  EXPECT_EQ(frame_size(std::string_view("\0\0\0\0", 4)).value(), 0U);
  EXPECT_EQ(frame_size("\xff\xff\xff\xff").error().code(), ErrorCode::kCorruption);
  EXPECT_EQ(frame_size("GET ").error().code(), ErrorCode::kCorruption);
  EXPECT_EQ(frame_size(std::string_view("\0\0\1\0", 4), 255).error().code(),
            ErrorCode::kCorruption);
}

TEST(Frame, client_id_keeps_its_short_length_in_flexible_versions) {
  Writer writer;
  const std::string frame = frame_of(MUST(encode_request(
      writer,
      {.correlation_id = 7, .client_id = "me"},
      ApiVersionsRequest{.client_software_name = "a", .client_software_version = "1"},
      3)));
  EXPECT_EQ(to_hex(frame), "00000012001200030000000700026d65000261023100");
}

TEST(Frame, request_is_read_as_it_was_written) {
  Writer writer;
  MetadataRequest request;
  request.topics->push_back({.name = "users"});
  for (std::int16_t version = MetadataRequest::kVersionMin; version <= MetadataRequest::kVersionMax;
       ++version) {
    const std::string frame =
        frame_of(MUST(encode_request(writer, {.correlation_id = -5}, request, version)));
    ASSERT_EQ(MUST(frame_size(frame.substr(0, 4))), frame.size() - 4);
    Reader reader(std::string_view(frame).substr(4));
    const RequestHeader header = MUST(decode_request_header(reader));
    EXPECT_EQ(header.correlation_id, -5);
    EXPECT_EQ(header.client_id, std::nullopt);
    EXPECT_EQ(header.request_api_version, version);
    EXPECT_EQ(MUST(MetadataRequest::decode(reader, version)), request);
    EXPECT_EQ(reader.remaining(), 0U);
  }
}

TEST(Frame, answer_carries_records_without_a_copy) {
  Writer writer;
  const data::BlockSlice batch = data::BlockSlice::copy(std::string(10'000, 'b'));
  ProduceRequest request{.acks = 1, .timeout_ms = 2};
  request.topic_data.push_back({.name = "t"});
  request.topic_data[0].partition_data.push_back({.index = 3, .records = Records(batch)});
  const auto slices = MUST(encode_request(writer, {}, request, 12));
  ASSERT_EQ(slices.size(), 3U);
  EXPECT_EQ(slices[1].view().data(), batch.view().data());

  Reader reader(data::BlockSlice::copy(frame_of(slices)).part(4, total_size(slices) - 4));
  (void)MUST(decode_request_header(reader));
  EXPECT_EQ(MUST(ProduceRequest::decode(reader, 12)), request);
}

TEST(Frame, header_of_an_unknown_key_is_unsupported) {
  const std::string bytes = from_hex("0004000000000001ffff").value();
  Reader reader{std::string_view(bytes)};
  EXPECT_EQ(decode_request_header(reader).error().code(), ErrorCode::kUnsupported);
  Reader nothing{std::string_view("\0\3", 2)};
  EXPECT_EQ(decode_request_header(nothing).error().code(), ErrorCode::kCorruption);
}

TEST(Frame, header_of_an_unknown_version_can_be_read) {
  // ApiVersions v99: the client must get an answer to its correlation id.
  const std::string bytes = from_hex("001200630000002affff00").value();
  Reader reader{std::string_view(bytes)};
  const RequestHeader header = MUST(decode_request_header(reader));
  EXPECT_EQ(header.correlation_id, 42);
  EXPECT_EQ(header.request_api_version, 99);
}

TEST(Frame, writer_can_be_used_again_after_a_failure) {
  Writer writer;
  EXPECT_EQ(encode_request(writer, {}, ProduceRequest{}, 2).error().code(),
            ErrorCode::kUnsupported);
  EXPECT_EQ(writer.size(), 0U);
  ProduceResponse response;
  response.responses.push_back({.name = std::string(40'000, 'x')});
  EXPECT_EQ(encode_response(writer, 1, response, 9).error().to_string(),
            "ProduceResponse v9: TopicProduceResponse.name: a string of 40000 bytes, more than "
            "32767");
  EXPECT_EQ(writer.size(), 0U);
  EXPECT_TRUE(encode_response(writer, 1, ProduceResponse{}, 9).has_value());
}

}  // namespace
}  // namespace millrace::wire
