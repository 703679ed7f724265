#include "client/detail/outgoing.h"

#include <fmt/format.h>

#include "client/detail/ask.h"
#include "wire/generated/init_producer_id.h"

namespace millrace::client {
namespace {

constexpr std::size_t kRecordOverhead = 24;
constexpr std::size_t kHeaderOverhead = 8;

}  // namespace

std::size_t outgoing_bytes(const NewRecord& record) {
  std::size_t size =
      kRecordOverhead + record.key.value_or("").size() + record.value.value_or("").size();
  for (const record::HeaderView& header : record.headers) {
    size += kHeaderOverhead + header.key.size() + header.value.value_or("").size();
  }
  return size;
}

std::vector<OutgoingBatch> halves_of(OutgoingBatch batch) {
  std::vector<OutgoingBatch> halves;
  for (int i = 0; i < 2; ++i) {
    halves.emplace_back(batch.to, batch.batch_options, batch.created_ns);
    halves.back().closed = true;
    halves.back().first_sent_ns = batch.first_sent_ns;
  }
  OutgoingBatch& second = halves[0];
  OutgoingBatch& first = halves[1];
  // It is our own batch: it can be read.
  record::RecordReader reader = MUST(record::RecordReader::open(batch.sealed));
  record::RecordView record;
  std::int32_t index = 0;
  while (MUST(reader.next(record))) {
    OutgoingBatch& half = index < batch.records / 2 ? first : second;
    const std::vector<record::HeaderView> headers = record.headers();
    half.builder.add({.timestamp_ms = record.timestamp_ms,
                      .key = record.key,
                      .value = record.value,
                      .headers = headers});
    half.numbers.push_back(batch.numbers[static_cast<std::size_t>(index)]);
    ++index;
  }
  first.bytes = batch.bytes / 2;
  second.bytes = batch.bytes - first.bytes;
  return halves;
}

std::string explain(const std::optional<std::string>& message,
                    const std::vector<wire::ProduceResponse::BatchIndexAndErrorMessage>& records) {
  std::string text = message.value_or("");
  if (!records.empty()) {
    const auto& first = records.front();
    text += fmt::format("{}record {} of the batch: {}",
                        text.empty() ? "" : "; ",
                        first.batch_index,
                        first.batch_index_error_message.value_or("refused"));
  }
  return text;
}

Result<ProducerIdentity> ask_producer_identity(Cluster& cluster) {
  const Deadline deadline = cluster.deadline();
  Retry retry(cluster, deadline);
  wire::InitProducerIdRequest request{.transactional_id = std::nullopt,
                                      .transaction_timeout_ms = 60'000};
  while (true) {
    const auto response = TRY(ask<wire::InitProducerIdResponse>(
        cluster, {.deadline = deadline}, [&] { return cluster.any(deadline); }, request));
    if (response.error_code == KafkaError::kNone) {
      return ProducerIdentity{.id = ProducerId(response.producer_id),
                              .epoch = response.producer_epoch};
    }
    const Outcome outcome{.error = response.error_code};
    TRY(retry.after(to_error(outcome, "a producer id")));
  }
}

}  // namespace millrace::client
