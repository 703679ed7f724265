// Whole messages, and the forms in which Kafka puts messages into records.
//
//   coordinator records   key = int16 record type, then the key message (version 0);
//                         value = int16 version, then the value message
//   client protocol       int16 version, then the message (metadata and assignment of JoinGroup
//                         and SyncGroup, when the protocol type is "consumer")
//
//     std::string key = TRY(encode_key(OffsetCommitKey{.group = "g", .topic = "t"}));
//     if (TRY(record_type(key)) == OffsetCommitKey::kRecordType) {
//       OffsetCommitKey commit = TRY(decode_key<OffsetCommitKey>(key));
//       OffsetCommitValue value = TRY(decode_versioned<OffsetCommitValue>(bytes));
//
// Tested by codec_test.cc, messages_test.cc (golden bytes), messages_fuzz.cc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "data/block_slice.h"
#include "wire/reader.h"
#include "wire/writer.h"

namespace millrace::wire {

namespace detail {

/// kCorruption when something is left.
Result<void> require_end(const Reader& reader, std::string_view message, std::int16_t version);

/// The int16 in front. kCorruption when there is none.
Result<std::int16_t> read_prefix(Reader& reader, std::string_view message);

/// kInvalidArgument.
Error wrong_record_type(std::string_view message, std::int16_t expected, std::int16_t found);

}  // namespace detail

/// What encode() appends, in one piece.
template <class Message>
Result<std::string> encode_string(const Message& message, std::int16_t version) {
  Writer writer;
  TRY(message.encode(writer, version));
  return writer.finish_string();
}

/// A message that ends where the bytes end; bytes and records fields are parts of the slice.
template <class Message>
Result<Message> decode_all(data::BlockSlice bytes, std::int16_t version) {
  Reader reader(std::move(bytes));
  Message message = TRY(Message::decode(reader, version));
  TRY(detail::require_end(reader, Message::kName, version));
  return message;
}

/// The same; bytes and records fields are copies.
template <class Message>
Result<Message> decode_all(std::string_view bytes, std::int16_t version) {
  Reader reader(bytes);
  Message message = TRY(Message::decode(reader, version));
  TRY(detail::require_end(reader, Message::kName, version));
  return message;
}

/// Version, then message.
template <class Message>
Result<std::string> encode_versioned(const Message& message, std::int16_t version) {
  Writer writer;
  writer.be(version);
  TRY(message.encode(writer, version));
  return writer.finish_string();
}

/// What of a newer version than the newest known?
enum class NewerVersion : std::uint8_t {
  kRefuse,
  kReadAsNewest,  ///< As Kafka's consumers do: newer versions only add at the end.
};

/// kCorruption, kUnsupported.
template <class Message>
Result<Message> decode_versioned(std::string_view bytes,
                                 NewerVersion newer = NewerVersion::kRefuse) {
  Reader reader(bytes);
  std::int16_t version = TRY(detail::read_prefix(reader, Message::kName));
  const bool is_newer = version > Message::kVersionMax;
  if (is_newer && newer == NewerVersion::kReadAsNewest) {
    version = Message::kVersionMax;
  }
  Message message = TRY(Message::decode(reader, version));
  if (newer == NewerVersion::kRefuse) {
    TRY(detail::require_end(reader, Message::kName, version));
  }
  return message;
}

/// The key of a coordinator record.
template <class Key>
Result<std::string> encode_key(const Key& key) {
  Writer writer;
  writer.be(Key::kRecordType);
  TRY(key.encode(writer, 0));
  return writer.finish_string();
}

/// What kind of coordinator record a key belongs to. kCorruption.
Result<std::int16_t> record_type(std::string_view key);

/// kCorruption; kInvalidArgument: the key of another kind of record.
template <class Key>
Result<Key> decode_key(std::string_view bytes) {
  Reader reader(bytes);
  const std::int16_t type = TRY(detail::read_prefix(reader, Key::kName));
  if (type != Key::kRecordType) {
    return detail::wrong_record_type(Key::kName, Key::kRecordType, type);
  }
  Key key = TRY(Key::decode(reader, 0));
  TRY(detail::require_end(reader, Key::kName, 0));
  return key;
}

}  // namespace millrace::wire
