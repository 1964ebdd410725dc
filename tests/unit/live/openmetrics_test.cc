#include "live/openmetrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace sseprof::openmetrics_test {
namespace {

using namespace std::chrono_literals;
using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr Instant kBegin{50s};
constexpr WallAnchor kAnchor = {.at = kBegin, .since_epoch = 1'700'000'000s};

MetricFamily Gauge(double value, const std::string& label = "r") {
  ClientMetric metric;
  metric.label = {{"run", label}};
  metric.gauge.value = value;
  return {"g", "A gauge.", MetricType::Gauge, {metric}};
}

std::string TextOf(const OpenMetricsLog& log, const WallAnchor& anchor) {
  std::string text;
  log.Write(anchor, [&text](std::string_view part) { text += part; });
  return text;
}

/// The values of the gauge, by their times since the begin in milliseconds.
std::vector<std::pair<int, double>> GaugeOverTime(const OpenMetricsLog& log) {
  const std::string text = TextOf(log, kAnchor);
  const std::regex line(R"rx(g\{run="r"\} (\S+) 17000(\d+)\.(\d+)\n)rx");
  std::vector<std::pair<int, double>> points;
  for (std::sregex_iterator it(text.begin(), text.end(), line), end; it != end; ++it) {
    points.emplace_back(std::stoi((*it)[2]) * 1000 + std::stoi((*it)[3]), std::stod((*it)[1]));
  }
  return points;
}

TEST(OpenMetricsTest, WritesEveryKindByItsRules) {
  ClientMetric counter, histogram, summary;
  counter.label = {{"run", "r"}, {"reason", "tls"}};
  counter.counter.value = 3;
  histogram.histogram = {.sample_count = 2,
                         .sample_sum = 0.25,
                         .bucket = {{1, 0.1}, {2, std::numeric_limits<double>::infinity()}}};
  summary.summary = {
      .sample_count = 4, .sample_sum = 8, .quantile = {{0.5, 2}, {0.999, std::nan("")}}};
  const std::vector<MetricFamily> families = {
      {"failures_total", "Failed.", MetricType::Counter, {counter}},
      {"h_seconds", "Spans.", MetricType::Histogram, {histogram}},
      {"s_seconds", "Exact.", MetricType::Summary, {summary}},
      Gauge(0.5)};
  OpenMetricsLog log;
  log.Add(kBegin, families);
  log.AddLast(kBegin + 1500ms, families);
  EXPECT_EQ(TextOf(log, kAnchor),
            R"(# HELP failures Failed.
# TYPE failures counter
failures_total{run="r",reason="tls"} 3 1700000000.000
failures_total{run="r",reason="tls"} 3 1700000001.500
# HELP h_seconds Spans.
# TYPE h_seconds histogram
h_seconds_bucket{le="0.1"} 1 1700000000.000
h_seconds_bucket{le="0.1"} 1 1700000001.500
h_seconds_bucket{le="+Inf"} 2 1700000000.000
h_seconds_bucket{le="+Inf"} 2 1700000001.500
h_seconds_count 2 1700000000.000
h_seconds_count 2 1700000001.500
h_seconds_sum 0.25 1700000000.000
h_seconds_sum 0.25 1700000001.500
# HELP s_seconds Exact.
# TYPE s_seconds summary
s_seconds{quantile="0.5"} 2 1700000000.000
s_seconds{quantile="0.5"} 2 1700000001.500
s_seconds{quantile="0.999"} NaN 1700000000.000
s_seconds{quantile="0.999"} NaN 1700000001.500
s_seconds_count 4 1700000000.000
s_seconds_count 4 1700000001.500
s_seconds_sum 8 1700000000.000
s_seconds_sum 8 1700000001.500
# HELP g A gauge.
# TYPE g gauge
g{run="r"} 0.5 1700000000.000
g{run="r"} 0.5 1700000001.500
# EOF
)");
}

TEST(OpenMetricsTest, WithoutAReadingThereIsOnlyTheEnd) {
  EXPECT_EQ(TextOf(OpenMetricsLog(), kAnchor), "# EOF\n");
}

TEST(OpenMetricsTest, ValuesChangeOverTimeAndTimesAreTheAnchors) {
  OpenMetricsLog log;
  log.Add(kBegin - 2ms, {Gauge(-1)});
  log.Add(kBegin + 1ms, {Gauge(1)});
  log.AddLast(kBegin + 2ms, {Gauge(2)});
  const std::string text = TextOf(log, kAnchor);
  EXPECT_THAT(text, HasSubstr("g{run=\"r\"} -1 1699999999.998\n"
                              "g{run=\"r\"} 1 1700000000.001\n"
                              "g{run=\"r\"} 2 1700000000.002\n"));
  EXPECT_THAT(TextOf(log, {.at = kBegin, .since_epoch = 10s}), HasSubstr("} 1 10.001\n"));
}

TEST(OpenMetricsTest, EscapesWhatLabelsAndTextsMayHold) {
  MetricFamily family = Gauge(1, "a\"b\\c\nd");
  family.help = "One \"quoted\"\nline\\.";
  OpenMetricsLog log;
  log.AddLast(kBegin, {family});
  const std::string text = TextOf(log, kAnchor);
  EXPECT_THAT(text, HasSubstr(R"(# HELP g One \"quoted\"\nline\\.)"
                              "\n"));
  EXPECT_THAT(text, HasSubstr(R"(g{run="a\"b\\c\nd"} 1 )"));
}

TEST(OpenMetricsTest, NoSeriesHasATimeTwice) {
  OpenMetricsLog log;
  log.Add(kBegin, {Gauge(0)});
  log.Add(kBegin + 1s, {Gauge(1)});
  log.AddLast(kBegin + 1s + 999us, {Gauge(2)});
  EXPECT_THAT(GaugeOverTime(log), ElementsAre(std::pair(0, 0.0), std::pair(1001, 2.0)));
}

TEST(OpenMetricsTest, ALastReadingOneMillisecondLaterStandsBesideTheOneBefore) {
  OpenMetricsLog log;
  log.Add(kBegin, {Gauge(1)});
  log.AddLast(kBegin + 1ms, {Gauge(2)});
  EXPECT_THAT(GaugeOverTime(log), ElementsAre(std::pair(0, 1.0), std::pair(1, 2.0)));
}

TEST(OpenMetricsTest, ThinsWhatIsTooMuchEvenlyAndKeepsTheFirst) {
  OpenMetricsLog log(4);
  for (int i = 0; i <= 8; ++i) log.Add(kBegin + i * 1s, {Gauge(i)});
  // At the fifth every second was dropped; then only every second came, and so on.
  EXPECT_THAT(GaugeOverTime(log),
              ElementsAre(std::pair(0, 0.0), std::pair(4000, 4.0), std::pair(8000, 8.0)));
}

TEST(OpenMetricsTest, KeepsNoMoreThanItMayOfALongRun) {
  constexpr std::size_t kMost = 10;
  OpenMetricsLog log(kMost);
  for (int i = 0; i < 1'000; ++i) {
    log.Add(kBegin + i * 1s, {Gauge(i)});
    ASSERT_LE(GaugeOverTime(log).size(), kMost) << i;
    ASSERT_GE(GaugeOverTime(log).size(), std::min<std::size_t>(i, kMost / 2)) << i;
  }
  log.AddLast(kBegin + 1'000s, {Gauge(1'000)});
  const auto points = GaugeOverTime(log);
  EXPECT_LE(points.size(), kMost + 1);
  EXPECT_EQ(points.front(), std::pair(0, 0.0));
  EXPECT_EQ(points.back(), std::pair(1'000'000, 1'000.0));
  std::set<int> steps;
  for (std::size_t i = 2; i + 1 < points.size(); ++i) {
    steps.insert(points[i].first - points[i - 1].first);
    EXPECT_EQ(points[i].first, points[i].second * 1000);
  }
  EXPECT_EQ(steps.size(), 1u);
}

}  // namespace
}  // namespace sseprof::openmetrics_test
