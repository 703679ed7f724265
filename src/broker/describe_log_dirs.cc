#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "broker/admin_handlers.h"
#include "broker/identity.h"
#include "log/log.h"

namespace millrace::broker {
namespace {

using LogDir = wire::DescribeLogDirsResponse::DescribeLogDirsResult;
/// Which partitions of which topics.
using Wanted = std::map<std::string, std::set<std::int32_t>>;

void add_topic(const Services& services,
               const log::TopicInfo& topic,
               const std::set<std::int32_t>* wanted,
               LogDir& dir) {
  auto& to = dir.topics.emplace_back();
  to.name = topic.name;
  for (std::int32_t i = 0; i < topic.partitions; ++i) {
    if (wanted != nullptr && !wanted->contains(i)) {
      continue;
    }
    if (const auto info = services.log.describe({topic.name, PartitionId(i)})) {
      to.partitions.push_back(
          {.partition_index = i, .partition_size = static_cast<std::int64_t>(info->bytes)});
    }
  }
  if (to.partitions.empty()) {
    dir.topics.pop_back();
  }
}

}  // namespace

void handle_describe_log_dirs(Services& services,
                              const RequestInfo& info,
                              wire::DescribeLogDirsRequest request,
                              Reply<wire::DescribeLogDirsResponse> reply) {
  static_cast<void>(info);
  std::optional<Wanted> wanted;
  if (request.topics) {
    wanted.emplace();
    for (const auto& topic : *request.topics) {
      (*wanted)[topic.topic].insert(topic.partitions.begin(), topic.partitions.end());
    }
  }
  wire::DescribeLogDirsResponse response;
  LogDir& dir = response.results.emplace_back();
  dir.log_dir = services.identity.log_dir;
  if (services.identity.usable_bytes) {
    dir.usable_bytes = services.identity.usable_bytes();
  }
  for (const log::TopicInfo& topic : services.log.topics()) {
    if (!wanted) {
      add_topic(services, topic, nullptr, dir);
    } else if (const auto found = wanted->find(topic.name); found != wanted->end()) {
      add_topic(services, topic, &found->second, dir);
    }
  }
  reply.send(std::move(response));
}

}  // namespace millrace::broker
