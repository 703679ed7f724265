#include "flow/status.h"

#include "base/json_text.h"

namespace millrace::flow {

namespace {

void append_count(std::string& out, std::string_view name, std::uint64_t count) {
  out += ",\"";
  out += name;
  out += "\":";
  out += std::to_string(count);
}

}  // namespace

std::string books_to_json(const std::vector<SourceBooks>& sources,
                          const std::vector<FlowBooks>& flows) {
  std::string out = "{\"sources\":[";
  for (const SourceBooks& source : sources) {
    out += out.back() == '[' ? "{\"name\":" : ",{\"name\":";
    append_json_string(out, source.name);
    append_count(out, "fetched", source.fetched);
    append_count(out, "published", source.published);
    append_count(out, "failed", source.failed);
    out += '}';
  }
  out += "],\"flows\":[";
  for (const FlowBooks& flow : flows) {
    out += out.back() == '[' ? "{\"name\":" : ",{\"name\":";
    append_json_string(out, flow.name);
    append_count(out, "read", flow.counts.read);
    append_count(out, "accepted", flow.counts.accepted);
    append_count(out, "filtered", flow.counts.filtered);
    append_count(out, "late", flow.counts.late);
    append_count(out, "duplicate", flow.counts.duplicate);
    append_count(out, "rejected", flow.counts.rejected);
    out += '}';
  }
  return out += "]}";
}

void FlowStatus::set(const exec::FlowCounts& counts) {
  read = counts.read;
  accepted = counts.accepted;
  filtered = counts.filtered;
  late = counts.late;
  duplicate = counts.duplicate;
  rejected = counts.rejected;
  output = counts.output;
}

FlowBooks FlowStatus::books() const {
  return {name,
          {.read = read,
           .accepted = accepted,
           .filtered = filtered,
           .late = late,
           .duplicate = duplicate,
           .rejected = rejected,
           .output = output}};
}

}  // namespace millrace::flow
