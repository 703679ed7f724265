// Any bytes as the value of a record: decoded into declared columns, or named undecodable.
#include "flow/scan_decoder.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "plan/catalog.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using millrace::data::Type;
  using millrace::data::TypeKind;
  auto relation = std::make_shared<millrace::plan::Relation>();
  relation->name = "fuzz";
  relation->decoded = true;
  relation->schema.fields = {
      {.name = "id", .type = Type(TypeKind::kInt)},
      {.name = "text", .type = Type(TypeKind::kString)},
      {.name = "list", .type = Type::array(Type(TypeKind::kDouble))},
  };
  millrace::plan::Scan scan{.relation = relation, .columns = {0, 1, 2}};
  const auto decoder = MUST(millrace::flow::ScanDecoder::make(scan, 0));
  const auto block = std::make_shared<const millrace::data::Block>(
      std::string_view(reinterpret_cast<const char*>(data), size));
  millrace::flow::RecordChunk chunk;
  chunk.blocks.push_back(block);
  chunk.records.resize(2);
  chunk.records[1].value = block->view();
  std::vector<millrace::flow::Undecodable> undecodable;
  const millrace::data::Batch batch = decoder->decode(chunk, undecodable);
  MR_ASSERT(batch.selection.size() + undecodable.size() == 2);
  return 0;
}
