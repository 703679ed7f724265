#include "flow/scan_decoder.h"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "plan/catalog.h"

namespace millrace::flow {
namespace {

using data::Type;
using data::TypeKind;

/// A source `s` of a format with columns id INT, name STRING, and the values given.
struct Decoded {
  data::Batch batch;
  std::vector<Undecodable> undecodable;

  Decoded(const std::string& format,
          const std::vector<std::string>& values,
          const plan::Options& options = {}) {
    auto relation = std::make_shared<plan::Relation>();
    relation->name = "s";
    relation->format = format;
    relation->decoded = true;
    relation->options = options;
    relation->schema.fields = {{.name = "id", .type = Type(TypeKind::kInt)},
                               {.name = "name", .type = Type(TypeKind::kString)}};
    const auto decoder = MUST(ScanDecoder::make({.relation = relation, .columns = {0, 1}}, 0));
    RecordChunk chunk;
    for (const std::string& value : values) {
      chunk.blocks.push_back(std::make_shared<const data::Block>(value));
      record::RecordView& record = chunk.records.emplace_back();
      record.offset = Offset(static_cast<std::int64_t>(chunk.records.size()) - 1);
      record.value = chunk.blocks.back()->view();
    }
    batch = decoder->decode(chunk, undecodable);
  }
};

TEST(ScanDecoder, csv_lines_are_read_by_their_declared_columns) {
  const Decoded decoded("csv", {"1,Ann", "2,\"O, Neil\"", "x,Bob"});
  ASSERT_EQ(decoded.batch.selection.size(), 2U);
  EXPECT_EQ(decoded.batch.columns[0]->get<std::int32_t>(1), 2);
  EXPECT_EQ(decoded.batch.columns[1]->string(1), "O, Neil");
  ASSERT_EQ(decoded.undecodable.size(), 1U);
  EXPECT_EQ(decoded.undecodable[0].row, 2U);
}

TEST(ScanDecoder, csv_takes_sparks_options) {
  const Decoded decoded("csv", {"7;Eve"}, {{"sep", {.value = ";"}}});
  ASSERT_EQ(decoded.batch.selection.size(), 1U);
  EXPECT_EQ(decoded.batch.columns[0]->get<std::int32_t>(0), 7);
  EXPECT_EQ(decoded.batch.columns[1]->string(0), "Eve");
}

TEST(ScanDecoder, json_that_does_not_fit_is_named_and_the_rest_goes_on) {
  const Decoded decoded("json", {R"({"id": 1, "name": 68140})", "{cut", R"({"id": "x"})", "{}"});
  ASSERT_EQ(decoded.batch.selection.size(), 2U);
  EXPECT_EQ(decoded.batch.columns[1]->string(0), "68140");
  EXPECT_TRUE(decoded.batch.columns[0]->is_null(3));
  ASSERT_EQ(decoded.undecodable.size(), 2U);
  EXPECT_EQ(decoded.undecodable[0].row, 1U);
  EXPECT_EQ(decoded.undecodable[1].row, 2U);
}

}  // namespace
}  // namespace millrace::flow
