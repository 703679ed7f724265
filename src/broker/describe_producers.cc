#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "broker/admin_handlers.h"
#include "broker/gather.h"
#include "broker/request_metrics.h"
#include "log/log.h"

namespace millrace::broker {
namespace {

using wire::DescribeProducersResponse;
using wire::KafkaError;
using ProducersAnswer = DescribeProducersResponse::PartitionResponse;

void refuse_producers(ProducersAnswer& answer, const Error& error) {
  const bool unknown = error.code() == ErrorCode::kNotFound;
  answer.error_code =
      unknown ? KafkaError::kUnknownTopicOrPartition : KafkaError::kKafkaStorageError;
  if (!unknown) {
    answer.error_message = error.message();
  }
}

void fill_producers(ProducersAnswer& answer, const std::vector<log::ProducerInfo>& producers) {
  for (const log::ProducerInfo& producer : producers) {
    answer.active_producers.push_back(
        {.producer_id = producer.id.value(),
         .producer_epoch = producer.epoch,
         .last_sequence = producer.last_sequence,
         .last_timestamp = producer.last_timestamp_ms,
         .coordinator_epoch = producer.coordinator_epoch,
         .current_txn_start_offset = producer.transaction_first.value()});
  }
}

void put_producers(const Result<std::vector<log::ProducerInfo>>& producers,
                   ProducersAnswer& answer) {
  if (producers) {
    fill_producers(answer, *producers);
  } else {
    refuse_producers(answer, producers.error());
  }
}

}  // namespace

void handle_describe_producers(Services& services,
                               const RequestInfo& /*info*/,
                               wire::DescribeProducersRequest request,
                               Reply<DescribeProducersResponse> reply) {
  const Gather<DescribeProducersResponse> gather(std::move(reply));
  gather.edit([&](DescribeProducersResponse& response) {
    for (const auto& topic : request.topics) {
      auto& to = response.topics.emplace_back();
      to.name = topic.name;
      for (const std::int32_t partition : topic.partition_indexes) {
        to.partitions.push_back({.partition_index = partition});
      }
    }
  });
  for (std::size_t t = 0; t < request.topics.size(); ++t) {
    const auto& topic = request.topics[t];
    for (std::size_t p = 0; p < topic.partition_indexes.size(); ++p) {
      gather.expect();
      services.log.producers_async(
          {.topic = topic.name, .partition = PartitionId(topic.partition_indexes[p])},
          [gather, t, p, &counts = services.counts](
              const Result<std::vector<log::ProducerInfo>>& producers) {
            gather.edit([&](DescribeProducersResponse& response) {
              ProducersAnswer& answer = response.topics[t].partitions[p];
              put_producers(producers, answer);
              counts.note_error(answer.error_code);
            });
            gather.done();
          });
    }
  }
  gather.done();
}

}  // namespace millrace::broker
