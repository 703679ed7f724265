// Members of groups: several consumers that stay from step to step.
#include <algorithm>
#include <vector>

#include "session.hpp"

namespace suite {
namespace {

struct Member {
  Handle consumer;
  std::vector<std::pair<std::pair<int, int64_t>, std::string>> records;
  rd_kafka_resp_err_t failure = RD_KAFKA_RESP_ERR_NO_ERROR;
};

/// Owned by one thread.
class Members {
 public:
  explicit Members(Session& session) : session_(session) {}

  Json open(const Json& step) {
    std::string reset = string_of(step, "reset");
    Settings settings = {
        {"group.id", step["group"].GetString()},
        {"client.id", step["member"].GetString()},
        {"enable.auto.commit", "false"},
        {"auto.offset.reset", reset == "none" ? "error" : reset},
        {"session.timeout.ms", std::to_string(number_of(step, "session_ms", 10000))},
        {"heartbeat.interval.ms", "300"},
        {"fetch.wait.max.ms", "100"},
        {"max.poll.interval.ms", "20000"}};
    if (step.HasMember("strategy")) {
      settings["partition.assignment.strategy"] = step["strategy"].GetString();
    }
    if (step.HasMember("instance")) {
      settings["group.instance.id"] = step["instance"].GetString();
    }
    auto member = std::make_unique<Member>();
    member->consumer = session_.make(RD_KAFKA_CONSUMER, settings);
    rd_kafka_poll_set_consumer(member->consumer.get());
    Partitions topics(rd_kafka_topic_partition_list_new(1));
    for (const auto& topic : step["topics"].GetArray()) {
      rd_kafka_topic_partition_list_add(topics.get(), topic.GetString(), RD_KAFKA_PARTITION_UA);
    }
    rd_kafka_resp_err_t code = rd_kafka_subscribe(member->consumer.get(), topics.get());
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      throw Failed{code};
    }
    members_[step["member"].GetString()] = std::move(member);
    return text("NONE");
  }

  Json wait(const Json& step) {
    for (const auto& wanted : step["members"].GetObject()) {
      if (members_.count(wanted.name.GetString()) == 0) {
        throw Unsupported{};
      }
    }
    auto all_there = [&] {
      return std::all_of(
          step["members"].MemberBegin(), step["members"].MemberEnd(), [&](const auto& wanted) {
            return assignment(*members_[wanted.name.GetString()])->cnt == wanted.value.GetInt();
          });
    };
    auto deadline = Clock::now() + std::chrono::seconds(30);
    while (Clock::now() < deadline) {
      poll_until(std::chrono::seconds(30), [&] { return all_there() || Clock::now() > deadline; });
      poll_until(std::chrono::milliseconds(number_of(step, "settle_ms", 300)),
                 [] { return false; });
      if (all_there()) {
        break;
      }
    }
    Json result = object();
    for (const auto& wanted : step["members"].GetObject()) {
      Partitions list = assignment(*members_[wanted.name.GetString()]);
      put(result,
          wanted.name.GetString(),
          step.HasMember("show") ? shown_partitions(list.get()) : Json(list->cnt));
    }
    return result;
  }

  Json read(const Json& step) {
    Member& reader = member(step);
    poll_until(std::chrono::seconds(20), [&] {
      return reader.records.size() >= step["count"].GetUint() || reader.failure != 0;
    });
    poll_until(std::chrono::milliseconds(300), [] { return false; });
    std::sort(reader.records.begin(), reader.records.end());
    Json result = array();
    for (const auto& [place, value] : reader.records) {
      Json row = array();
      add(row, Json(place.first));
      add(row, Json(place.second));
      add(row, shown(value.data(), value.size()));
      add(result, std::move(row));
    }
    reader.records.clear();
    return result;
  }

  Json member_commit(const Json& step) {
    rd_kafka_resp_err_t code = rd_kafka_commit(member(step).consumer.get(), nullptr, 0);
    return text(name_of(code));
  }

  Json failure(const Json& step) {
    Member& failing = member(step);
    poll_until(std::chrono::seconds(12),
               [&] { return failing.failure != RD_KAFKA_RESP_ERR_NO_ERROR; });
    return error(failing.failure);
  }

  Json close(const Json& step) {
    rd_kafka_resp_err_t code = rd_kafka_consumer_close(member(step).consumer.get());
    members_.erase(step["member"].GetString());
    return text(name_of(code));
  }

 private:
  Member& member(const Json& step) {
    auto found = members_.find(step["member"].GetString());
    if (found == members_.end()) {
      throw Unsupported{};
    }
    return *found->second;
  }

  // Every member must poll while any of them is waited for.
  void poll_all() {
    for (auto& [name, member] : members_) {
      for (int i = 0; i < 50; ++i) {
        rd_kafka_message_t* message = rd_kafka_consumer_poll(member->consumer.get(), 5);
        if (message == nullptr) {
          break;
        }
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
          member->records.push_back(
              {{message->partition, message->offset},
               std::string(static_cast<const char*>(message->payload), message->len)});
        } else if (member->failure == RD_KAFKA_RESP_ERR_NO_ERROR) {
          member->failure = message->err;
        }
        rd_kafka_message_destroy(message);
      }
    }
  }

  void poll_until(std::chrono::milliseconds limit, const std::function<bool()>& done) {
    auto deadline = Clock::now() + limit;
    while (Clock::now() < deadline && !done()) {
      poll_all();
    }
  }

  static Partitions assignment(const Member& member) {
    rd_kafka_topic_partition_list_t* list = nullptr;
    if (rd_kafka_assignment(member.consumer.get(), &list) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      list = rd_kafka_topic_partition_list_new(0);
    }
    return Partitions(list);
  }

  Session& session_;
  std::map<std::string, std::unique_ptr<Member>> members_;
};

}  // namespace

void add_members(Operations& operations, Session& session) {
  const auto members = std::make_shared<Members>(session);  // Shared by its operations.
  const auto add = [&](const char* name, Json (Members::*call)(const Json&)) {
    operations[name] = [members, call](const Json& step) {
      return (*members.*call)(step);
    };
  };
  add("open", &Members::open);
  add("wait", &Members::wait);
  add("read", &Members::read);
  add("member_commit", &Members::member_commit);
  add("failure", &Members::failure);
  add("close", &Members::close);
}

}  // namespace suite
