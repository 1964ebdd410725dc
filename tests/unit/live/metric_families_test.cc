#include "live/metric_families.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>

#include <cmath>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "unit/live/loop_metrics_fixture.h"
#include "unit/live/metric_families_fixture.h"
#include "unit/record_builder.h"

namespace sseprof::metric_families_test {
namespace {

using ::testing::HasSubstr;

const std::vector<std::string> kGauges = {"sseprof_run_info",
                                          "sseprof_run_start_timestamp_seconds",
                                          "sseprof_run_end_timestamp_seconds",
                                          "sseprof_run_elapsed_seconds",
                                          "sseprof_phase",
                                          "sseprof_target_requests_per_second",
                                          "sseprof_target_concurrency",
                                          "sseprof_slo_seconds",
                                          "sseprof_requests_in_flight",
                                          "sseprof_connections_open",
                                          "process_resident_memory_bytes",
                                          "process_open_fds",
                                          "process_max_fds",
                                          "process_start_time_seconds"};
const std::vector<std::string> kCounters = {"sseprof_requests_started_total",
                                            "sseprof_requests_completed_total",
                                            "sseprof_requests_within_slo_total",
                                            "sseprof_request_failures_total",
                                            "sseprof_output_tokens_counted_total",
                                            "sseprof_output_tokens_reported_total",
                                            "sseprof_prompt_tokens_reported_total",
                                            "sseprof_usage_mismatches_total",
                                            "sseprof_usage_missing_total",
                                            "sseprof_stream_events_total",
                                            "sseprof_bundled_events_total",
                                            "sseprof_coalesced_events_total",
                                            "sseprof_event_loop_busy_seconds_total",
                                            "sseprof_received_bytes_total",
                                            "sseprof_sent_bytes_total",
                                            "sseprof_connections_opened_total",
                                            "process_cpu_seconds_total"};
const std::vector<std::string> kSummaries = {
    "sseprof_run_time_to_first_token_seconds", "sseprof_run_inter_token_latency_seconds",
    "sseprof_run_e2e_request_latency_seconds", "sseprof_run_request_time_per_output_token_seconds"};
TEST(MetricFamiliesTest, HasEveryMetricAndNoOtherBeforeTheLoad) {
  const RunMetrics run(Options(Facts()));
  std::map<std::string, MetricType> expected;
  for (const auto& name : kGauges) expected[name] = MetricType::Gauge;
  for (const auto& name : kCounters) expected[name] = MetricType::Counter;
  for (const auto& name : kSummaries) expected[name] = MetricType::Summary;
  for (const auto& [name, span] : kHistograms) expected[name] = MetricType::Histogram;
  std::map<std::string, MetricType> found;
  for (const MetricFamily& family : FamiliesOf(run.Read(Instant{1000s}))) {
    EXPECT_TRUE(found.emplace(family.name, family.type).second) << family.name << " comes twice";
    EXPECT_FALSE(family.help.empty()) << family.name;
    for (const ClientMetric& metric : family.metric) {
      OwnLabels(metric);
      EXPECT_EQ(metric.label[0].value, "r1");
      EXPECT_EQ(metric.label[1].value, "v-r1");
      EXPECT_EQ(metric.timestamp_ms, 0) << family.name;
    }
  }
  EXPECT_EQ(found, expected);
}

TEST(MetricFamiliesTest, EverythingIsZeroBeforeTheLoad) {
  const RunMetrics run(Options(Facts(), 2));
  const Families families = FamiliesOf(run.Read(Instant{1000s}));
  const std::set<std::string> fixed = {"sseprof_run_info", "sseprof_target_concurrency",
                                       "sseprof_slo_seconds"};
  for (const MetricFamily& family : families) {
    for (const ClientMetric& metric : family.metric) {
      if (fixed.contains(family.name)) continue;
      EXPECT_EQ(metric.counter.value, 0) << family.name;
      EXPECT_EQ(metric.gauge.value, 0) << family.name;
      EXPECT_EQ(metric.histogram.sample_count, 0u) << family.name;
      EXPECT_EQ(metric.histogram.sample_sum, 0) << family.name;
      EXPECT_EQ(metric.summary.sample_count, 0u) << family.name;
      for (const auto& quantile : metric.summary.quantile) {
        EXPECT_TRUE(std::isnan(quantile.value)) << family.name;
      }
    }
  }
}

TEST(MetricFamiliesTest, OwnLabelsAreAllThereFromTheBegin) {
  const RunMetrics run(Options(Facts(), 2));
  const Families families = FamiliesOf(run.Read(Instant{1000s}));
  const std::map<std::string, double> phases = {
      {"phase=warmup;", 0}, {"phase=measure;", 0}, {"phase=drain;", 0}, {"phase=done;", 0}};
  EXPECT_EQ(Values(families, "sseprof_phase"), phases);
  std::map<std::string, double> failures;
  for (const char* reason :
       {"connect", "tls", "timeout", "stalled", "http_3xx", "http_4xx", "http_429", "http_5xx",
        "not_sse", "bad_event", "error_event", "truncated", "too_large", "cancelled"}) {
    failures["reason=" + std::string(reason) + ";"] = 0;
  }
  EXPECT_EQ(Values(families, "sseprof_request_failures_total"), failures);
  const std::map<std::string, double> loops = {{"worker=0;", 0}, {"worker=1;", 0}};
  EXPECT_EQ(Values(families, "sseprof_event_loop_busy_seconds_total"), loops);
  EXPECT_EQ(OwnLabels(Only(families, "sseprof_run_info")),
            "model=m;endpoint=http://h/v1;mode=closed;dataset=d.jsonl;version=1.2.3;");
  EXPECT_EQ(Value(families, "sseprof_run_info"), 1);
  EXPECT_EQ(Value(families, "sseprof_target_concurrency"), 16);
}

TEST(MetricFamiliesTest, SeriesAndTheirOrderStayTheSame) {
  const auto series = [](const Families& families) {
    std::vector<std::string> names;
    for (const MetricFamily& family : families) {
      for (const ClientMetric& metric : family.metric) {
        names.push_back(family.name + "{" + OwnLabels(metric) + "}");
      }
    }
    return names;
  };
  RunMetrics run(Options(Facts()));
  const auto before = series(FamiliesOf(run.Read({})));
  TellLive(run.loop(0), RecordBuilder(0).Output(1ms).Output(2ms).Fail(Outcome::kTls).Build());
  run.Finish({});
  EXPECT_EQ(series(FamiliesOf(run.Read(Instant{2000s}))), before);
}

TEST(MetricFamiliesTest, TheTextIsWhatPrometheusReads) {
  RunMetrics run(Options(Facts()));
  TellLive(run.loop(0),
           RecordBuilder(0).Output(104'900ns).Output(30'104'900ns).Finish("stop").Build());
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, FamiliesOf(run.Read(Instant{1000s})));
  const std::string text = out.str();
  for (const char* line :
       {"# TYPE sseprof_requests_started_total counter\n",
        "sseprof_requests_started_total{run=\"r1\",variant=\"v-r1\"} 1\n",
        "sseprof_request_failures_total{run=\"r1\",variant=\"v-r1\",reason=\"http_4xx\"} 0\n",
        "# TYPE sseprof_inter_token_latency_seconds histogram\n",
        "sseprof_inter_token_latency_seconds_bucket{run=\"r1\",variant=\"v-r1\",le=\"0.03\"} 1\n",
        "sseprof_inter_token_latency_seconds_bucket{run=\"r1\",variant=\"v-r1\",le=\"0.025\"} 0\n",
        "sseprof_inter_token_latency_seconds_bucket{run=\"r1\",variant=\"v-r1\",le=\"+Inf\"} 1\n",
        "sseprof_inter_token_latency_seconds_count{run=\"r1\",variant=\"v-r1\"} 1\n",
        "sseprof_inter_token_latency_seconds_sum{run=\"r1\",variant=\"v-r1\"} 0.03\n",
        "sseprof_time_to_first_token_seconds_bucket{run=\"r1\",variant=\"v-r1\",le=\"0.0001\"} 0\n",
        "sseprof_time_to_first_token_seconds_bucket{run=\"r1\",variant=\"v-r1\",le=\"0.0001049\"} "
        "1\n",
        "# TYPE sseprof_run_inter_token_latency_seconds summary\n",
        "sseprof_run_inter_token_latency_seconds{run=\"r1\",variant=\"v-r1\",quantile=\"0.99\"} "
        "Nan\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(MetricFamiliesTest, CoarseBucketsHalveTheSeries) {
  const auto buckets = [](BucketChoice choice) {
    const RunMetrics run(Options(Facts("r1", {}), 1, choice));
    return Only(FamiliesOf(run.Read({})), "sseprof_inter_token_latency_seconds")
        .histogram.bucket.size();
  };
  EXPECT_EQ(buckets(BucketChoice::kFine), 339u);
  EXPECT_LT(buckets(BucketChoice::kCoarse), 180u);
}

}  // namespace
}  // namespace sseprof::metric_families_test
