// The scenario by librdkafka's C interface: `librdkafka HOST:PORT scenario.json errors.tsv
// [section…]`.
//
// Prints one line `step<tab>json` for each step. What the broker refused is shown by Kafka's name
// of the code, what librdkafka refused by its own, with LOCAL before it.
#include <iostream>
#include <set>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "session.hpp"

namespace {

using suite::Json;

// The answer to a step; tries again while the coordinator of a group is not ready.
Json run(const suite::Operations& operations, const Json& step) {
  const auto found = operations.find(step["op"].GetString());
  if (found == operations.end()) {
    return suite::text("unsupported");
  }
  const auto deadline = suite::Clock::now() + std::chrono::seconds(20);
  while (true) {
    try {
      return found->second(step);
    } catch (const suite::Unsupported&) {
      return suite::text("unsupported");
    } catch (const suite::Failed& failed) {
      const bool loading = failed.code == RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE ||
                           failed.code == RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS;
      if (!loading || suite::Clock::now() > deadline) {
        return suite::error(failed.code);
      }
      suite::rest(300);
    }
  }
}

void show(const Json& step, const Json& answer) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  answer.Accept(writer);
  std::cout << step["id"].GetString() << "\t" << buffer.GetString() << std::endl;
}

}  // namespace

int main(int count, char** words) {
  if (count < 4) {
    std::cerr << "usage: librdkafka HOST:PORT scenario.json errors.tsv [section…]\n";
    return 2;
  }
  static const std::set<std::string> kChanges = {
      "create", "delete", "grow", "replace", "trim", "close", "delete_groups"};
  const std::set<std::string> only(words + 4, words + count);
  suite::read_error_names(words[3]);
  suite::Document scenario;
  scenario.Parse(suite::read_file(words[2]).c_str());
  suite::Session session(words[1]);
  suite::Operations operations;
  suite::add_topics(operations, session);
  suite::add_configs(operations, session);
  suite::add_records(operations, session);
  suite::add_groups(operations, session);
  suite::add_members(operations, session);
  for (const auto& section : scenario.GetArray()) {
    if (!only.empty() && only.count(section[0].GetString()) == 0 && section[0] != "warm") {
      continue;
    }
    for (const auto& step : section[2].GetArray()) {
      std::cerr << "--- " << step["id"].GetString() << std::endl;
      show(step, run(operations, step));
      if (kChanges.count(step["op"].GetString()) != 0) {
        suite::rest(250);
      }
    }
  }
  return 0;
}
