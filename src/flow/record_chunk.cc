#include "flow/record_chunk.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/bytes.h"

namespace millrace::flow {

bool ChunkReader::aborted(const record::BatchHeader& header) const {
  return header.transactional() &&
         std::ranges::any_of(read_.aborted, [&](const log::AbortedTransaction& transaction) {
           return transaction.producer == header.producer_id &&
                  transaction.first_offset <= header.base_offset;
         });
}

// A compressed batch becomes an uncompressed one in a Block: decoders read some bytes beyond the
// end of a record, which a Block has and a string has not.
Result<data::BlockPtr> ChunkReader::uncompressed(std::string_view batch, std::string_view records) {
  constexpr std::size_t kLengthAt = 8;
  constexpr std::size_t kAttributesAt = 21;
  if (records.size() > record::kBatchBytesMax) {
    return Error(ErrorCode::kExhausted, "a decompressed batch is too large");
  }
  return data::Block::make(record::kHeaderBytes + records.size(), [&](char* to) {
    std::memcpy(to, batch.data(), record::kHeaderBytes);
    std::memcpy(to + record::kHeaderBytes, records.data(), records.size());
    store_be(
        to + kLengthAt,
        static_cast<std::int32_t>(record::kHeaderBytes - record::kPrefixBytes + records.size()));
    const auto attributes = load_be<std::int16_t>(to + kAttributesAt);
    store_be(to + kAttributesAt, static_cast<std::int16_t>(attributes & ~7));
  });
}

// Opens the next batch that has records for a flow. False when there is none.
Result<bool> ChunkReader::open_batch(RecordChunk& chunk) {
  while (batch_ < read_.batches.size()) {
    const log::StoredBatch& stored = read_.batches[batch_];
    ++batch_;
    if (stored.last_offset < from_) {
      continue;
    }
    record::RecordReader reader = TRY(record::RecordReader::open(stored.bytes));
    if (reader.header().control() || aborted(reader.header())) {
      continue;
    }
    chunk.log_append_time = reader.header().log_append_time();
    if (const auto records = reader.take_decompressed()) {
      block_ = TRY(uncompressed(stored.bytes, *records));
      reader = TRY(record::RecordReader::open(block_->view()));
    } else {
      block_ = stored.block;
    }
    reader_ = std::move(reader);
    return true;
  }
  return false;
}

Result<bool> ChunkReader::next(RecordChunk& chunk) {
  chunk.partition = partition_;
  chunk.records.clear();
  chunk.blocks.clear();
  if (block_) {
    chunk.blocks.push_back(block_);
  }
  while (chunk.records.size() < data::kBatchRows) {
    if (!reader_ && !TRY(open_batch(chunk))) {
      break;
    }
    if (block_ && (chunk.blocks.empty() || chunk.blocks.back() != block_)) {
      chunk.blocks.push_back(block_);
    }
    record::RecordView record;
    if (!TRY(reader_->next(record))) {
      reader_.reset();
      block_ = nullptr;
      continue;
    }
    if (record.offset >= from_) {
      chunk.records.push_back(record);
    }
  }
  return !chunk.records.empty();
}

}  // namespace millrace::flow
