#include "record/batch.h"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "base/random.h"

namespace millrace::record {
namespace {

// Made by a separate encoder, from Kafka's description of the format.
constexpr std::string_view kPlain =
    "00000000000000000000005a000000000245bf2acb0000000000020000018bcfe568000000018bcfe56805ffffffff"
    "ffffffffffffffffffff0000000318000000026b0a68656c6c6f0024000a02010a776f726c640402680231026e0110"
    "000104046b320100";
constexpr std::string_view kMarker =
    "0000000000000000000000420000000002ce4cf28e0030000000000000018bcfe568000000018bcfe5680000000000"
    "00000fa00003ffffffff000000012000000008000000010c00000000000700";
constexpr std::string_view kGzip =
    "00000000000000000000006e00000000022d5d978c0001000000020000018bcfe568000000018bcfe56805ffffffff"
    "ffffffffffffffffffff000000031f8b08000000000002039360606060cae6ca48cdc9c9675061e06262e42acf2fca"
    "496161ca603264ca631460606461c936626400004125015229000000";
constexpr std::string_view kSnappyRaw =
    "00000000000000000000005c000000000275f743520002000000020000018bcfe568000000018bcfe56805ffffffff"
    "ffffffffffffffffffff0000000329a018000000026b0a68656c6c6f0024000a02010a776f726c640402680231026e"
    "0110000104046b320100";
constexpr std::string_view kSnappyXerial =
    "000000000000000000000070000000000215bec4ee0002000000020000018bcfe568000000018bcfe56805ffffffff"
    "ffffffffffffffffffff0000000382534e415050590000000001000000010000002b29a018000000026b0a68656c6c"
    "6f0024000a02010a776f726c640402680231026e0110000104046b320100";
constexpr std::string_view kLz4 =
    "000000000000000000000069000000000284168a440003000000020000018bcfe568000000018bcfe56805ffffffff"
    "ffffffffffffffffffff0000000304224d186040822900008018000000026b0a68656c6c6f0024000a02010a776f72"
    "6c640402680231026e0110000104046b32010000000000";
constexpr std::string_view kZstd =
    "0000000000000000000000630000000002454d8a740004000000020000018bcfe568000000018bcfe56805ffffffff"
    "ffffffffffffffffffff0000000328b52ffd202949010018000000026b0a68656c6c6f0024000a02010a776f726c64"
    "0402680231026e0110000104046b320100";

constexpr std::int64_t kTime = 1'700'000'000'000;

std::string golden(std::string_view hex) {
  return from_hex(hex).value();
}

void add_golden_records(BatchBuilder& builder) {
  const std::vector<HeaderView> headers{{.key = "h", .value = "1"}, {.key = "n", .value = {}}};
  builder.add({.timestamp_ms = kTime, .key = "k", .value = "hello"});
  builder.add({.timestamp_ms = kTime + 5, .value = "world", .headers = headers});
  builder.add({.timestamp_ms = kTime - 1, .key = "k2"});
}

struct Seen {
  std::int64_t offset = 0;
  std::int64_t timestamp = 0;
  std::string text;  // key=value {header=value,…}; ~ is null

