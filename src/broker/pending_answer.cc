#include "broker/detail/pending_answer.h"

#include "base/clock.h"
#include "base/log_line.h"
#include "broker/request_metrics.h"
#include "broker/services.h"

namespace millrace::broker {
namespace {

constexpr std::size_t kAnswerSizeBytes = 4;

/// The last copy of a reply went without an answer.
struct Abandoned final : InboxItem {
  Abandoned(std::weak_ptr<Pipeline> from, std::uint64_t number)
      : pipeline(std::move(from)), sequence(number) {}

  void arrive() override {
    if (const std::shared_ptr<Pipeline> target = pipeline.lock()) {
      target->take(sequence, {.kind = Answer::Kind::kClose});
    }
  }

  std::weak_ptr<Pipeline> pipeline;
  std::uint64_t sequence;
};

}  // namespace

PendingBase::~PendingBase() {
  if (claim()) {
    place_.inbox->post(std::make_shared<Abandoned>(place_.pipeline, place_.sequence));
  }
}

void PendingBase::deliver(Answer::Kind kind) {
  kind_ = kind;
  if (std::this_thread::get_id() == thread_ && in_handler_) {
    arrive();  // The pipeline is waiting for the handler, and takes it at once.
    return;
  }
  place_.inbox->post(shared_from_this());
}

void PendingBase::arrive() {
  const std::shared_ptr<Pipeline> pipeline = place_.pipeline.lock();
  if (pipeline != nullptr) {
    pipeline->take(place_.sequence, make_answer(*pipeline));
  }
}

Answer PendingBase::make_answer(Pipeline& pipeline) {
  const Services& services = pipeline.services();
  services.counts.note_answer(place_.key, services.clock.monotonic_ns() - place_.begun_ns);
  if (kind_ != Answer::Kind::kSend) {
    return {.kind = kind_};
  }
  wire::Writer& writer = place_.inbox->scratch;
  writer.be<std::int32_t>(0);
  writer.be<std::int32_t>(place_.correlation);
  if (wire::response_header_version(place_.key, place_.version) > 0) {
    writer.uvarint(0);  // No tagged fields.
  }
  if (const Result<void> encoded = encode(writer, place_.version); !encoded) {
    MR_LOG(error,
           "an answer could not be encoded",
           {"api", wire::to_string(place_.key)},
           {"version", place_.version},
           {"reason", encoded.error().to_string()});
    writer.clear();
    return {.kind = Answer::Kind::kClose};
  }
  writer.patch_be32(0, static_cast<std::int32_t>(writer.size() - kAnswerSizeBytes));
  return {.kind = Answer::Kind::kSend, .bytes = writer.finish()};
}

void PendingBase::set_on_gone(std::function<void()> gone) {
  if (const std::shared_ptr<Pipeline> pipeline = place_.pipeline.lock()) {
    pipeline->set_on_gone(place_.sequence, std::move(gone));
  }
}

void PendingBase::set_hold() {
  if (const std::shared_ptr<Pipeline> pipeline = place_.pipeline.lock()) {
    pipeline->set_hold(place_.sequence);
  }
}

}  // namespace millrace::broker
