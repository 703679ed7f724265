#include "base/metrics.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <deque>
#include <limits>
#include <map>
#include <variant>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/utf8.h"

namespace millrace {
namespace detail {

using Metric = std::variant<Counter, Gauge, Histogram>;

struct MetricSeries {
  Labels labels;
  std::unique_ptr<Metric> metric;
};

struct MetricFamily {
  std::string help;
  std::size_t kind;  // index in Metric
  std::vector<MetricSeries> series;
};

}  // namespace detail

namespace {

using detail::Metric;
using detail::MetricFamily;
using detail::MetricSeries;

// Bucket 0 holds what is below 2^10 ns; then each power of two is cut in four; the last bucket is
// open.
constexpr int kFirstPower = 10;
constexpr int kPerPower = 4;

int bucket_of(std::int64_t ns) {
  const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(ns, 0));
  const int power = static_cast<int>(std::bit_width(value)) - 1;
  if (power < kFirstPower) {
    return 0;
  }
  const int quarter = static_cast<int>((value >> static_cast<unsigned>(power - 2)) & 3U);
  return std::min(1 + (power - kFirstPower) * kPerPower + quarter, Histogram::kBuckets - 1);
}

bool is_name(std::string_view text, bool colons) {
  const auto fits = [colons](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (colons && c == ':');
  };
  return !text.empty() && !(text[0] >= '0' && text[0] <= '9') && std::ranges::all_of(text, fits);
}

// One broken byte would make Prometheus refuse everything.
void append_escaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : to_valid_utf8(text)) {
    if (c == '\n') {
      out += "\\n";
    } else {
      if (c == '\\' || (quotes && c == '"')) {
        out += '\\';
      }
      out += c;
    }
  }
}

// {a="1",le="0.5"}; `edge` is the value of le, or empty.
void append_labels(std::string& out, const Labels& labels, std::string_view edge) {
  if (labels.empty() && edge.empty()) {
    return;
  }
  char before = '{';
  for (const auto& [name, value] : labels) {
    out += before;
    before = ',';
    out += name + "=\"";
    append_escaped(out, value, /*quotes=*/true);
    out += '"';
  }
  if (!edge.empty()) {
    out += before;
    fmt::format_to(std::back_inserter(out), "le=\"{}\"", edge);
  }
  out += '}';
}

template <class Value>
void append_sample(std::string& out, std::string_view name, const Labels& labels, Value value) {
  out += name;
  append_labels(out, labels, "");
  fmt::format_to(std::back_inserter(out), " {}\n", value);
}

void append_histogram(std::string& out,
                      std::string_view name,
                      const Labels& labels,
                      const Histogram& histogram) {
  std::uint64_t below = 0;
  for (int i = 0; i < Histogram::kBuckets; ++i) {
    below += histogram.bucket(i);
    const bool last = i == Histogram::kBuckets - 1;
    if (i % kPerPower != 0 && !last) {
      continue;
    }
    out += name;
    out += "_bucket";
    const double edge = static_cast<double>(Histogram::bucket_edge_ns(i)) * 1e-9;
    append_labels(out, labels, last ? "+Inf" : fmt::format("{:.9g}", edge));
    fmt::format_to(std::back_inserter(out), " {}\n", below);
  }
  const double sum = static_cast<double>(histogram.sum_ns()) * 1e-9;
  append_sample(out, fmt::format("{}_sum", name), labels, sum);
  append_sample(out, fmt::format("{}_count", name), labels, below);
}

void append_family(std::string& out, const std::string& name, const MetricFamily& family) {
  static constexpr std::string_view kKinds[] = {"counter", "gauge", "histogram"};
  out += "# HELP " + name + " ";
  append_escaped(out, family.help, /*quotes=*/false);
  fmt::format_to(std::back_inserter(out), "\n# TYPE {} {}\n", name, kKinds[family.kind]);
  for (const MetricSeries& series : family.series) {
    if (const auto* histogram = std::get_if<Histogram>(series.metric.get())) {
      append_histogram(out, name, series.labels, *histogram);
    } else if (const auto* counter = std::get_if<Counter>(series.metric.get())) {
      append_sample(out, name, series.labels, counter->value());
    } else {
      append_sample(out, name, series.labels, std::get<Gauge>(*series.metric).value());
    }
  }
}

}  // namespace

