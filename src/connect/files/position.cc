#include "connect/files/detail/position.h"

#include <iterator>

#include <fmt/format.h>
#include <simdjson.h>

namespace millrace::connect::files::detail {
namespace {

bool read_entry(const simdjson::dom::array& fields, FilesPosition& position) {
  std::uint64_t inode = 0;
  std::uint64_t head_crc = 0;
  FileEntry entry;
  const bool good = fields.at(0).get(inode) == simdjson::SUCCESS &&
                    fields.at(1).get(entry.offset) == simdjson::SUCCESS &&
                    fields.at(2).get(entry.modified_us) == simdjson::SUCCESS &&
                    fields.at(3).get(entry.head_bytes) == simdjson::SUCCESS &&
                    fields.at(4).get(head_crc) == simdjson::SUCCESS &&
                    entry.head_bytes <= kHeadBytesMax && head_crc <= UINT32_MAX;
  entry.head_crc = static_cast<std::uint32_t>(head_crc);
  // Only packed files have it.
  const bool packed = fields.size() > 5;
  const bool all = !packed || fields.at(5).get(entry.packed_bytes) == simdjson::SUCCESS;
  position.files[inode] = entry;
  return good && all;
}

}  // namespace

std::string format_position(const FilesPosition& position) {
  std::string json = "{\"files\":[";
  for (const auto& [inode, entry] : position.files) {
    fmt::format_to(std::back_inserter(json),
                   "{}[{},{},{},{},{}{}]",
                   json.back() == '[' ? "" : ",",
                   inode,
                   entry.offset,
                   entry.modified_us,
                   entry.head_bytes,
                   entry.head_crc,
                   entry.packed_bytes == 0 ? "" : fmt::format(",{}", entry.packed_bytes));
  }
  return fmt::format("{}],\"finished_us\":{}}}", json, position.finished_us);
}

std::optional<FilesPosition> parse_position(std::string_view cursor) {
  FilesPosition position;
  if (cursor.empty()) {
    return position;
  }
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  simdjson::dom::array entries;
  if (parser.parse(cursor.data(), cursor.size()).get(object) != simdjson::SUCCESS ||
      object["files"].get(entries) != simdjson::SUCCESS ||
      object["finished_us"].get(position.finished_us) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  for (const simdjson::dom::element element : entries) {
    simdjson::dom::array fields;
    if (element.get(fields) != simdjson::SUCCESS || !read_entry(fields, position)) {
      return std::nullopt;
    }
  }
  return position;
}

}  // namespace millrace::connect::files::detail
