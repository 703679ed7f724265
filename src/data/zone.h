// Time zones by name: IANA's from the system's tzdata, fixed offsets, and the abbreviations that
// Java knows. Local time to moment and back with java.time's rule: a local time that occurs twice
// is the earlier moment, one that does not occur is moved on by the length of the gap.
//
// tzdata lists changes up to 2037; later years behave as the year before 2037 with the same
// calendar, which is what rules that do not change mean.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::data {

/// A zone; copying is cheap. Immutable, and thread-safe.
class Zone {
 public:
  /// UTC.
  Zone();

  /// `Area/City`, `UTC`, `GMT`, `Z`, `+2`, `+02:00`, `-0830`, `UTC+1`, `GMT+8`, `PST` … as Java's
  /// ZoneId with Spark's short forms; case counts. Nothing when there is no such zone.
  static std::optional<Zone> find(std::string_view name);

  /// REQUIRES: |seconds| <= 18 h
  static Zone fixed(std::int32_t seconds);

  /// The name as Java normalises it: "Europe/Rome", "+02:00", "Z", "UTC".
  [[nodiscard]] const std::string& name() const;

  [[nodiscard]] bool is_fixed() const;

  /// Seconds east of UTC at a moment.
  [[nodiscard]] std::int32_t offset_at(std::int64_t utc_micros) const;

  /// Local µs of a moment (saturating at the ends of 64 bits).
  [[nodiscard]] std::int64_t to_local(std::int64_t utc_micros) const;
  /// The moment of local µs (saturating at the ends of 64 bits).
  [[nodiscard]] std::int64_t to_utc(std::int64_t local_micros) const;

  /// "CET", "CEST"; of a fixed offset its name.
  [[nodiscard]] std::string abbreviation_at(std::int64_t utc_micros) const;

  friend bool operator==(const Zone& left, const Zone& right) {
    return left.name() == right.name();
  }

 private:
  struct Rules;

  explicit Zone(std::shared_ptr<const Rules> rules);

  // Shared by all copies and the cache of find().
  std::shared_ptr<const Rules> rules_;
};

}  // namespace millrace::data
