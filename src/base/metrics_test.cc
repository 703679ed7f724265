#include "base/metrics.h"

#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "base/random.h"

namespace millrace {
namespace {

TEST(Metrics, one_name_and_labels_are_one_metric) {
  Metrics metrics;
  Counter& one = metrics.counter("millrace_a_total", "A.", {{"p", "1"}});
  Counter& two = metrics.counter("millrace_a_total", "A.", {{"p", "2"}});
  one.add(3);
  EXPECT_EQ(&metrics.counter("millrace_a_total", "A.", {{"p", "1"}}), &one);
  EXPECT_NE(&one, &two);
  EXPECT_EQ(two.value(), 0U);
}

TEST(Metrics, text_has_help_and_type_once_and_escapes) {
  Metrics metrics;
  metrics.counter("millrace_a_total", "A\\b\nc.", {{"path", "x\"y\\z\n"}}).add(2);
  metrics.counter("millrace_a_total", "A.", {{"path", "other"}}).add();
  metrics.gauge("millrace_b_bytes", "B.").set(-5);
  EXPECT_EQ(metrics.to_prometheus(),
            "# HELP millrace_a_total A\\\\b\\nc.\n"
            "# TYPE millrace_a_total counter\n"
            "millrace_a_total{path=\"x\\\"y\\\\z\\n\"} 2\n"
            "millrace_a_total{path=\"other\"} 1\n"
            "# HELP millrace_b_bytes B.\n"
            "# TYPE millrace_b_bytes gauge\n"
            "millrace_b_bytes -5\n");
}

TEST(Metrics, text_is_utf8_whatever_a_label_holds) {
  Metrics metrics;
  metrics.gauge("millrace_a", "A.", {{"topic", "x\xff"}}).set(1);
  EXPECT_NE(metrics.to_prometheus().find("{topic=\"x\xef\xbf\xbd\"} 1"), std::string::npos);
}

TEST(Metrics, histogram_buckets_rise_to_the_count) {
  Metrics metrics;
  Histogram& histogram = metrics.histogram("millrace_sync_seconds", "S.", {{"disk", "wal"}});
  histogram.record_ns(500);
  histogram.record_ns(1'500'000);
  histogram.record_ns(5'000'000'000'000);
  std::istringstream lines(metrics.to_prometheus());
  std::string line;
  double edge_before = 0;
  int below_before = 0;
  int buckets = 0;
  const std::string head = "millrace_sync_seconds_bucket{disk=\"wal\",le=\"";
  while (std::getline(lines, line)) {
    if (!line.starts_with(head)) {
      continue;
    }
    ++buckets;
    const std::string edge = line.substr(head.size(), line.find('"', head.size()) - head.size());
    const int below = std::stoi(line.substr(line.rfind(' ')));
    EXPECT_GE(below, below_before);
    below_before = below;
    if (edge != "+Inf") {
      EXPECT_GT(std::stod(edge), edge_before);
      edge_before = std::stod(edge);
    }
  }
  EXPECT_EQ(buckets, 32);
  EXPECT_EQ(below_before, 3);
  const std::string text = metrics.to_prometheus();
  EXPECT_NE(text.find("millrace_sync_seconds_count{disk=\"wal\"} 3\n"), std::string::npos);
  EXPECT_NE(text.find("millrace_sync_seconds_sum{disk=\"wal\"} 5000.00150"), std::string::npos);
}

TEST(Histogram, every_value_lies_in_its_bucket) {
  Random random(1);
  for (int run = 0; run < 20'000; ++run) {
    const auto ns = static_cast<std::int64_t>(random.next() >> (24 + random.below(40)));
    Histogram histogram;
    histogram.record_ns(ns);
    const std::int64_t edge = histogram.quantile_ns(0.5);
    ASSERT_LE(ns, edge);
    for (int i = 0; i < Histogram::kBuckets; ++i) {
      if (histogram.bucket(i) > 0 && i > 0) {
        ASSERT_GT(ns, Histogram::bucket_edge_ns(i - 1));
      }
    }
  }
}

TEST(Histogram, quantiles_are_within_a_quarter) {
  Histogram histogram;
  EXPECT_EQ(histogram.quantile_ns(0.5), 0);
  for (std::int64_t us = 1; us <= 1000; ++us) {
    histogram.record_ns(us * 1000);
  }
  EXPECT_NEAR(static_cast<double>(histogram.quantile_ns(0.5)), 500e3, 125e3);
  EXPECT_NEAR(static_cast<double>(histogram.quantile_ns(0.99)), 990e3, 250e3);
  EXPECT_EQ(histogram.count(), 1000U);
  EXPECT_EQ(histogram.sum_ns(), 500'500'000U);
}

TEST(MetricsDeathTest, refuses_names_that_promtool_would) {
  Metrics metrics;
  EXPECT_DEATH(metrics.counter("millrace_a", "A."), "does not end in _total");
  EXPECT_DEATH(metrics.histogram("millrace_a_ms", "A."), "does not end in _seconds");
  EXPECT_DEATH(metrics.gauge("millrace a", "A."), "metric name millrace a");
}

}  // namespace
}  // namespace millrace