  friend bool operator==(const Seen&, const Seen&) = default;
};

std::string text_of(const RecordView& record) {
  std::string text(record.key.value_or("~"));
  text += "=" + std::string(record.value.value_or("~")) + " {";
  for (const HeaderView& header : record.headers()) {
    text += std::string(header.key) + "=" + std::string(header.value.value_or("~")) + ",";
  }
  return text + "}";
}

std::vector<Seen> walk(std::string_view batch) {
  RecordReader reader = MUST(RecordReader::open(batch));
  std::vector<Seen> all;
  RecordView record;
  while (MUST(reader.next(record))) {
    all.push_back({record.offset.value(), record.timestamp_ms, text_of(record)});
  }
  return all;
}

void fix_crc(std::string& batch) {
  store_be(batch.data() + 17, batch_crc(batch));
}

ErrorCode code_of(std::string_view batch) {
  const Result<BatchHeader> checked = check_batch_and_records(batch);
  EXPECT_FALSE(checked.has_value());
  return checked ? ErrorCode::kInternal : checked.error().code();
}

// A batch with one record whose bytes are given.
std::string batch_around(std::string_view record_bytes, std::int32_t count = 1) {
  BatchBuilder builder;
  builder.add({.timestamp_ms = kTime, .value = "x"});
  std::string batch = MUST(builder.finish());
  batch.resize(kHeaderBytes);
  batch += record_bytes;
  store_be(batch.data() + 8, static_cast<std::int32_t>(batch.size() - kPrefixBytes));
  store_be(batch.data() + 57, count);
  store_be(batch.data() + 23, count - 1);
  fix_crc(batch);
  return batch;
}

TEST(Batch, builder_writes_the_golden_bytes) {
  BatchBuilder builder;
  add_golden_records(builder);
  EXPECT_EQ(to_hex(MUST(builder.finish())), kPlain);
}

TEST(Batch, builder_is_empty_after_finish_and_writes_the_same_again) {
  BatchBuilder builder;
  add_golden_records(builder);
  const std::string first = MUST(builder.finish());
  EXPECT_TRUE(builder.empty());
  add_golden_records(builder);
  EXPECT_EQ(MUST(builder.finish()), first);
}

TEST(Batch, marker_has_the_golden_bytes_and_reads_back) {
  const std::string marker = build_marker(
      {.type = ControlType::kCommit, .coordinator_epoch = 7}, ProducerId(4000), 3, kTime);
  EXPECT_EQ(to_hex(marker), kMarker);
  const std::optional<ControlMarker> read = MUST(read_marker(marker));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->type, ControlType::kCommit);
  EXPECT_EQ(read->coordinator_epoch, 7);
}

TEST(Batch, golden_batches_of_every_codec_hold_the_same_records) {
  const std::vector<Seen> expected{
      {0, kTime, "k=hello {}"}, {1, kTime + 5, "~=world {h=1,n=~,}"}, {2, kTime - 1, "k2=~ {}"}};
  for (const std::string_view hex : {kPlain, kGzip, kSnappyRaw, kSnappyXerial, kLz4, kZstd}) {
    const std::string batch = golden(hex);
    const BatchHeader header = MUST(check_batch_and_records(batch));
    EXPECT_EQ(header.record_count, 3);
    EXPECT_EQ(header.max_timestamp_ms, kTime + 5);
    EXPECT_EQ(walk(batch), expected) << hex;
  }
}

TEST(Batch, every_codec_reads_back_what_it_wrote) {
  for (const Compression compression : {Compression::kNone,
                                        Compression::kGzip,
                                        Compression::kSnappy,
                                        Compression::kLz4,
                                        Compression::kZstd}) {
    BatchBuilder builder({.compression = compression});
    add_golden_records(builder);
    const std::string batch = MUST(builder.finish());
    EXPECT_EQ(MUST(check_batch_and_records(batch)).compression(), compression);
    EXPECT_EQ(walk(batch).size(), 3U);
  }
}

TEST(Batch, base_offset_and_leader_epoch_do_not_touch_the_checksum) {
  std::string batch = golden(kPlain);
  patch_base_offset(batch.data(), Offset(4711));
  patch_leader_epoch(batch.data(), 9);
  const BatchHeader header = MUST(check_batch(batch));
  EXPECT_EQ(header.base_offset, Offset(4711));
  EXPECT_EQ(header.leader_epoch, 9);
  EXPECT_EQ(walk(batch).at(2).offset, 4713);
}

TEST(Batch, log_append_time_gives_every_record_the_time_of_the_log) {
  std::string batch = golden(kPlain);
  patch_log_append_time(batch, kTime + 99);
  MUST(check_batch(batch));
  for (const Seen& seen : walk(batch)) {
    EXPECT_EQ(seen.timestamp, kTime + 99);
  }
}

TEST(Batch, any_changed_byte_is_found) {
  const std::string batch = golden(kPlain);
  for (std::size_t i = 8; i < batch.size(); ++i) {
    if (i >= 12 && i < 16) {
      continue;  // The leader epoch is not covered.
    }
    std::string changed = batch;
    changed[i] = static_cast<char>(changed[i] ^ 0x10);
    EXPECT_FALSE(check_batch(changed).has_value()) << i;
  }
}

TEST(Batch, any_cut_is_found) {
  const std::string batch = golden(kGzip);
  for (std::size_t size = 0; size < batch.size(); ++size) {
    EXPECT_FALSE(check_batch(std::string_view(batch).substr(0, size)).has_value()) << size;
  }
}

TEST(Batch, refuses_other_magic_and_counts_that_do_not_fit) {
  std::string magic = golden(kPlain);
  magic[16] = 1;
  EXPECT_EQ(parse_header(magic).error().code(), ErrorCode::kCorruption);
  std::string count = golden(kPlain);
  store_be(count.data() + 57, std::int32_t{4});
  EXPECT_EQ(parse_header(count).error().code(), ErrorCode::kCorruption);
  std::string many = golden(kPlain);
  store_be(many.data() + 57, std::numeric_limits<std::int32_t>::max());
  store_be(many.data() + 23, std::numeric_limits<std::int32_t>::max() - 1);
  EXPECT_EQ(parse_header(many).error().code(), ErrorCode::kCorruption);
}

TEST(Batch, refuses_records_that_break_the_format) {
  const std::string good("\x0e\0\0\0\x01\x02x\0", 8);
  EXPECT_TRUE(check_batch_and_records(batch_around(good)).has_value());
  const std::vector<std::string> bad{
      std::string("\x10\0\0\0\x01\x02x\0", 8),    // longer than what is there
      std::string("\x0c\0\0\0\x01\x02x\0", 8),    // shorter than its fields
      std::string("\x0e\0\0\0\x03\x02x\0", 8),    // key length -2
      std::string("\x0e\0\0\0\x01\x7fx\0", 8),    // value beyond the end
      std::string("\x0e\0\0\0\x01\x02x\x02", 8),  // a header that is not there
      std::string("\x0e\0\0\x02\x01\x02x\0", 8),  // offset delta 1 in a batch of one
      std::string("\x0e\0\0\0\x01\x02x\0z", 9),   // a byte left over
      std::string("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10),  // endless varint
      std::string("\x80\x80\x80\x80\x80\0\0\0\0\0\0", 11),          // varint longer than 5 bytes
      std::string()};
  for (const std::string& bytes : bad) {
    EXPECT_FALSE(check_batch_and_records(batch_around(bytes)).has_value()) << to_hex(bytes);
  }
  EXPECT_EQ(code_of(batch_around(bad.at(0))), ErrorCode::kInvalidArgument);
}

TEST(Batch, refuses_offsets_that_do_not_rise) {
  const std::string record("\x0e\0\0\0\x01\x02x\0", 8);
  EXPECT_EQ(code_of(batch_around(record + record, 2)), ErrorCode::kInvalidArgument);
}

TEST(Batch, refuses_an_unknown_codec) {
  std::string batch = golden(kPlain);
  batch[22] = 5;
  fix_crc(batch);
  EXPECT_EQ(code_of(batch), ErrorCode::kUnsupported);
}

TEST(Batch, stops_at_the_limit_of_decompressed_bytes) {
  BatchBuilder builder({.compression = Compression::kZstd});
  const std::string zeros(1 << 20, '\0');
  builder.add({.timestamp_ms = kTime, .value = zeros});
  const std::string batch = MUST(builder.finish());
  EXPECT_LT(batch.size(), 1000U);
  EXPECT_TRUE(check_batch_and_records(batch).has_value());
  const Result<BatchHeader> limited = check_batch_and_records(batch, 64 << 10);
  ASSERT_FALSE(limited.has_value());
  EXPECT_EQ(limited.error().code(), ErrorCode::kExhausted);
}

TEST(Batch, emptied_batch_keeps_producer_and_offsets) {
  BatchBuilder builder({.producer_id = ProducerId(7), .producer_epoch = 2, .base_sequence = 10});
  const std::string batch = MUST(builder.finish(Offset(100), 9));
  const BatchHeader header = MUST(check_batch_and_records(batch));
  EXPECT_EQ(header.record_count, 0);
  EXPECT_EQ(header.next_offset(), Offset(110));
  EXPECT_EQ(header.last_sequence(), 19);
  EXPECT_TRUE(walk(batch).empty());
}

TEST(Batch, gaps_of_compaction_read_back) {
  BatchBuilder builder;
  builder.add_at(3, {.timestamp_ms = kTime, .key = "a", .value = "1"});
  builder.add_at(7, {.timestamp_ms = kTime, .key = "b", .value = "2"});
  const std::string batch = MUST(builder.finish(Offset(50), 9));
  const std::vector<Seen> seen = walk(batch);
  EXPECT_EQ(seen.at(0).offset, 53);
  EXPECT_EQ(seen.at(1).offset, 57);
  EXPECT_EQ(MUST(parse_header(batch)).last_offset(), Offset(59));
}

TEST(Batch, delete_horizon_takes_the_place_of_the_base_timestamp) {
  BatchBuilder builder({.delete_horizon_ms = kTime + 1000});
  builder.add({.timestamp_ms = kTime, .key = "a"});
  const std::string batch = MUST(builder.finish());
  const BatchHeader header = MUST(check_batch_and_records(batch));
  EXPECT_TRUE(header.has_delete_horizon());
  EXPECT_EQ(header.base_timestamp_ms, kTime + 1000);
  EXPECT_EQ(header.max_timestamp_ms, kTime);
  EXPECT_EQ(walk(batch).at(0).timestamp, kTime);
}

TEST(Batch, sequences_wrap) {
  constexpr std::int32_t kMax = std::numeric_limits<std::int32_t>::max();
  EXPECT_EQ(add_sequence(kMax, 1), 0);
  EXPECT_EQ(add_sequence(kMax - 1, 3), 1);
  EXPECT_EQ(add_sequence(5, 0), 5);
}

TEST(Batch, random_records_read_back_in_every_codec) {
  Random random(7);
  for (int round = 0; round < 200; ++round) {
    const auto compression = static_cast<Compression>(random.below(5));
    BatchBuilder builder({.compression = compression});
    std::vector<Seen> expected;
    const std::uint64_t count = 1 + random.below(40);
    for (std::uint64_t i = 0; i < count; ++i) {
      std::string value(random.below(random.one_in(10) ? 40'000 : 200), '\0');
      for (char& c : value) {
        c = static_cast<char>(random.below(random.one_in(2) ? 4 : 256));
      }
      const std::int64_t time = kTime + random.between(-1'000'000'000'000, 1'000'000'000'000);
      builder.add({.timestamp_ms = time, .value = value});
      expected.push_back({static_cast<std::int64_t>(i), time, "~=" + value + " {}"});
    }
    const std::string batch = MUST(builder.finish());
    MUST(check_batch_and_records(batch));
    ASSERT_EQ(walk(batch), expected);
  }
}

}  // namespace
}  // namespace millrace::record
