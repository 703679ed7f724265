#include "cli/message_formatter.h"

#include <array>
#include <bit>
#include <cstddef>
#include <vector>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/bytes.h"
#include "data/number_text.h"

namespace millrace::cli {
namespace {

constexpr std::string_view kSerialization = "org.apache.kafka.common.serialization.";

struct DeserializerRow {
  std::string_view name;
  Deserializer deserializer;
  std::size_t bytes = 0;  // 0: any number.
};

constexpr std::array kDeserializers = {
    DeserializerRow{"StringDeserializer", Deserializer::kBytes},
    DeserializerRow{"ByteArrayDeserializer", Deserializer::kBytes},
    DeserializerRow{"ByteBufferDeserializer", Deserializer::kBytes},
    DeserializerRow{"BytesDeserializer", Deserializer::kBytes},
    DeserializerRow{"ShortDeserializer", Deserializer::kShort, 2},
    DeserializerRow{"IntegerDeserializer", Deserializer::kInteger, 4},
    DeserializerRow{"LongDeserializer", Deserializer::kLong, 8},
    DeserializerRow{"FloatDeserializer", Deserializer::kFloat, 4},
    DeserializerRow{"DoubleDeserializer", Deserializer::kDouble, 8},
    DeserializerRow{"BooleanDeserializer", Deserializer::kBoolean, 1},
    DeserializerRow{"UUIDDeserializer", Deserializer::kUuid},
    DeserializerRow{"VoidDeserializer", Deserializer::kVoid}};

const DeserializerRow& row_of(Deserializer deserializer) {
  for (const DeserializerRow& row : kDeserializers) {
    if (row.deserializer == deserializer) {
      return row;
    }
  }
  return kDeserializers.front();
}

std::string_view without_package(std::string_view name,
                                 std::span<const std::string_view> packages) {
  for (const std::string_view package : packages) {
    if (name.starts_with(package)) {
      return name.substr(package.size());
    }
  }
  return name;
}

Result<Deserializer> deserializer_of(const Properties& properties, const std::string& name) {
  const auto found = properties.find(name);
  if (found == properties.end() || found->second.empty()) {
    return Deserializer::kBytes;
  }
  return find_deserializer(found->second);
}

}  // namespace

std::string property_or(const Properties& properties,
                        const std::string& name,
                        const std::string& fallback) {
  const auto found = properties.find(name);
  return found == properties.end() ? fallback : found->second;
}

bool is_true(const Properties& properties, const std::string& name) {
  const auto found = properties.find(name);
  if (found == properties.end()) {
    return false;
  }
  return equal_ignoring_case(data::trim_controls(found->second), "true");
}

Result<Deserializer> find_deserializer(std::string_view class_name) {
  constexpr std::array<std::string_view, 1> kPackages = {kSerialization};
  const std::string_view name = without_package(class_name, kPackages);
  for (const DeserializerRow& row : kDeserializers) {
    if (row.name == name) {
      return row.deserializer;
    }
  }
  return Error(ErrorCode::kUnsupported,
               fmt::format("Unable to instantiate a deserializer from {}: Java classes cannot be "
                           "loaded here; there are String, ByteArray, Short, Integer, Long, Float, "
                           "Double, Boolean, UUID and Void of {}*",
                           class_name,
                           kSerialization));
}

Result<std::string> deserialize(Deserializer deserializer, std::string_view bytes) {
  const DeserializerRow& row = row_of(deserializer);
  if (row.bytes != 0 && bytes.size() != row.bytes) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("Size of data received by {} is not {}", row.name, row.bytes));
  }
  switch (deserializer) {
    case Deserializer::kBytes:
      return std::string(bytes);
    case Deserializer::kShort:
      return std::to_string(load_be<std::int16_t>(bytes.data()));
    case Deserializer::kInteger:
      return std::to_string(load_be<std::int32_t>(bytes.data()));
    case Deserializer::kLong:
      return std::to_string(load_be<std::int64_t>(bytes.data()));
    case Deserializer::kFloat:
      return data::float_to_string(std::bit_cast<float>(load_be<std::uint32_t>(bytes.data())));
    case Deserializer::kDouble:
      return data::double_to_string(std::bit_cast<double>(load_be<std::uint64_t>(bytes.data())));
    case Deserializer::kBoolean:
      if (bytes[0] != 0 && bytes[0] != 1) {
        return Error(
            ErrorCode::kInvalidArgument,
            fmt::format("Unexpected byte received by BooleanDeserializer: {}", int{bytes[0]}));
      }
      return std::string(bytes[0] == 1 ? "true" : "false");
    case Deserializer::kUuid:
      if (bytes.size() != 36 || bytes[8] != '-' || bytes[23] != '-') {
        return Error(ErrorCode::kInvalidArgument, "Error parsing data into UUID");
      }
      return ascii_lower(bytes);
    case Deserializer::kVoid:
      return Error(ErrorCode::kInvalidArgument, "Data should be null for a VoidDeserializer.");
  }
  return std::string(bytes);
}

