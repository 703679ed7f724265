// What a request is to change of topics, checked before anything is written: each change after
// those before it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "log/detail/metadata.h"
#include "log/detail/shared.h"
#include "log/log.h"

namespace millrace::log {

/// A topic's settings over what counts where nothing was set. kInvalidArgument.
Result<TopicConfig> resolve_settings(const TopicInfo& topic, const TopicConfig& defaults);

/// Owned by one thread.
class TopicPlan {
 public:
  /// The references outlive it.
  TopicPlan(const Shared& shared, const TopicConfig& defaults, Random& random)
      : shared_(shared), defaults_(defaults), random_(random) {}

  /// The topic as it will be (a deleted one as it was), or why not: see Log.
  Result<TopicInfo> add(const TopicChange& change);

  /// What is to be written, in order; nothing for a change that changes nothing.
  [[nodiscard]] const std::vector<TopicRecord>& records() const { return records_; }

 private:
  Result<TopicInfo> create(const NewTopic& topic);
  Result<TopicInfo> ensure(const NewTopic& topic);
  Result<TopicInfo> remove(const std::string& name);
  Result<TopicInfo> grow(const GrownTopic& topic);
  Result<TopicInfo> alter(const AlteredTopic& topic);
  [[nodiscard]] std::optional<TopicInfo> find(const std::string& name) const;
  [[nodiscard]] Result<void> check_room(std::int64_t partitions) const;
  void put(const std::string& name, std::optional<TopicInfo> topic);

  const Shared& shared_;
  const TopicConfig& defaults_;
  Random& random_;
  std::vector<TopicRecord> records_;
  std::map<std::string, std::optional<TopicInfo>, std::less<>> planned_;
  std::int64_t partitions_ = 0;  // More than before, or fewer.
};

}  // namespace millrace::log
