#include "log/detail/segment.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "io/sim_files.h"

// Any bytes as a .log file: what a scan calls valid must read back, whole and in order.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;       // NOLINT(google-build-using-namespace): C linkage
  using namespace millrace::log;  // NOLINT(google-build-using-namespace)
  io::SimFiles files(1);
  MUST(io::make_dirs(files, "d"));
  {
    const auto file = MUST(
        files.open("d/" + segment_file_name(Offset(0), SegmentFile::kLog), io::OpenMode::kCreate));
    MUST(file->pwrite({reinterpret_cast<const char*>(data), size}, 0));
  }
  const Result<SegmentMeta> meta = scan_segment_file(files, "d", Offset(0));
  if (!meta) {
    return 0;
  }
  const auto segment = std::make_shared<Segment>(files, "d", *meta);
  MUST(rebuild_indexes(segment, 100, {}));
  find_aborted_by_scan(*segment).ignore_error("a control batch may be none");
  std::vector<StoredBatch> batches;
  MUST(segment->read(Offset(0), meta->next, size + 1, /*at_least_one=*/true, batches));
  std::uint64_t bytes = 0;
  for (const StoredBatch& batch : batches) {
    bytes += batch.bytes.size();
  }
  MR_ASSERT(bytes == meta->log_bytes, "{} bytes read, {} valid", bytes, meta->log_bytes);
  segment->find_timestamp(1000).ignore_error("records were not checked by the scan");
  return 0;
}