Result<MessageFormatter> MessageFormatter::make(std::string_view class_name,
                                                const Properties& properties) {
  constexpr std::array<std::string_view, 2> kPackages = {"org.apache.kafka.tools.consumer.",
                                                         "kafka.tools."};
  const std::string_view name = without_package(class_name, kPackages);
  MessageFormatter formatter;
  formatter.nothing_ = name == "NoOpMessageFormatter";
  if (!formatter.nothing_ && name != "DefaultMessageFormatter") {
    return Error(ErrorCode::kUnsupported,
                 fmt::format("Could not find class {}: Java classes cannot be loaded here; there "
                             "are DefaultMessageFormatter and NoOpMessageFormatter",
                             class_name));
  }
  formatter.timestamp_ = is_true(properties, "print.timestamp");
  formatter.key_ = is_true(properties, "print.key");
  formatter.value_ = !properties.contains("print.value") || is_true(properties, "print.value");
  formatter.partition_ = is_true(properties, "print.partition");
  formatter.offset_ = is_true(properties, "print.offset");
  formatter.delivery_ = is_true(properties, "print.delivery");
  formatter.epoch_ = is_true(properties, "print.epoch");
  formatter.headers_ = is_true(properties, "print.headers");
  formatter.key_separator_ = property_or(properties, "key.separator", "\t");
  formatter.line_separator_ = property_or(properties, "line.separator", "\n");
  formatter.headers_separator_ = property_or(properties, "headers.separator", ",");
  formatter.null_literal_ = property_or(properties, "null.literal", "null");
  formatter.key_deserializer_ = TRY(deserializer_of(properties, "key.deserializer"));
  formatter.value_deserializer_ = TRY(deserializer_of(properties, "value.deserializer"));
  formatter.headers_deserializer_ = TRY(deserializer_of(properties, "headers.deserializer"));
  return formatter;
}

Result<void> MessageFormatter::append_bytes(Deserializer deserializer,
                                            const std::optional<std::string_view>& bytes,
                                            std::string& out) const {
  if (!bytes) {
    out += null_literal_;
    return {};
  }
  if (deserializer == Deserializer::kBytes) {
    out += *bytes;
    return {};
  }
  const std::string text = TRY(deserialize(deserializer, *bytes));
  out += text;
  return {};
}

Result<void> MessageFormatter::append_headers(const ShownRecord& record, std::string& out) const {
  if (record.headers.empty()) {
    out += "NO_HEADERS";
    return {};
  }
  bool first = true;
  for (const record::HeaderView& header : record.headers) {
    if (!first) {
      out += headers_separator_;
    }
    first = false;
    out += header.key;
    out += ':';
    TRY(append_bytes(headers_deserializer_, header.value, out));
  }
  return {};
}

Result<void> MessageFormatter::append(const ShownRecord& record, std::string& out) const {
  if (nothing_) {
    return {};
  }
  std::vector<std::string> columns;
  if (timestamp_) {
    columns.push_back(record.timestamp_ms < 0
                          ? "NO_TIMESTAMP"
                          : fmt::format("{}:{}",
                                        record.log_append_time ? "LogAppendTime" : "CreateTime",
                                        record.timestamp_ms));
  }
  if (partition_) {
    columns.push_back(fmt::format("Partition:{}", record.partition));
  }
  if (offset_) {
    columns.push_back(fmt::format("Offset:{}", record.offset));
  }
  if (delivery_) {
    columns.emplace_back("Delivery:NOT_PRESENT");
  }
  if (epoch_) {
    // The console consumer hands records to its formatter without their epoch.
    columns.emplace_back("Epoch:NOT_PRESENT");
  }
  if (headers_) {
    TRY(append_headers(record, columns.emplace_back()));
  }
  if (key_) {
    TRY(append_bytes(key_deserializer_, record.key, columns.emplace_back()));
  }
  if (value_) {
    TRY(append_bytes(value_deserializer_, record.value, columns.emplace_back()));
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    out += columns[i];
    out += i + 1 < columns.size() ? key_separator_ : line_separator_;
  }
  return {};
}

}  // namespace millrace::cli
