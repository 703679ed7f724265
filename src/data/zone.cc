#include "data/zone.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <exception>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include <date/tz.h>

#include "base/mutex.h"
#include "data/datetime.h"

namespace millrace::data {

// When the offset changes, and to what; the first change lies before all times.
struct Zone::Rules {
  struct Change {
    std::int64_t utc_seconds = 0;
    std::int32_t offset_seconds = 0;
    std::string abbreviation;
  };

  std::string name;
  std::vector<Change> changes;

  [[nodiscard]] const Change& at(std::int64_t utc_seconds) const {
    const auto after = std::upper_bound(
        changes.begin() + 1,
        changes.end(),
        utc_seconds,
        [](std::int64_t seconds, const Change& change) { return seconds < change.utc_seconds; });
    return *(after - 1);
  }
};

namespace {

constexpr std::int32_t kMaxOffset = 18 * 3600;
constexpr std::int64_t kFirstUnlistedYear = 2037;
constexpr std::int64_t kCalendarCycle = 28;
constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxCached = 1024;

std::int64_t floor_seconds(std::int64_t micros) {
  const std::int64_t seconds = micros / kMicrosPerSecond;
  return micros % kMicrosPerSecond < 0 ? seconds - 1 : seconds;
}

// A time before 2037 in a year of the same calendar: as long, beginning on the same weekday.
std::int64_t listed_seconds(std::int64_t seconds) {
  static const std::int64_t kLimit = days_from_civil(kFirstUnlistedYear, 1, 1) * 86400;
  if (seconds < kLimit) {
    return seconds;
  }
  const std::int64_t year = civil_from_days(seconds / 86400).year;
  const std::int64_t first_day = days_from_civil(year, 1, 1);
  for (std::int64_t like = kFirstUnlistedYear - 1; like >= kFirstUnlistedYear - kCalendarCycle;
       --like) {
    const std::int64_t like_first = days_from_civil(like, 1, 1);
    if (is_leap_year(like) == is_leap_year(year) &&
        day_of_week(like_first) == day_of_week(first_day)) {
      return seconds - (first_day - like_first) * 86400;
    }
  }
  return seconds;
}

std::int64_t saturating_add(std::int64_t left, std::int64_t right) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(left, right, &sum)) {
    return right < 0 ? std::numeric_limits<std::int64_t>::min()
                     : std::numeric_limits<std::int64_t>::max();
  }
  return sum;
}

void append_two(std::string& out, std::int32_t value) {
  out += static_cast<char>('0' + value / 10);
  out += static_cast<char>('0' + value % 10);
}

std::string offset_name(std::int32_t seconds) {
  if (seconds == 0) {
    return "Z";
  }
  std::string name = seconds < 0 ? "-" : "+";
  const std::int32_t size = seconds < 0 ? -seconds : seconds;
  append_two(name, size / 3600);
  name += ':';
  append_two(name, size / 60 % 60);
  if (size % 60 != 0) {
    name += ':';
    append_two(name, size % 60);
  }
  return name;
}

// Reads one or two digits; two are required where `exact`.
bool read_part(std::string_view& text, bool exact, std::int32_t& value) {
  std::size_t digits = 0;
  value = 0;
  while (digits < 2 && digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
    value = value * 10 + (text[digits] - '0');
    ++digits;
  }
  text.remove_prefix(digits);
  return digits == 2 || (digits == 1 && !exact);
}

// ±h, ±hh, ±h:m … ±hh:mm:ss, ±hhmm, ±hhmmss.
std::optional<std::int32_t> parse_offset(std::string_view text) {
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) {
    return std::nullopt;
  }
  const bool negative = text[0] == '-';
  text.remove_prefix(1);
  std::array<std::int32_t, 3> parts{};
  if (!read_part(text, /*exact=*/false, parts[0])) {
    return std::nullopt;
  }
  const bool colons = !text.empty() && text[0] == ':';
  for (std::size_t i = 1; i < parts.size() && !text.empty(); ++i) {
    if (colons) {
      if (text[0] != ':') {
        return std::nullopt;
      }
      text.remove_prefix(1);
    }
    if (!read_part(text, /*exact=*/!colons || i == 2, parts[i]) || parts[i] > 59) {
      return std::nullopt;
    }
  }
  const std::int32_t seconds = parts[0] * 3600 + parts[1] * 60 + parts[2];
  if (!text.empty() || seconds > kMaxOffset) {
    return std::nullopt;
  }
  return negative ? -seconds : seconds;
}

// Java's ZoneId.SHORT_IDS.
std::string_view long_name(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 28> kShort{{
      {"EST", "-05:00"},
      {"HST", "-10:00"},
      {"MST", "-07:00"},
      {"ACT", "Australia/Darwin"},
      {"AET", "Australia/Sydney"},
      {"AGT", "America/Argentina/Buenos_Aires"},
      {"ART", "Africa/Cairo"},
      {"AST", "America/Anchorage"},
      {"BET", "America/Sao_Paulo"},
      {"BST", "Asia/Dhaka"},
      {"CAT", "Africa/Harare"},
      {"CNT", "America/St_Johns"},
      {"CST", "America/Chicago"},
      {"CTT", "Asia/Shanghai"},
      {"EAT", "Africa/Addis_Ababa"},
      {"ECT", "Europe/Paris"},
      {"IET", "America/Indiana/Indianapolis"},
      {"IST", "Asia/Kolkata"},
      {"JST", "Asia/Tokyo"},
      {"MIT", "Pacific/Apia"},
      {"NET", "Asia/Yerevan"},
      {"NST", "Pacific/Auckland"},
      {"PLT", "Asia/Karachi"},
      {"PNT", "America/Phoenix"},
      {"PRT", "America/Puerto_Rico"},
      {"PST", "America/Los_Angeles"},
      {"SST", "Pacific/Guadalcanal"},
      {"VST", "Asia/Ho_Chi_Minh"},
  }};
  for (const auto& [short_name, name_of_it] : kShort) {
    if (name == short_name) {
      return name_of_it;
    }
  }
  return name;
}

