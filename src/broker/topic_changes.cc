#include "broker/topic_changes.h"

#include <utility>

#include "base/assert.h"

namespace millrace::broker {

void TopicChanges::add(log::TopicChange change, Done done) {
  changes_.push_back(std::move(change));
  done_.push_back(std::move(done));
}

void TopicChanges::run(log::Log& log) {
  if (changes_.empty()) {
    return;
  }
  log.change_topics_async(std::move(changes_),
                          [done = std::move(done_)](Result<log::TopicOutcomes> outcomes) {
                            MR_ASSERT(!outcomes || outcomes->size() == done.size());
                            for (std::size_t i = 0; i < done.size(); ++i) {
                              if (outcomes) {
                                done[i](std::move((*outcomes)[i]));
                              } else {
                                done[i](Error(outcomes.error().code(), outcomes.error().message()));
                              }
                            }
                          });
}

}  // namespace millrace::broker
