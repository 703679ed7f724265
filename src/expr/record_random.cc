#include "expr/record_random.h"

#include <cstring>

namespace millrace::expr {
namespace {

void append_number(std::string& out, std::uint64_t value) {
  char bytes[sizeof(value)];
  std::memcpy(bytes, &value, sizeof(value));
  out.append(bytes, sizeof(bytes));
}

// Length first, so that two texts in a row cannot be taken for others.
void append_text(std::string& out, std::string_view text) {
  append_number(out, text.size());
  out += text;
}

}  // namespace

std::shared_ptr<RandomData> random_site(CallSite& call, std::size_t seed) {
  auto random = std::make_shared<RandomData>();
  if (call.count() <= seed) {
    append_text(random->site, call.context().owner);
    append_number(random->site, call.context().next_ordinal++);
    return random;
  }
  if (!call.cast(seed, data::Type(data::TypeKind::kBigInt))) {
    return nullptr;
  }
  const auto value = call.constant(seed);
  if (!value) {
    (void)call.fail("SEED_EXPRESSION_IS_UNFOLDABLE",
                    "42K08",
                    "The seed of `" + std::string(call.name()) + "` must be a constant.");
    return nullptr;
  }
  append_number(random->site, value->is_null() ? 0 : static_cast<std::uint64_t>(value->integer()));
  return random;
}

RecordRandom::RecordRandom(const KernelInput& in)
    : context_(in.evaluation.context()), origins_(in.evaluation.batch().origins.get()) {
  append_text(text_, static_cast<const RandomData&>(*in.call.resolution.data).site);
  if (context_.source_id.empty()) {
    append_text(text_, context_.flow);
    append_number(text_, context_.epoch);
  } else {
    append_text(text_, context_.source_id);
    append_number(
        text_,
        origins_ == nullptr
            ? 0
            : static_cast<std::uint64_t>(static_cast<std::int64_t>(origins_->partition.value())));
  }
  prefix_ = text_.size();
}

Hash128 RecordRandom::at(std::size_t row, std::uint64_t more) {
  const bool known = origins_ != nullptr && row < origins_->offsets.size();
  text_.resize(prefix_);
  append_number(text_, known ? static_cast<std::uint64_t>(origins_->offsets[row]) : row);
  append_number(text_, known && row < origins_->ordinals.size() ? origins_->ordinals[row] : 0);
  if (more != 0) {
    append_number(text_, more);
  }
  return siphash128(context_.salt, text_);
}

}  // namespace millrace::expr
