#include "wire/writer.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace millrace::wire {
namespace {

TEST(Writer, writes_both_forms) {
  Writer writer;
  writer.be<std::int16_t>(-2);
  writer.uvarint(300);
  writer.string("ab", false, "s");
  writer.string("ab", true, "s");
  writer.nullable_string(std::nullopt, false, true, "n");
  writer.nullable_string(std::nullopt, true, true, "n");
  writer.null_array(false, true, "n");
  writer.array(5, true, "a");
  writer.boolean(true);
  EXPECT_EQ(to_hex(writer.finish_string()), "fffeac0200026162036162ffff00ffffffff0601");
}

TEST(Writer, does_not_copy_records) {
  const data::BlockSlice batch = data::BlockSlice::copy(std::string(5000, 'r'));
  Records records(batch);
  Writer writer;
  writer.be<std::int32_t>(1);
  writer.records(records, false, "r");
  writer.be<std::int32_t>(2);
  EXPECT_EQ(writer.size(), 5012U);
  const std::vector<data::BlockSlice> slices = writer.finish();
  ASSERT_EQ(slices.size(), 3U);
  EXPECT_EQ(slices[1].view().data(), batch.view().data());
  EXPECT_EQ(to_hex(slices[0].view()), "0000000100001388");
  EXPECT_EQ(to_hex(slices[2].view()), "00000002");
  EXPECT_EQ(writer.size(), 0U);
}

TEST(Writer, copies_small_records) {
  Writer writer;
  writer.records(Records(data::BlockSlice::copy("abc")), true, "r");
  EXPECT_EQ(writer.finish().size(), 1U);
}

TEST(Writer, puts_sizes_before_tagged_fields_even_around_records) {
  const std::string large(600, 'x');
  Writer writer;
  writer.be<std::int8_t>(9);
  const std::size_t outer = writer.begin_tag(1);
  const std::size_t inner = writer.begin_tag(2);
  writer.bytes(data::BlockSlice::copy(large), true, "b");
  writer.end_tag(inner);
  writer.be<std::int8_t>(7);
  writer.end_tag(outer);
  writer.be<std::int8_t>(8);
  // 602 bytes of bytes field; tag and size of the inner one take 3 more, the 7 one.
  std::string expected = from_hex("0901de04").value() + from_hex("02da04").value() +
                         from_hex("d904").value() + large + from_hex("0708").value();
  EXPECT_EQ(writer.size(), expected.size());
  EXPECT_EQ(to_hex(join(writer.finish())), to_hex(expected));
}

TEST(Writer, refuses_null_and_long_strings) {
  Writer writer;
  writer.string(std::string(32768, 'x'), true, "Topic.name");
  writer.null_array(true, false, "later");
  ASSERT_FALSE(writer.ok());
  EXPECT_EQ(writer.error().to_string(), "Topic.name: a string of 32768 bytes, more than 32767");
  writer.clear();
  EXPECT_TRUE(writer.ok());
  writer.present(false, false, "Cursor");
  EXPECT_EQ(writer.error().to_string(), "Cursor: null is not allowed in this version");
}

}  // namespace
}  // namespace millrace::wire
