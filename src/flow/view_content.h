// What the topic of a materialized view holds, key by key, so that a recomputed result becomes the
// difference to it.
//
//   content.begin();                          // for each row of the new result
//   content.put(key, value)                   //   kChanged: write it
//   content.take_missing(erase)               // what the result has no more: write tombstones
//
// A view without key columns keeps its rows, duplicates too, under *row numbers*: the number of a
// row is the XXH64 of its value with seed 0, without the highest bit. The second row of the same
// value takes seed 1, and so on; a number that a row of another value has is passed over in the
// same way. Numbers are therefore unique, and rows that stay keep theirs: a row that is added or
// removed writes one record. The record's key is the number in decimal; in tables.db it is the
// rowid.
//
// Of a value only a hash of 128 bits is kept. Tested by view_content_test.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/hash.h"
#include "base/result.h"

namespace millrace::flow {

/// Owned by one thread.
class ViewContent {
 public:
  enum class Put : std::uint8_t {
    kSame,     ///< The topic has it.
    kChanged,  ///< New, or another value than the topic has.
    kTwice,    ///< The result has had a row of this key.
  };

  /// `bytes_max`: of the keys and hashes, about.
  explicit ViewContent(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

  /// A record of the topic; no value: a tombstone. kExhausted beyond the limit.
  Result<void> load(std::string_view key, std::optional<std::string_view> value);

  /// A new result begins.
  void begin() { ++result_; }

  /// A row of the result. kExhausted beyond the limit.
  Result<Put> put(std::string_view key, std::string_view value);

  /// A row of the result of a view without key: puts it under its number, which becomes `key`.
  Result<Put> put_numbered(std::string_view value, std::string& key);

  /// Forgets what the result did not have, and gives the keys to `erase`.
  void take_missing(const std::function<void(std::string_view)>& erase);

  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Hash128 value;
    std::uint32_t result = 0;  ///< The last result that had it; 0: the topic.
    std::uint32_t seeds = 0;   ///< Of the number with seed 0: seeds taken in that result.
  };

  struct HashOfText {
    using is_transparent = void;

    std::size_t operator()(std::string_view text) const { return xxh64(text); }
  };

  using Entries = std::unordered_map<std::string, Entry, HashOfText, std::equal_to<>>;

  Result<Put> put(std::string_view key, const Hash128& value);
  Result<Entries::iterator> insert(std::string_view key, const Entry& entry);
  static std::uint64_t bytes_of(const std::string& key);

  std::uint64_t bytes_max_;
  Entries entries_;
  std::uint64_t bytes_ = 0;
  std::uint32_t result_ = 0;
};

}  // namespace millrace::flow
