// Every message in every version, against the bytes that Apache Kafka's own classes wrote
// (tests/wire/Golden.java): filled by the same rules it must give the same bytes, and the bytes
// must be read as what was filled in.
#include <cstdint>
#include <fstream>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "wire/codec.h"
#include "wire/generated/fields.h"

namespace millrace::wire {
namespace {

enum class Variant : std::uint8_t {
  kFull,
  kSparse
};

/// splitmix64, begun by FNV-1a of a text.
class Numbers {
 public:
  explicit Numbers(std::string_view seed) {
    for (const char c : seed) {
      state_ = (state_ ^ static_cast<std::uint8_t>(c)) * 0x100000001b3U;
    }
  }

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }

  std::uint64_t below(std::uint64_t limit) { return next() % limit; }

 private:
  std::uint64_t state_ = 0xcbf29ce484222325U;
};

/// Fills a message as Golden.java does.
class Filler {
 public:
  Filler(std::string_view message, std::int16_t version, Variant variant)
      : numbers_(std::string(message) + "/" + std::to_string(version) +
                 (variant == Variant::kFull ? "/full" : "/sparse")),
        version_(version),
        sparse_(variant == Variant::kSparse) {}

  template <class Struct>
  void fill(Struct& to) {
    visit_fields(to, version_, [this](const char*, auto& field, bool nullable) {
      this->value(field, nullable);
    });
  }

 private:
  template <class T>
  void value(std::optional<T>& to, bool nullable) {
    if (nullable && sparse_ && numbers_.below(2) == 0) {
      to.reset();
      return;
    }
    value(to.emplace(T{}), false);
  }

  template <class T>
  void value(std::vector<T>& to, bool) {
    const std::uint64_t full = depth_ == 0 ? 2 : 0;
    std::uint64_t count = full;
    if (sparse_) {
      count = numbers_.below(3);
    } else if (full == 0) {
      count = 1 + numbers_.below(2);
    }
    to.resize(count);
    for (T& item : to) {
      value(item, false);
    }
  }

  template <class T>
  void value(T& to, bool) {
    if constexpr (std::is_same_v<T, bool>) {
      to = (numbers_.next() & 1U) == 1;
    } else if constexpr (std::is_integral_v<T>) {
      to = integer<T>();
    } else if constexpr (std::is_enum_v<T>) {
      to = static_cast<T>(integer<std::int16_t>());
    } else {
      ++depth_;
      fill(to);
      --depth_;
    }
  }

  void value(double& to, bool) { to = static_cast<std::int32_t>(numbers_.next()) * 0.5; }

  void value(Uuid& to, bool) {
    const std::uint64_t high = numbers_.next();
    const std::uint64_t low = numbers_.next();
    store_be(to.bytes.data(), high);
    store_be(to.bytes.data() + 8, low);
  }

  void value(std::string& to, bool) {
    to.clear();
    if (!sparse_) {
      to.resize(1 + numbers_.below(6));
      for (char& c : to) {
        c = static_cast<char>('a' + numbers_.below(26));
      }
      return;
    }
    switch (numbers_.below(3)) {
      case 0:
        break;
      case 1:
        to = "\u00e9\u6d41";
        break;
      default:
        to = "a string of a length that no letter has, 64 bytes: 0123456789abc";
    }
  }

  void value(data::BlockSlice& to, bool) {
    std::string bytes(sparse_ ? 3 * numbers_.below(2) : 1 + numbers_.below(8), '\0');
    for (char& c : bytes) {
      c = static_cast<char>(numbers_.next());
    }
    to = data::BlockSlice::copy(bytes);
  }

  void value(Records& to, bool) {
    data::BlockSlice bytes;
    value(bytes, false);
    to = Records(bytes);
  }

