// One statistics registry for terminal, page, /metrics and the books. A metric is made once, at
// start, and counted without locks after that.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mutex.h"

namespace millrace {

/// Goes up only. Thread-safe.
class Counter {
 public:
  void add(std::uint64_t count = 1) { value_.fetch_add(count, std::memory_order_relaxed); }

  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Goes up and down. Thread-safe.
class Gauge {
 public:
  void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }

  void add(std::int64_t count) { value_.fetch_add(count, std::memory_order_relaxed); }

  [[nodiscard]] std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

/// Log-linear buckets of nanoseconds from 1 µs to 1,000 s, 4 a power of two. Thread-safe.
class Histogram {
 public:
  static constexpr int kBuckets = 124;

  void record_ns(std::int64_t ns);
  [[nodiscard]] std::uint64_t count() const;

  [[nodiscard]] std::uint64_t sum_ns() const { return sum_ns_.load(std::memory_order_relaxed); }

  /// The upper edge of the bucket that holds the quantile (0..1); 0 when nothing was recorded.
  [[nodiscard]] std::int64_t quantile_ns(double quantile) const;

  [[nodiscard]] std::uint64_t bucket(int index) const {
    return buckets_[index].load(std::memory_order_relaxed);
  }

  /// The greatest value of a bucket, in nanoseconds.
  static std::int64_t bucket_edge_ns(int index);

 private:
  std::atomic<std::uint64_t> buckets_[kBuckets]{};
  std::atomic<std::uint64_t> sum_ns_{0};
};

using Labels = std::vector<std::pair<std::string, std::string>>;

/// Owns the metrics of a process; references stay valid as long as it lives. Asking twice for one
/// name and labels gives the same metric. Thread-safe.
class Metrics {
 public:
  Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;
  ~Metrics();

  /// `name` is Prometheus's: millrace_<part>_<what>_<unit>[_total]; `help` one sentence. A counter
  /// ends in _total, a histogram in _seconds; one name has one kind.
  Counter& counter(std::string_view name, std::string_view help, Labels labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, Labels labels = {});
  Histogram& histogram(std::string_view name, std::string_view help, Labels labels = {});

  /// Prometheus's text format, version 0.0.4; buckets of histograms are powers of two, in seconds;
  /// clean under `promtool check metrics`.
  [[nodiscard]] std::string to_prometheus() const;

 private:
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

}  // namespace millrace
