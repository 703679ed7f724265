#include "server/detail/position_mirror.h"

#include <vector>

#include "flow/position.h"

namespace millrace::server::detail {

std::string mirror_group_name(const std::string& project, const std::string& flow) {
  return "millrace." + project + "." + flow;
}

Result<void> PositionMirror::update(const log::Log& log,
                                    const plan::Pipeline& pipeline,
                                    broker::Broker& broker) {
  const MutexLock lock(mutex_);
  std::map<std::string, std::vector<broker::GroupOffset>> moved;
  for (const plan::Flow& flow : pipeline.flows) {
    const auto text = log.position(flow::FlowPosition::name_of(flow.name));
    if (!text) {
      continue;  // It has not run yet.
    }
    const auto position = flow::FlowPosition::decode(*text);
    if (!position) {
      continue;  // The flow itself says so.
    }
    const std::string group = mirror_group_name(pipeline.name, flow.name);
    for (const auto& input : flow.inputs) {
      const auto partitions = position->next.find(input->topic);
      if (partitions == position->next.end()) {
        continue;
      }
      for (const auto& [number, next] : partitions->second) {
        const auto [mirrored, is_new] = mirrored_.try_emplace({group, input->topic, number}, next);
        if (is_new || mirrored->second != next) {
          mirrored->second = next;
          moved[group].push_back({.topic = input->topic, .partition = number, .committed = next});
        }
      }
    }
  }
  Result<void> committed = broker.commit_offsets(moved);
  if (!committed) {
    mirrored_.clear();  // All of it again.
  }
  return committed;
}

}  // namespace millrace::server::detail
