#include <cstddef>
#include <utility>

#include "broker/admin_handlers.h"
#include "broker/gather.h"
#include "log/log.h"

namespace millrace::broker {
namespace {

using wire::DeleteRecordsResponse;
using wire::KafkaError;

KafkaError deletion_code(const Error& error) {
  if (error.code() == ErrorCode::kNotFound) {
    return KafkaError::kUnknownTopicOrPartition;
  }
  return error.code() == ErrorCode::kInvalidArgument ? KafkaError::kOffsetOutOfRange
                                                     : KafkaError::kKafkaStorageError;
}

}  // namespace

void handle_delete_records(Services& services,
                           const RequestInfo& info,
                           wire::DeleteRecordsRequest request,
                           Reply<wire::DeleteRecordsResponse> reply) {
  static_cast<void>(info);
  const Gather<DeleteRecordsResponse> gather(std::move(reply));
  gather.edit([&](DeleteRecordsResponse& response) {
    for (const auto& topic : request.topics) {
      auto& to = response.topics.emplace_back();
      to.name = topic.name;
      for (const auto& partition : topic.partitions) {
        to.partitions.push_back(
            {.partition_index = partition.partition_index, .low_watermark = -1});
      }
    }
  });
  for (std::size_t t = 0; t < request.topics.size(); ++t) {
    const auto& topic = request.topics[t];
    for (std::size_t p = 0; p < topic.partitions.size(); ++p) {
      const log::TopicPartition from = {topic.name,
                                        PartitionId(topic.partitions[p].partition_index)};
      const std::int64_t before = topic.partitions[p].offset;
      const auto put = [gather, t, p](const Result<Offset>& start) {
        gather.edit([&](DeleteRecordsResponse& response) {
          auto& partition = response.topics[t].partitions[p];
          if (start) {
            partition.low_watermark = start->value();
          } else {
            partition.error_code = deletion_code(start.error());
          }
        });
        gather.done();
      };
      gather.expect();
      if (before < -1) {
        put(Error(ErrorCode::kInvalidArgument, "an offset below zero"));
        continue;
      }
      services.log.delete_records_async(from, Offset(before), put);
    }
  }
  gather.done();
}

}  // namespace millrace::broker
