#include <cstddef>
#include <utility>
#include <vector>

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
  std::vector<std::pair<log::TopicPartition, Offset>> wanted;
  std::vector<std::pair<std::size_t, std::size_t>> places;
  std::vector<std::pair<std::size_t, std::size_t>> refused;
  for (std::size_t t = 0; t < request.topics.size(); ++t) {
    const auto& topic = request.topics[t];
    for (std::size_t p = 0; p < topic.partitions.size(); ++p) {
      if (const auto known = services.log.topic(topic.name);
          known && !known->config.cleanup_delete) {
        refused.emplace_back(t, p);
        continue;
      }
      wanted.emplace_back(
          log::TopicPartition{topic.name, PartitionId(topic.partitions[p].partition_index)},
          Offset(topic.partitions[p].offset));
      places.emplace_back(t, p);
    }
  }
  gather.edit([&](DeleteRecordsResponse& response) {
    for (const auto& [t, p] : refused) {
      response.topics[t].partitions[p].error_code = KafkaError::kPolicyViolation;
    }
  });
  services.log.delete_records_async(
      std::move(wanted),
      [gather, places = std::move(places)](const Result<std::vector<Result<Offset>>>& starts) {
        gather.edit([&](DeleteRecordsResponse& response) {
          for (std::size_t i = 0; i < places.size(); ++i) {
            auto& partition = response.topics[places[i].first].partitions[places[i].second];
            if (starts && (*starts)[i]) {
              partition.low_watermark = (*starts)[i]->value();
            } else {
              partition.error_code = deletion_code(starts ? (*starts)[i].error() : starts.error());
            }
          }
        });
        gather.done();
      });
}

}  // namespace millrace::broker
