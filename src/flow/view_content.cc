#include "flow/view_content.h"

#include <limits>
#include <utility>

namespace millrace::flow {

namespace {

// What an entry takes beside a long key: node, bucket, allocator.
constexpr std::uint64_t kEntryBytes = 112;
constexpr std::size_t kShortKeyBytes = 15;  // std::string keeps those in itself.

Hash128 hash_of(std::string_view value) {
  return siphash128({}, value);
}

}  // namespace

std::uint64_t ViewContent::bytes_of(const std::string& key) {
  return kEntryBytes + (key.size() > kShortKeyBytes ? key.size() + kShortKeyBytes : 0);
}

Result<ViewContent::Entries::iterator> ViewContent::insert(std::string_view key,
                                                           const Entry& entry) {
  const auto inserted = entries_.emplace(key, entry).first;
  bytes_ += bytes_of(inserted->first);
  if (bytes_ > bytes_max_) {
    return Error(ErrorCode::kExhausted,
                 "its content is more than it may hold: " + std::to_string(entries_.size()) +
                     " rows, limit " + std::to_string(bytes_max_ >> 20U) +
                     " MiB; raise memory.max, or let the query give fewer rows");
  }
  return inserted;
}

Result<void> ViewContent::load(std::string_view key, std::optional<std::string_view> value) {
  const auto found = entries_.find(key);
  if (!value) {
    if (found != entries_.end()) {
      bytes_ -= bytes_of(found->first);
      entries_.erase(found);
    }
    return {};
  }
  if (found != entries_.end()) {
    found->second.value = hash_of(*value);
    return {};
  }
  TRY(insert(key, {.value = hash_of(*value)}));
  return {};
}

Result<ViewContent::Put> ViewContent::put(std::string_view key, std::string_view value) {
  return put(key, hash_of(value));
}

Result<ViewContent::Put> ViewContent::put(std::string_view key, const Hash128& value) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) {
    TRY(insert(key, {.value = value, .result = result_}));
    return Put::kChanged;
  }
  Entry& entry = found->second;
  if (entry.result == result_) {
    return Put::kTwice;
  }
  entry.result = result_;
  return std::exchange(entry.value, value) == value ? Put::kSame : Put::kChanged;
}

Result<ViewContent::Put> ViewContent::put_numbered(std::string_view value, std::string& key) {
  const Hash128 hash = hash_of(value);
  const auto number_of = [&](std::uint64_t seed) {
    return std::to_string(xxh64(value, seed) &
                          static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
  };
  const std::string first = number_of(0);
  std::uint64_t seed = 0;
  if (const auto known = entries_.find(first);
      known != entries_.end() && known->second.value == hash && known->second.result == result_) {
    seed = known->second.seeds;
  }
  for (;; ++seed) {
    key = seed == 0 ? first : number_of(seed);
    const auto taken = entries_.find(key);
    const bool is_free =
        taken == entries_.end() || (taken->second.value == hash && taken->second.result != result_);
    if (is_free) {
      break;
    }
  }
  const Put outcome = TRY(put(key, hash));
  Entry& entry = entries_.find(first)->second;
  if (entry.value == hash) {
    entry.seeds = static_cast<std::uint32_t>(seed + 1);
  }
  return outcome;
}

void ViewContent::take_missing(const std::function<void(std::string_view)>& erase) {
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    if (entry->second.result == result_) {
      ++entry;
      continue;
    }
    erase(entry->first);
    bytes_ -= bytes_of(entry->first);
    entry = entries_.erase(entry);
  }
}

}  // namespace millrace::flow
