#include "broker/detail/dispatch.h"

#include <utility>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/log_line.h"
#include "broker/api_table.h"
#include "broker/detail/pipeline.h"
#include "broker/handlers.h"
#include "broker/request_metrics.h"
#include "wire/generated/headers.h"

namespace millrace::broker {
namespace {

constexpr std::size_t kHeaderBytesMin = 8;  // Key, version, correlation id.

struct RequestHead {
  wire::ApiKey key{};
  std::int16_t version = 0;
  std::int32_t correlation = 0;
};

RequestHead read_head(std::string_view frame) {
  return {.key = static_cast<wire::ApiKey>(load_be<std::int16_t>(frame.data())),
          .version = load_be<std::int16_t>(frame.data() + 2),
          .correlation = load_be<std::int32_t>(frame.data() + 4)};
}

AnswerPlace place_of_request(Pipeline& pipeline, std::uint64_t sequence, const RequestHead& head) {
  return {.pipeline = pipeline.weak_from_this(),
          .inbox = pipeline.inbox(),
          .sequence = sequence,
          .key = head.key,
          .version = head.version,
          .correlation = head.correlation,
          .begun_ns = pipeline.services().clock.monotonic_ns()};
}

RequestInfo info_of_request(const Pipeline& pipeline, const RequestHead& head) {
  return {.key = head.key,
          .version = head.version,
          .client_host = pipeline.peer().client_host,
          .server_host = pipeline.peer().server_host,
          .listener = pipeline.peer().listener,
          .loop = pipeline.inbox()};
}

bool disconnect(Pipeline& pipeline, const RequestHead& head, std::string_view reason) {
  MR_LOG(info,
         "a Kafka client is disconnected for what it sent",
         {"client", pipeline.peer().client_host},
         {"api", wire::to_string(head.key)},
         {"key", static_cast<int>(head.key)},
         {"version", head.version},
         {"reason", reason});
  return false;
}

// A client that is newer than this broker learns from the oldest form of the answer which versions
// there are (KIP-511).
void answer_newer_api_versions(Pipeline& pipeline,
                               std::uint64_t sequence,
                               const RequestHead& head) {
  AnswerPlace place = place_of_request(pipeline, sequence, head);
  place.version = 0;
  const auto pending = std::make_shared<PendingAnswer<wire::ApiVersionsResponse>>(std::move(place));
  handle_api_versions(pipeline.services(),
                      info_of_request(pipeline, head),
                      {},
                      Reply<wire::ApiVersionsResponse>(pending));
  pending->handler_returned();
}

}  // namespace

bool follows_at_once(std::string_view frame) {
  if (frame.size() < kHeaderBytesMin) {
    return false;
  }
  const ApiRow* const row = find_api_row(read_head(frame).key);
  return row != nullptr && row->turn == Turn::kFollowsAtOnce;
}

bool dispatch(Pipeline& pipeline, std::uint64_t sequence, data::BlockPtr frame) {
  if (frame->size() < kHeaderBytesMin) {
    pipeline.services().counts.malformed.add();
    return disconnect(pipeline, {}, "the request is shorter than its header");
  }
  const RequestHead head = read_head(frame->view());
  const ApiRow* const row = find_api_row(head.key);
  if (row == nullptr || !wire::accepts(head.key, head.version)) {
    if (head.key == wire::ApiKey::kApiVersions) {
      answer_newer_api_versions(pipeline, sequence, head);
      return true;
    }
    pipeline.services().counts.unsupported.add();
    return disconnect(pipeline, head, "this API or version is not served");
  }
  wire::Reader reader{data::BlockSlice(std::move(frame))};
  const Result<wire::RequestHeader> header =
      wire::RequestHeader::decode(reader, wire::request_header_version(head.key, head.version));
  if (!header) {
    pipeline.services().counts.malformed.add();
    return disconnect(pipeline, head, header.error().to_string());
  }
  RequestInfo info = info_of_request(pipeline, head);
  info.client_id = header->client_id.value_or("");
  const Result<void> entered =
      row->enter(pipeline.services(), info, reader, place_of_request(pipeline, sequence, head));
  if (!entered) {
    pipeline.services().counts.malformed.add();
    return disconnect(pipeline, head, entered.error().to_string());
  }
  return true;
}

}  // namespace millrace::broker
