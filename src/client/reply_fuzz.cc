// The first byte chooses an API, the second its version; the rest is what a broker sends: frames
// that are read from a socket as any connection does. What can be decoded goes the way of its
// answers: records are walked, members' bytes are read.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "client/connection.h"
#include "client/detail/group_protocol.h"
#include "client/detail/record_walk.h"
#include "wire/generated/consumer_group_describe.h"
#include "wire/generated/describe_groups.h"
#include "wire/generated/fetch.h"
#include "wire/generated/find_coordinator.h"
#include "wire/generated/join_group.h"
#include "wire/generated/list_offsets.h"
#include "wire/generated/metadata.h"
#include "wire/generated/offset_fetch.h"
#include "wire/generated/produce.h"

namespace millrace::client {
namespace {

constexpr std::size_t kBytesMax = 1U << 20U;

void use(const wire::FetchResponse& response) {
  const TopicPartition from{.topic = "t"};
  for (const auto& topic : response.responses) {
    for (const auto& partition : topic.partitions) {
      std::vector<AbortedTransaction> aborted;
      if (partition.aborted_transactions) {
        for (const auto& each : *partition.aborted_transactions) {
          aborted.push_back(
              {.producer = ProducerId(each.producer_id), .first = Offset(each.first_offset)});
        }
      }
      if (partition.records) {
        const data::BlockSlice bytes = partition.records->joined();
        walk_records(bytes.view(),
                     from,
                     Offset(0),
                     aborted,
                     {.isolation = Isolation::kReadCommitted, .decompressed_bytes_max = kBytesMax},
                     [](const FetchedRecord&) { return Take::kMore; })
            .ignore_error("only that it ends well counts");
      }
    }
  }
}

void use(const wire::DescribeGroupsResponse& response) {
  for (const auto& group : response.groups) {
    for (const auto& member : group.members) {
      decode_assignment(member.member_assignment.view()).ignore_error("any bytes may come");
      decode_subscription(member.member_metadata.view()).ignore_error("any bytes may come");
    }
  }
}

void use(const wire::JoinGroupResponse& response) {
  for (const auto& member : response.members) {
    decode_subscription(member.metadata.view()).ignore_error("any bytes may come");
  }
}

template <class Response>
void use(const Response& response) {
  (void)response;
}

template <class Request, class Response>
void ask(Connection& connection, std::uint8_t choice) {
  const wire::ApiInfo& api = wire::api_info(Request::kKey);
  const auto version = static_cast<std::int16_t>(api.accepted_min +
                                                 choice % (api.version_max - api.accepted_min + 1));
  const SystemClock clock;
  const auto response =
      connection.call<Response>(Request(), Deadline::after_ms(clock, 1'000), version);
  if (response) {
    use(*response);
  }
}

using Ask = void (*)(Connection& connection, std::uint8_t choice);

constexpr std::array kAsks = {
    Ask{ask<wire::MetadataRequest, wire::MetadataResponse>},
    Ask{ask<wire::FetchRequest, wire::FetchResponse>},
    Ask{ask<wire::ProduceRequest, wire::ProduceResponse>},
    Ask{ask<wire::ListOffsetsRequest, wire::ListOffsetsResponse>},
    Ask{ask<wire::FindCoordinatorRequest, wire::FindCoordinatorResponse>},
    Ask{ask<wire::DescribeGroupsRequest, wire::DescribeGroupsResponse>},
    Ask{ask<wire::ConsumerGroupDescribeRequest, wire::ConsumerGroupDescribeResponse>},
    Ask{ask<wire::OffsetFetchRequest, wire::OffsetFetchResponse>},
    Ask{ask<wire::JoinGroupRequest, wire::JoinGroupResponse>},
};

}  // namespace
}  // namespace millrace::client

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using millrace::client::Connection;
  constexpr std::size_t kInputMax = 64U << 10U;  // What fits into a socket at once.
  if (size < 2 || size > kInputMax) {
    return 0;
  }
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return 0;
  }
  const auto connection = Connection::adopt(ends[0],
                                            {.host = "fuzz", .port = 9092},
                                            {.reply_bytes_max = millrace::client::kBytesMax,
                                             .decoded_bytes_max = 4 * millrace::client::kBytesMax});
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const ssize_t sent = ::send(ends[1], bytes.data(), bytes.size(), MSG_NOSIGNAL);
  ::shutdown(ends[1], SHUT_WR);
  if (sent == static_cast<ssize_t>(bytes.size())) {
    millrace::client::kAsks[data[0] % millrace::client::kAsks.size()](*connection, data[1]);
  }
  ::close(ends[1]);
  return 0;
}
