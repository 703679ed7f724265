// Any bytes as a file that is cut into records, with and without quotes, in one go and from every
// cursor; as a pattern, and as a cursor.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "connect/files/detail/glob.h"
#include "connect/files/detail/position.h"
#include "connect/files/detail/record_reader.h"
#include "io/sim_files.h"

namespace {

namespace detail = millrace::connect::files::detail;
namespace io = millrace::io;

struct Cut {
  std::uint64_t begin;
  std::string record;
  bool too_long;

  bool operator==(const Cut&) const = default;
};

std::vector<Cut> cut_file(io::File& file,
                          std::uint64_t from,
                          std::uint64_t size,
                          const detail::CutOptions& options) {
  detail::RecordReader reader(file, from, size, options);
  std::vector<Cut> cuts;
  std::uint64_t last = from;
  while (true) {
    using Step = detail::RecordReader::Step;
    const Step step = MUST(reader.next({}));
    if (step == Step::kEnd) {
      MR_ASSERT(last == size, "ended at {} of {}", last, size);
      return cuts;
    }
    MR_ASSERT(reader.begin() == last && reader.end() > last, "a gap at {}", last);
    last = reader.end();
    const bool too_long = step == Step::kTooLong || reader.is_too_long();
    cuts.push_back({reader.begin(), std::string(reader.record()), too_long});
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  io::SimFiles files(1);
  const auto file = MUST(files.open("f", io::OpenMode::kCreate));
  MUST(file->pwrite(text, 0));
  for (const bool quotes : {false, true}) {
    const detail::CutOptions options{.record_bytes_max = 40, .quotes = quotes};
    const std::vector<Cut> cuts = cut_file(*file, 0, size, options);
    for (std::size_t i = 0; i < std::min<std::size_t>(cuts.size(), 20); ++i) {
      const std::vector<Cut> rest = cut_file(*file, cuts[i].begin, size, options);
      MR_ASSERT(
          std::equal(
              rest.begin(), rest.end(), cuts.begin() + static_cast<std::ptrdiff_t>(i), cuts.end()),
          "from {} on other records come",
          cuts[i].begin);
    }
  }
  (void)detail::matches_glob(text, "*a*[b-d]?");
  (void)detail::matches_glob("some/name", text);
  for (const std::string& pattern : detail::expand_braces(text)) {
    MR_ASSERT(pattern.find('{') == std::string::npos, "{}", pattern);
  }
  if (const auto position = detail::parse_position(text)) {
    MR_ASSERT(detail::parse_position(detail::format_position(*position)) == position, "position");
  }
  return 0;
}
