#include "broker/detail/group_service.h"

#include <algorithm>

#include "base/clock.h"
#include "base/thread.h"
#include "broker/broker_settings.h"

namespace millrace::broker {
namespace {

constexpr std::int64_t kMsPerMinute = 60'000;

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
                if (io::EventLoop* loop = loop_.load()) {
                  loop->post(std::move(task));
                } else {
                  task();
                }
              },
          .wake_at =
              [this](std::int64_t at_ns) {
                io::EventLoop* loop = loop_.load();
                if (loop == nullptr) {
                  wanted_ns_ = at_ns;
                } else {
                  loop->post([this, at_ns] { arm(at_ns); });
                }
              }};
}

void GroupService::start(io::EventLoop& loop) {
  loop_ = &loop;
  loop.post([this] {
    timer_ = std::make_unique<io::Timer>(*loop_.load());
    if (wanted_ns_ >= 0) {
      arm(wanted_ns_);
    }
  });
}

void GroupService::stop() {
  if (io::EventLoop* loop = loop_.load()) {
    Wakeup gone;
    loop->post([this, &gone] {
      timer_.reset();
      gone.notify();
    });
    gone.wait(-1);
  }
}

// The coordinator asks for an earlier time than before, or after a tick: the latest word counts.
void GroupService::arm(std::int64_t at_ns) {
  if (timer_ != nullptr) {
    timer_->start(std::max<std::int64_t>(0, at_ns - clock_.monotonic_ns()),
                  [this] { coordinator_.tick(); });
  }
}

}  // namespace millrace::broker
