#include "record/batch.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "base/bytes.h"

namespace millrace::record {
namespace {

constexpr std::size_t kBytesMax = 1U << 20;

// What a check accepts must read to the end, and again the same after it is built anew.
void walk(std::string_view batch) {
  Result<RecordReader> opened = RecordReader::open(batch, kBytesMax);
  if (!opened) {
    return;
  }
  RecordReader reader = std::move(opened).release();
  BatchBuilder builder;
  std::int32_t count = 0;
  RecordView record;
  while (true) {
    const Result<bool> more = reader.next(record);
    if (!more) {
      return;
    }
    if (!*more) {
      break;
    }
    const std::vector<HeaderView> headers = record.headers();
    builder.add({.timestamp_ms = record.timestamp_ms,
                 .key = record.key,
                 .value = record.value,
                 .headers = headers});
    ++count;
  }
  MR_ASSERT(count == reader.header().record_count, "{} records", count);
  if (count > 0) {
    const std::string again = MUST(builder.finish());
    MR_ASSERT(MUST(check_batch_and_records(again)).record_count == count, "{} records", count);
  }
}

}  // namespace
}  // namespace millrace::record

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string batch(reinterpret_cast<const char*>(data), size);
  millrace::record::walk(batch);
  millrace::record::check_batch_and_records(batch, millrace::record::kBytesMax)
      .ignore_error("any answer will do");
  millrace::record::read_marker(batch).ignore_error("any answer will do");
  if (batch.size() > millrace::record::kHeaderBytes) {
    // A checksum that fits lets the fuzzer reach what lies behind it.
    millrace::store_be(batch.data() + 17, millrace::record::batch_crc(batch));
    millrace::record::check_batch_and_records(batch, millrace::record::kBytesMax)
        .ignore_error("any answer will do");
  }
  return 0;
}
