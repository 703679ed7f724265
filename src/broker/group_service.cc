#include "broker/detail/group_service.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/clock.h"
#include "broker/broker_settings.h"

namespace millrace::broker {
namespace {

constexpr std::int64_t kMsPerMinute = 60'000;

/// A task on its way to a loop.
struct LoopTask final : InboxItem {
  explicit LoopTask(Serial::Task what) : task(std::move(what)) {}

  void arrive() override { task(); }

  Serial::Task task;
};

}  // namespace

GroupConfig group_config(const BrokerSettings& settings) {
  GroupConfig config;
  config.min_session_ms = settings.number("group.min.session.timeout.ms");
  config.max_session_ms = settings.number("group.max.session.timeout.ms");
  config.initial_rebalance_delay_ms = settings.number("group.initial.rebalance.delay.ms");
  config.max_size = settings.number("group.max.size");
  config.offset_metadata_bytes_max = settings.number("offset.metadata.max.bytes");
  config.offsets_retention_ms = settings.number("offsets.retention.minutes") * kMsPerMinute;
  config.retention_check_ms = settings.number("offsets.retention.check.interval.ms");
  config.offsets_partitions =
      static_cast<std::int32_t>(settings.number("offsets.topic.num.partitions"));
  config.offsets_segment_bytes = settings.number("offsets.topic.segment.bytes");
  return config;
}

GroupService::GroupService(log::Log& log, const Clock& clock, const BrokerSettings& settings)
    : clock_(clock), coordinator_(log, clock, options(settings)) {}

GroupCoordinator::Options GroupService::options(const BrokerSettings& settings) {
  return {.config = group_config(settings),
          .executor =
              [this](Serial::Task task) {
                if (started_.load()) {
                  run_on_loop(std::move(task));
                } else {
                  task();
                }
              },
          .wake_at =
              [this](std::int64_t at_ns) {
                if (started_.load()) {
                  run_on_loop([this, at_ns] { arm(at_ns); });
                } else {
                  wanted_ns_ = at_ns;
                }
              }};
}

void GroupService::start(LoopInboxPtr loop) {
  loop_ = std::move(loop);
  started_ = true;
  run_on_loop([this] {
    if (wanted_ns_ >= 0) {
      arm(wanted_ns_);
    }
  });
}

void GroupService::run_on_loop(Serial::Task task) {
  loop_->post(std::make_shared<LoopTask>(std::move(task)));
}

// The coordinator asks for an earlier time than before, or after a tick: the latest word counts.
void GroupService::arm(std::int64_t at_ns) {
  loop_->cancel(timer_);
  const std::int64_t wait = std::max<std::int64_t>(0, at_ns - clock_.monotonic_ns());
  timer_ = loop_->call_after(wait, [this] {
    timer_ = 0;
    coordinator_.tick();
  });
}

}  // namespace millrace::broker
