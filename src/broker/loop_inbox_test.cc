#include "broker/detail/loop_inbox.h"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/clock.h"

namespace millrace::broker {
namespace {

using Names = std::vector<std::string>;

/// Notes that it arrived, and asks for `last` to arrive after the others. Owned by one thread.
class NotedItem final : public InboxItem {
 public:
  NotedItem(std::string name,
            Names& names,
            LoopInbox& inbox,
            std::shared_ptr<InboxItem> last = nullptr)
      : name_(std::move(name)), names_(names), inbox_(inbox), last_(std::move(last)) {}

  void arrive() override {
    names_.push_back(name_);
    if (last_ != nullptr) {
      inbox_.finish_with(last_);
    }
  }

 private:
  const std::string name_;
  Names& names_;
  LoopInbox& inbox_;
  const std::shared_ptr<InboxItem> last_;  // Shared with whoever made both.
};

TEST(LoopInbox, what_finishes_a_delivery_comes_after_all_that_arrived_with_it) {
  io::EventLoop loop;
  const SystemClock clock;
  const auto inbox = std::make_shared<LoopInbox>(loop, clock);
  Names names;
  const auto last = std::make_shared<NotedItem>("last", names, *inbox);
  inbox->post(std::make_shared<NotedItem>("a", names, *inbox, last));
  inbox->post(std::make_shared<NotedItem>("b", names, *inbox));
  while (loop.run_ready() > 0) {
  }
  EXPECT_EQ(names, (Names{"a", "b", "last"}));
  inbox->finish_with(last);  // Nothing arrives: at once.
  EXPECT_EQ(names, (Names{"a", "b", "last", "last"}));
  inbox->close();
  EXPECT_FALSE(inbox->post(last));
}

}  // namespace
}  // namespace millrace::broker
