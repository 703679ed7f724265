#include "broker/producer_ids.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "log/log.h"

namespace millrace::broker {
namespace {

constexpr std::int32_t kIdsPerBlock = 1'000;

}  // namespace

struct ProducerIds::State {
  Mutex mutex;
  std::int64_t next MR_GUARDED_BY(mutex) = 0;
  std::int64_t end MR_GUARDED_BY(mutex) = 0;
  std::vector<Done> waiting MR_GUARDED_BY(mutex);
};

ProducerIds::ProducerIds(log::Log& log) : log_(log), state_(std::make_shared<State>()) {}

void ProducerIds::take(Done done) {
  std::optional<ProducerId> id;
  bool first = false;
  {
    const MutexLock lock(state_->mutex);
    if (state_->next < state_->end) {
      id = ProducerId(state_->next++);
    } else {
      first = state_->waiting.empty();
      state_->waiting.push_back(std::exchange(done, nullptr));
    }
  }
  if (id) {
    done(*id);
  } else if (first) {
    fill(log_, state_);
  }
}

void ProducerIds::fill(log::Log& log, const std::shared_ptr<State>& state) {
  log.allocate_producer_ids_async(kIdsPerBlock, [&log, state](Result<ProducerId> block) {
    std::vector<Done> served;
    std::int64_t id = -1;
    bool more = false;
    {
      const MutexLock lock(state->mutex);
      if (!block) {
        served.swap(state->waiting);
      } else {
        const std::size_t count =
            std::min(state->waiting.size(), static_cast<std::size_t>(kIdsPerBlock));
        const auto last = state->waiting.begin() + static_cast<std::ptrdiff_t>(count);
        served.assign(std::make_move_iterator(state->waiting.begin()),
                      std::make_move_iterator(last));
        state->waiting.erase(state->waiting.begin(), last);
        id = block->value();
        state->next = id + static_cast<std::int64_t>(count);
        state->end = id + kIdsPerBlock;
        more = !state->waiting.empty();
      }
    }
    for (Done& done : served) {
      if (block) {
        done(ProducerId(id++));
      } else {
        done(Error(block.error().code(), block.error().to_string()));
      }
    }
    if (more) {
      fill(log, state);
    }
  });
}

}  // namespace millrace::broker