bool is_plausible_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxName) {
    return false;
  }
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
           c == '_' || c == '-' || c == '+';
  });
}

const date::time_zone* locate(const std::string& name) {
  // The library throws for unknown names, and when there is no tzdata.
  try {
    return date::locate_zone(name);
  } catch (const std::exception&) {
    return nullptr;
  }
}

}  // namespace

Zone::Zone(std::shared_ptr<const Rules> rules) : rules_(std::move(rules)) {}

Zone::Zone() {
  // Shared by every UTC zone, for ever.
  static const std::shared_ptr<const Rules> kUtc = std::make_shared<const Rules>(Rules{
      .name = "UTC", .changes = {{.utc_seconds = 0, .offset_seconds = 0, .abbreviation = "UTC"}}});
  rules_ = kUtc;
}

Zone Zone::fixed(std::int32_t seconds) {
  const std::string name = offset_name(seconds);
  return Zone(std::make_shared<const Rules>(
      Rules{.name = name,
            .changes = {{.utc_seconds = 0, .offset_seconds = seconds, .abbreviation = name}}}));
}

std::optional<Zone> Zone::find(std::string_view name) {
  if (name == "UTC") {
    return Zone();
  }
  name = long_name(name);
  if (name == "Z") {
    return fixed(0);
  }
  if (const auto offset = parse_offset(name)) {
    return fixed(*offset);
  }
  for (const std::string_view prefix : {"UTC", "GMT", "UT"}) {
    if (name.substr(0, prefix.size()) != prefix || name.size() == prefix.size() ||
        (name[prefix.size()] != '+' && name[prefix.size()] != '-')) {
      continue;
    }
    const auto offset = parse_offset(name.substr(prefix.size()));
    if (!offset) {
      // GMT0 and GMT+0 are names of tzdata too, but the latter was read above.
      return std::nullopt;
    }
    const std::string full =
        std::string(prefix) + (*offset == 0 ? std::string() : offset_name(*offset));
    return Zone(std::make_shared<const Rules>(
        Rules{.name = full,
              .changes = {{.utc_seconds = 0, .offset_seconds = *offset, .abbreviation = full}}}));
  }
  if (!is_plausible_name(name)) {
    return std::nullopt;
  }
  // Zones are few, so the cache has no eviction; its limit stops a hostile stream of names, which
  // the list of tzdata bounds anyway.
  static Mutex mutex;
  static std::map<std::string, std::shared_ptr<const Rules>, std::less<>> cache;
  const MutexLock lock(mutex);
  if (const auto found = cache.find(name); found != cache.end()) {
    return Zone(found->second);
  }
  const std::string key(name);
  const date::time_zone* zone = locate(key);
  if (zone == nullptr || cache.size() >= kMaxCached) {
    return std::nullopt;
  }
  Rules rules{.name = key, .changes = {}};
  static const std::int64_t kEnd = days_from_civil(kFirstUnlistedYear + 1, 1, 1) * 86400;
  std::int64_t at = std::numeric_limits<std::int32_t>::min() * std::int64_t{64};
  while (at < kEnd) {
    const date::sys_info info = zone->get_info(date::sys_seconds(std::chrono::seconds(at)));
    rules.changes.push_back({.utc_seconds = at,
                             .offset_seconds = static_cast<std::int32_t>(info.offset.count()),
                             .abbreviation = info.abbrev});
    const std::int64_t next = info.end.time_since_epoch().count();
    if (next <= at) {
      break;
    }
    at = next;
  }
  auto shared = std::make_shared<const Rules>(std::move(rules));
  cache.emplace(key, shared);
  return Zone(std::move(shared));
}

const std::string& Zone::name() const {
  return rules_->name;
}

bool Zone::is_fixed() const {
  return rules_->changes.size() == 1;
}

std::int32_t Zone::offset_at(std::int64_t utc_micros) const {
  if (is_fixed()) {
    return rules_->changes[0].offset_seconds;
  }
  return rules_->at(listed_seconds(floor_seconds(utc_micros))).offset_seconds;
}

std::int64_t Zone::to_local(std::int64_t utc_micros) const {
  return saturating_add(utc_micros, offset_at(utc_micros) * kMicrosPerSecond);
}

// With `before` and `after` the offsets a day to either side of a change: read with `before`, a
// local time lies before the change, or in its overlap (the earlier moment), or in its gap (moved
// on by the gap's length), where java.time keeps that reading; else `after` holds.
std::int64_t Zone::to_utc(std::int64_t local_micros) const {
  if (is_fixed()) {
    return saturating_add(local_micros, -rules_->changes[0].offset_seconds * kMicrosPerSecond);
  }
  const std::int32_t before = offset_at(saturating_add(local_micros, -kMicrosPerDay));
  const std::int32_t after = offset_at(saturating_add(local_micros, kMicrosPerDay));
  const std::int64_t first = saturating_add(local_micros, -before * kMicrosPerSecond);
  if (before == after) {
    return first;
  }
  const std::int32_t at_first = offset_at(first);
  if (at_first == before) {
    return first;
  }
  const std::int64_t second = saturating_add(local_micros, -at_first * kMicrosPerSecond);
  return offset_at(second) == at_first ? second : first;
}

std::string Zone::abbreviation_at(std::int64_t utc_micros) const {
  if (is_fixed()) {
    return rules_->changes[0].abbreviation;
  }
  return rules_->at(listed_seconds(floor_seconds(utc_micros))).abbreviation;
}

}  // namespace millrace::data
