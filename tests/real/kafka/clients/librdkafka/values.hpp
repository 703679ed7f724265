// What the steps and the transcript are made of: values of the scenario, answers as JSON, names of
// error codes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <librdkafka/rdkafka.h>
#include <rapidjson/document.h>

namespace suite {

using Json = rapidjson::Value;
using Document = rapidjson::Document;
using Clock = std::chrono::steady_clock;

/// Thrown by a step that librdkafka has no call for.
struct Unsupported {};

/// Thrown by a step that was refused.
struct Failed {
  rd_kafka_resp_err_t code;
};

Json text(const std::string& value);
Json object();
Json array();
void put(Json& into, const std::string& name, Json value);
void add(Json& into, Json value);

/// Reads errors.tsv: the codes of the broker with Kafka's names.
void read_error_names(const std::string& path);
std::string name_of(rd_kafka_resp_err_t code);
Json error(rd_kafka_resp_err_t code);

/// A key, value or header of the scenario.
std::optional<std::string> octets(const Json& value);
/// As it stands in a transcript: short, printable, exact.
Json shown(const void* data, size_t size);
Json shown_time(int64_t milliseconds);

std::string string_of(const Json& step, const char* name, const std::string& otherwise = "");
int number_of(const Json& step, const char* name, int otherwise);

std::string read_file(const std::string& path);
void rest(int milliseconds);

}  // namespace suite