  template <class T>
  T integer() {
    if (sparse_) {
      switch (numbers_.below(5)) {
        case 0:
          return 0;
        case 1:
          return 1;
        case 2:
          return std::numeric_limits<T>::max();
        case 3:
          return std::numeric_limits<T>::min();
        default:
          break;
      }
    }
    return static_cast<T>(numbers_.next());
  }

  Numbers numbers_;
  std::int16_t version_;
  bool sparse_;
  int depth_ = 0;
};

struct Golden {
  std::string message;
  std::int16_t version = 0;
  Variant variant = Variant::kFull;
  std::string bytes;
};

template <class Message>
void check(const Golden& golden) {
  Message filled;
  Filler(golden.message, golden.version, golden.variant).fill(filled);
  EXPECT_EQ(to_hex(MUST(encode_string(filled, golden.version))), to_hex(golden.bytes));

  const Result<Message> decoded =
      decode_all<Message>(data::BlockSlice::copy(golden.bytes), golden.version);
  ASSERT_TRUE(decoded) << decoded.error().to_string();
  EXPECT_TRUE(*decoded == filled);
  EXPECT_EQ(to_hex(MUST(encode_string(*decoded, golden.version))), to_hex(golden.bytes));

  for (std::size_t cut = 0; cut < golden.bytes.size(); ++cut) {
    const std::string_view front = std::string_view(golden.bytes).substr(0, cut);
    EXPECT_FALSE(decode_all<Message>(front, golden.version)) << "cut at " << cut;
  }
}

struct Known {
  void (*check)(const Golden&) = nullptr;
  std::int16_t version_min = 0;
  std::int16_t version_max = 0;
};

const std::map<std::string, Known, std::less<>>& known() {
#define MR_KNOWN(M) {std::string(M::kName), Known{&check<M>, M::kVersionMin, M::kVersionMax}},
  static const std::map<std::string, Known, std::less<>> kAll{MR_WIRE_ALL_MESSAGES(MR_KNOWN)};
#undef MR_KNOWN
  return kAll;
}

std::vector<Golden> goldens() {
  std::ifstream file(MR_WIRE_GOLDEN);
  std::vector<Golden> all;
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with("#")) {
      continue;
    }
    std::istringstream words(line);
    Golden golden;
    std::string variant;
    std::string hex;
    words >> golden.message >> golden.version >> variant >> hex;
    golden.variant = variant == "full" ? Variant::kFull : Variant::kSparse;
    golden.bytes = from_hex(hex).value();
    all.push_back(golden);
  }
  return all;
}

TEST(Messages, are_the_bytes_that_kafka_writes) {
  for (const Golden& golden : goldens()) {
    SCOPED_TRACE(golden.message + " v" + std::to_string(golden.version) +
                 (golden.variant == Variant::kFull ? " full" : " sparse"));
    const auto found = known().find(golden.message);
    ASSERT_NE(found, known().end());
    found->second.check(golden);
  }
}

TEST(Messages, all_have_golden_bytes_in_every_version) {
  std::set<std::pair<std::string, int>> there;
  for (const Golden& golden : goldens()) {
    there.emplace(golden.message, golden.version);
  }
  std::size_t expected = 0;
  for (const auto& [name, message] : known()) {
    for (int version = message.version_min; version <= message.version_max; ++version) {
      EXPECT_TRUE(there.contains({name, version})) << name << " v" << version;
      ++expected;
    }
  }
  EXPECT_EQ(there.size(), expected);
}

TEST(Messages, refuse_to_drop_what_kafka_refuses_to_drop) {
  FetchResponse fetch{.session_id = 5};
  EXPECT_EQ(encode_string(fetch, 6).error().to_string(),
            "FetchResponse v6: FetchResponse.session_id: a value that this version cannot carry");
  EXPECT_TRUE(encode_string(fetch, 7).has_value());
  // A throttle time is dropped where the version has none.
  JoinGroupResponse join{.throttle_time_ms = 5};
  EXPECT_TRUE(encode_string(join, 1).has_value());
}

}  // namespace
}  // namespace millrace::wire
