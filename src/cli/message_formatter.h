// Records as kafka-console-consumer prints them: Kafka's DefaultMessageFormatter with its
// properties (print.key, print.timestamp, key.separator, …) and the deserializers of kafka-clients.
//
// Tested by message_formatter_test.cc.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/shown_record.h"

namespace millrace::cli {

/// How the bytes of a key, value or header become text.
enum class Deserializer : std::uint8_t {
  kBytes,  ///< As they are: also what String gives.
  kShort,
  kInteger,
  kLong,
  kFloat,
  kDouble,
  kBoolean,
  kUuid,
  kVoid
};

/// By the name of Kafka's class, with or without its package. kUnsupported names what there is.
Result<Deserializer> find_deserializer(std::string_view class_name);

/// kInvalidArgument, in the words of Kafka's class, when the bytes are not of its size.
Result<std::string> deserialize(Deserializer deserializer, std::string_view bytes);

using Properties = std::map<std::string, std::string>;

/// Immutable.
class MessageFormatter {
 public:
  /// Of a class by name: DefaultMessageFormatter or NoOpMessageFormatter, with their packages or
  /// without. Unknown properties are ignored, as Kafka ignores them. kUnsupported: another class.
  static Result<MessageFormatter> make(std::string_view class_name, const Properties& properties);

  /// Appends the record with its line separator. kInvalidArgument: it cannot be deserialized;
  /// `out` is then as it was.
  Result<void> append(const ShownRecord& record, std::string& out) const;

 private:
  MessageFormatter() = default;

  [[nodiscard]] Result<void> append_bytes(Deserializer deserializer,
                                          const std::optional<std::string_view>& bytes,
                                          std::string& out) const;
  [[nodiscard]] Result<void> append_headers(const ShownRecord& record, std::string& out) const;

  bool nothing_ = false;
  bool timestamp_ = false;
  bool key_ = false;
  bool value_ = true;
  bool partition_ = false;
  bool offset_ = false;
  bool delivery_ = false;
  bool epoch_ = false;
  bool headers_ = false;
  std::string key_separator_ = "\t";
  std::string line_separator_ = "\n";
  std::string headers_separator_ = ",";
  std::string null_literal_ = "null";
  Deserializer key_deserializer_ = Deserializer::kBytes;
  Deserializer value_deserializer_ = Deserializer::kBytes;
  Deserializer headers_deserializer_ = Deserializer::kBytes;
};

/// The value of a property, or `fallback` when it is not set.
std::string property_or(const Properties& properties,
                        const std::string& name,
                        const std::string& fallback);

/// "true" in any case, between blanks; everything else is false, as in Kafka.
bool is_true(const Properties& properties, const std::string& name);

}  // namespace millrace::cli
