#include "values.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

namespace suite {
namespace {

// Shared by all steps; rapidjson frees it at the end.
Document answers(rapidjson::kObjectType);

std::map<int, std::string> error_names;

auto& memory() {
  return answers.GetAllocator();
}

}  // namespace

Json text(const std::string& value) {
  return Json(value.data(), static_cast<rapidjson::SizeType>(value.size()), memory());
}

Json object() {
  return Json(rapidjson::kObjectType);
}

Json array() {
  return Json(rapidjson::kArrayType);
}

void put(Json& into, const std::string& name, Json value) {
  into.AddMember(text(name), value, memory());
}

void add(Json& into, Json value) {
  into.PushBack(value, memory());
}

void read_error_names(const std::string& path) {
  std::istringstream codes(read_file(path));
  for (std::string line; std::getline(codes, line);) {
    error_names[std::stoi(line)] = line.substr(line.find('\t') + 1);
  }
}

std::string name_of(rd_kafka_resp_err_t code) {
  if (code >= 0) {
    return error_names.count(code) ? error_names[code] : "BROKER_" + std::to_string(code);
  }
  return std::string("LOCAL") + rd_kafka_err2name(code);
}

Json error(rd_kafka_resp_err_t code) {
  Json result = object();
  put(result, "error", text(name_of(code)));
  return result;
}

std::optional<std::string> octets(const Json& value) {
  if (value.IsNull()) {
    return std::nullopt;
  }
  if (value.IsString()) {
    return std::string(value.GetString(), value.GetStringLength());
  }
  if (value.HasMember("fill")) {
    return std::string(value["size"].GetUint(), value["fill"].GetString()[0]);
  }
  std::string hex = value["hex"].GetString();
  std::string result;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    result.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return result;
}

Json shown(const void* data, size_t size) {
  if (data == nullptr) {
    return Json();
  }
  std::string value(static_cast<const char*>(data), size);
  bool printable = std::all_of(
      value.begin(), value.end(), [](char octet) { return octet >= 0x20 && octet <= 0x7e; });
  if (!printable) {
    std::string hex = "hex:";
    char digits[3];
    for (char octet : value) {
      std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(octet));
      hex += digits;
    }
    return text(hex);
  }
  if (value.size() > 80) {
    return text("#" + std::to_string(value.size()) + ":" + value.substr(0, 3) + ".." +
                value.substr(value.size() - 3));
  }
  return text(value);
}

Json shown_time(int64_t milliseconds) {
  auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  return std::abs(now.count() - milliseconds) < 3600000 ? text("now") : Json(milliseconds);
}

std::string string_of(const Json& step, const char* name, const std::string& otherwise) {
  return step.HasMember(name) ? step[name].GetString() : otherwise;
}

int number_of(const Json& step, const char* name, int otherwise) {
  return step.HasMember(name) ? step[name].GetInt() : otherwise;
}

void rest(int milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::stringstream content;
  content << file.rdbuf();
  return content.str();
}

}  // namespace suite
