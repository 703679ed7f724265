// Any bytes as an answer: what is cut is what simdjson's strict parser sees, or more (it refuses
// long numbers and broken escapes, which we leave in the records).
#include "connector/json_slices.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "base/assert.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace connector = millrace::connector;
  const std::string text(reinterpret_cast<const char*>(data), size);
  connector::JsonSlicer slicer;
  std::string body = text;
  const connector::JsonSlices slices =
      slicer.cut(body, {.records = {}, .key = "/id", .next = "/next"});
  MR_ASSERT(body == text, "the body changed");
  simdjson::dom::parser parser(size + 64);
  simdjson::dom::element strict;
  const bool good = parser.parse(text).get(strict) == simdjson::SUCCESS;
  MR_ASSERT(!good || slices.problem == connector::SliceProblem::kNone, "refused: {}", text);
  if (slices.problem != connector::SliceProblem::kNone) {
    return 0;
  }
  MR_ASSERT(slices.keys.size() == slices.records.size());
  simdjson::dom::array list;
  if (good && strict.get(list) == simdjson::SUCCESS) {
    MR_ASSERT(list.size() == slices.records.size(), "{} records", slices.records.size());
  }
  std::size_t at = 0;
  for (const std::string_view record : slices.records) {
    const std::size_t found = body.find(record, at);
    MR_ASSERT(!record.empty() && found != std::string::npos, "not in order");
    at = found + record.size();
  }
  std::string again = text;
  (void)slicer.cut(again, {.records = "/results", .key = {}, .next = {}});
  return 0;
}