void Histogram::record_ns(std::int64_t ns) {
  buckets_[bucket_of(ns)].fetch_add(1, std::memory_order_relaxed);
  sum_ns_.fetch_add(static_cast<std::uint64_t>(std::max<std::int64_t>(ns, 0)),
                    std::memory_order_relaxed);
}

std::uint64_t Histogram::count() const {
  std::uint64_t total = 0;
  for (int i = 0; i < kBuckets; ++i) {
    total += bucket(i);
  }
  return total;
}

std::int64_t Histogram::quantile_ns(double quantile) const {
  const std::uint64_t total = count();
  if (total == 0) {
    return 0;
  }
  const double rank = std::ceil(std::clamp(quantile, 0.0, 1.0) * static_cast<double>(total));
  const auto wanted = std::max<std::uint64_t>(static_cast<std::uint64_t>(rank), 1);
  std::uint64_t below = 0;
  for (int i = 0; i < kBuckets; ++i) {
    below += bucket(i);
    if (below >= wanted) {
      return bucket_edge_ns(i);
    }
  }
  return bucket_edge_ns(kBuckets - 1);
}

std::int64_t Histogram::bucket_edge_ns(int index) {
  MR_ASSERT(index >= 0 && index < kBuckets, "bucket {}", index);
  if (index == kBuckets - 1) {
    return std::numeric_limits<std::int64_t>::max();
  }
  if (index == 0) {
    return (std::int64_t{1} << kFirstPower) - 1;
  }
  const int power = kFirstPower + (index - 1) / kPerPower;
  const std::int64_t quarter = std::int64_t{1} << (power - 2);
  return (std::int64_t{1} << power) + quarter * ((index - 1) % kPerPower + 1) - 1;
}

struct Metrics::Rep {
  template <class Kind>
  Kind& find(std::string_view name, std::string_view help, Labels labels) {
    MR_ASSERT(is_name(name, /*colons=*/true), "metric name {}", name);
    for (const auto& label : labels) {
      MR_ASSERT(is_name(label.first, /*colons=*/false), "label {} of {}", label.first, name);
    }
    static const std::size_t kKind = Metric(std::in_place_type<Kind>).index();
    const MutexLock lock(mutex);
    auto found = families.find(name);
    if (found == families.end()) {
      MetricFamily made{.help = std::string(help), .kind = kKind, .series = {}};
      found = families.emplace(name, std::move(made)).first;
    }
    MetricFamily& family = found->second;
    MR_ASSERT(family.kind == kKind, "metric {} is asked for as two kinds", name);
    for (const MetricSeries& series : family.series) {
      if (series.labels == labels) {
        return std::get<Kind>(*series.metric);
      }
    }
    MetricSeries& added = family.series.emplace_back();
    added.labels = std::move(labels);
    added.metric = std::make_unique<Metric>(std::in_place_type<Kind>);
    return std::get<Kind>(*added.metric);
  }

  Mutex mutex;
  std::map<std::string, MetricFamily, std::less<>> families MR_GUARDED_BY(mutex);
};

Metrics::Metrics() : rep_(std::make_unique<Rep>()) {}

Metrics::~Metrics() = default;

Counter& Metrics::counter(std::string_view name, std::string_view help, Labels labels) {
  MR_ASSERT(name.ends_with("_total"), "counter {} does not end in _total", name);
  return rep_->find<Counter>(name, help, std::move(labels));
}

Gauge& Metrics::gauge(std::string_view name, std::string_view help, Labels labels) {
  MR_ASSERT(!name.ends_with("_total"), "gauge {} ends in _total", name);
  return rep_->find<Gauge>(name, help, std::move(labels));
}

Histogram& Metrics::histogram(std::string_view name, std::string_view help, Labels labels) {
  MR_ASSERT(name.ends_with("_seconds"), "histogram {} does not end in _seconds", name);
  return rep_->find<Histogram>(name, help, std::move(labels));
}

std::string Metrics::to_prometheus() const {
  std::string out;
  const MutexLock lock(rep_->mutex);
  for (const auto& [name, family] : rep_->families) {
    append_family(out, name, family);
  }
  return out;
}

}  // namespace millrace
